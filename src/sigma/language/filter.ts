import type { Node } from 'yaml';
import { isMap, isScalar } from 'yaml';
import type { Detection } from './ast.ts';
import { placeOf, readSelections } from './detection.ts';
import type { DocumentHead, LogSource, Reader } from './head.ts';
import { keyOf, readLogSource } from './head.ts';
import { parseTimestamp } from './time-part.ts';

/** A filter document: a condition that is joined to the rules it names with `and`. */
export interface SigmaFilter extends DocumentHead {
  readonly kind: 'filter';
  /** Null: every log source. A filter belongs to a rule when all the parts it names are the rule's. */
  readonly logsource: LogSource | null;
  /** Ids or names of rules, as written; `any` = every rule of the log source. */
  readonly rules: readonly string[] | 'any';
  readonly detection: Detection;
  readonly scope: FilterScope;
}

/** The `tenantwatch` map of a filter. */
export interface FilterScope {
  readonly owner: string | null;
  readonly reason: string | null;
  readonly ticket: string | null;
  /** UTC epoch in ms; events from then on are not filtered. A date without a time is its first instant. */
  readonly expiresMs: number | null;
  /** Ids or names of tenants, as written; null = all tenants. */
  readonly tenants: readonly string[] | null;
}

const SCOPE_KEYS = ['owner', 'reason', 'ticket', 'expires', 'tenants'];

/** Reads a filter document. What is wrong is reported; null = it cannot be used. */
export function readFilter(reader: Reader, head: DocumentHead): SigmaFilter | null {
  const { document, keys } = reader;
  const at = keyOf(reader, 'filter');
  const body = keys.get('filter')?.value ?? null;
  if (keys.has('detection'))
    document.error(
      keyOf(reader, 'detection'),
      'a filter has no detection; its selections stand under filter',
    );
  if (!isMap(body)) return document.error(at, 'filter must be a map of rules, selections and a condition');
  const entries = document.entries(body);
  const logsource = readLogSource(reader);
  if (!keys.has('logsource')) document.lint(at, 'the filter has no logsource and belongs to every one');
  const rules = readRuleNames(reader, at);
  const scope = readScope(reader);
  const condition = entries.find((entry) => entry.key === 'condition');
  if (condition !== undefined && !isScalar(condition.value))
    return document.error(condition.keyNode, 'the condition of a filter is one text, not a list');
  const own = entries.filter((entry) => entry.key !== 'rules');
  const detection = readSelections(placeOf(reader), own, at, 'filter');
  if (rules === null || detection === null) return null;
  return { ...head, kind: 'filter', logsource, rules, detection, scope };
}

/** `any`, a name, or a list of names; an empty list means `any`, as in pySigma. */
function readRuleNames(reader: Reader, at: Node): readonly string[] | 'any' | null {
  const { document } = reader;
  const filter = reader.plain['filter'] as Record<string, unknown>;
  const entry = document.entries(reader.keys.get('filter')?.value ?? null).find(({ key }) => key === 'rules');
  if (entry === undefined)
    return document.error(at, "filter has no rules; write 'any' for all of its log source");
  const { rules } = filter;
  if (rules === 'any') return 'any';
  if (isNames(rules) && !rules.includes('any')) return rules;
  if (typeof rules === 'string' && rules !== '') return [rules];
  if (isNames(rules)) document.lint(entry.keyNode, "'any' in a list means every rule; write rules: any");
  else if (Array.isArray(rules) && rules.length === 0)
    document.lint(entry.keyNode, "an empty list of rules means 'any'; write that");
  else return document.error(entry.keyNode, "filter.rules must be 'any' or a list of ids or names in quotes");
  return 'any';
}

/** One key of the `tenantwatch` map, and where to show what is wrong with it. */
interface ScopeKey {
  readonly value: unknown;
  readonly refuse: (reason: string) => null;
}

function readScope(reader: Reader): FilterScope {
  const { document, keys, plain } = reader;
  const entry = keys.get('tenantwatch');
  if (entry !== undefined && !isMap(entry.value)) document.error(entry.keyNode, 'tenantwatch must be a map');
  const entries = document.entries(entry?.value ?? null);
  for (const { key, keyNode } of entries) {
    if (!SCOPE_KEYS.includes(key))
      document.error(
        keyNode,
        `tenantwatch.${key} is not a key of a filter; known are ${SCOPE_KEYS.join(', ')}`,
      );
  }
  const custom = entries.length > 0 ? (plain['tenantwatch'] as Record<string, unknown>) : {};
  const read = (key: string): ScopeKey => ({
    value: Object.hasOwn(custom, key) ? custom[key] : null,
    refuse: (reason) =>
      document.error(entries.find((one) => one.key === key)?.keyNode ?? null, `tenantwatch.${key} ${reason}`),
  });
  return {
    owner: readScopeText(read('owner')),
    reason: readScopeText(read('reason')),
    ticket: readScopeText(read('ticket')),
    expiresMs: readExpiry(read('expires')),
    tenants: readTenants(read('tenants')),
  };
}

function readScopeText({ value, refuse }: ScopeKey): string | null {
  if (value === null || (typeof value === 'string' && value !== '')) return value;
  return refuse('must be a text; put it in quotes');
}

function readExpiry(key: ScopeKey): number | null {
  const text = readScopeText(key);
  if (text === null) return null;
  return parseTimestamp(text) ?? key.refuse(`'${text}' is no ISO 8601 date or time`);
}

function readTenants({ value, refuse }: ScopeKey): readonly string[] | null {
  return value === null || isNames(value) ? value : refuse('must be a list of ids or names, at least one');
}

function isNames(value: unknown): value is string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one !== '')
  );
}
