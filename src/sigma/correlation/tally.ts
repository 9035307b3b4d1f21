import type { Condition } from '../language/ast.ts';
import { ExactSum } from './exact-sum.ts';
import type { CorrelationHit } from './hit.ts';
import { compareHits } from './hit.ts';
import type { LinkedCorrelation } from './link.ts';
import type { Bound, ThresholdCondition } from './model.ts';
import { OrderTally } from './order.ts';
import { SmallMap } from './small-map.ts';
import type { TravelPair } from './travel.ts';
import { TravelTally } from './travel.ts';

/** The state of a condition over one timespan. */
export interface Reading {
  readonly holds: boolean;
  /** Count, sum, average, …; rules seen; km/h. */
  readonly value: number;
  readonly pair?: TravelPair;
}

/** What is remembered of the hits inside one timespan, changed hit by hit. */
export interface Tally {
  /** Hits of one time may come in any order, others by time. `first` is the earliest hit of the timespan. */
  add(hit: CorrelationHit, first: CorrelationHit): void;
  remove(hit: CorrelationHit): void;
  /** Judges the timespan that ends at `now`. */
  read(now: number): Reading;
  /** True: hits of one time must come in the order of `compareHits` as well. */
  readonly strict?: boolean;
  /** What was left out to bound the work, so far. */
  readonly forgotten?: number;
}

/** The tally of a correlation; never called for `new_terms`, whose memory is not a timespan of hits. */
export function createTally(linked: LinkedCorrelation): Tally {
  const { correlation } = linked;
  const { type, condition, timespanMs } = correlation;
  if (condition.kind === 'travel') return new TravelTally(condition, timespanMs);
  if (condition.kind === 'expression') return presence(linked, condition.expression);
  if (condition.kind === 'new_terms') throw new Error(`tally ${linked.key}: new terms are not tallied`);
  switch (type) {
    case 'event_count':
      return new DistinctTally(condition.bounds, (hit) => [hit.act]);
    case 'value_count':
      return new DistinctTally(condition.bounds, (hit) => hit.values);
    case 'temporal':
      return new PresenceTally((present) => toReading(condition.bounds, present.size));
    case 'temporal_ordered':
      return new OrderTally(
        linked.bases.map(({ key }) => key),
        condition.bounds[0]?.value ?? linked.bases.length,
        timespanMs,
      );
    default:
      return new NumberTally(condition, statisticOf(type, condition));
  }
}

/** A number against every bound. */
export function toReading(bounds: readonly Bound[], value: number): Reading {
  return { holds: bounds.every((bound) => isWithin(bound, value)), value };
}

function isWithin({ operator, value }: Bound, given: number): boolean {
  switch (operator) {
    case 'gt':
      return given > value;
    case 'gte':
      return given >= value;
    case 'lt':
      return given < value;
    case 'lte':
      return given <= value;
    case 'eq':
      return given === value;
    case 'neq':
      return given !== value;
  }
}

/** Counts distinct keys, each with how often it is there: a key leaves with its last sighting. */
class DistinctTally implements Tally {
  readonly #counts = new SmallMap<number>();
  readonly #bounds: readonly Bound[];
  readonly #keysOf: (hit: CorrelationHit) => readonly string[];

  constructor(bounds: readonly Bound[], keysOf: (hit: CorrelationHit) => readonly string[]) {
    this.#bounds = bounds;
    this.#keysOf = keysOf;
  }

  add(hit: CorrelationHit): void {
    for (const key of this.#keysOf(hit)) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  remove(hit: CorrelationHit): void {
    for (const key of this.#keysOf(hit)) {
      const left = (this.#counts.get(key) ?? 0) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    }
  }

  read(): Reading {
    return toReading(this.#bounds, this.#counts.size);
  }
}

type Present = Pick<SmallMap<number>, 'has' | 'size'>;

/** Which bases are present. */
class PresenceTally implements Tally {
  readonly #counts = new SmallMap<number>();
  readonly #judge: (present: Present) => Reading;

  constructor(judge: (present: Present) => Reading) {
    this.#judge = judge;
  }

  add(hit: CorrelationHit): void {
    this.#counts.set(hit.base, (this.#counts.get(hit.base) ?? 0) + 1);
  }

  remove(hit: CorrelationHit): void {
    const left = (this.#counts.get(hit.base) ?? 0) - 1;
    if (left > 0) this.#counts.set(hit.base, left);
    else this.#counts.delete(hit.base);
  }

  read(): Reading {
    return this.#judge(this.#counts);
  }
}

function presence(linked: LinkedCorrelation, expression: Condition): Tally {
  const keys = new Map(linked.bases.map(({ reference, key }) => [reference, key]));
  return new PresenceTally((present) => ({
    holds: isTrue(expression, (reference) => present.has(keys.get(reference) ?? '')),
    value: present.size,
  }));
}

function isTrue(condition: Condition, has: (name: string) => boolean): boolean {
  switch (condition.kind) {
    case 'never':
      return false;
    case 'selection':
      return has(condition.name);
    case 'not':
      return !isTrue(condition.of, has);
    case 'and':
      return condition.of.every((part) => isTrue(part, has));
    case 'or':
      return condition.of.some((part) => isTrue(part, has));
  }
}

/** Numbers that can be taken out again. */
interface Statistic {
  add(number: number): void;
  remove(number: number): void;
  value(): number;
}

/** An act counts once, with the numbers of its earliest hit inside the timespan. */
class NumberTally implements Tally {
  readonly #condition: ThresholdCondition;
  readonly #statistic: Statistic;
  readonly #acts = new Map<string, CorrelationHit[]>();

  constructor(condition: ThresholdCondition, statistic: Statistic) {
    this.#condition = condition;
    this.#statistic = statistic;
  }

  add(hit: CorrelationHit): void {
    const same = this.#acts.get(hit.act);
    if (same === undefined) {
      this.#acts.set(hit.act, [hit]);
      return this.#change(hit, 'add');
    }
    const at = same.findIndex((other) => compareHits(hit, other) < 0);
    same.splice(at < 0 ? same.length : at, 0, hit);
    const [first, second] = same;
    if (first !== hit || second === undefined) return;
    this.#change(second, 'remove');
    this.#change(hit, 'add');
  }

  remove(hit: CorrelationHit): void {
    const same = this.#acts.get(hit.act) ?? [];
    const at = same.indexOf(hit);
    if (at < 0) return;
    same.splice(at, 1);
    if (at > 0) return;
    this.#change(hit, 'remove');
    const [next] = same;
    if (next === undefined) this.#acts.delete(hit.act);
    else this.#change(next, 'add');
  }

  #change(hit: CorrelationHit, how: 'add' | 'remove'): void {
    for (const number of hit.numbers) this.#statistic[how](number);
  }

  read(): Reading {
    return toReading(this.#condition.bounds, this.#statistic.value());
  }
}

function statisticOf(type: string, condition: ThresholdCondition): Statistic {
  if (type === 'value_sum') return new Sum(false);
  if (type === 'value_avg') return new Sum(true);
  return new Percentile(type === 'value_median' ? 50 : (condition.percentile ?? 50));
}

class Sum implements Statistic {
  readonly #mean: boolean;
  readonly #sum = new ExactSum();
  #count = 0;

  constructor(mean: boolean) {
    this.#mean = mean;
  }

  add(number: number): void {
    this.#sum.add(number);
    this.#count++;
  }

  remove(number: number): void {
    this.#sum.add(-number);
    this.#count--;
  }

  value(): number {
    return this.#mean ? this.#sum.value() / this.#count : this.#sum.value();
  }
}

/** Linear interpolation between the two nearest ranks, as in NumPy's default and pySigma's backends. */
class Percentile implements Statistic {
  readonly #share: number;
  readonly #sorted: number[] = [];

  constructor(percentile: number) {
    this.#share = percentile / 100;
  }

  add(number: number): void {
    this.#sorted.splice(this.#rankOf(number), 0, number);
  }

  remove(number: number): void {
    this.#sorted.splice(this.#rankOf(number), 1);
  }

  #rankOf(number: number): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  value(): number {
    const rank = this.#share * (this.#sorted.length - 1);
    const below = this.#sorted[Math.floor(rank)] ?? NaN;
    const above = this.#sorted[Math.ceil(rank)] ?? NaN;
    return below + (above - below) * (rank - Math.floor(rank));
  }
}
