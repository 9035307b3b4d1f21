import { createHash } from 'node:crypto';
import type { Act, StoredEvent } from '../model/event.ts';
import { extractHits, readPath, type CorrelationHit } from '../sigma/index.ts';
import type { CorrelationHitRow } from '../store/correlation-hits.ts';
import type { RuleFeed } from './rule-feeds.ts';

/** An event that a rule under a correlation has matched. */
export interface MatchedEvent {
  readonly event: StoredEvent;
  readonly raw: object;
  readonly originRank: number;
  /** The first act that the record shows. */
  readonly act: Act | undefined;
  readonly words: Readonly<Record<string, string>>;
}

/** Longest text kept of one field: keys and mails need no more, and a row stays small. */
const LONGEST = 200;

/**
 * What a correlation keeps of an event that one of its rules matched: a row for each group it is in. `truncated`: it
 * would be in more groups, or hold more values, than one event may.
 */
export function correlationRows(
  feed: RuleFeed,
  rule: string,
  matched: MatchedEvent,
): { readonly rows: readonly CorrelationHitRow[]; readonly truncated: boolean } {
  const { event, raw, originRank } = matched;
  const { hits, truncated } = extractHits(feed.linked, rule, raw, {
    tenant: event.tenantId,
    event: event.canonicalId,
    act: actKey(matched),
    at: event.occurredAt,
    source: event.feed,
  });
  // A group without a name is nobody's: Microsoft writes '' where it does not know who it was.
  const named = hits.filter(({ group }) => !group.includes(''));
  const rows = named.map((hit, ordinal) => ({
    tenant_id: event.tenantId,
    correlation: hit.correlation,
    canonical_id: event.canonicalId,
    rule,
    ordinal,
    feed: event.feed,
    native_id: event.nativeId === event.canonicalId ? '' : event.nativeId,
    occurred_at: event.occurredAt,
    origin_rank: originRank,
    act: hit.act,
    ...groupColumns(hit.group),
    counted: JSON.stringify([hit.values, hit.numbers, hit.place]),
    words: JSON.stringify(wordsOf(feed, matched, hit.group)),
  }));
  return { rows, truncated };
}

/** The empty text: the event is an act of its own. */
function actKey({ act, event }: MatchedEvent): string {
  if (act === undefined || act.cause === event.canonicalId) return '';
  return JSON.stringify(act.kind === 'do' ? [act.subject, act.cause] : [act.subject, act.cause, act.kind]);
}

/** How a group is stored: a hash to find it by, and its values. */
export function groupColumns(
  group: readonly string[],
): Pick<CorrelationHitRow, 'group_hash' | 'group_values'> {
  const values = JSON.stringify(group);
  return { group_hash: shortHash(values), group_values: values };
}

/** 64 bits: two of a million groups collide once in thirty million tenants. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function wordsOf(
  feed: RuleFeed,
  { words, raw }: MatchedEvent,
  group: readonly string[],
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(words)) if (value !== '') kept[name] = value.slice(0, LONGEST);
  // Mostly the same person; texts take the one for the other (`shownWords`).
  if (kept['actor'] === kept['subject']) delete kept['actor'];
  for (const [index, [name, field]] of feed.shown.entries()) {
    const value = textOf(readPath(raw, field), group[index]);
    // The group's own values stand in the row already.
    if (value !== null && (feed.handsOn || value !== group[index])) kept[name] = value.slice(0, LONGEST);
  }
  return kept;
}

/** Words of a row as texts take them. */
export function shownWords(row: CorrelationHitRow): Record<string, string> {
  const words = JSON.parse(row.words) as Record<string, string>;
  const { subject } = words;
  return subject === undefined ? words : { actor: subject, ...words };
}

/** The value as the record writes it; of several the one that the group is about. */
function textOf(values: readonly unknown[], folded: string | undefined): string | null {
  const texts = values
    .filter((value) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    .map(String)
    .filter((text) => text !== '');
  return texts.find((text) => text.toLowerCase() === folded) ?? texts[0] ?? folded ?? null;
}

/** The stored row as the engine takes it. */
export function toHit(row: CorrelationHitRow): CorrelationHit {
  const [values, numbers, place] = JSON.parse(row.counted) as [string[], number[], CorrelationHit['place']];
  return {
    correlation: row.correlation,
    tenant: row.tenant_id,
    group: JSON.parse(row.group_values) as string[],
    base: row.rule,
    event: eventOf(row),
    act: row.act === '' ? eventOf(row) : row.act,
    at: row.occurred_at,
    source: row.feed,
    values,
    numbers,
    place,
  };
}

/** How what a lower correlation hands to a higher one is named; several moments of one group share the name. */
export const CHAIN = 'chain:';

export function eventOf(row: CorrelationHitRow): string {
  return row.canonical_id.startsWith(CHAIN) ? `${row.canonical_id}:${row.ordinal}` : row.canonical_id;
}
