import type { Node } from 'yaml';
import { isMap, isScalar, isSeq } from 'yaml';
import type { Condition, Detection, Selection } from './ast.ts';
import { isReservedName, MAX_NAMED, parseCondition } from './condition.ts';
import type { Entry, SourceDocument } from './document.ts';
import { BRACKETS, MAX_FIELD_NAME, parseFieldName, TOO_LONG } from './field-name.ts';
import type { Reader } from './head.ts';
import { readVersion } from './head.ts';
import type { ItemPlace } from './modifiers.ts';
import { buildItem } from './modifiers.ts';
import type { RuleScalar } from './scalar.ts';
import { toRuleScalar } from './scalar.ts';

/** Where a detection stands, while it is read. */
export interface DetectionPlace {
  readonly document: SourceDocument;
  /** `sigma-version: 3`: brackets in field names mean something. */
  readonly arrays: boolean;
  /** Bodies of `field[any]` around it; within one `.` is the element. */
  readonly elements: number;
}

export function placeOf(reader: Reader): DetectionPlace {
  const { document, plain } = reader;
  return { document, arrays: readVersion(plain['sigma-version']) === 3, elements: 0 };
}

/** More selections than any rule in use has. */
const MAX_SELECTIONS = 1000;
/** Conditions in a list, of which one must hold. */
const MAX_CONDITIONS = 100;
/** Arrays within arrays; more than any record has, and the matcher's stack holds a hundred levels for each. */
const MAX_ELEMENTS = 10;

/** Names the one selection of an element body that is written without names. */
const BODY = 'element';

/** Reads the `detection` map. What is wrong is reported to the document; null = it cannot be used. */
export function readDetection(place: DetectionPlace, node: Node, key: Node): Detection | null {
  const { document } = place;
  if (!isMap(node)) return document.error(key, 'detection must be a map of selections and a condition');
  return readSelections(place, document.entries(node), key, 'detection');
}

/** Reads named selections and the condition over them; `what` they are part of is for messages. */
export function readSelections(
  place: DetectionPlace,
  entries: readonly Entry[],
  key: Node,
  what: string,
): Detection | null {
  const { document } = place;
  if (entries.length > MAX_SELECTIONS + 1)
    return document.error(key, `${what} has more than ${MAX_SELECTIONS} selections`);
  const conditionEntry = entries.find((entry) => entry.key === 'condition');
  const selections = new Map<string, Selection>();
  for (const entry of entries) {
    if (entry !== conditionEntry) readNamed(place, entry, selections);
  }
  const names = entries.filter((entry) => entry !== conditionEntry).map((entry) => entry.key);
  if (names.length === 0) document.error(key, `${what} has no selection`);
  if (conditionEntry === undefined) return document.error(key, `${what} has no condition`);
  const condition = readConditions(document, conditionEntry, names, entries);
  return condition === null ? null : { selections, condition };
}

/** Adds one named selection, or reports why it is none. */
function readNamed(place: DetectionPlace, entry: Entry, selections: Map<string, Selection>): null {
  const { document } = place;
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
  if (key === 'them') document.lint(keyNode, "'them' stands for all selections; give this one another name");
  const selection = readSelection(place, value, keyNode);
  if (selection !== null) selections.set(key, selection);
  return null;
}

function readSelection(place: DetectionPlace, node: Node, at: Node): Selection | null {
  if (isMap(node)) return readMap(place, node, at);
  if (isSeq(node)) return readList(place, node, at);
  return readValues(place, KEYWORDS, [node], at);
}

/** A map: every item must hold. */
function readMap(place: DetectionPlace, node: Node, at: Node): Selection | null {
  const { document } = place;
  const entries = document.entries(node);
  if (entries.length === 0) return document.error(at, 'the selection is empty');
  const items = entries.map((entry) => readItem(place, entry)).filter((item) => item !== null);
  const [first] = items;
  if (first === undefined) return null;
  return items.length === 1 ? first : { kind: 'all', of: items };
}

/** A list: one entry must hold. Its scalars are keywords, taken together. */
function readList(place: DetectionPlace, node: Node, at: Node): Selection | null {
  const { document } = place;
  const members = document.members(node);
  if (members.length === 0) return document.error(at, 'the selection is empty');
  const scalars = members.filter(isScalar);
  const others = members.filter((member) => !isScalar(member));
  const of = others.map((member) => readSelection(place, member, member));
  if (scalars.length > 0) of.unshift(readValues(place, KEYWORDS, scalars, scalars[0] as Node));
  const read = of.filter((selection) => selection !== null);
  return read.length === 1 ? (read[0] as Selection) : { kind: 'any', of: read };
}

/** What stands before the values of an item. */
interface ItemKey extends ItemPlace {
  readonly field: string | null;
  readonly modifiers: readonly string[];
}

const KEYWORDS: ItemKey = { field: null, modifiers: [] };

function readItem(place: DetectionPlace, entry: Entry): Selection | null {
  const { document } = place;
  const [field = '', ...modifiers] = entry.key.split('|');
  if (field === '' && modifiers.length === 0) return document.error(entry.keyNode, 'the field has no name');
  if (field.length > MAX_FIELD_NAME) return document.error(entry.keyNode, TOO_LONG);
  if (place.arrays && field !== '') return readField(place, entry, field, modifiers);
  if (BRACKETS.test(field))
    document.lint(entry.keyNode, `'${field}': without sigma-version: 3 the brackets are part of the name`);
  return readPlain(place, entry, { field: field === '' ? null : field, modifiers });
}

function readPlain(place: DetectionPlace, entry: Entry, key: ItemKey): Selection | null {
  const { keyNode, value } = entry;
  if (isMap(value))
    return place.document.error(keyNode, `'${entry.key}' must be a value or a list of values`);
  const nodes = isSeq(value) ? place.document.members(value) : [value];
  return readValues(place, key, nodes, keyNode);
}

/** An item whose field name may hold indexes, quantifiers and escapes. */
function readField(
  place: DetectionPlace,
  entry: Entry,
  field: string,
  modifiers: readonly string[],
): Selection | null {
  const { document } = place;
  const name = parseFieldName(field);
  if (typeof name === 'string') return document.error(entry.keyNode, `field '${field}': ${name}`);
  const steps = name.steps ?? undefined;
  if ((field === '.' || field.startsWith('.[')) && place.elements === 0)
    return document.error(entry.keyNode, `field '${field}': '.' is an element and belongs into its body`);
  if (name.quantifier === null) {
    const known = steps === undefined ? {} : { steps };
    return readPlain(place, entry, { field, modifiers, arrays: true, ...known });
  }
  if (place.elements >= MAX_ELEMENTS)
    return document.error(entry.keyNode, `more than ${MAX_ELEMENTS} arrays within arrays`);
  const inside = { ...place, elements: place.elements + 1 };
  const body =
    name.rest === null
      ? readBody(inside, entry, modifiers)
      : toBody(readField(inside, entry, name.rest, modifiers));
  if (body === null) return null;
  return { kind: 'elements', field, steps: steps ?? [], quantifier: name.quantifier, body };
}

/** What must hold of an element: a map, a list of maps, named selections with a condition, or values of it itself. */
function readBody(place: DetectionPlace, entry: Entry, modifiers: readonly string[]): Detection | null {
  const { document } = place;
  const { keyNode, value } = entry;
  const maps = isMap(value) || (isSeq(value) && document.members(value).some(isMap));
  if (!maps) return toBody(readPlain(place, entry, { field: '.', modifiers, steps: [], arrays: true }));
  if (modifiers.length > 0)
    return document.error(keyNode, `'${entry.key}': a modifier needs a value, not a map`);
  const entries = document.entries(value);
  const named = entries.some(({ key }) => key === 'condition');
  return named
    ? readSelections(place, entries, keyNode, `'${entry.key}'`)
    : toBody(readSelection(place, value, keyNode));
}

function toBody(selection: Selection | null): Detection | null {
  if (selection === null) return null;
  return { selections: new Map([[BODY, selection]]), condition: { kind: 'selection', name: BODY } };
}

function readValues(place: DetectionPlace, key: ItemKey, nodes: readonly Node[], at: Node): Selection | null {
  const { document } = place;
  const { field, modifiers } = key;
  const scalars: RuleScalar[] = [];
  for (const node of nodes) {
    const scalar = toRuleScalar(node);
    if (scalar === null) return document.error(node, 'a list of values holds only plain values');
    scalars.push(scalar);
  }
  const { item, problems } = buildItem(field, modifiers, scalars, key);
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
  if (nodes.length > MAX_CONDITIONS)
    return document.error(entry.keyNode, `there are more than ${MAX_CONDITIONS} conditions`);
  const used = new Set<string>();
  const conditions: Condition[] = [];
  const room = { names: MAX_NAMED };
  for (const node of nodes) {
    const parsed = parseCondition(conditionText(node), names, room);
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
