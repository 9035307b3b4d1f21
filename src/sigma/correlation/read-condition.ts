import type { Node } from 'yaml';
import { isMap, isSeq } from 'yaml';
import type { Condition } from '../language/ast.ts';
import { isReservedName, parseCondition } from '../language/condition.ts';
import type { Entry } from '../language/document.ts';
import { toRuleScalar } from '../language/scalar.ts';
import type { Bound, CorrelationCondition, CorrelationType } from './model.ts';
import { OPERATORS } from './model.ts';
import type { CorrelationReader } from './read.ts';
import { readTextList, textOf } from './read.ts';
import { readNewTerms, readTravel } from './read-own-types.ts';

/** A condition and the references it stands on; the condition may be what names them. */
export interface ReadCondition {
  readonly condition: CorrelationCondition;
  readonly rules: readonly string[];
}

/** The `condition` map while it is read. */
export interface ConditionReader extends CorrelationReader {
  readonly parts: ReadonlyMap<string, Entry>;
  readonly conditionAt: Node;
}

/** Reads `condition` for a type; null = wrong, and reported. */
export function readCondition(
  own: CorrelationReader,
  type: CorrelationType,
  rules: readonly string[],
  timespanMs: number,
): ReadCondition | null {
  const { reader, entries, at } = own;
  const { document } = reader;
  const entry = entries.get('condition');
  const temporal = type === 'temporal' || type === 'temporal_ordered';
  if (entry !== undefined && !isMap(entry.value) && !isSeq(entry.value)) {
    if (temporal) return readExpression(own, entry, type, rules);
    return document.error(entry.keyNode, `a condition in words is for temporal types; ${type} needs a map`);
  }
  if (rules.length === 0) return document.error(at, 'the correlation has no rules');
  if (entry === undefined) {
    if (!temporal) return document.error(at, 'the correlation has no condition');
    return { condition: allOf(rules), rules };
  }
  if (!isMap(entry.value)) return document.error(entry.keyNode, 'condition must be a map or a text');
  const parts = new Map(document.entries(entry.value).map((part) => [part.key, part]));
  const map: ConditionReader = { ...own, parts, conditionAt: entry.keyNode };
  const condition = readMap(map, type, rules, timespanMs);
  return condition === null ? null : { condition, rules };
}

function readMap(
  map: ConditionReader,
  type: CorrelationType,
  rules: readonly string[],
  timespanMs: number,
): CorrelationCondition | null {
  if (type === 'new_terms') return readNewTerms(map, timespanMs);
  if (type === 'impossible_travel') return readTravel(map);
  return readThreshold(map, type, rules);
}

function allOf(rules: readonly string[]): CorrelationCondition {
  return {
    kind: 'threshold',
    bounds: [{ operator: 'gte', value: rules.length }],
    fields: [],
    percentile: null,
  };
}

function readThreshold(
  map: ConditionReader,
  type: CorrelationType,
  rules: readonly string[],
): CorrelationCondition | null {
  const { document } = map.reader;
  const valued = type.startsWith('value_');
  const allowed = [...OPERATORS, ...(valued ? ['field'] : [])];
  if (type === 'value_percentile') allowed.push('percentile');
  refuseParts(map, allowed, type);
  const bounds = readBounds(map);
  const fields = valued ? readFields(map, type) : [];
  const percentile = type === 'value_percentile' ? readPercentile(map) : 0;
  if (bounds === null || fields === null || percentile === null) return null;
  if (type === 'temporal_ordered') return readOrdered(map, bounds, rules.length);
  if (!isPossible(bounds)) document.lint(map.conditionAt, 'condition: no number is in this range');
  return { kind: 'threshold', bounds, fields, percentile: type === 'value_percentile' ? percentile : null };
}

/** Ordered rules can only be demanded, all or at least so many of them. */
function readOrdered(
  map: ConditionReader,
  bounds: readonly Bound[],
  most: number,
): CorrelationCondition | null {
  const value = atLeast(bounds);
  if (value === null || value > most || value < 1) {
    const message = `an ordered condition says how many rules must follow each other: gte 1 to ${most}`;
    return map.reader.document.error(map.conditionAt, message);
  }
  return { kind: 'threshold', bounds: [{ operator: 'gte', value }], fields: [], percentile: null };
}

/** `gte n` and `gt n - 1` as n; null for anything else. */
function atLeast(bounds: readonly Bound[]): number | null {
  const [bound] = bounds;
  if (bound === undefined || bounds.length > 1) return null;
  if (bound.operator === 'gte') return Math.ceil(bound.value);
  return bound.operator === 'gt' ? Math.floor(bound.value) + 1 : null;
}

function isPossible(bounds: readonly Bound[]): boolean {
  const low = bounds.find(({ operator }) => operator === 'gt' || operator === 'gte');
  const high = bounds.find(({ operator }) => operator === 'lt' || operator === 'lte');
  if (low === undefined || high === undefined) return true;
  if (low.value !== high.value) return low.value < high.value;
  return low.operator === 'gte' && high.operator === 'lte';
}

/** Reports the keys of the condition that its type does not have. */
export function refuseParts(map: ConditionReader, allowed: readonly string[], type: string): void {
  for (const { key, keyNode } of map.parts.values()) {
    if (allowed.includes(key)) continue;
    const known = allowed.join(', ');
    map.reader.document.error(keyNode, `condition.${key} is not a key of ${type}; it has ${known}`);
  }
}

function readBounds(map: ConditionReader): Bound[] | null {
  const { document } = map.reader;
  const bounds: Bound[] = [];
  let wrong = false;
  for (const operator of OPERATORS) {
    const part = map.parts.get(operator);
    if (part === undefined) continue;
    const value = readNumber(map, part);
    if (value === null) wrong = true;
    else bounds.push({ operator, value });
  }
  if (wrong) return null;
  if (bounds.length === 0) {
    return document.error(map.conditionAt, `condition needs one of ${OPERATORS.join(', ')}`);
  }
  if (bounds.length > 2) return document.error(map.conditionAt, 'condition has more than two operators');
  return bounds;
}

/** The number of a part of the condition; null = none, and reported. */
export function readNumber(map: ConditionReader, part: Entry): number | null {
  const scalar = toRuleScalar(part.value);
  if (scalar?.kind === 'number') return scalar.value;
  return map.reader.document.error(part.keyNode, `condition.${part.key} must be a number`);
}

function readFields(map: ConditionReader, type: CorrelationType): string[] | null {
  const { document } = map.reader;
  const part = map.parts.get('field');
  if (part === undefined) return document.error(map.conditionAt, `${type} needs condition.field`);
  if (!isSeq(part.value)) {
    const text = textOf(part.value);
    if (text !== null && text !== '') return [text];
    return document.error(part.keyNode, 'condition.field must be a text');
  }
  if (type !== 'value_count') {
    return document.error(part.keyNode, `condition.field of ${type} must be one text`);
  }
  const fields = readTextList(map.reader, part, 'condition.field');
  if (fields?.length === 0) return document.error(part.keyNode, 'condition.field is empty');
  return fields;
}

function readPercentile(map: ConditionReader): number | null {
  const { document } = map.reader;
  const part = map.parts.get('percentile');
  if (part === undefined) return document.error(map.conditionAt, 'value_percentile needs percentile');
  const value = readNumber(map, part);
  if (value === null || (value >= 0 && value <= 100)) return value;
  return document.error(part.keyNode, 'condition.percentile must be between 0 and 100');
}

/** `a and (b or not c)` over references. Without `rules`, the names in it are the references. */
function readExpression(
  own: CorrelationReader,
  entry: Entry,
  type: CorrelationType,
  listed: readonly string[],
): ReadCondition | null {
  const { document } = own.reader;
  const text = textOf(entry.value) ?? '';
  const names = listed.length > 0 ? listed : namesIn(text);
  const parsed = parseCondition(text, names);
  if (typeof parsed === 'string') {
    return document.error(entry.keyNode, `condition: ${parsed.replaceAll('selection', 'rule')}`);
  }
  for (const lint of parsed.lints) document.lint(entry.keyNode, `condition: ${lint}`);
  for (const name of names) {
    if (!parsed.used.has(name)) document.lint(entry.keyNode, `condition: rule '${name}' is never used`);
  }
  if (type === 'temporal') {
    return { condition: { kind: 'expression', expression: parsed.condition }, rules: names };
  }
  const steps = toSteps(parsed.condition);
  if (steps === null || new Set(steps).size < steps.length) {
    const message = "an ordered condition joins each rule once, by 'and' alone: 'a and b and c'";
    return document.error(entry.keyNode, `condition: ${message}`);
  }
  return { condition: allOf(steps), rules: steps };
}

function namesIn(text: string): string[] {
  const words = text.match(/[A-Za-z0-9_-]+/g) ?? [];
  return [...new Set(words.filter((word) => !isReservedName(word)))];
}

/** The names of a conjunction as written; null for anything else. */
function toSteps(condition: Condition): string[] | null {
  if (condition.kind === 'selection') return [condition.name];
  if (condition.kind !== 'and') return null;
  const steps: string[] = [];
  for (const part of condition.of) {
    const inside = toSteps(part);
    if (inside === null) return null;
    steps.push(...inside);
  }
  return steps;
}
