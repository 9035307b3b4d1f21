import type { Pattern, Value } from './ast.ts';
import type { RuleScalar } from './scalar.ts';

/** An item while its modifiers are applied one after the other, left to right. */
export interface Draft {
  readonly field: string | null;
  readonly scalars: readonly RuleScalar[];
  readonly applied: string[];
  /** Brackets in field names mean something (`sigma-version: 3`). */
  readonly arrays: boolean;
  values: Value[];
  link: 'or' | 'and';
  negated: boolean;
  /** A modifier has decided what the values are; those that need plain values may not follow. */
  shaped: boolean;
  anchored: boolean;
  /** The patterns hold bytes, one character each, and wait for `base64`. */
  bytes: boolean;
  readonly problems: ModifierProblem[];
}

export interface ModifierProblem {
  readonly message: string;
  readonly severity: 'error' | 'lint';
}

/** Takes the values as patterns (numbers as their text) and gives them back changed; anything else is refused. */
export function mapTexts(
  draft: Draft,
  name: string,
  change: (pattern: Pattern) => readonly Pattern[] | string,
  several = false,
): void {
  const changeOne = (value: Value): readonly Pattern[] => {
    const pattern = value.kind === 'number' ? numberPattern(draft, name, value.source) : value;
    if (pattern.kind === 'alternatives') return pattern.of.flatMap(changeOne);
    const changed = pattern.kind === 'pattern' ? change(pattern) : `'${name}' needs a text`;
    if (typeof changed !== 'string') return changed;
    refuse(draft, changed);
    return [];
  };
  draft.values = draft.values.map((value) => {
    const of = changeOne(value);
    const [only] = of;
    const single = !several && value.kind !== 'alternatives';
    return single ? (only ?? value) : { kind: 'alternatives', of };
  });
}

function numberPattern(draft: Draft, name: string, source: string): Pattern {
  note(draft, `'${name}' takes the number ${source} as its text; put it in quotes`);
  return { kind: 'pattern', parts: [source], cased: draft.applied.includes('cased') };
}

/** True if no modifier has decided yet what the values are; afterwards one has. */
export function isUnshaped(draft: Draft, name: string): boolean {
  if (draft.shaped) refuse(draft, `'${name}' needs plain values; no modifier may stand before it`);
  const plain = !draft.shaped;
  draft.shaped = true;
  return plain;
}

export function isUncased(draft: Draft, name: string): boolean {
  if (!draft.applied.includes('cased')) return true;
  refuse(draft, `'cased' has no meaning together with '${name}'`);
  return false;
}

export function hasField(draft: Draft, name: string): boolean {
  if (draft.field === null) refuse(draft, `'${name}' needs a field`);
  return draft.field !== null;
}

export function refuseValue(draft: Draft, value: Value, message: string): Value {
  refuse(draft, message);
  return value;
}

export function refuse(draft: Draft, message: string): void {
  if (!draft.problems.some((p) => p.message === message)) draft.problems.push({ message, severity: 'error' });
}

export function note(draft: Draft, message: string): void {
  if (!draft.problems.some((p) => p.message === message)) draft.problems.push({ message, severity: 'lint' });
}
