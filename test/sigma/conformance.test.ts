import { describe, expect, it } from 'vitest';
import type { Item, Value } from '../../src/sigma/ast.ts';
import type { SigmaProblem } from '../../src/sigma/index.ts';
import { compileRule, parseRules, UNSUPPORTED_MODIFIERS } from '../../src/sigma/index.ts';
import { buildItem } from '../../src/sigma/modifiers.ts';
import { parseNetwork } from '../../src/sigma/network.ts';
import type { RuleScalar } from '../../src/sigma/scalar.ts';
import type { SigmaCase } from './cases.ts';
import { isBinding, readCases, textOf } from './cases.ts';

/** What the engine does not have yet. A line taken out here turns its cases from "refused" to "must hold". */
const OUT_OF_SCOPE: readonly { feature: string; mark: RegExp; reason: RegExp }[] = [
  ...UNSUPPORTED_MODIFIERS.map((name) => ({
    feature: `modifier ${name}`,
    mark: new RegExp(`\\|${name}\\b`),
    reason: new RegExp(`modifier '${name}' is not supported`),
  })),
  { feature: 'array matching', mark: /^sigma-version: 3$/m, reason: /sigma-version 3 is not supported/ },
  { feature: 'filters', mark: /^filter:/m, reason: /filter documents are not supported/ },
  { feature: 'correlations', mark: /^correlation:/m, reason: /correlation documents are not supported/ },
];

/** Opinions that this engine does not share, with the reason. */
const OPINIONS_NOT_SHARED: Readonly<Record<string, string>> = {
  'err/contains-number':
    'a number under a string modifier is taken as its text, as its author meant; a lint says so',
  'err/all-single': 'pySigma accepts it and rules in use have it; a lint says so',
  'err/null-in-list': 'pySigma accepts it; a lint says so',
};

const MATCH_FILES = ['strings', 'types', 'modifiers', 'structure', 'conditions'];

function outOfScope(text: string): (typeof OUT_OF_SCOPE)[number] | undefined {
  return OUT_OF_SCOPE.find(({ mark }) => mark.test(text));
}

function errorsOf(text: string): SigmaProblem[] {
  return parseRules(text, 'case.yml').problems.filter((problem) => problem.severity === 'error');
}

function verdicts(one: SigmaCase): { given: boolean[]; wanted: boolean[] } {
  const { rules, problems } = parseRules(textOf(one), 'case.yml');
  const [rule] = rules;
  if (rule === undefined) throw new Error(problems.map((p) => p.message).join('; '));
  const compiled = compileRule(rule);
  const tests = one.tests ?? [];
  return { given: tests.map((t) => compiled.match(t.event)), wanted: tests.map((t) => t.match) };
}

function titled(cases: readonly SigmaCase[]): [string, SigmaCase][] {
  return cases.map((one) => [one.id, one]);
}

const laterFiles = ['arrays', 'filters', 'correlations'].flatMap(readCases);
const laterCases = laterFiles.filter((one) => outOfScope(textOf(one)) !== undefined);
const matchCases = [
  ...MATCH_FILES.flatMap(readCases),
  ...laterFiles.filter((one) => !laterCases.includes(one)),
];
const errorCases = readCases('errors');
const inScope = matchCases.filter((one) => outOfScope(textOf(one)) === undefined);

describe('the conformance cases', () => {
  it('are all there', () => {
    expect(matchCases.length + laterCases.length).toBe(159 + 11 + 15 + 70);
    expect(errorCases.length).toBe(52);
    expect(inScope.filter(isBinding).length).toBeGreaterThan(130);
  });

  it.each(titled(inScope))('match as %s says', (_id, one) => {
    const { given, wanted } = verdicts(one);
    expect(wanted.length).toBeGreaterThan(0);
    expect(given).toEqual(wanted);
  });

  it.each(titled(matchCases.filter((one) => !inScope.includes(one))))(
    'refuse %s at load, by name',
    (_id, one) => {
      const reason = outOfScope(textOf(one))?.reason ?? /^$/;
      const errors = errorsOf(textOf(one));
      expect(errors.some((problem) => reason.test(problem.message))).toBe(true);
      expect(parseRules(textOf(one), 'case.yml').rules).toEqual([]);
    },
  );

  it.each(titled(errorCases.filter((one) => !(one.id in OPINIONS_NOT_SHARED))))('refuse %s', (_id, one) => {
    const errors = errorsOf(textOf(one));
    expect(errors.length, one.why).toBeGreaterThan(0);
    const reason = outOfScope(textOf(one))?.reason ?? /./;
    expect(errors.some((problem) => reason.test(problem.message))).toBe(true);
    for (const { file, line, column } of errors) {
      expect(file).toBe('case.yml');
      expect(line).toBeGreaterThan(0);
      expect(column).toBeGreaterThan(0);
    }
  });

  it.each(Object.keys(OPINIONS_NOT_SHARED))('only lint %s, which is an opinion', (id) => {
    const one = errorCases.find((candidate) => candidate.id === id);
    expect(one !== undefined && !isBinding(one)).toBe(true);
    const { rules, problems } = parseRules(textOf(one as SigmaCase), 'case.yml');
    expect(rules.length).toBe(1);
    expect(problems.map((problem) => problem.severity)).toEqual(['lint']);
  });

  it.each(titled(laterCases))('refuse the documents of %s that need a later engine', (_id, one) => {
    const reason = outOfScope(textOf(one))?.reason ?? /^$/;
    expect(errorsOf(textOf(one)).some((problem) => reason.test(problem.message))).toBe(true);
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

function toNeutral(value: Value): unknown {
  switch (value.kind) {
    case 'pattern':
      return value.cased ? { pattern: value.parts, cased: true } : { pattern: value.parts };
    case 'number':
      return { number: value.value };
    case 'boolean':
      return { bool: value.value };
    case 'null':
      return { null: true };
    case 'regex':
      return { regex: value.source, flags: value.flags };
    case 'network':
      return { network: value };
    case 'compare':
      return { compare: value.operator, number: value.value };
    case 'exists':
      return { exists: value.value };
  }
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

describe('the expansion cases', () => {
  const cases = readCases('expansion');
  const known = cases.filter((one) => outOfScope(one.key ?? '') === undefined);

  it.each(titled(known))('expand as %s says', (_id, one) => {
    const { item, problems } = build(one);
    expect(problems.filter((problem) => problem.severity === 'error')).toEqual([]);
    expect(neutral(item)).toEqual(expected(one));
  });

  it.each(titled(cases.filter((one) => !known.includes(one))))('refuse %s', (_id, one) => {
    const { problems } = build(one);
    expect(problems.some((problem) => problem.severity === 'error')).toBe(true);
  });
});
