import type { Hole, LinkedCorrelation, Moment } from '../sigma/index.ts';
import type { CorrelationHitRow } from '../store/correlation-hits.ts';
import type { HitRow } from '../store/hits.ts';
import { keysOf, type Detection, type Part } from './catalogue.ts';
import { eventOf, shownWords } from './correlation-rows.ts';
import type { Contribution } from './group-evidence.ts';
import { fillTemplate } from './template.ts';

/** Words that every correlation has besides those of its records and the fields that its keys name. */
export const correlationWords: readonly string[] = ['count', 'distinct', 'people', 'first', 'last'];
/** Words of a journey. */
export const travelWords: readonly string[] = ['km', 'kmh', 'from', 'to'];
/** What of the time before was not read. */
export const GAPS = 'gaps';

const MOST_PEOPLE = 10;
const MOST_GAPS = 5;

/** What there is to say of an episode besides its hits. */
export interface EpisodeFacts {
  readonly group: readonly string[];
  readonly groupHash: string;
  /** The fastest journey, and the rows at its ends. */
  readonly journey: { readonly moment: Moment; readonly from: string; readonly to: string } | null;
  readonly gaps: readonly Hole[];
}

/** The correlation that the episode is of. */
interface Owner {
  readonly detection: Detection;
  readonly part: Part;
  readonly linked: LinkedCorrelation;
}

/** The row of `hit` that a contributing record becomes. */
export function correlationHit(
  { detection, part, linked }: Owner,
  shown: Contribution,
  facts: EpisodeFacts,
  now: number,
): HitRow {
  const { row } = shown;
  const keys = keysOf(detection, part);
  const valueOf = (name: string): string | null =>
    groupValue(linked, facts.group, name) ?? wordOf(shown, name);
  const fallback = `group:${facts.group.join(',')}`;
  return {
    tenant_id: row.tenant_id,
    detection_id: detection.id,
    canonical_id: evidenceId(part, facts.groupHash, row),
    kind: 'do',
    subject: (keys.subject && fillTemplate(keys.subject, valueOf)) ?? fallback,
    cause: (keys.cause && fillTemplate(keys.cause, valueOf)) ?? part.id,
    part_id: part.id,
    version: detection.version,
    feed: row.feed,
    native_id: row.native_id === '' ? row.canonical_id : row.native_id,
    occurred_at: row.occurred_at,
    from_at: row.occurred_at,
    to_at: row.occurred_at,
    origin: row.feed,
    origin_rank: 0,
    words: JSON.stringify({ ...groupWords(linked, facts.group), ...words(shown, facts) }),
    context: '{}',
    status: 'active',
    created_at: now,
    updated_at: now,
    group_hash: facts.groupHash,
  };
}

/** Names a record as evidence of one group: it may be that of several groups and correlations of one detection. */
export function evidenceId(part: Part, groupHash: string, row: CorrelationHitRow): string {
  return `${part.id}:${groupHash}:${happeningOf(row)}`;
}

function groupWords(linked: LinkedCorrelation, group: readonly string[]): Record<string, string> {
  return Object.fromEntries(linked.correlation.groupBy.map((name, index) => [name, group[index] ?? '']));
}

/** The happening behind a row; what a lower correlation handed on is shown by the record that fulfilled it. */
export function happeningOf(row: CorrelationHitRow): string {
  const [, , , happening] = JSON.parse(row.counted) as unknown[];
  return typeof happening === 'string' ? happening : eventOf(row);
}

function groupValue(linked: LinkedCorrelation, group: readonly string[], name: string): string | null {
  const index = linked.correlation.groupBy.indexOf(name);
  return index < 0 ? null : (group[index] ?? null);
}

function wordOf({ earliest }: Contribution, name: string): string | null {
  return shownWords(earliest)[name] ?? null;
}

function words(shown: Contribution, facts: EpisodeFacts): Record<string, string> {
  const { row, closing, people } = shown;
  const own = shownWords(row);
  const last = closing === null ? own : shownWords(closing);
  const more = people.length > MOST_PEOPLE ? ` +${people.length - MOST_PEOPLE}` : '';
  return {
    ...own,
    ...last,
    count: String(shown.count),
    distinct: String(shown.distinct),
    people: `${people.slice(0, MOST_PEOPLE).join(', ')}${more}`,
    first: minuteText(shown.first),
    last: minuteText(row.occurred_at),
    ...journeyWords(facts),
    ...(facts.gaps.length === 0 ? {} : { [GAPS]: gapsText(facts.gaps) }),
  };
}

function journeyWords({ journey }: EpisodeFacts): Record<string, string> {
  const pair = journey?.moment.pair;
  if (journey === null || pair === undefined) return {};
  // At one and the same second no speed can be named.
  const kmh = Number.isFinite(pair.kmPerHour) ? String(Math.round(pair.kmPerHour)) : '';
  return { km: String(Math.round(pair.km)), kmh, from: journey.from, to: journey.to };
}

/** `2026-11-17 09:42 UTC`. */
function minuteText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function gapsText(gaps: readonly Hole[]): string {
  const named = gaps.slice(0, MOST_GAPS).map((gap) => `${minuteText(gap.from)} – ${minuteText(gap.to)}`);
  const more = gaps.length > MOST_GAPS ? ` +${gaps.length - MOST_GAPS}` : '';
  return `${named.join(', ')}${more}`;
}
