import type { CorrelationHit } from './hit.ts';
import type { Reading, Tally } from './tally.ts';

/**
 * Rules that follow each other. For each length and last rule of a chain the latest time at which such a chain can
 * have begun is kept: a chain that began later is never worse, so nothing is tried twice. Equal times count as in
 * order: Entra's records have whole seconds in places. One hit costs O(rules) when all rules are demanded, at most
 * O(rules³) when fewer are.
 */
export class OrderTally implements Tally {
  readonly #steps: ReadonlyMap<string, number>;
  readonly #count: number;
  readonly #needed: number;
  readonly #timespan: number;
  /** `latest[(length - 1) * count + step]`, up to and with the hits of `#now`. */
  #latest: Float64Array;
  /** The same before the hits of `#now`. */
  #before: Float64Array;
  #now = -Infinity;
  readonly #present = new Set<number>();

  constructor(rules: readonly string[], needed: number, timespan: number) {
    this.#steps = new Map(rules.map((rule, index) => [rule, index]));
    this.#count = rules.length;
    this.#needed = needed;
    this.#timespan = timespan;
    this.#latest = new Float64Array(needed * rules.length).fill(-Infinity);
    this.#before = this.#latest.slice();
  }

  add(hit: CorrelationHit): void {
    const step = this.#steps.get(hit.base);
    if (step === undefined) return;
    if (hit.at !== this.#now) {
      this.#before.set(this.#latest);
      this.#now = hit.at;
      this.#present.clear();
    }
    if (this.#present.has(step)) return;
    this.#present.add(step);
    if (this.#present.size > 1) this.#latest.set(this.#before);
    for (const one of [...this.#present].sort((a, b) => a - b)) this.#extend(one);
  }

  /** Chains that end with this step now. Lengths that can no longer reach the demanded one are left out. */
  #extend(step: number): void {
    const missing = this.#needed - (this.#count - 1 - step);
    for (let length = Math.max(1, missing); length <= Math.min(step + 1, this.#needed); length++) {
      const start = length === 1 ? this.#now : this.#latestBefore(length - 1, step);
      const index = (length - 1) * this.#count + step;
      if (start > (this.#latest[index] ?? -Infinity)) this.#latest[index] = start;
    }
  }

  #latestBefore(length: number, step: number): number {
    let latest = -Infinity;
    for (let before = length - 1; before < step; before++) {
      latest = Math.max(latest, this.#latest[(length - 1) * this.#count + before] ?? -Infinity);
    }
    return latest;
  }

  /** What began before the timespan is told apart by its time, so nothing needs to be taken out. */
  remove(): void {}

  read(now: number): Reading {
    let length = this.#needed;
    while (length > 0 && this.#latestBefore(length, this.#count) < now - this.#timespan) length--;
    return { holds: length === this.#needed, value: length };
  }
}
