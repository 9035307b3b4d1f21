import type { Coverage, Hole } from './coverage.ts';
import { touchesHole } from './coverage.ts';
import type { CorrelationHit } from './hit.ts';
import type { LinkedCorrelation } from './link.ts';
import type { Reading } from './tally.ts';
import { createTally } from './tally.ts';
import type { TravelPair } from './travel.ts';

/**
 * `fired`: the condition held in a timespan. `quiet`: it did not. `waiting`: a timespan has not closed yet.
 * `not_assessed`: it held in none, and a timespan touches what was not read. `pending`: a new term whose baseline has
 * not been read enough.
 */
export type EpisodeState = 'fired' | 'quiet' | 'waiting' | 'not_assessed' | 'pending';

/** The end of a timespan in which the condition held. */
export interface Moment {
  /** ms, UTC epoch. */
  readonly at: number;
  readonly value: number;
  readonly pair?: TravelPair;
}

/** What is known of an episode: hits of one group without a gap longer than the timespan, or sightings of one term. */
export interface EpisodeFacts {
  readonly correlation: string;
  readonly tenant: string;
  readonly group: readonly string[];
  /** For `new_terms`, else null. */
  readonly term: string | null;
  /** Event times of the first and the last hit, ms, UTC epoch. */
  readonly start: number;
  readonly end: number;
  readonly state: EpisodeState;
  /** End of the first timespan in which the condition held; null unless fired. */
  readonly firedAt: number | null;
  /** Count, sum, … of that timespan. */
  readonly value: number | null;
  /** The journey, for `impossible_travel`. */
  readonly pair: TravelPair | null;
  /** Why it was not assessed, is pending or stays quiet; for people. */
  readonly reason: string | null;
}

/** An episode with its hits. */
export interface Episode extends EpisodeFacts {
  /** All contributing hits, by time. */
  readonly hits: readonly CorrelationHit[];
  /** Every timespan in which the condition held, by time. */
  readonly moments: readonly Moment[];
}

/** How conditions that more hits can make false are judged: when their timespan has closed, or at each hit too. */
export interface Mode {
  readonly when: 'closed' | 'insert';
}

/** Most hits shown as evidence of one alert, besides the last. */
export const MAX_EVIDENCE = 100;

/** The first hits and the last: enough to show, bounded whatever the episode. */
export function boundedEvidence(hits: readonly CorrelationHit[]): readonly CorrelationHit[] {
  const last = hits.at(-1);
  if (last === undefined || hits.length <= MAX_EVIDENCE + 1) return hits.slice();
  return [...hits.slice(0, MAX_EVIDENCE), last];
}

/** True if timespans slide and end at hits; else they are closed ones, one after the other. */
export function slides(linked: LinkedCorrelation, mode: Mode): boolean {
  return linked.monotone || mode.when === 'insert';
}

/** A timespan of the partition: opened by a hit, closed a timespan later. */
export interface ClosedSpan {
  readonly start: number;
  readonly end: number;
  verdict: 'waiting' | 'not_assessed' | 'true' | 'false';
  value: number;
}

/** Judges a closed timespan over its hits; null = it cannot be judged before the watermark has passed it. */
export function judgeSpan(
  linked: LinkedCorrelation,
  span: ClosedSpan,
  hits: readonly CorrelationHit[],
  coverage: Coverage,
): void {
  if (coverage.watermark < span.end) {
    span.verdict = 'waiting';
    return;
  }
  if (touchesHole(coverage, span.start, span.end)) {
    span.verdict = 'not_assessed';
    return;
  }
  const reading = readAll(linked, hits, span.end);
  span.verdict = reading.holds ? 'true' : 'false';
  span.value = reading.value;
}

function readAll(linked: LinkedCorrelation, hits: readonly CorrelationHit[], end: number): Reading {
  const tally = createTally(linked);
  for (const hit of hits) tally.add(hit, hits[0] ?? hit);
  return tally.read(end);
}

/** The state of an episode from its closed timespans, with the reason. */
export function stateOfSpans(spans: readonly ClosedSpan[]): { state: EpisodeState; reason: string | null } {
  if (spans.some(({ verdict }) => verdict === 'true')) return { state: 'fired', reason: null };
  const waiting = spans.find(({ verdict }) => verdict === 'waiting');
  if (waiting !== undefined) {
    return { state: 'waiting', reason: `the timespan closes at ${timeText(waiting.end)}` };
  }
  const missed = spans.find(({ verdict }) => verdict === 'not_assessed');
  if (missed === undefined) return { state: 'quiet', reason: null };
  const span = holeText({ from: missed.start, to: missed.end });
  return { state: 'not_assessed', reason: `not everything was read in the timespan ${span}` };
}

/** ISO 8601, UTC. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

export function holeText({ from, to }: Hole): string {
  return `${timeText(from)} to ${timeText(to)}`;
}
