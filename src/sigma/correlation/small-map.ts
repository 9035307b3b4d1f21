/** Entries that are searched one by one; a Map is quicker above it and larger below. */
const FEW = 8;

/**
 * A map for what mostly holds a handful: most groups have one or two hits, and there may be a hundred thousand groups.
 * An array of keys and values until it is large, then a Map.
 */
export class SmallMap<Value> {
  #keys: string[] | null = null;
  #values: Value[] | null = null;
  #map: Map<string, Value> | null = null;

  get size(): number {
    return this.#map?.size ?? this.#keys?.length ?? 0;
  }

  get(key: string): Value | undefined {
    if (this.#map !== null) return this.#map.get(key);
    const index = this.#keys?.indexOf(key) ?? -1;
    return index < 0 ? undefined : this.#values?.[index];
  }

  set(key: string, value: Value): void {
    if (this.#map !== null) this.#map.set(key, value);
    else if (this.#keys === null || this.#values === null) {
      // A literal has room for what it holds; `push` on an empty array reserves seventeen places.
      this.#keys = [key];
      this.#values = [value];
    } else this.#setFew(this.#keys, this.#values, key, value);
  }

  #setFew(keys: string[], values: Value[], key: string, value: Value): void {
    const index = keys.indexOf(key);
    if (index >= 0) values[index] = value;
    else if (keys.length < FEW) {
      keys.push(key);
      values.push(value);
    } else {
      this.#map = new Map(keys.map((known, i) => [known, values[i] as Value]));
      this.#map.set(key, value);
      this.#keys = null;
      this.#values = null;
    }
  }

  delete(key: string): void {
    if (this.#map !== null) this.#map.delete(key);
    const index = this.#keys?.indexOf(key) ?? -1;
    if (index < 0) return;
    this.#keys?.splice(index, 1);
    this.#values?.splice(index, 1);
  }

  has(key: string): boolean {
    return this.#map?.has(key) ?? this.#keys?.includes(key) ?? false;
  }
}
