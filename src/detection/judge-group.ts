import {
  chainedHits,
  coverBaseline,
  evaluateGroup,
  type Episode,
  type LinkedCorrelation,
  type Moment,
} from '../sigma/index.ts';
import type { CorrelationHitRow } from '../store/correlation-hits.ts';
import type { CorrelationWaitRow } from '../store/correlation-waits.ts';
import type { HitRow } from '../store/hits.ts';
import type { TermRow } from '../store/terms.ts';
import type { Detection, Part } from './catalogue.ts';
import type { ReadCoverage } from './correlation-coverage.ts';
import { CHAIN, eventOf, groupColumns, shortHash, toHit } from './correlation-rows.ts';
import { correlationHit, evidenceId, happeningOf, type EpisodeFacts } from './correlation-words.ts';
import { contributions, nearMoments, type FiredEpisode } from './group-evidence.ts';

/** UTC epoch ms, both ends inclusive. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A correlation with what it belongs to. */
export interface JudgedPart {
  readonly detection: Detection;
  readonly part: Part;
  readonly linked: LinkedCorrelation;
  /** Correlations of the same detection that stand on it. */
  readonly above: readonly LinkedCorrelation[];
}

/** One group with everything that decides about it. */
export interface GroupInput {
  readonly tenantId: string;
  readonly groupHash: string;
  /** Sorted by time. */
  readonly rows: readonly CorrelationHitRow[];
  /** There are more hits than were read. */
  readonly capped: boolean;
  /** By `eventOf` of what lower correlations handed on: the hits behind it. */
  readonly under: ReadonlyMap<string, readonly CorrelationHitRow[]>;
  /** Spans of terms from before the hits that were read. */
  readonly terms: readonly TermRow[];
  /** Only what happened here may have changed. */
  readonly stretch: Stretch;
  readonly coverage: ReadCoverage;
  readonly now: number;
}

export interface JudgedGroup {
  readonly hits: readonly HitRow[];
  /** Happenings (`canonical_id` of hits) that contribute to a fired episode, shown or not. */
  readonly contributing: ReadonlySet<string>;
  /** What correlations above get, in the stretch. */
  readonly chained: readonly CorrelationHitRow[];
  /** For new terms: their spans now. */
  readonly terms: readonly TermRow[];
  readonly wait: Pick<CorrelationWaitRow, 'state' | 'due_at' | 'reason' | 'from_at' | 'to_at'>;
}

/** Hits of one group that are looked at together; beyond it the group is said to be too large. */
export const MOST_HITS = 20_000;

const POSTPONED = 'less than 95 % of the hours before it were read';

/** Judges one group: a pure function of its hits and of what was read. */
export function judgeGroup(judged: JudgedPart, input: GroupInput): JudgedGroup {
  const { part, linked } = judged;
  const { episodes, postponed } = episodesOf(linked, input);
  const byEvent = new Map(input.rows.map((row) => [`${row.rule} ${eventOf(row)}`, row]));
  const hits: HitRow[] = [];
  const contributing = new Set<string>();
  const chained: CorrelationHitRow[] = [];
  for (const episode of episodes.filter((one) => one.state === 'fired')) {
    const rows = episode.hits.flatMap((hit) => byEvent.get(`${hit.base} ${hit.event}`) ?? []);
    const fired: FiredEpisode = { episode, rows };
    const facts = factsOf(linked, fired, input);
    const shown = expanded(nearMoments(linked, episode, rows), input.under);
    for (const row of shown) contributing.add(evidenceId(part, input.groupHash, row));
    for (const one of contributions(linked, shown))
      if (isIn(input.stretch, one.row.occurred_at)) hits.push(correlationHit(judged, one, facts, input.now));
    chained.push(...chainedRows(judged, input, fired));
  }
  const terms = termSpans(linked, episodes, input);
  const wait = waitOf(linked, episodes, postponed, input);
  return { hits: distinctHits(hits), contributing, chained, terms, wait };
}

/** What a lower correlation handed on is shown by the records behind it. */
function expanded(
  rows: readonly CorrelationHitRow[],
  under: GroupInput['under'],
): readonly CorrelationHitRow[] {
  if (under.size === 0) return rows;
  const all = rows.flatMap((row) => under.get(eventOf(row)) ?? [row]);
  const distinct = new Map(all.map((row) => [`${row.rule} ${eventOf(row)}`, row]));
  return [...distinct.values()].sort(
    (a, b) => a.occurred_at - b.occurred_at || compareTexts(eventOf(a), eventOf(b)),
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isIn(stretch: Stretch, at: number): boolean {
  return stretch.from <= at && at <= stretch.to;
}

/** Two rules may match one record: that is one piece of evidence. */
function distinctHits(hits: readonly HitRow[]): HitRow[] {
  return [...new Map(hits.map((hit) => [`${hit.canonical_id} ${hit.subject} ${hit.cause}`, hit])).values()];
}

interface Evaluated {
  readonly episodes: readonly Episode[];
  /** When the condition held, but too little of the time before was read. */
  readonly postponed: readonly number[];
}

function episodesOf(linked: LinkedCorrelation, input: GroupInput): Evaluated {
  const { rows, coverage, capped } = input;
  const kind = linked.correlation.condition.kind;
  if (kind === 'new_terms') return { episodes: termEpisodes(linked, input), postponed: [] };
  // What more hits can make false is not judged without all of them.
  if (capped && !linked.monotone) return { episodes: [], postponed: [] };
  const episodes = evaluateGroup(linked, rows.map(toHit), coverage, { when: 'closed' });
  return kind === 'travel' ? withBaseline(linked, episodes, coverage) : { episodes, postponed: [] };
}

/** Stored spans know terms by their hash. */
function termEpisodes(linked: LinkedCorrelation, { rows, terms, coverage, tenantId }: GroupInput): Episode[] {
  const hits = rows.map(toHit).map((hit) => ({ ...hit, values: hit.values.map(shortHash) }));
  const known = { tenant: tenantId, correlation: linked.key, group: [] };
  const spans = terms.map((row) => ({ ...known, term: row.term_hash, from: row.from_at, to: row.to_at }));
  return evaluateGroup(linked, hits, coverage, { when: 'closed' }, spans);
}

/** A journey counts once enough of the time before it was read: there may be a stop that nobody has seen. */
function withBaseline(linked: LinkedCorrelation, all: readonly Episode[], coverage: ReadCoverage): Evaluated {
  const { timespanMs } = linked.correlation;
  const isKnown = ({ at }: Moment): boolean => coverBaseline(coverage, at, timespanMs).enough;
  const episodes = all.map((episode): Episode => {
    const moments = episode.moments.filter(isKnown);
    return { ...episode, moments, state: moments.length > 0 ? 'fired' : 'quiet' };
  });
  const postponed = all.flatMap(({ moments }) => moments.filter((one) => !isKnown(one)).map(({ at }) => at));
  return { episodes, postponed };
}

function factsOf(
  linked: LinkedCorrelation,
  { episode, rows }: FiredEpisode,
  input: GroupInput,
): EpisodeFacts {
  const kind = linked.correlation.condition.kind;
  const [moment] = [...episode.moments].sort(
    (a, b) => (b.pair?.kmPerHour ?? 0) - (a.pair?.kmPerHour ?? 0) || a.at - b.at,
  );
  const countryOf = (event: string | undefined): string => {
    const row = rows.find((one) => eventOf(one) === event);
    return row === undefined ? '' : ((JSON.parse(row.words) as { country?: string }).country ?? '');
  };
  const pair = moment?.pair;
  const needsBaseline = kind === 'new_terms' || kind === 'travel';
  const at = kind === 'new_terms' ? episode.start : (moment?.at ?? episode.start);
  return {
    group: groupOf(input),
    groupHash: input.groupHash,
    journey:
      moment === undefined || pair === undefined
        ? null
        : { moment, from: countryOf(pair.from), to: countryOf(pair.to) },
    gaps: needsBaseline ? coverBaseline(input.coverage, at, linked.correlation.timespanMs).gaps : [],
  };
}

function groupOf({ rows }: GroupInput): string[] {
  return JSON.parse(rows[0]?.group_values ?? '[]') as string[];
}

/** How what a group hands to the correlations above it is named. */
export function chainName(linked: LinkedCorrelation, groupHash: string, term: string | null): string {
  return `${CHAIN}${linked.key}:${groupHash}${term === null ? '' : `:${term}`}`;
}

/** The hash of the group that handed a row on. */
export function chainedFrom(row: CorrelationHitRow): string {
  return row.canonical_id.slice(CHAIN.length).split(':')[1] ?? '';
}

/** Fulfilled timespans for the correlations above: the first and the last of each quarter of their timespan do. */
function chainedRows(
  { linked, above }: JudgedPart,
  input: GroupInput,
  fired: FiredEpisode,
): CorrelationHitRow[] {
  const { episode, rows } = fired;
  const group = groupOf(input);
  return above.flatMap((outer) => {
    const slot = Math.max(1, Math.floor(outer.correlation.timespanMs / 4));
    const slotOf = (index: number) => Math.floor((episode.moments[index]?.at ?? NaN) / slot);
    return episode.moments.flatMap(({ at }, index) => {
      if (!isIn(input.stretch, at)) return [];
      if (slotOf(index - 1) === slotOf(index) && slotOf(index + 1) === slotOf(index)) return [];
      const inner = { tenant: input.tenantId, group, term: episode.term, start: episode.start };
      const shown = rows.findLast((row) => row.occurred_at <= at) ?? rows[0];
      if (shown === undefined) return [];
      return chainedHits(outer, linked, inner, at).map((hit) => ({
        ...shown,
        correlation: outer.key,
        canonical_id: chainName(linked, input.groupHash, episode.term),
        rule: linked.key,
        ordinal: at,
        native_id: shown.native_id === '' ? shown.canonical_id : shown.native_id,
        occurred_at: at,
        act: hit.act,
        ...groupColumns(hit.group),
        counted: JSON.stringify([hit.values, hit.numbers, hit.place, happeningOf(shown)]),
      }));
    });
  });
}

function termSpans(linked: LinkedCorrelation, episodes: readonly Episode[], input: GroupInput): TermRow[] {
  if (linked.correlation.condition.kind !== 'new_terms') return [];
  return episodes.map((episode) => ({
    tenant_id: input.tenantId,
    detection_id: linked.key,
    group_hash: input.groupHash,
    term_hash: episode.term ?? '',
    from_at: episode.start,
    to_at: episode.end,
  }));
}

/** What is left to wait for, and from which watermark on it is worth looking again. */
function waitOf(
  linked: LinkedCorrelation,
  episodes: readonly Episode[],
  postponed: readonly number[],
  input: GroupInput,
): JudgedGroup['wait'] {
  if (input.capped && linked.correlation.condition.kind !== 'new_terms') {
    const reason = `more than ${MOST_HITS} records of one group; what came after them was not counted`;
    const { from, to } = input.stretch;
    return { from_at: from, to_at: to, state: 'capped', due_at: null, reason };
  }
  const waits = episodes
    .filter(({ state }) => state !== 'fired' && state !== 'quiet')
    .map(({ state, start, end, reason }) => {
      return { state, start, end, reason, due: dueOf(linked, state, start, input.coverage) };
    });
  for (const at of postponed) {
    const due = dueOf(linked, 'pending', at, input.coverage);
    waits.push({ state: 'pending', start: at, end: at, reason: POSTPONED, due });
  }
  const worst = waits.find((one) => one.state === 'not_assessed') ?? waits[0];
  if (worst === undefined) return { from_at: 0, to_at: 0, state: '', due_at: null, reason: null };
  const due = Math.min(...waits.map((one) => one.due));
  return {
    from_at: Math.min(...waits.map((one) => one.start)),
    to_at: Math.max(...waits.map((one) => one.end)),
    state: worst.state,
    due_at: Number.isFinite(due) ? due : null,
    reason: worst.reason,
  };
}

/** The watermark at which something is to be judged again; Infinity: only when holes are filled. */
function dueOf(linked: LinkedCorrelation, state: string, at: number, coverage: ReadCoverage): number {
  if (state === 'not_assessed') return Infinity;
  const next = Math.max(coverage.watermark, Number.MIN_SAFE_INTEGER) + 1;
  // Which timespan of an episode closes next is not told: it is looked at again whenever more was read.
  if (state === 'waiting') return next;
  return Math.max(next, coverBaseline(coverage, at, linked.correlation.timespanMs).enoughFrom);
}
