import type { Node } from 'yaml';
import { isMap, isScalar, isSeq } from 'yaml';
import type { Condition, Detection, Selection } from './ast.ts';
import { isReservedName, parseCondition } from './condition.ts';
import type { Entry, SourceDocument } from './document.ts';
import { buildItem } from './modifiers.ts';
import type { RuleScalar } from './scalar.ts';
import { toRuleScalar } from './scalar.ts';

/** Reads the `detection` map. What is wrong is reported to the document; null = it cannot be used. */
export function readDetection(document: SourceDocument, node: Node, key: Node): Detection | null {
  if (!isMap(node)) return document.error(key, 'detection must be a map of selections and a condition');
  const entries = document.entries(node);
  const conditionEntry = entries.find((entry) => entry.key === 'condition');
  const selections = new Map<string, Selection>();
  for (const entry of entries) {
    if (entry !== conditionEntry) readNamed(document, entry, selections);
  }
  const names = entries.filter((entry) => entry !== conditionEntry).map((entry) => entry.key);
  if (names.length === 0) document.error(key, 'detection has no selection');
  if (conditionEntry === undefined) return document.error(key, 'detection has no condition');
  const condition = readConditions(document, conditionEntry, names, entries);
  return condition === null ? null : { selections, condition };
}

/** Adds one named selection, or reports why it is none. */
function readNamed(document: SourceDocument, entry: Entry, selections: Map<string, Selection>): null {
  const { key, keyNode, value } = entry;
  if (key === 'timeframe') {
    return document.error(
      keyNode,
      "'timeframe' is no longer part of a detection; use a correlation document",
    );
  }
  if (!/^[A-Za-z0-9_-]+$/.test(key)) {
    return document.error(
      keyNode,
      `selection '${key}' cannot be named in a condition; use letters, digits, _ and -`,
    );
  }
  if (isReservedName(key))
    return document.error(keyNode, `'${key}' is an operator and cannot name a selection`);
  const selection = readSelection(document, value, keyNode);
  if (selection !== null) selections.set(key, selection);
  return null;
}

function readSelection(document: SourceDocument, node: Node, at: Node): Selection | null {
  if (isMap(node)) return readMap(document, node, at);
  if (isSeq(node)) return readList(document, node, at);
  return readKeywords(document, [node], at);
}

/** A map: every item must hold. */
function readMap(document: SourceDocument, node: Node, at: Node): Selection | null {
  const entries = document.entries(node);
  if (entries.length === 0) return document.error(at, 'the selection is empty');
  const items = entries.map((entry) => readItem(document, entry)).filter((item) => item !== null);
  const [first] = items;
  if (first === undefined) return null;
  return items.length === 1 ? first : { kind: 'all', of: items };
}

/** A list: one entry must hold. Its scalars are keywords, taken together. */
function readList(document: SourceDocument, node: Node, at: Node): Selection | null {
  const members = document.members(node);
  if (members.length === 0) return document.error(at, 'the selection is empty');
  const scalars = members.filter(isScalar);
  const others = members.filter((member) => !isScalar(member));
  const of = others.map((member) => readSelection(document, member, member));
  if (scalars.length > 0) of.unshift(readKeywords(document, scalars, scalars[0] as Node));
  const read = of.filter((selection) => selection !== null);
  return read.length === 1 ? (read[0] as Selection) : { kind: 'any', of: read };
}

function readKeywords(document: SourceDocument, nodes: readonly Node[], at: Node): Selection | null {
  return readValues(document, null, [], nodes, at);
}

function readItem(document: SourceDocument, entry: Entry): Selection | null {
  const [field = '', ...modifiers] = entry.key.split('|');
  if (field === '' && modifiers.length === 0) return document.error(entry.keyNode, 'the field has no name');
  const { value } = entry;
  if (isMap(value)) {
    return document.error(entry.keyNode, `'${entry.key}' must be a value or a list of values`);
  }
  const nodes = isSeq(value) ? document.members(value) : [value];
  return readValues(document, field === '' ? null : field, modifiers, nodes, entry.keyNode);
}

function readValues(
  document: SourceDocument,
  field: string | null,
  modifiers: readonly string[],
  nodes: readonly Node[],
  at: Node,
): Selection | null {
  const scalars: RuleScalar[] = [];
  for (const node of nodes) {
    const scalar = toRuleScalar(node);
    if (scalar === null) return document.error(node, 'a list of values holds only plain values');
    scalars.push(scalar);
  }
  const { item, problems } = buildItem(field, modifiers, scalars);
  for (const { message, severity } of problems)
    document[severity](at, `${label(field, modifiers)}: ${message}`);
  return { kind: 'item', item };
}

function label(field: string | null, modifiers: readonly string[]): string {
  return field === null && modifiers.length === 0 ? 'keywords' : [field ?? '', ...modifiers].join('|');
}

/** A list of conditions: one must hold. */
function readConditions(
  document: SourceDocument,
  entry: Entry,
  names: readonly string[],
  entries: readonly Entry[],
): Condition | null {
  const nodes = isSeq(entry.value) ? document.members(entry.value) : [entry.value];
  if (nodes.length === 0) return document.error(entry.keyNode, 'the condition is empty');
  const used = new Set<string>();
  const conditions: Condition[] = [];
  for (const node of nodes) {
    const parsed = parseCondition(conditionText(node), names);
    if (typeof parsed === 'string') document.error(node, `condition: ${parsed}`);
    else {
      conditions.push(parsed.condition);
      parsed.used.forEach((name) => used.add(name));
      parsed.lints.forEach((lint) => document.lint(node, `condition: ${lint}`));
    }
  }
  if (conditions.length < nodes.length) return null;
  for (const { key, keyNode } of entries) {
    if (names.includes(key) && !used.has(key)) document.lint(keyNode, `selection '${key}' is never used`);
  }
  return conditions.length === 1 ? (conditions[0] as Condition) : { kind: 'or', of: conditions };
}

function conditionText(node: Node): string {
  const scalar = toRuleScalar(node);
  if (scalar === null || scalar.kind === 'null') return '';
  return scalar.kind === 'text' ? scalar.text : scalar.source;
}
