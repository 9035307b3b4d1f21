import type { Item, Pattern, PatternPart, Value } from '../language/ast.ts';
import { parseNetwork } from '../matching/network.ts';
import { isObject } from './case-file.ts';

/**
 * An item in the words of the case files, made comparable: alternatives in a fixed order, character classes written
 * out, networks by their bits.
 */
export function neutralItem(item: Item): unknown {
  return { field: item.field, link: item.link, negated: item.negated, values: item.values.map(neutralValue) };
}

/** What a case expects, in the same form. */
export function neutralExpectation(expect: unknown): unknown {
  if (!isObject(expect) || !Array.isArray(expect['values'])) return expect;
  return { ...expect, values: expect['values'].map(expectedValue) };
}

function expectedValue(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { cidr, any_of: anyOf } = value;
  if (typeof cidr === 'string') return { network: parseNetwork(cidr) };
  return Array.isArray(anyOf) ? { any_of: inOrder(anyOf) } : value;
}

type Neutral = { [Kind in Value['kind']]: (value: Extract<Value, { kind: Kind }>) => unknown };

const NEUTRAL: Neutral = {
  pattern: (value) => neutralPattern(value, value.parts),
  alternatives: (value) => ({
    any_of: inOrder(value.of.flatMap((one) => spread(one.parts).map((parts) => neutralPattern(one, parts)))),
  }),
  number: (value) => ({ number: value.value }),
  boolean: (value) => ({ bool: value.value }),
  null: () => ({ null: true }),
  regex: (value) => ({ regex: value.source, flags: value.flags }),
  network: (value) => ({ network: value }),
  compare: (value) => ({ compare: value.operator, number: value.value }),
  exists: (value) => ({ exists: value.value }),
  fieldref: (value) => ({ fieldref: value.field, startswith: value.after, endswith: value.before }),
  time: ({ part, operator, value }) =>
    operator === 'eq' ? { part, number: value } : { compare: operator, number: value, part },
};

function neutralValue<Kind extends Value['kind']>(value: Extract<Value, { kind: Kind }>): unknown {
  return (NEUTRAL[value.kind] as (one: typeof value) => unknown)(value);
}

function neutralPattern(pattern: Pattern, parts: readonly PatternPart[]): unknown {
  return pattern.cased ? { pattern: parts, cased: true } : { pattern: parts };
}

/** Every text that a pattern with character classes stands for. */
function spread(parts: readonly PatternPart[]): PatternPart[][] {
  let all: PatternPart[][] = [[]];
  for (const part of parts) {
    const choices = typeof part === 'object' && 'oneOf' in part ? [...part.oneOf] : [part];
    all = all.flatMap((before) => choices.map((choice) => append(before, choice)));
  }
  return all;
}

/** Neighbouring literals are one. */
function append(parts: readonly PatternPart[], part: PatternPart): PatternPart[] {
  const last = parts.at(-1);
  if (typeof last === 'string' && typeof part === 'string') return [...parts.slice(0, -1), last + part];
  return [...parts, part];
}

function inOrder(values: readonly unknown[]): unknown[] {
  return [...values].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
