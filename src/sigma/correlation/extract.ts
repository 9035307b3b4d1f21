import { fold } from '../matching/fold.ts';
import { readPath } from '../matching/path.ts';
import type { CorrelationHit, Place } from './hit.ts';
import type { LinkedCorrelation } from './link.ts';

/** Groups that one event may take part in; beyond it the rest are left out and `truncated` says so. */
export const MAX_GROUPS_PER_EVENT = 100;
/** Values, tuples or numbers that one event may contribute. */
export const MAX_VALUES_PER_EVENT = 200;
/** Larger numbers are none: sums of them would leave the range of a double. */
const MAX_NUMBER = 1e200;
/** Shared by all hits that have none. */
const NONE: readonly never[] = [];

/** What is known of the event besides its record. */
export interface EventIdentity {
  readonly tenant: string;
  readonly event: string;
  /** Left out: the event is an act of its own. */
  readonly act?: string;
  /** ms, UTC epoch. */
  readonly at: number;
  readonly source: string;
}

/** The hits of one event, and why there are fewer than there could be. */
export interface Extraction {
  readonly hits: readonly CorrelationHit[];
  /** The group-by field that the event has no value for: it takes no part. */
  readonly missingGroup: string | null;
  /** The event has no value, number or place to count: it takes no part. */
  readonly missingValue: boolean;
  /** Some groups or values were left out. */
  readonly truncated: boolean;
}

/** Prepares the hits of an event that a base rule matched. Pure. */
export function extractHits(
  linked: LinkedCorrelation,
  base: string,
  event: object,
  identity: EventIdentity,
): Extraction {
  const target = linked.bases.find((candidate) => candidate.key === base);
  const nothing: Extraction = { hits: [], missingGroup: null, missingValue: false, truncated: false };
  if (target === undefined) return nothing;
  const columns = target.groupFields.map((field) => textsAt(event, field));
  const missing = columns.findIndex((column) => column.length === 0);
  if (missing >= 0) return { ...nothing, missingGroup: target.groupFields[missing] ?? null };
  const measured = measure(linked, event);
  if (measured === null) return { ...nothing, missingValue: true };
  const groups = tuples(columns, MAX_GROUPS_PER_EVENT);
  const { tenant, at, source } = identity;
  const hits = groups.list.map((group) => ({
    correlation: linked.key,
    tenant,
    group,
    base,
    event: identity.event,
    act: identity.act ?? identity.event,
    at,
    source,
    values: measured.values,
    numbers: measured.numbers,
    place: measured.place,
  }));
  return { ...nothing, hits, truncated: groups.truncated || measured.truncated };
}

/** The record that an inner correlation shows to the one above it: its group values by name. */
export function groupRecord(inner: LinkedCorrelation, group: readonly string[]): object {
  const entries = inner.correlation.groupBy.map((field, index) => [field, group[index] ?? null] as const);
  return Object.fromEntries(entries);
}

interface Measured {
  readonly values: readonly string[];
  readonly numbers: readonly number[];
  readonly place: Place | null;
  readonly truncated: boolean;
}

/** What the condition counts, sums or measures; null where the event has none of it. */
function measure({ correlation }: LinkedCorrelation, event: object): Measured | null {
  const { condition, type } = correlation;
  const nothing: Measured = { values: NONE, numbers: NONE, place: null, truncated: false };
  if (condition.kind === 'travel') {
    const place = placeOf(event, condition);
    return place === null ? null : { ...nothing, place };
  }
  if (condition.kind === 'expression') return nothing;
  const [field] = condition.fields;
  if (field === undefined) return nothing;
  if (condition.kind === 'new_terms' || type === 'value_count') {
    const columns = condition.fields.map((name) => textsAt(event, name));
    const { list, truncated } = tuples(columns, MAX_VALUES_PER_EVENT);
    const values = list.map((tuple) => (tuple.length === 1 ? (tuple[0] ?? '') : JSON.stringify(tuple)));
    return values.length === 0 ? null : { ...nothing, values, truncated };
  }
  const numbers = readPath(event, field)
    .map(numberOf)
    .filter((number) => number !== null);
  if (numbers.length === 0) return null;
  const truncated = numbers.length > MAX_VALUES_PER_EVENT;
  return { ...nothing, numbers: numbers.slice(0, MAX_VALUES_PER_EVENT), truncated };
}

/** Distinct folded texts at a field; numbers and booleans as their text, null and objects not. */
function textsAt(event: object, field: string): string[] {
  const texts = new Set<string>();
  for (const leaf of readPath(event, field)) {
    if (typeof leaf === 'string') texts.add(fold(leaf));
    else if (typeof leaf === 'number' || typeof leaf === 'boolean') texts.add(String(leaf));
  }
  return [...texts];
}

function numberOf(leaf: unknown): number | null {
  const numeric = typeof leaf === 'string' && /^\s*[-+]?\d+(\.\d+)?([eE][-+]?\d+)?\s*$/.test(leaf);
  const number = numeric ? Number(leaf) : leaf;
  return typeof number === 'number' && Math.abs(number) <= MAX_NUMBER ? number : null;
}

/** Every combination of one value per column, the first column slowest; one empty combination for no column. */
function tuples(
  columns: readonly (readonly string[])[],
  limit: number,
): { list: readonly (readonly string[])[]; truncated: boolean } {
  let list: string[][] = [[]];
  let truncated = false;
  for (const column of columns) {
    const next: string[][] = [];
    for (const tuple of list) {
      for (const value of column) if (next.length < limit) next.push([...tuple, value]);
    }
    truncated ||= next.length < list.length * column.length;
    list = next;
  }
  return { list, truncated };
}

interface PlaceFields {
  readonly latitude: string;
  readonly longitude: string;
  readonly same: readonly string[];
}

/** Null without two numbers in range. 0, 0 lies in the sea and is what a failed lookup gives. */
function placeOf(event: object, fields: PlaceFields): Place | null {
  const latitude = degreesAt(event, fields.latitude, 90);
  const longitude = degreesAt(event, fields.longitude, 180);
  if (latitude === null || longitude === null || (latitude === 0 && longitude === 0)) return null;
  const same = fields.same.map((field) => textsAt(event, field)[0] ?? null);
  return { latitude, longitude, same };
}

function degreesAt(event: object, field: string, most: number): number | null {
  for (const leaf of readPath(event, field)) {
    const number = numberOf(leaf);
    if (number !== null && Math.abs(number) <= most) return number;
  }
  return null;
}
