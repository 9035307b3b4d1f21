const ASCII = 128;

/** Numbers the UTF-16 units that some texts are made of, so that tables have a column for each; 0 = any other unit. */
export class UnitClasses {
  readonly #ascii = new Uint16Array(ASCII);
  readonly #beyond = new Map<number, number>();
  /** With the class 0. */
  readonly count: number;

  constructor(texts: readonly string[]) {
    let count = 1;
    for (const text of texts) {
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        if (this.of(unit) !== 0) continue;
        if (unit < ASCII) this.#ascii[unit] = count++;
        else this.#beyond.set(unit, count++);
      }
    }
    this.count = count;
  }

  of(unit: number): number {
    return unit < ASCII ? (this.#ascii[unit] as number) : (this.#beyond.get(unit) ?? 0);
  }
}
