/**
 * A sum without rounding, kept as partial sums that do not overlap (J. R. Shewchuk, "Adaptive Precision
 * Floating-Point Arithmetic", 1997). What is added can be taken away again and leaves no trace, so the result depends
 * on the numbers alone and never on their order.
 */
export class ExactSum {
  #partials: number[] = [];

  add(number: number): void {
    const kept: number[] = [];
    let x = number;
    for (const partial of this.#partials) {
      let y = partial;
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) kept.push(low);
      x = high;
    }
    if (x !== 0) kept.push(x);
    this.#partials = kept;
  }

  /** The sum, rounded once. */
  value(): number {
    const partials = [...this.#partials];
    let high = partials.pop() ?? 0;
    let low = 0;
    while (partials.length > 0 && low === 0) {
      const x = high;
      const y = partials.pop() ?? 0;
      high = x + y;
      low = y - (high - x);
    }
    // Half-way cases round to even unless the rest of the partials says otherwise.
    const rest = partials.at(-1) ?? 0;
    if ((low < 0 && rest < 0) || (low > 0 && rest > 0)) {
      const doubled = low * 2;
      const rounded = high + doubled;
      if (doubled === rounded - high) high = rounded;
    }
    return high;
  }
}
