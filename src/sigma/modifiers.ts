import type { Comparison, Item, Pattern, RegexValue, Value } from './ast.ts';
import { parseNetwork } from './network.ts';
import { parsePattern, widen } from './pattern.ts';
import { compileRegex } from './regex.ts';
import type { RuleScalar } from './scalar.ts';

/** An item while its modifiers are applied one after the other, left to right. */
interface Draft {
  readonly field: string | null;
  readonly scalars: readonly RuleScalar[];
  readonly applied: string[];
  values: Value[];
  link: 'or' | 'and';
  negated: boolean;
  /** A modifier has decided what the values are; those that need plain values may not follow. */
  shaped: boolean;
  anchored: boolean;
  readonly problems: ModifierProblem[];
}

export interface ModifierProblem {
  readonly message: string;
  readonly severity: 'error' | 'lint';
}

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
]);

/** Modifiers of Sigma and pySigma that this engine does not have: named, so that the author is told which it is. */
export const UNSUPPORTED_MODIFIERS: readonly string[] = [
  ...['base64', 'base64offset', 'wide', 'utf16', 'utf16le', 'utf16be', 'windash', 'fieldref', 'expand'],
  ...['minute', 'hour', 'day', 'week', 'month', 'year'],
];

/** Builds the item that `field|modifiers: scalars` means, or says why it means nothing. */
export function buildItem(
  field: string | null,
  modifiers: readonly string[],
  scalars: readonly RuleScalar[],
): { item: Item; problems: readonly ModifierProblem[] } {
  const draft: Draft = {
    field,
    scalars,
    applied: [],
    values: scalars.map(toPlainValue),
    link: 'or',
    negated: false,
    shaped: false,
    anchored: false,
    problems: [],
  };
  for (const name of modifiers) {
    const apply = MODIFIERS.get(name);
    if (apply === undefined) refuse(draft, unknownModifier(name));
    else apply(draft);
    draft.applied.push(name);
  }
  finish(draft);
  const { link, negated, values } = draft;
  const substring = field === null && !draft.anchored;
  return { item: { field, link, negated, substring, values }, problems: draft.problems };
}

function unknownModifier(name: string): string {
  if (UNSUPPORTED_MODIFIERS.includes(name)) return `modifier '${name}' is not supported by this version`;
  return `unknown modifier '${name}'; known are ${[...MODIFIERS.keys()].join(', ')}`;
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
  draft.values = draft.values.map((value) => {
    if (value.kind === 'regex') return widenRegex(value, before, after);
    const pattern = value.kind === 'number' ? numberPattern(draft, name, value.source) : value;
    if (pattern.kind !== 'pattern') return refuseValue(draft, value, `'${name}' needs a text`);
    return { ...pattern, parts: widen(pattern.parts, before, after) };
  });
}

function numberPattern(draft: Draft, name: string, source: string): Pattern {
  note(draft, `'${name}' takes the number ${source} as its text; put it in quotes`);
  return { kind: 'pattern', parts: [source], cased: draft.applied.includes('cased') };
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
    if (value.kind === 'pattern') return { ...value, cased: true };
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
  if (draft.field === null) return refuse(draft, "'exists' needs a field");
  if (draft.scalars.length !== 1 || only?.kind !== 'boolean')
    return refuse(draft, "'exists' needs true or false");
  draft.values = [{ kind: 'exists', value: only.value }];
}

function makeComparison(draft: Draft, operator: Comparison): void {
  if (draft.field === null) return refuse(draft, `'${operator}' needs a field`);
  if (!isUnshaped(draft, operator) || !isUncased(draft, operator)) return;
  draft.values = draft.scalars.map((scalar, i) => {
    if (scalar.kind === 'number') return { kind: 'compare', operator, value: scalar.value };
    return refuseValue(draft, draft.values[i] as Value, `'${operator}' needs a number`);
  });
}

/** What can only be told once all modifiers have spoken. */
function finish(draft: Draft): void {
  if (draft.scalars.length === 0 && draft.applied.length > 0) refuse(draft, 'the list of values is empty');
  if (draft.applied.includes('exists') && draft.applied.length > 1) refuse(draft, "'exists' stands alone");
  if (draft.field === null) finishKeywords(draft);
  if (draft.scalars.length > 1 && draft.scalars.some((s) => s.kind === 'null')) {
    note(draft, 'Sigma does not want null among other values; use a selection of its own');
  }
  for (const value of draft.values) {
    if (value.kind !== 'regex') continue;
    const checked = compileRegex(value.source, value.flags);
    if (typeof checked === 'string') refuse(draft, `regular expression '${value.source}': ${checked}`);
    else if (checked.lint !== null) note(draft, `regular expression '${value.source}': ${checked.lint}`);
  }
}

function finishKeywords(draft: Draft): void {
  if (draft.scalars.some((s) => s.kind === 'null')) refuse(draft, 'null must stand under a field');
  if (draft.scalars.some((s) => s.kind === 'text' && /^\**$/.test(s.text))) {
    note(draft, 'an empty keyword is found in every event');
  }
}

function isUnshaped(draft: Draft, name: string): boolean {
  if (draft.shaped) refuse(draft, `'${name}' needs plain values; no modifier may stand before it`);
  const plain = !draft.shaped;
  draft.shaped = true;
  return plain;
}

function isUncased(draft: Draft, name: string): boolean {
  if (!draft.applied.includes('cased')) return true;
  refuse(draft, `'cased' has no meaning together with '${name}'`);
  return false;
}

function refuseValue(draft: Draft, value: Value, message: string): Value {
  refuse(draft, message);
  return value;
}

function refuse(draft: Draft, message: string): void {
  if (!draft.problems.some((p) => p.message === message)) draft.problems.push({ message, severity: 'error' });
}

function note(draft: Draft, message: string): void {
  if (!draft.problems.some((p) => p.message === message)) draft.problems.push({ message, severity: 'lint' });
}
