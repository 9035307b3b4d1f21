import { isSeq } from 'yaml';
import type { NewTermsCondition, TravelCondition } from './model.ts';
import type { ConditionReader } from './read-condition.ts';
import { readNumber, refuseParts } from './read-condition.ts';
import { readTextList, textOf } from './read.ts';
import { parseTimespan } from './timespan.ts';

/**
 * Shorter hops are within the error of geolocation by address, which often names the provider's city. Elastic's and
 * Datadog's published rules use the same distance.
 */
export const DEFAULT_MINIMUM_KM = 500;

/** Mach 0.85, the cruise of long-haul aircraft, is 907 km/h at 35,000 ft (ICAO standard atmosphere). */
export const DEFAULT_MINIMUM_KM_PER_HOUR = 900;

/** A week has each weekday once: the least that shows what a group usually does. */
export const DEFAULT_MINIMUM_BASELINE_MS = 7 * 86_400_000;

/** Reads the condition of `new_terms`: `{field: X | [X, Y], minimum_baseline?: 7d}`; null = wrong, and reported. */
export function readNewTerms(map: ConditionReader, timespanMs: number): NewTermsCondition | null {
  const { document } = map.reader;
  refuseParts(map, ['field', 'minimum_baseline'], 'new_terms');
  const part = map.parts.get('field');
  if (part === undefined) return document.error(map.conditionAt, 'new_terms needs condition.field');
  const fields = readOneOrMore(map, 'field');
  const minimumBaselineMs = readMinimumBaseline(map, timespanMs);
  if (fields === null || minimumBaselineMs === null) return null;
  if (fields.length === 0) return document.error(part.keyNode, 'condition.field is empty');
  return { kind: 'new_terms', fields, minimumBaselineMs };
}

function readMinimumBaseline(map: ConditionReader, timespanMs: number): number | null {
  const { document } = map.reader;
  const part = map.parts.get('minimum_baseline');
  if (part === undefined) return Math.min(DEFAULT_MINIMUM_BASELINE_MS, timespanMs);
  const text = textOf(part.value) ?? '';
  const ms = parseTimespan(text);
  if (ms === null) return document.error(part.keyNode, `condition.minimum_baseline '${text}' is no timespan`);
  if (ms <= timespanMs) return ms;
  return document.error(part.keyNode, 'condition.minimum_baseline is longer than the timespan, the baseline');
}

const TRAVEL_KEYS: readonly string[] = [
  'latitude',
  'longitude',
  'minimum_km',
  'minimum_kmh',
  'measure',
  'same',
];

/** Reads the condition of `impossible_travel`; null = wrong, and reported. */
export function readTravel(map: ConditionReader): TravelCondition | null {
  refuseParts(map, TRAVEL_KEYS, 'impossible_travel');
  const latitude = readFieldName(map, 'latitude');
  const longitude = readFieldName(map, 'longitude');
  const minimumKm = readPositive(map, 'minimum_km', DEFAULT_MINIMUM_KM);
  const minimumKmPerHour = readPositive(map, 'minimum_kmh', DEFAULT_MINIMUM_KM_PER_HOUR);
  const measure = readMeasure(map);
  const same = map.parts.has('same') ? readOneOrMore(map, 'same') : [];
  if (latitude === null || longitude === null || same === null || measure === null) return null;
  if (minimumKm === null || minimumKmPerHour === null) return null;
  return { kind: 'travel', latitude, longitude, minimumKm, minimumKmPerHour, measure, same };
}

function readFieldName(map: ConditionReader, key: string): string | null {
  const { document } = map.reader;
  const part = map.parts.get(key);
  if (part === undefined) return document.error(map.conditionAt, `impossible_travel needs condition.${key}`);
  const text = textOf(part.value);
  if (text !== null && text !== '') return text;
  return document.error(part.keyNode, `condition.${key} must name a field`);
}

function readPositive(map: ConditionReader, key: string, missing: number): number | null {
  const part = map.parts.get(key);
  if (part === undefined) return missing;
  const value = readNumber(map, part);
  if (value === null || value > 0) return value;
  return map.reader.document.error(part.keyNode, `condition.${key} must be above 0`);
}

function readMeasure(map: ConditionReader): 'bounding' | 'path' | null {
  const part = map.parts.get('measure');
  if (part === undefined) return 'bounding';
  const text = textOf(part.value);
  if (text === 'bounding' || text === 'path') return text;
  return map.reader.document.error(part.keyNode, 'condition.measure must be bounding or path');
}

/** One text or a list of them; null = wrong, and reported. */
function readOneOrMore(map: ConditionReader, key: string): string[] | null {
  const part = map.parts.get(key);
  if (part === undefined) return [];
  if (isSeq(part.value)) return readTextList(map.reader, part, `condition.${key}`);
  const text = textOf(part.value);
  if (text !== null && text !== '') return [text];
  return map.reader.document.error(part.keyNode, `condition.${key} must be a text or a list of texts`);
}
