import type { Coverage } from './coverage.ts';
import type { ClosedSpan, Episode, Mode, Moment } from './episode.ts';
import { judgeSpan, slides, stateOfSpans } from './episode.ts';
import { extractHits, groupRecord } from './extract.ts';
import type { CorrelationHit } from './hit.ts';
import { compareHits, groupKey, hitKey, preferredHit } from './hit.ts';
import type { LinkedCorrelation } from './link.ts';
import type { TermRow, TermSpan } from './terms.ts';
import { judgeTerm, mergeTerms } from './terms.ts';
import { MAX_PLACES } from './travel.ts';
import { SlidingWindow } from './window.ts';

/**
 * The episodes of one group of one tenant: a pure function of the set of hits and of what was read. Hits in any
 * order, duplicates allowed. `rows` are what is left of older hits of `new_terms`.
 */
export function evaluateGroup(
  linked: LinkedCorrelation,
  hits: readonly CorrelationHit[],
  coverage: Coverage,
  mode: Mode,
  rows: readonly TermRow[] = [],
): Episode[] {
  const unique = distinctHits(hits);
  if (linked.correlation.condition.kind === 'new_terms') return evaluateTerms(linked, unique, coverage, rows);
  const judge = slides(linked, mode) ? slidingEpisode : closedEpisode;
  return splitEpisodes(unique, linked.correlation.timespanMs).map((part) => judge(linked, part, coverage));
}

/**
 * Evaluates every group of every tenant, inner correlations before what stands on them. `correlations` as linked
 * (bases first). Episodes of all states are returned, by correlation, tenant, group and time.
 */
export function evaluateAll(
  correlations: readonly LinkedCorrelation[],
  hits: readonly CorrelationHit[],
  coverageOf: (tenant: string) => Coverage,
  mode: Mode,
  rows: readonly TermRow[] = [],
): Episode[] {
  const pending = new Map(correlations.map((linked) => [linked.key, [] as CorrelationHit[]]));
  for (const hit of hits) pending.get(hit.correlation)?.push(hit);
  const all: Episode[] = [];
  for (const linked of correlations) {
    const own = rows.filter((row) => row.correlation === linked.key);
    const groups = groupEach(pending.get(linked.key) ?? [], own);
    for (const group of groups) {
      const episodes = evaluateGroup(linked, group.hits, coverageOf(group.tenant), mode, group.rows);
      all.push(...episodes);
      for (const episode of episodes) passOn(linked, episode, correlations, pending);
    }
  }
  return all;
}

function passOn(
  linked: LinkedCorrelation,
  episode: Episode,
  correlations: readonly LinkedCorrelation[],
  pending: ReadonlyMap<string, CorrelationHit[]>,
): void {
  for (const outer of correlations) {
    for (const moment of episode.moments) {
      pending.get(outer.key)?.push(...chainedHits(outer, linked, episode, moment.at));
    }
  }
}

/** What a correlation needs to know of an inner one's episode. */
export interface ChainedEpisode {
  readonly tenant: string;
  readonly group: readonly string[];
  readonly term: string | null;
  readonly start: number;
}

/** The hits that one fulfilled timespan of an inner correlation gives to the one above: the episode is their act. */
export function chainedHits(
  outer: LinkedCorrelation,
  inner: LinkedCorrelation,
  episode: ChainedEpisode,
  at: number,
): readonly CorrelationHit[] {
  if (!outer.bases.some((base) => base.kind === 'correlation' && base.key === inner.key)) return [];
  const { tenant, group, term, start } = episode;
  const event = JSON.stringify([inner.key, group, term, at]);
  const act = JSON.stringify([inner.key, group, term, start]);
  const record = groupRecord(inner, group);
  return extractHits(outer, inner.key, record, { tenant, event, act, at, source: inner.key }).hits;
}

interface Group {
  readonly tenant: string;
  readonly hits: CorrelationHit[];
  readonly rows: TermRow[];
}

function groupEach(hits: readonly CorrelationHit[], rows: readonly TermRow[]): Group[] {
  const groups = new Map<string, Group>();
  const groupOf = (one: { tenant: string; group: readonly string[] }): Group => {
    const key = JSON.stringify([one.tenant, groupKey(one.group)]);
    const group = groups.get(key) ?? { tenant: one.tenant, hits: [], rows: [] };
    groups.set(key, group);
    return group;
  };
  for (const hit of hits) groupOf(hit).hits.push(hit);
  for (const row of rows) groupOf(row).rows.push(row);
  return [...groups.values()];
}

function distinctHits(hits: readonly CorrelationHit[]): CorrelationHit[] {
  const unique = new Map<string, CorrelationHit>();
  for (const hit of hits) {
    const key = hitKey(hit);
    const known = unique.get(key);
    unique.set(key, known === undefined ? hit : preferredHit(known, hit));
  }
  return [...unique.values()].sort(compareHits);
}

/** Cuts sorted hits where the gap is longer than the timespan. */
function splitEpisodes(hits: readonly CorrelationHit[], timespan: number): CorrelationHit[][] {
  const episodes: CorrelationHit[][] = [];
  let last = -Infinity;
  for (const hit of hits) {
    if (hit.at - last > timespan) episodes.push([]);
    episodes.at(-1)?.push(hit);
    last = hit.at;
  }
  return episodes;
}

function slidingEpisode(linked: LinkedCorrelation, hits: readonly CorrelationHit[]): Episode {
  const window = new SlidingWindow(linked);
  const moments: Moment[] = [];
  for (const [index, hit] of hits.entries()) {
    window.add(hit);
    if (hits[index + 1]?.at === hit.at) continue;
    const { holds, ...reading } = window.read(hit.at);
    if (holds) moments.push({ at: hit.at, ...reading });
  }
  return toEpisode(linked, hits, null, {
    state: moments.length > 0 ? 'fired' : 'quiet',
    reason: forgottenText(window.forgotten),
    moments,
  });
}

function forgottenText(sightings: number): string | null {
  if (sightings === 0) return null;
  return `more than ${MAX_PLACES} places in one timespan: ${sightings} sightings were forgotten early`;
}

function closedEpisode(
  linked: LinkedCorrelation,
  hits: readonly CorrelationHit[],
  coverage: Coverage,
): Episode {
  const spans: ClosedSpan[] = [];
  let from = 0;
  while (from < hits.length) {
    const start = hits[from]?.at ?? 0;
    const end = start + linked.correlation.timespanMs;
    let to = from;
    while ((hits[to]?.at ?? Infinity) <= end) to++;
    const span: ClosedSpan = { start, end, verdict: 'waiting', value: 0 };
    judgeSpan(linked, span, hits.slice(from, to), coverage);
    spans.push(span);
    from = to;
  }
  const moments = spans
    .filter(({ verdict }) => verdict === 'true')
    .map(({ end, value }) => ({ at: end, value }));
  return toEpisode(linked, hits, null, { ...stateOfSpans(spans), moments });
}

function toEpisode(
  linked: LinkedCorrelation,
  hits: readonly CorrelationHit[],
  term: string | null,
  judged: Pick<Episode, 'state' | 'reason' | 'moments'>,
): Episode {
  const { tenant, group, at: start } = hits[0] ?? { tenant: '', group: [], at: 0 };
  const { at: firedAt, value, pair = null } = judged.moments[0] ?? { at: null, value: null };
  const end = hits.at(-1)?.at ?? start;
  return { correlation: linked.key, tenant, group, term, start, end, firedAt, value, pair, hits, ...judged };
}

/** Sightings of each term, from hits and rows; the group is known since the first of any of them. */
function evaluateTerms(
  linked: LinkedCorrelation,
  hits: readonly CorrelationHit[],
  coverage: Coverage,
  rows: readonly TermRow[],
): Episode[] {
  const { timespanMs } = linked.correlation;
  const terms = new Map<string, TermSpan[]>();
  const sight = (term: string, span: TermSpan): void => {
    const spans = terms.get(term);
    if (spans === undefined) terms.set(term, [span]);
    else spans.push(span);
  };
  for (const row of rows) sight(row.term, row);
  for (const hit of hits) for (const term of hit.values) sight(term, { from: hit.at, to: hit.at });
  const known = Math.min(...rows.map(({ from }) => from), hits[0]?.at ?? Infinity);
  const { tenant, group } = hits[0] ?? rows[0] ?? { tenant: '', group: [] };
  const episodes: Episode[] = [];
  for (const [term, spans] of terms) {
    for (const { from, to } of mergeTerms(spans, timespanMs)) {
      const { state, reason } = judgeTerm(linked, from, known, coverage);
      const inside = hits.filter((hit) => hit.at >= from && hit.at <= to && hit.values.includes(term));
      const moments = state === 'fired' ? [{ at: from, value: 1 }] : [];
      const judged = toEpisode(linked, inside, term, { state, reason, moments });
      episodes.push({ ...judged, tenant, group, start: from, end: to });
    }
  }
  return episodes.sort((a, b) => a.start - b.start);
}
