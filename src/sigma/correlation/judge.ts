import type { Coverage } from './coverage.ts';
import type { ClosedSpan, EpisodeState, Mode, Moment } from './episode.ts';
import { judgeSpan, slides, stateOfSpans } from './episode.ts';
import type { CorrelationHit } from './hit.ts';
import { lowerBound, upperBound } from './hit.ts';
import type { LinkedCorrelation } from './link.ts';
import { SlidingWindow } from './window.ts';

/** A stretch of event time, both ends inclusive. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Finds the fulfilled timespans of one group as its sorted hits change. */
export interface Judge {
  /** True if the hit, newer than all others, was taken up at once; else `recompute` is needed. */
  append(hit: CorrelationHit, last: CorrelationHit | undefined): boolean;
  /** Hits within the stretch came or went. */
  recompute(hits: readonly CorrelationHit[], stretch: Stretch): void;
  /** Judges what the watermark has passed; null: nothing. */
  settle(hits: readonly CorrelationHit[], coverage: Coverage): Stretch | null;
  reset(): void;
  /** The first moment in [from, before). */
  first(from: number, before: number): Moment | null;
  /** All moments at or after a time. */
  since(from: number): readonly Moment[];
  /** The state of an episode without a moment. */
  state(from: number, before: number): { state: EpisodeState; reason: string | null };
  /** The latest time, at most `before`, at which the hits can be cut. */
  cut(before: number): number;
  trim(cut: number): void;
  due(): number;
  /** What was left out since the last call, to bound the work. */
  takeForgotten(): number;
  /** The newest reading, to compare groups. */
  reading(now: number): number;
}

export function createJudge(linked: LinkedCorrelation, mode: Mode): Judge {
  return slides(linked, mode) ? new SlidingJudge(linked) : new ClosedJudge(linked);
}

/** Timespans that end at hits. A tally follows the newest hits; only late ones need a second look. */
class SlidingJudge implements Judge {
  readonly #linked: LinkedCorrelation;
  readonly #timespan: number;
  #tail: SlidingWindow;
  #moments: Moment[] = [];
  /** Besides what the tail counts and was not told yet. */
  #forgotten = 0;

  constructor(linked: LinkedCorrelation) {
    this.#linked = linked;
    this.#timespan = linked.correlation.timespanMs;
    this.#tail = new SlidingWindow(linked);
  }

  append(hit: CorrelationHit, last: CorrelationHit | undefined): boolean {
    if (!this.#tail.accepts(hit, last)) return false;
    this.#tail.add(hit);
    // With several hits of one time, the timespan ends at the last of them.
    if (this.#moments.at(-1)?.at === hit.at) this.#moments.pop();
    const { holds, ...reading } = this.#tail.read(hit.at);
    if (holds) this.#moments.push({ at: hit.at, ...reading });
    return true;
  }

  recompute(hits: readonly CorrelationHit[], { from, to }: Stretch): void {
    const start = Math.min(from, hits.at(-1)?.at ?? from);
    const end = to + this.#timespan;
    const window = new SlidingWindow(this.#linked);
    const found: Moment[] = [];
    let index = lowerBound(hits, start - this.#timespan);
    for (; index < hits.length; index++) {
      const hit = hits[index];
      if (hit === undefined || hit.at > end) break;
      window.add(hit);
      if (hit.at < start || hits[index + 1]?.at === hit.at) continue;
      const { holds, ...reading } = window.read(hit.at);
      if (holds) found.push({ at: hit.at, ...reading });
    }
    this.#forgotten += window.forgotten;
    if (index >= hits.length) {
      this.#forgotten += this.#tail.forgotten - window.forgotten;
      this.#tail = window;
    }
    const before = this.#moments.slice(0, lowerBound(this.#moments, start));
    const after = this.#moments.slice(upperBound(this.#moments, end));
    this.#moments = [...before, ...found, ...after];
  }

  settle(): null {
    return null;
  }

  reset(): void {}

  first(from: number, before: number): Moment | null {
    const moment = this.#moments[lowerBound(this.#moments, from)];
    return moment !== undefined && moment.at < before ? moment : null;
  }

  since(from: number): readonly Moment[] {
    return this.#moments.slice(lowerBound(this.#moments, from));
  }

  state(): { state: EpisodeState; reason: null } {
    return { state: 'quiet', reason: null };
  }

  cut(before: number): number {
    return before;
  }

  trim(cut: number): void {
    this.#moments = this.#moments.slice(lowerBound(this.#moments, cut));
  }

  due(): number {
    return Infinity;
  }

  takeForgotten(): number {
    const forgotten = this.#forgotten + this.#tail.forgotten;
    this.#forgotten = -this.#tail.forgotten;
    return forgotten;
  }

  reading(now: number): number {
    return this.#tail.read(now).value;
  }
}

/** Timespans that a hit opens and the watermark closes: a partition of the hits. */
class ClosedJudge implements Judge {
  readonly #linked: LinkedCorrelation;
  readonly #timespan: number;
  #spans: ClosedSpan[] = [];
  /** Spans before it are judged. */
  #open = 0;

  constructor(linked: LinkedCorrelation) {
    this.#linked = linked;
    this.#timespan = linked.correlation.timespanMs;
  }

  append(hit: CorrelationHit): boolean {
    const last = this.#spans.at(-1);
    if (last !== undefined && hit.at <= last.end) {
      if (last.verdict !== 'waiting') this.#reopen(this.#spans.length - 1);
      return true;
    }
    this.#spans.push(this.#spanAt(hit.at));
    return true;
  }

  #spanAt(start: number): ClosedSpan {
    return { start, end: start + this.#timespan, verdict: 'waiting', value: 0 };
  }

  #reopen(index: number): void {
    const span = this.#spans[index];
    if (span !== undefined) span.verdict = 'waiting';
    this.#open = Math.min(this.#open, index);
  }

  /** Opens timespans anew from the stretch on, until they fall on the old ones again. */
  recompute(hits: readonly CorrelationHit[], { from, to }: Stretch): void {
    // The span that holds `from` may have lost the hit that opened it; those before it have not changed.
    const kept = Math.max(0, this.#indexFrom(from) - 1);
    const known = this.#spans[kept - 1];
    let index = known === undefined ? 0 : upperBound(hits, known.end);
    const fresh: ClosedSpan[] = [];
    let rest: ClosedSpan[] = [];
    while (index < hits.length) {
      const start = hits[index]?.at ?? 0;
      const old = this.#indexFrom(start);
      if (start > to && this.#spans[old]?.start === start) {
        rest = this.#spans.slice(old);
        break;
      }
      const span = this.#spanAt(start);
      fresh.push(span);
      index = upperBound(hits, span.end);
    }
    this.#spans = [...this.#spans.slice(0, kept), ...fresh, ...rest];
    this.#open = Math.min(this.#open, kept);
  }

  /** Index of the first span that starts at or after a time. */
  #indexFrom(time: number): number {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#spans[middle]?.start ?? Infinity) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  settle(hits: readonly CorrelationHit[], coverage: Coverage): Stretch | null {
    let from = Infinity;
    let to = -Infinity;
    for (; this.#open < this.#spans.length; this.#open++) {
      const span = this.#spans[this.#open];
      if (span === undefined || coverage.watermark < span.end) break;
      if (span.verdict !== 'waiting') continue;
      const inside = hits.slice(lowerBound(hits, span.start), upperBound(hits, span.end));
      judgeSpan(this.#linked, span, inside, coverage);
      from = Math.min(from, span.start);
      to = span.end;
    }
    return to === -Infinity ? null : { from, to };
  }

  reset(): void {
    for (const span of this.#spans) span.verdict = 'waiting';
    this.#open = 0;
  }

  #within(from: number, before: number): ClosedSpan[] {
    return this.#spans.slice(this.#indexFrom(from), this.#indexFrom(before));
  }

  first(from: number, before: number): Moment | null {
    for (let index = this.#indexFrom(from); index < this.#spans.length; index++) {
      const span = this.#spans[index];
      if (span === undefined || span.start >= before) break;
      if (span.verdict === 'true') return { at: span.end, value: span.value };
    }
    return null;
  }

  since(from: number): readonly Moment[] {
    return this.#within(from - this.#timespan, Infinity)
      .filter(({ verdict }) => verdict === 'true')
      .map(({ end, value }) => ({ at: end, value }));
  }

  state(from: number, before: number): { state: EpisodeState; reason: string | null } {
    return stateOfSpans(this.#within(from, before));
  }

  cut(before: number): number {
    const first = this.#spans.find(({ end }) => end >= before);
    return Math.min(before, first?.start ?? before);
  }

  trim(cut: number): void {
    const dropped = this.#indexFrom(cut);
    this.#spans = this.#spans.slice(dropped);
    this.#open = Math.max(0, this.#open - dropped);
  }

  due(): number {
    return this.#spans[this.#open]?.end ?? Infinity;
  }

  takeForgotten(): number {
    return 0;
  }

  reading(): number {
    return 0;
  }
}
