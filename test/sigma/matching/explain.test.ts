import { describe, expect, it } from 'vitest';
import type { ItemExplanation } from '../../../src/sigma/index.ts';
import { explainRule, linkRules, MAX_SHOWN, parseRules } from '../../../src/sigma/index.ts';
import { compileSelection, compileText, ruleText } from '../rules.ts';

function explainItem(selection: string, event: object): ItemExplanation {
  const { condition } = explainRule(compileSelection(selection), event);
  if (condition.kind !== 'selection' || condition.of.kind !== 'item') throw new Error('one item is expected');
  return condition.of;
}

describe('an explanation', () => {
  it('shows for each part whether it holds', () => {
    const rule = compileText(
      ruleText('a: {F: x, G: [1, 2]}\nb: [evil]\nc: {H: 1}\ncondition: a and not (b or c)'),
    );
    const { matched, condition, filters } = explainRule(rule, { F: 'X', G: 3, H: 1 });
    expect(matched).toBe(false);
    expect(filters).toEqual([]);
    expect(condition).toMatchObject({
      kind: 'and',
      matched: false,
      of: [
        {
          kind: 'selection',
          name: 'a',
          matched: false,
          of: {
            kind: 'all',
            of: [
              { field: 'F', matched: true },
              { field: 'G', matched: false },
            ],
          },
        },
        {
          kind: 'not',
          matched: false,
          of: {
            kind: 'or',
            matched: true,
            of: [
              { name: 'b', matched: false },
              { name: 'c', matched: true },
            ],
          },
        },
      ],
    });
  });

  it.each<[string, object, ItemExplanation['found'], unknown[]]>([
    ['{F: x}', {}, 'absent', []],
    ['{F: x}', { F: null }, 'null', [null]],
    ['{F: x}', { F: [] }, 'empty', []],
    ['{F: x}', { F: '' }, 'values', ['']],
    ['{F: x}', { F: [1, { g: 1 }, null] }, 'values', [1, '{object}', null]],
    ['{F.g: x}', { F: [{ g: 'y' }, {}] }, 'values', ['y']],
    ['[x]', { F: { g: 'y' }, H: 2 }, 'values', ['y', 2]],
  ])('of %s on %j says what is there: %s', (selection, event, found, actual) => {
    expect(explainItem(selection, event)).toMatchObject({ matched: false, found, actual, more: 0 });
  });

  it('names the value of the rule that holds and the value of the event that it holds for', () => {
    const item = explainItem('{F|contains: [no, "x*z"]}', { F: ['abc', 'AXYZ'] });
    expect(item.matched).toBe(true);
    expect(item.values.map(({ holds, by }) => [holds, by])).toEqual([
      [false, undefined],
      [true, 'AXYZ'],
    ]);
  });

  it('tells a negated item from what its values say', () => {
    expect(explainItem('{F|neq: x}', {})).toMatchObject({
      matched: true,
      negated: true,
      values: [{ holds: false }],
    });
    expect(explainItem('{F|contains|all: [a, b]}', { F: 'a' })).toMatchObject({
      matched: false,
      link: 'and',
      values: [{ holds: true }, { holds: false }],
    });
  });

  it('is bounded', () => {
    const item = explainItem('{F: x}', { F: Array.from({ length: 5000 }, () => 'y'.repeat(5000)) });
    expect(item.actual.length).toBe(MAX_SHOWN);
    expect(item.more).toBe(1000 - MAX_SHOWN);
    expect(JSON.stringify(item).length).toBeLessThan(5000);
  });

  it('does not multiply with arrays within arrays', () => {
    const text = ruleText('a: {"c[any]": {"c[any]": {"c[any]": {"c[any]": {p: x}}}}}\ncondition: a');
    const nest = (depth: number): object =>
      depth === 0 ? { p: 'y' } : { c: Array.from({ length: 12 }, () => nest(depth - 1)) };
    const explanation = explainRule(compileText(`sigma-version: 3\n${text}`), nest(4));
    expect(explanation.matched).toBe(false);
    expect(JSON.stringify(explanation).length).toBeLessThan(60_000);
  });

  it('goes into the elements of an array', () => {
    const rule = compileText(`sigma-version: 3\n${ruleText('a: {"c[all]": {p: x}}\ncondition: a')}`);
    const of = (event: object): unknown => {
      const { condition } = explainRule(rule, event);
      return condition.kind === 'selection' ? condition.of : null;
    };
    expect(of({ c: [{ p: 'x' }, { p: 'y' }] })).toMatchObject({
      kind: 'elements',
      matched: false,
      quantifier: 'all',
      found: 'elements',
      count: 2,
      holding: 1,
      elements: [{ matched: true }, { matched: false, of: { found: 'values', actual: ['y'] } }],
    });
    expect(of({ c: [] })).toMatchObject({ found: 'empty', count: 0 });
    expect(of({ c: 'x' })).toMatchObject({ found: 'no array' });
    expect(of({})).toMatchObject({ found: 'absent' });
  });

  it('tells of filters which were applied and which let the event pass', () => {
    const text = [
      'title: r\nname: r\nlogsource: {product: p}\ndetection: {a: {A: 1}, condition: a}\n',
      'title: old\nlogsource: {product: p}\nfilter: {rules: r, u: {U: x}, condition: not u}\ntenantwatch: {expires: 2026-01-01}\n',
      'title: new\nlogsource: {product: p}\nfilter: {rules: r, u: {U: x}, condition: not u}\n',
    ].join('---\n');
    const [rule] = linkRules([parseRules(text, 'f.yml')]).rules;
    if (rule === undefined) throw new Error('the rule is refused');
    const { matched, condition, filters } = explainRule(rule, { A: 1, U: 'x' }, { at: Date.UTC(2026, 5, 1) });
    expect([matched, condition.matched]).toEqual([false, true]);
    expect(filters).toMatchObject([
      { filter: 'old', left: 'expired', passes: false },
      { filter: 'new', left: null, passes: false, condition: { kind: 'not', matched: false } },
    ]);
  });

  it('takes a rule that is not compiled as well', () => {
    const [rule] = parseRules(ruleText('a: {F: 1}\ncondition: 1 of b* or a'), 'r.yml').rules;
    if (rule === undefined) throw new Error('the rule is refused');
    expect(explainRule(rule, { F: 1 })).toMatchObject({
      matched: true,
      condition: { of: [{ kind: 'never' }, {}] },
    });
  });
});
