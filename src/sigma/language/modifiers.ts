import type { Comparison, Item, PathStep, RegexValue, TimePart, Value } from './ast.ts';
import type { Draft, ModifierProblem } from './draft.ts';
import { hasField, isUncased, isUnshaped, mapTexts, note, refuse, refuseValue } from './draft.ts';
import { parseNetwork } from '../matching/network.ts';
import { parsePattern, widen } from './pattern.ts';
import { compileRegex } from '../regex/regex.ts';
import type { RuleScalar } from './scalar.ts';
import {
  makeBase64,
  makeBase64Offset,
  makeExpand,
  makeFieldReference,
  makeUtf16,
  makeWindash,
} from './text-modifiers.ts';
import { TIME_PARTS } from './time-part.ts';

export type { ModifierProblem } from './draft.ts';

type Modifier = (draft: Draft) => void;

/** Every modifier this engine has. A new one is a line here. */
const MODIFIERS: ReadonlyMap<string, Modifier> = new Map<string, Modifier>([
  ['contains', (draft) => widenAll(draft, 'contains', true, true)],
  ['startswith', (draft) => widenAll(draft, 'startswith', false, true)],
  ['endswith', (draft) => widenAll(draft, 'endswith', true, false)],
  ['all', linkAll],
  ['neq', (draft) => void (draft.negated = true)],
  ['cased', makeCased],
  ['re', makeRegex],
  ['i', (draft) => addFlag(draft, 'i')],
  ['m', (draft) => addFlag(draft, 'm')],
  ['s', (draft) => addFlag(draft, 's')],
  ['ignorecase', (draft) => addFlag(draft, 'i')],
  ['multiline', (draft) => addFlag(draft, 'm')],
  ['dotall', (draft) => addFlag(draft, 's')],
  ['cidr', makeNetworks],
  ['exists', makeExists],
  ['lt', (draft) => makeComparison(draft, 'lt')],
  ['lte', (draft) => makeComparison(draft, 'lte')],
  ['gt', (draft) => makeComparison(draft, 'gt')],
  ['gte', (draft) => makeComparison(draft, 'gte')],
  ['base64', makeBase64],
  ['base64offset', makeBase64Offset],
  ['wide', (draft) => makeUtf16(draft, 'wide', 'utf16le')],
  ['utf16le', (draft) => makeUtf16(draft, 'utf16le', 'utf16le')],
  ['utf16be', (draft) => makeUtf16(draft, 'utf16be', 'utf16be')],
  ['utf16', (draft) => makeUtf16(draft, 'utf16', 'utf16')],
  ['windash', makeWindash],
  ['fieldref', makeFieldReference],
  ['expand', makeExpand],
  ...[...TIME_PARTS.keys()].map((part): [string, Modifier] => [part, (draft) => makeTimeParts(draft, part)]),
]);

/** More than any that go together; encodings one after the other grow the text. */
const MAX_MODIFIERS = 10;

/** Where an item stands: the steps of its field, and whether brackets in field names mean something. */
export interface ItemPlace {
  readonly steps?: readonly PathStep[];
  readonly arrays?: boolean;
}

/** Builds the item that `field|modifiers: scalars` means, or says why it means nothing. */
export function buildItem(
  field: string | null,
  modifiers: readonly string[],
  scalars: readonly RuleScalar[],
  place: ItemPlace = {},
): { item: Item; problems: readonly ModifierProblem[] } {
  const draft: Draft = {
    field,
    scalars,
    applied: [],
    arrays: place.arrays === true,
    values: scalars.map(toPlainValue),
    link: 'or',
    negated: false,
    shaped: false,
    anchored: false,
    bytes: false,
    problems: [],
  };
  if (modifiers.length > MAX_MODIFIERS) refuse(draft, `there are more than ${MAX_MODIFIERS} modifiers`);
  for (const name of modifiers.slice(0, MAX_MODIFIERS)) {
    const apply = MODIFIERS.get(name);
    if (apply === undefined)
      refuse(draft, `unknown modifier '${name}'; known are ${[...MODIFIERS.keys()].join(', ')}`);
    else apply(draft);
    draft.applied.push(name);
  }
  finish(draft);
  const { link, negated, values } = draft;
  const substring = field === null && !draft.anchored;
  const steps = place.steps === undefined ? {} : { steps: place.steps };
  return { item: { field, ...steps, link, negated, substring, values }, problems: draft.problems };
}

function toPlainValue(scalar: RuleScalar): Value {
  switch (scalar.kind) {
    case 'text':
      return { kind: 'pattern', parts: parsePattern(scalar.text), cased: false };
    case 'number':
      return scalar;
    case 'boolean':
      return { kind: 'boolean', value: scalar.value };
    case 'null':
      return scalar;
  }
}

function widenAll(draft: Draft, name: string, before: boolean, after: boolean): void {
  draft.shaped = true;
  if (name !== 'contains') draft.anchored = true;
  if (draft.values.some((value) => value.kind === 'regex' || value.kind === 'fieldref')) {
    draft.values = draft.values.map((value) => {
      if (value.kind === 'regex') return widenRegex(value, before, after);
      if (value.kind !== 'fieldref') return value;
      return { ...value, before: value.before || before, after: value.after || after };
    });
    return;
  }
  mapTexts(draft, name, (pattern) => [{ ...pattern, parts: widen(pattern.parts, before, after) }]);
}

/** As pySigma: a search is open at both ends anyway, so this only says the same in longer words. */
function widenRegex(value: RegexValue, before: boolean, after: boolean): RegexValue {
  const { source } = value;
  const lead = before && !/^(?:\.\*|\^)/.test(source) ? '.*' : '';
  const tail = after && !/(?:\.\*|\$)$/.test(source) ? '.*' : '';
  return { ...value, source: `${lead}${source}${tail}` };
}

function linkAll(draft: Draft): void {
  draft.link = 'and';
  if (draft.scalars.length === 1) note(draft, "'all' with a single value changes nothing");
}

function makeCased(draft: Draft): void {
  draft.values = draft.values.map((value) => {
    if (value.kind === 'pattern' || value.kind === 'fieldref') return { ...value, cased: true };
    if (value.kind === 'alternatives')
      return { kind: 'alternatives', of: value.of.map((pattern) => ({ ...pattern, cased: true })) };
    if (value.kind === 'number' || value.kind === 'boolean' || value.kind === 'null') return value;
    return refuseValue(
      draft,
      value,
      "'cased' needs a text; a regular expression is case-sensitive without it",
    );
  });
}

function makeRegex(draft: Draft): void {
  if (!isUnshaped(draft, 're') || !isUncased(draft, 're')) return;
  draft.values = draft.scalars.map((scalar, i) => {
    if (scalar.kind === 'text') return { kind: 'regex', source: scalar.text, flags: '' };
    if (scalar.kind === 'number') return { kind: 'regex', source: scalar.source, flags: '' };
    return refuseValue(draft, draft.values[i] as Value, "'re' needs a regular expression");
  });
}

function addFlag(draft: Draft, flag: 'i' | 'm' | 's'): void {
  draft.values = draft.values.map((value) => {
    if (value.kind !== 'regex') return refuseValue(draft, value, `flag '${flag}' is only for 're'`);
    return { ...value, flags: [...'ims'].filter((f) => f === flag || value.flags.includes(f)).join('') };
  });
}

function makeNetworks(draft: Draft): void {
  if (!isUnshaped(draft, 'cidr') || !isUncased(draft, 'cidr')) return;
  draft.values = draft.scalars.map((scalar, i) => {
    const network = scalar.kind === 'text' ? parseNetwork(scalar.text) : "'cidr' needs a network in quotes";
    return typeof network === 'string' ? refuseValue(draft, draft.values[i] as Value, network) : network;
  });
}

function makeExists(draft: Draft): void {
  if (draft.applied.length > 0) return refuse(draft, "'exists' stands alone");
  draft.shaped = true;
  const [only] = draft.scalars;
  if (!hasField(draft, 'exists')) return;
  if (draft.scalars.length !== 1 || only?.kind !== 'boolean')
    return refuse(draft, "'exists' needs true or false");
  draft.values = [{ kind: 'exists', value: only.value }];
}

function makeComparison(draft: Draft, operator: Comparison): void {
  if (!hasField(draft, operator)) return;
  if (draft.values.every((value) => value.kind === 'time' && value.operator === 'eq')) {
    draft.values = draft.values.map((value) => (value.kind === 'time' ? { ...value, operator } : value));
    return;
  }
  if (!isUnshaped(draft, operator) || !isUncased(draft, operator)) return;
  draft.values = draft.scalars.map((scalar, i) => {
    if (scalar.kind === 'number') return { kind: 'compare', operator, value: scalar.value };
    return refuseValue(draft, draft.values[i] as Value, `'${operator}' needs a number`);
  });
}

function makeTimeParts(draft: Draft, part: TimePart): void {
  if (!hasField(draft, part) || !isUnshaped(draft, part) || !isUncased(draft, part)) return;
  const [least = 0, most = 0] = TIME_PARTS.get(part) ?? [];
  draft.values = draft.scalars.map((scalar, i) => {
    if (scalar.kind !== 'number')
      return refuseValue(draft, draft.values[i] as Value, `'${part}' needs a number without leading zeros`);
    const { value } = scalar;
    if (!Number.isInteger(value) || value < least || value > most)
      note(draft, `'${part}' is a whole number from ${least} to ${most}, never ${scalar.source}`);
    return { kind: 'time', part, operator: 'eq', value };
  });
}

/** What can only be told once all modifiers have spoken. */
function finish(draft: Draft): void {
  const { applied, scalars } = draft;
  if (scalars.length === 0) note(draft, 'an empty list means null; write null');
  if (scalars.length === 0 && applied.length > 0) refuse(draft, 'the list of values is empty');
  if (applied.includes('exists') && applied.length > 1) refuse(draft, "'exists' stands alone");
  if (draft.field === null) finishKeywords(draft);
  if (scalars.length > 1 && scalars.some((s) => s.kind === 'null')) {
    note(draft, 'Sigma does not want null among other values; use a selection of its own');
  }
  finishOrder(draft);
  for (const value of draft.values) if (value.kind === 'regex') finishRegex(draft, value);
}

function finishRegex(draft: Draft, { source, flags }: RegexValue): void {
  const checked = compileRegex(source, flags);
  if (typeof checked === 'string') refuse(draft, `regular expression '${source}': ${checked}`);
  else if (checked.lint !== null) note(draft, `regular expression '${source}': ${checked.lint}`);
}

/** Modifiers that Sigma wants in an order, or in company, which pySigma does not ask for. */
function finishOrder(draft: Draft): void {
  const { applied } = draft;
  const encoding = applied.find((name) => name === 'wide' || name.startsWith('utf16'));
  if (draft.bytes) note(draft, `'${encoding ?? ''}' without base64 behind it compares bytes as characters`);
  if (applied.includes('all') && applied.at(-1) !== 'all') note(draft, "'all' belongs at the end");
  const repeated = applied.find((name, i) => applied.indexOf(name) < i);
  if (repeated !== undefined) note(draft, `'${repeated}' stands twice`);
  if (applied.includes('base64offset') && !applied.includes('contains') && draft.field !== null)
    note(draft, "'base64offset' finds a part of a value only with 'contains' behind it");
}

function finishKeywords(draft: Draft): void {
  if (draft.scalars.some((s) => s.kind === 'null')) refuse(draft, 'null must stand under a field');
  if (draft.scalars.some((s) => s.kind === 'text' && /^\**$/.test(s.text))) {
    note(draft, 'an empty keyword is found in every event');
  }
}
