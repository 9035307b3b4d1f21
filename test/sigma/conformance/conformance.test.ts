import { describe, expect, it } from 'vitest';
import type { Item, PatternPart, Value } from '../../../src/sigma/language/ast.ts';
import type { SigmaProblem } from '../../../src/sigma/index.ts';
import { compileRule, linkRules, parseRules } from '../../../src/sigma/index.ts';
import { buildItem } from '../../../src/sigma/language/modifiers.ts';
import { parseNetwork } from '../../../src/sigma/matching/network.ts';
import type { RuleScalar } from '../../../src/sigma/language/scalar.ts';
import type { SigmaCase } from './cases.ts';
import { isBinding, readCases, textOf } from './cases.ts';
import { KNOWN_PYSIGMA_DEFECTS } from './pysigma-defects.ts';

/** Opinions that this engine does not share, with the reason. */
const OPINIONS_NOT_SHARED: Readonly<Record<string, string>> = {
  'err/contains-number':
    'a number under a string modifier is taken as its text, as its author meant; a lint says so',
  'err/all-single': 'pySigma accepts it and rules in use have it; a lint says so',
  'err/null-in-list': 'pySigma accepts it; a lint says so',
};

/** Opinions that refuse what this engine does right, without a lint. */
const REFUSALS_NOT_SHARED: Readonly<Record<string, string>> = {
  'err/wide-non-ascii': 'UTF-16 is written in bytes here, so any text can be encoded',
};

const MATCH_FILES = ['strings', 'types', 'modifiers', 'structure', 'conditions', 'arrays'];

function placeholdersOf(one: SigmaCase): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(one.placeholders ?? {}));
}

/** Errors of every stage that loads documents. */
function errorsOf(one: SigmaCase): SigmaProblem[] {
  const parsed = parseRules(textOf(one), 'case.yml');
  const linked = linkRules([parsed], { placeholders: placeholdersOf(one) });
  return [...parsed.problems, ...linked.problems].filter((problem) => problem.severity === 'error');
}

function verdicts(one: SigmaCase): { given: boolean[]; wanted: (boolean | undefined)[] } {
  const { rules, problems } = parseRules(textOf(one), 'case.yml');
  const [rule] = rules;
  if (rule === undefined) throw new Error(problems.map((p) => p.message).join('; '));
  const compiled = compileRule(rule, { placeholders: placeholdersOf(one) });
  const tests = one.tests ?? [];
  return { given: tests.map((t) => compiled.match(t.event)), wanted: tests.map((t) => t.match) };
}

function titlesThatMatch(one: SigmaCase): { given: string[][]; wanted: (readonly string[] | undefined)[] } {
  const { rules, problems } = linkRules([parseRules(textOf(one), 'case.yml')]);
  expect(problems.filter((problem) => problem.severity === 'error')).toEqual([]);
  const tests = one.tests ?? [];
  const matching = (event: object): string[] =>
    rules.filter((compiled) => compiled.match(event)).map((compiled) => compiled.rule.title);
  return { given: tests.map((t) => matching(t.event).sort()), wanted: tests.map((t) => t.matched) };
}

function titled(cases: readonly SigmaCase[]): [string, SigmaCase][] {
  return cases.map((one) => [one.id, one]);
}

const matchCases = MATCH_FILES.flatMap(readCases);
const filterCases = readCases('filters');
const allErrorCases = readCases('errors');
const errorCases = allErrorCases.filter((one) => !one.id.startsWith('err/corr-'));
const notShared = { ...OPINIONS_NOT_SHARED, ...REFUSALS_NOT_SHARED };

describe('the conformance cases', () => {
  it('are all there', () => {
    expect(matchCases.length).toBe(159 + 11);
    expect(filterCases.length).toBe(15);
    expect(allErrorCases.length).toBe(52);
    expect(errorCases.length).toBe(40);
    expect(matchCases.filter(isBinding).length).toBeGreaterThan(160);
  });

  it.each(titled(matchCases))('match as %s says', (_id, one) => {
    const { given, wanted } = verdicts(one);
    expect(wanted.length).toBeGreaterThan(0);
    expect(given).toEqual(wanted);
  });

  it.each(titled(filterCases))('filter as %s says', (_id, one) => {
    const { given, wanted } = titlesThatMatch(one);
    expect(wanted.length).toBeGreaterThan(0);
    expect(given).toEqual(wanted);
  });

  it.each(titled(errorCases.filter((one) => !(one.id in notShared))))('refuse %s', (_id, one) => {
    const errors = errorsOf(one);
    expect(errors.length, one.why).toBeGreaterThan(0);
    for (const { file, line, column } of errors) {
      expect(file).toBe('case.yml');
      expect(line).toBeGreaterThan(0);
      expect(column).toBeGreaterThan(0);
    }
  });

  it.each(Object.keys(notShared))('accept %s, which is an opinion', (id) => {
    const one = errorCases.find((candidate) => candidate.id === id);
    expect(one !== undefined && !isBinding(one)).toBe(true);
    const { rules, problems } = parseRules(textOf(one as SigmaCase), 'case.yml');
    expect(rules.length).toBe(1);
    expect(problems.map((problem) => problem.severity)).toEqual(id in OPINIONS_NOT_SHARED ? ['lint'] : []);
  });
});

function toScalar(value: unknown): RuleScalar {
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (typeof value === 'number') return { kind: 'number', value, source: String(value) };
  if (typeof value === 'boolean') return { kind: 'boolean', value, source: String(value) };
  return { kind: 'null' };
}

function build(one: SigmaCase): ReturnType<typeof buildItem> {
  const [field = '', ...modifiers] = (one.key ?? '').split('|');
  const values = Array.isArray(one.value) ? one.value : [one.value];
  return buildItem(field === '' ? null : field, modifiers, values.map(toScalar));
}

/** A pattern with character classes as the texts it stands for, in the order of the classes. */
function spread(parts: readonly PatternPart[]): PatternPart[][] {
  return parts.reduce<PatternPart[][]>(
    (all, part) => {
      const choices = typeof part === 'object' && 'oneOf' in part ? [...part.oneOf] : [part];
      return all.flatMap((before) => choices.map((choice) => append(before, choice)));
    },
    [[]],
  );
}

function append(before: readonly PatternPart[], part: PatternPart): PatternPart[] {
  const last = before.at(-1);
  const joins = typeof last === 'string' && typeof part === 'string';
  return joins ? [...before.slice(0, -1), last + part] : [...before, part];
}

function toNeutral(value: Value): unknown {
  switch (value.kind) {
    case 'pattern':
      return value.cased ? { pattern: value.parts, cased: true } : { pattern: value.parts };
    case 'alternatives':
      return { any_of: value.of.flatMap(({ parts }) => spread(parts)).map((parts) => ({ pattern: parts })) };
    case 'null':
      return { null: true };
    case 'network':
      return { network: value };
    case 'fieldref':
      return { fieldref: value.field, startswith: value.after, endswith: value.before };
    case 'regex':
      return { regex: value.source, flags: value.flags };
    default:
      return toNeutralScalar(value);
  }
}

type ScalarValue = Extract<Value, { kind: 'number' | 'boolean' | 'compare' | 'exists' | 'time' }>;

function toNeutralScalar(value: ScalarValue): unknown {
  const { kind, value: given } = value;
  if (kind === 'boolean') return { bool: given };
  if (kind === 'compare') return { compare: value.operator, number: given };
  if (kind !== 'time') return { [kind]: given };
  const { part, operator } = value;
  return operator === 'eq' ? { part, number: given } : { compare: operator, number: given, part };
}

interface Expansion {
  readonly field: string | null;
  readonly link: string;
  readonly negated: boolean;
  readonly values: readonly { cidr?: string }[];
}

function expected(one: SigmaCase): Expansion {
  const given = one.expect as Expansion;
  const values = given.values.map((value) =>
    value.cidr === undefined ? value : { network: parseNetwork(value.cidr) },
  );
  return {
    field: given.field,
    link: given.link,
    negated: given.negated,
    values: values as Expansion['values'],
  };
}

function neutral(item: Item): unknown {
  return { field: item.field, link: item.link, negated: item.negated, values: item.values.map(toNeutral) };
}

function isRejected(one: SigmaCase): boolean {
  return typeof one.expect === 'object' && one.expect !== null && 'reject' in one.expect;
}

describe('the expansion cases', () => {
  const cases = readCases('expansion');
  const ours = cases.filter((one) => !KNOWN_PYSIGMA_DEFECTS.some(({ id }) => id === one.id));

  it.each(titled(ours.filter((one) => !isRejected(one))))('expand as %s says', (_id, one) => {
    const { item, problems } = build(one);
    expect(problems.filter((problem) => problem.severity === 'error')).toEqual([]);
    expect(neutral(item)).toEqual(expected(one));
  });

  it.each(titled(ours.filter(isRejected)))('refuse %s', (_id, one) => {
    expect(build(one).problems.some((problem) => problem.severity === 'error')).toBe(true);
  });

  it.each(KNOWN_PYSIGMA_DEFECTS)('give what is right where pySigma does not: $id', ({ id, right }) => {
    const one = cases.find((candidate) => candidate.id === id);
    if (one === undefined) throw new Error(`no case ${id}`);
    expect(one.normative).toBe(false);
    const { item, problems } = build(one);
    expect(problems.filter((problem) => problem.severity === 'error')).toEqual([]);
    expect(item.values.map(toNeutral)).toEqual(right);
    if (!isRejected(one)) expect(neutral(item)).not.toEqual(expected(one));
  });
});
