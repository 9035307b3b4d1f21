/** Things to look at again when a watermark passes a time; the earliest first, O(log n). */
export class DueHeap<T> {
  readonly #items: { readonly due: number; readonly item: T }[] = [];

  push(due: number, item: T): void {
    const items = this.#items;
    let index = items.length;
    const added = { due, item };
    items.push(added);
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      const above = items[parent];
      if (above === undefined || above.due <= due) break;
      items[index] = above;
      index = parent;
    }
    items[index] = added;
  }

  /** Takes the earliest item out if it is due by now. */
  pop(now: number): { due: number; item: T } | null {
    const items = this.#items;
    const [first] = items;
    if (first === undefined || first.due > now) return null;
    const last = items.pop();
    if (last !== undefined && items.length > 0) this.#sink(last);
    return first;
  }

  #sink(moved: { readonly due: number; readonly item: T }): void {
    const items = this.#items;
    let index = 0;
    for (;;) {
      const left = index * 2 + 1;
      const right = left + 1;
      const smaller = (items[right]?.due ?? Infinity) < (items[left]?.due ?? Infinity) ? right : left;
      const below = items[smaller];
      if (below === undefined || below.due >= moved.due) break;
      items[index] = below;
      index = smaller;
    }
    items[index] = moved;
  }
}
