import type { Episode, LinkedCorrelation } from '../sigma/index.ts';
import type { CorrelationHitRow } from '../store/correlation-hits.ts';
import { eventOf } from './correlation-rows.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The first records of an alert show best what happened; so many are kept whole. */
const FIRST = 100;
/** A new term's alert stands on what was seen within an hour: whoever goes on using it makes no news. */
export const TERM_EVIDENCE_MS = HOUR_MS;

/**
 * How far one hit's fate may depend on others, ms: hits further away than this from every fulfilled timespan do not
 * contribute, however long the episode goes on. It bounds what is read again when a hit comes.
 */
export function reachOf(linked: LinkedCorrelation): number {
  return Math.max(DAY_MS, 2 * linked.correlation.timespanMs);
}

/** A hit of a fired episode that is shown, and what the episode looked like when it happened. */
export interface Contribution {
  readonly row: CorrelationHitRow;
  /** Distinct acts, and distinct counted values, of the episode within the reach before the hit, itself included. */
  readonly count: number;
  readonly distinct: number;
  /** Event time of the first of these. */
  readonly first: number;
  /** The earliest hit of the episode. */
  readonly earliest: CorrelationHitRow;
  /** Up to the hit, the last one of the rule that an ordered correlation asks for last. */
  readonly closing: CorrelationHitRow | null;
  /** Whom the hits counted were about, sorted, with duplicates left out. */
  readonly people: readonly string[];
}

/** Hits of an episode by their rows, in order. */
export interface FiredEpisode {
  readonly episode: Episode;
  readonly rows: readonly CorrelationHitRow[];
}

/**
 * The contributing hits of a fired episode that become evidence: the first hundred, then the first and the last of each quarter of a
 * timespan, so that no gap between two of them is longer than one that the episode has. A pure function of the hits
 * within the reach of each.
 */
export function contributions(linked: LinkedCorrelation, near: readonly CorrelationHitRow[]): Contribution[] {
  const slot = Math.max(1, Math.floor(linked.correlation.timespanMs / 4));
  const slotOf = (row: CorrelationHitRow | undefined) =>
    row === undefined ? null : Math.floor(row.occurred_at / slot);
  const seen = new Lookback(linked);
  const chosen: Contribution[] = [];
  for (const [index, row] of near.entries()) {
    const state = seen.add(row);
    const mine = slotOf(row);
    const edge = slotOf(near[index - 1]) !== mine || slotOf(near[index + 1]) !== mine;
    if (edge || state.rank <= FIRST) chosen.push({ ...state.read(), row, earliest: near[0] ?? row });
  }
  return chosen;
}

/** What contributes at all. */
export function nearMoments(
  linked: LinkedCorrelation,
  episode: Episode,
  rows: readonly CorrelationHitRow[],
): CorrelationHitRow[] {
  if (linked.correlation.condition.kind === 'new_terms')
    return rows.filter((row) => row.occurred_at <= episode.start + TERM_EVIDENCE_MS).slice(0, FIRST);
  if (!linked.monotone) return [...rows];
  if (linked.correlation.type === 'temporal_ordered') return nearOf(linked, episode, begun(linked, rows));
  return nearOf(linked, episode, rows);
}

/** Of an order, what the first rule found and what came within a timespan after it: nothing before has to do with it. */
export function begun(linked: LinkedCorrelation, rows: readonly CorrelationHitRow[]): CorrelationHitRow[] {
  const { timespanMs } = linked.correlation;
  const first = linked.bases[0]?.key;
  const begins = rows.filter((row) => row.rule === first).map((row) => row.occurred_at);
  let next = 0;
  return rows.filter(({ occurred_at: at }) => {
    while ((begins[next + 1] ?? Infinity) <= at) next++;
    const begin = begins[next] ?? Infinity;
    return begin <= at && at - begin <= timespanMs;
  });
}

function nearOf(
  linked: LinkedCorrelation,
  episode: Episode,
  rows: readonly CorrelationHitRow[],
): CorrelationHitRow[] {
  const reach = reachOf(linked);
  const { moments } = episode;
  let next = 0;
  return rows.filter(({ occurred_at: at }) => {
    while (next < moments.length && (moments[next]?.at ?? Infinity) < at - reach) next++;
    return (moments[next]?.at ?? Infinity) <= at + reach;
  });
}

/** Counts over the hits within the reach before the newest. */
class Lookback {
  readonly #reach: number;
  readonly #closingRule: string | null;
  readonly #rows: CorrelationHitRow[] = [];
  readonly #acts = new Map<string, number>();
  readonly #values = new Map<string, number>();
  readonly #people = new Map<string, number>();
  #head = 0;
  #closing: CorrelationHitRow | null = null;

  constructor(linked: LinkedCorrelation) {
    this.#reach = reachOf(linked);
    const ordered = linked.correlation.type === 'temporal_ordered';
    this.#closingRule = ordered ? (linked.bases.at(-1)?.key ?? null) : null;
  }

  /** `rank`: how many hits are within the reach, this one included. `read` costs more than adding does. */
  add(row: CorrelationHitRow): {
    readonly rank: number;
    readonly read: () => Omit<Contribution, 'row' | 'earliest'>;
  } {
    this.#rows.push(row);
    this.#change(row, 1);
    while ((this.#rows[this.#head]?.occurred_at ?? Infinity) < row.occurred_at - this.#reach) {
      const gone = this.#rows[this.#head++];
      if (gone !== undefined) this.#change(gone, -1);
    }
    if (row.rule === this.#closingRule) this.#closing = row;
    const { length } = this.#rows;
    const first = this.#rows[this.#head]?.occurred_at ?? row.occurred_at;
    const read = () => ({
      count: this.#acts.size,
      distinct: this.#values.size,
      first,
      closing: this.#closing,
      people: [...this.#people.keys()].sort(),
    });
    return { rank: length - this.#head, read };
  }

  #change(row: CorrelationHitRow, by: 1 | -1): void {
    const [values] = JSON.parse(row.counted) as [string[]];
    const { subject } = JSON.parse(row.words) as { subject?: string };
    count(this.#acts, row.act === '' ? eventOf(row) : row.act, by);
    for (const value of values) count(this.#values, value, by);
    if (subject !== undefined) count(this.#people, subject, by);
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const left = (counts.get(key) ?? 0) + by;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
