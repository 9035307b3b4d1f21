import type { CorrelationHit } from './hit.ts';
import { compareHits } from './hit.ts';
import type { LinkedCorrelation } from './link.ts';
import type { Reading, Tally } from './tally.ts';
import { createTally } from './tally.ts';

/** Slots at the front of the queue that may be empty before it is packed. */
const SLACK = 64;

/** The hits of the closed timespan that ends at the newest of them; each hit enters and leaves once. */
export class SlidingWindow {
  readonly #timespan: number;
  readonly #tally: Tally;
  #queue: CorrelationHit[] = [];
  #head = 0;

  constructor(linked: LinkedCorrelation) {
    this.#timespan = linked.correlation.timespanMs;
    this.#tally = createTally(linked);
  }

  /** True if a hit can be added as it comes: by time, and among equal times in any order unless the tally minds. */
  accepts(hit: CorrelationHit, last: CorrelationHit | undefined): boolean {
    if (last === undefined || hit.at > last.at) return true;
    return hit.at === last.at && (this.#tally.strict !== true || compareHits(last, hit) < 0);
  }

  add(hit: CorrelationHit): void {
    const before = hit.at - this.#timespan;
    let front = this.#queue[this.#head];
    while (front !== undefined && front.at < before) {
      this.#tally.remove(front);
      front = this.#queue[++this.#head];
    }
    if (this.#head > SLACK && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    if (this.#queue.length === 0) this.#queue = [hit];
    else this.#queue.push(hit);
    this.#tally.add(hit, front ?? hit);
  }

  /** What the tally left out to bound its work, so far. */
  get forgotten(): number {
    return this.#tally.forgotten ?? 0;
  }

  read(now: number): Reading {
    return this.#tally.read(now);
  }
}
