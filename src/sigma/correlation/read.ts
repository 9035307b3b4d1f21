import type { Node } from 'yaml';
import { isMap, isSeq } from 'yaml';
import type { Entry } from '../language/document.ts';
import { MAX_FIELD_NAME, TOO_LONG } from '../language/field-name.ts';
import type { DocumentHead, Reader } from '../language/head.ts';
import { keyOf } from '../language/head.ts';
import { toRuleScalar } from '../language/scalar.ts';
import type { CorrelationCondition, CorrelationType, SigmaCorrelation } from './model.ts';
import { CORRELATION_TYPES } from './model.ts';
import { readCondition } from './read-condition.ts';
import { parseTimespan } from './timespan.ts';

const KEYS: readonly string[] = ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate'];

/** More than any correlation in use; bounds the work of each event. */
const MAX_RULES = 100;

/** The `correlation` map while it is read. */
export interface CorrelationReader {
  readonly reader: Reader;
  readonly entries: ReadonlyMap<string, Entry>;
  /** Where a problem of the whole map is shown. */
  readonly at: Node;
}

/** Reads a correlation document. What is wrong is reported with its place; null = it cannot be used. */
export function readCorrelation(reader: Reader, head: DocumentHead): SigmaCorrelation | null {
  const { document, keys } = reader;
  const at = keyOf(reader, 'correlation');
  const node = keys.get('correlation')?.value ?? null;
  if (!isMap(node)) return document.error(at, 'correlation must be a map');
  const entries = new Map(document.entries(node).map((entry) => [entry.key, entry]));
  const own: CorrelationReader = { reader, entries, at };
  refuseKeys(own);
  const type = readType(own);
  const timespanMs = readTimespan(own);
  const listed = readRules(own);
  const groupBy = readGroupBy(own);
  const aliases = readAliases(own, groupBy);
  const generate = readGenerate(own);
  if (type === null || timespanMs === null || listed === null) return null;
  const read = readCondition(own, type, listed, timespanMs);
  if (read === null) return null;
  const { condition, rules } = read;
  const names = [
    ...groupBy,
    ...[...aliases.values()].flatMap((one) => [...one.values()]),
    ...fieldsOf(condition),
  ];
  if (names.some((name) => name.length > MAX_FIELD_NAME)) return document.error(at, TOO_LONG);
  return { ...head, kind: 'correlation', type, rules, groupBy, timespanMs, aliases, condition, generate };
}

function fieldsOf(condition: CorrelationCondition): readonly string[] {
  if (condition.kind === 'expression') return [];
  if (condition.kind === 'travel') return [condition.latitude, condition.longitude, ...condition.same];
  return condition.fields;
}

function refuseKeys({ reader, entries }: CorrelationReader): void {
  const { document, keys } = reader;
  for (const { key, keyNode } of entries.values()) {
    if (KEYS.includes(key)) continue;
    const hint = key === 'group_by' ? "; write 'group-by'" : '';
    document.error(keyNode, `correlation.${key} is not a key of a correlation${hint}`);
  }
  const detection = keys.get('detection');
  if (detection !== undefined) {
    document.error(detection.keyNode, 'a document has a detection or a correlation, not both; split it');
  }
  const logsource = keys.get('logsource');
  if (logsource !== undefined) {
    document.lint(logsource.keyNode, 'a correlation has no logsource of its own; its rules have');
  }
}

function readType({ reader, entries, at }: CorrelationReader): CorrelationType | null {
  const entry = entries.get('type');
  if (entry === undefined) return reader.document.error(at, 'the correlation has no type');
  const text = textOf(entry.value);
  const type = CORRELATION_TYPES.find((known) => known === text);
  if (type !== undefined) return type;
  const known = CORRELATION_TYPES.join(', ');
  return reader.document.error(entry.keyNode, `correlation type '${text ?? ''}' is not one of ${known}`);
}

function readTimespan({ reader, entries, at }: CorrelationReader): number | null {
  const entry = entries.get('timespan');
  if (entry === undefined) return reader.document.error(at, 'the correlation has no timespan');
  const text = textOf(entry.value);
  const ms = text === null ? null : parseTimespan(text);
  if (ms !== null) return ms;
  return reader.document.error(
    entry.keyNode,
    `timespan '${text ?? ''}' is not a whole number above 0 and one of s, m, h, d, w, M, y`,
  );
}

/** The references as written; empty where there is no `rules`. Null: reported. */
function readRules({ reader, entries }: CorrelationReader): string[] | null {
  const entry = entries.get('rules');
  if (entry === undefined) return [];
  const { document } = reader;
  const texts = readTextList(reader, entry, 'rules');
  if (texts === null) return null;
  if (texts.length === 0) return document.error(entry.keyNode, 'rules is empty');
  if (texts.length > MAX_RULES) return document.error(entry.keyNode, `rules names more than ${MAX_RULES}`);
  return distinct(reader, entry, texts);
}

function readGroupBy({ reader, entries }: CorrelationReader): string[] {
  const entry = entries.get('group-by');
  if (entry === undefined) return [];
  return distinct(reader, entry, readTextList(reader, entry, 'group-by') ?? []);
}

function distinct(reader: Reader, entry: Entry, texts: readonly string[]): string[] {
  const unique = [...new Set(texts)];
  if (unique.length < texts.length) reader.document.lint(entry.keyNode, `${entry.key} names one thing twice`);
  return unique;
}

function readGenerate({ reader, entries }: CorrelationReader): boolean {
  // The specification's schema has it at the top, pySigma inside.
  const entry = entries.get('generate') ?? reader.keys.get('generate');
  if (entry === undefined) return false;
  const scalar = toRuleScalar(entry.value);
  if (scalar?.kind === 'boolean') return scalar.value;
  reader.document.error(entry.keyNode, 'generate must be true or false');
  return false;
}

function readAliases(own: CorrelationReader, groupBy: readonly string[]): Map<string, Map<string, string>> {
  const { reader, entries } = own;
  const { document } = reader;
  const aliases = new Map<string, Map<string, string>>();
  const entry = entries.get('aliases');
  if (entry === undefined) return aliases;
  if (!isMap(entry.value)) {
    document.error(entry.keyNode, 'aliases must be a map of names to maps of rules and fields');
    return aliases;
  }
  for (const alias of document.entries(entry.value)) {
    if (!groupBy.includes(alias.key)) {
      document.lint(alias.keyNode, `alias '${alias.key}' is not used in group-by`);
    }
    aliases.set(alias.key, readAlias(reader, alias));
  }
  return aliases;
}

function readAlias(reader: Reader, alias: Entry): Map<string, string> {
  const fields = new Map<string, string>();
  const parts = reader.document.entries(alias.value);
  if (!isMap(alias.value) || parts.length === 0) {
    reader.document.error(alias.keyNode, `alias '${alias.key}' must be a map of rules and fields`);
  }
  for (const { key, keyNode, value } of parts) {
    const field = textOf(value);
    if (field === null || field === '') {
      reader.document.error(keyNode, `alias '${alias.key}': the field of '${key}' must be a text`);
    } else fields.set(key, field);
  }
  return fields;
}

/** A list of texts, or one text (lint). Null: reported. */
export function readTextList(reader: Reader, entry: Entry, name: string): string[] | null {
  const { document } = reader;
  if (!isSeq(entry.value)) {
    const only = textOf(entry.value);
    if (only === null || only === '') {
      return document.error(entry.keyNode, `${name} must be a list of texts`);
    }
    document.lint(entry.keyNode, `${name} should be a list`);
    return [only];
  }
  const texts: string[] = [];
  for (const member of document.members(entry.value)) {
    const text = textOf(member);
    if (text === null || text === '') return document.error(member, `${name} must be a list of texts`);
    texts.push(text);
  }
  return texts;
}

/** The text of a scalar as written; a name made of digits is a name. Null for what is no scalar, and for null. */
export function textOf(node: Node): string | null {
  const scalar = toRuleScalar(node);
  if (scalar === null || scalar.kind === 'null') return null;
  return scalar.kind === 'text' ? scalar.text : scalar.source;
}
