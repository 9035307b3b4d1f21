import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledRule, JudgeOptions } from '../../../src/sigma/index.ts';
import { linkRules, parseRules, RuleIndex, RuleSet } from '../../../src/sigma/index.ts';
import { event as anyEvent } from '../random.ts';
import { event, rule, selection } from './rule-index-random.ts';
import { compileText } from '../rules.ts';

const RUN = { seed: 20261124, numRuns: 100 };
const P = { product: 'p' };
const EXPIRY = Date.UTC(2026, 2, 1);

const filter = fc
  .tuple(
    selection,
    fc.constantFrom('p', 'p', 'p', 'q'),
    fc.constantFrom('{}', '{}', '{expires: 2026-03-01}', '{tenants: [Contoso]}'),
    fc.boolean(),
  )
  .map(([body, product, scope, arrays]) =>
    [
      'title: f',
      ...(arrays ? ['sigma-version: 3'] : []),
      `logsource: {product: ${product}}`,
      'filter:',
      '  rules: any',
      `  s: ${body}`,
      '  condition: not s',
      `tenantwatch: ${scope}`,
    ].join('\n'),
  );
const options = fc.record(
  { at: fc.constantFrom(EXPIRY - 1, EXPIRY), tenant: fc.constantFrom('contoso', 'fabrikam') },
  { requiredKeys: [] },
);

/** What trying each rule of the log source by itself comes to. */
function linear(rules: readonly CompiledRule[], one: object, judged: JudgeOptions): unknown[] {
  return new RuleSet(rules)
    .candidates(P)
    .map((compiled) => ({ rule: compiled, ...compiled.judge(one, judged) }))
    .filter(({ matched, excludedBy }) => matched || excludedBy.length > 0);
}

function compileSelections(...selections: readonly string[]): CompiledRule[] {
  return selections.map((body) =>
    compileText(
      `title: t\nsigma-version: 3\nlogsource: {product: p}\ndetection:\n  s: ${body}\n  condition: s`,
    ),
  );
}

/** Every combination of rule and event, by index and one by one; the verdicts, one row an event. */
function compare(rules: readonly CompiledRule[], events: readonly object[]): boolean[][] {
  const index = new RuleIndex(rules);
  return events.map((one) => {
    const found = [...index.matches(one, P)];
    expect(found, JSON.stringify(one).slice(0, 300)).toEqual(rules.filter((compiled) => compiled.match(one)));
    return rules.map((compiled) => found.includes(compiled));
  });
}

describe('the matches of an index', () => {
  it('are the judgements of every rule with its filters, event after event', () => {
    const seen = { judged: 0, matched: 0, excluded: 0 };
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 20, maxLength: 20 }),
        fc.array(filter, { minLength: 2, maxLength: 5 }),
        fc.array(
          fc.tuple(fc.oneof({ weight: 7, arbitrary: event }, { weight: 1, arbitrary: anyEvent }), options),
          { minLength: 8, maxLength: 8 },
        ),
        (ruleTexts, filterTexts, judged) => {
          const { rules } = linkRules(
            [...ruleTexts, ...filterTexts].map((text, i) => parseRules(text, `${i}.yml`)),
          );
          const index = new RuleIndex(rules);
          for (const [one, given] of judged) {
            const wanted = linear(rules, one, given) as ReturnType<RuleIndex['judge']>;
            expect(index.judge(one, P, given), JSON.stringify(one)).toEqual(wanted);
            const matching = wanted.filter(({ matched }) => matched).map((judgement) => judgement.rule);
            expect(index.matches(one, P, given), JSON.stringify(one)).toEqual(matching);
            seen.judged += wanted.length;
            seen.matched += matching.length;
            seen.excluded += wanted.length - matching.length;
          }
        },
      ),
      RUN,
    );
    expect(seen.matched).toBeGreaterThan(500);
    expect(seen.excluded).toBeGreaterThan(100);
  });

  it.each<[string, string, readonly object[], readonly boolean[]]>([
    ['a text', '{f|contains: powershell}', [{ f: 'a PowerShell' }, { f: 'power' }, {}], [true, false, false]],
    [
      'a text longer than what is looked for',
      `{f|contains: ${'abcdefgh'.repeat(5)}}`,
      [{ f: `x${'abcdefgh'.repeat(5)}` }, { f: 'abcdefgh'.repeat(4) }],
      [true, false],
    ],
    ['a short text', '{f|contains: "é"}', [{ f: 'caFÉ' }, { f: 'e' }], [true, false]],
    [
      'all of several texts',
      '{f|contains|all: [abcd, efgh]}',
      [{ f: 'efgh ABCD' }, { f: 'abcd' }],
      [true, false],
    ],
    ['texts in different leaves', '{f|contains|all: [abcd, efgh]}', [{ f: ['xabcd', 'EFGH'] }], [true]],
    [
      'numbers',
      '{f|gte: 1.5}',
      [{ f: '1.5' }, { f: 1 }, { f: [0, 2] }, { f: null }],
      [true, false, true, false],
    ],
    ['no number', '{f|lt: 5}', [{ f: 1 }, { f: 'x' }, {}], [true, false, false]],
    [
      'nothing but null',
      '{f: null}',
      [{ f: 'x' }, {}, { f: null }, { f: [null, 1] }],
      [false, true, true, false],
    ],
    ['absence', '{f|exists: false}', [{ f: [] }, {}, { f: null }], [false, true, false]],
    [
      'another field',
      '{f|fieldref: g}',
      [{ f: 'X', g: ['y', 'x'] }, { f: 'x' }, { g: 'x' }],
      [true, false, false],
    ],
    ['an index', '{"f[0]": x}', [{ f: ['x', 'y'] }, { f: ['y', 'x'] }], [true, false]],
    [
      'elements',
      '{"f[any]": {a: x, b: y}}',
      [{ f: [{ a: 'x', b: 'y' }] }, { f: [{ a: 'x' }, { b: 'y' }] }],
      [true, false],
    ],
    ['keywords', '[abcd]', [{ a: [{ b: 'xABCDx' }] }, { abcd: 1 }, { a: 'abcd' }], [true, false, true]],
    [
      'all keywords',
      '{"|all": [abcd, efgh]}',
      [{ a: 'abcd', b: { c: 'efgh' } }, { a: 'abcd' }],
      [true, false],
    ],
    [
      'a time',
      '{f|hour|gte: 22}',
      [{ f: '2026-11-24T23:10:00Z' }, { f: '2026-11-24T03:10:00Z' }],
      [true, false],
    ],
    ['a network', '{f|cidr: 10.0.0.0/8}', [{ f: '10.1.2.3:80' }, { f: '11.1.2.3' }], [true, false]],
    ['an expression', "{f|re: 'b[0-9]+'}", [{ f: 'ab1' }, { f: 'aB1' }], [true, false]],
    ['case', '{f|cased: Abc}', [{ f: 'Abc' }, { f: 'abc' }], [true, false]],
    [
      'what a hidden descent holds',
      '{f.g: x}',
      [{ 'f.g': 'y', f: { g: 'x' } }, { f: { g: 'x' } }],
      [false, true],
    ],
    ['a prototype', '{__proto__.a: x}', [{}, JSON.parse('{"__proto__":{"a":"x"}}') as object], [false, true]],
  ])('see %s as rules do, forwards and backwards', (_, body, events, wanted) => {
    const rules = compileSelections(body, body, `{'f|neq': nothing, "g|exists": true}`);
    expect(compare(rules, events).map(([first]) => first)).toEqual(wanted);
    expect(compare(rules, [...events].reverse()).map(([first]) => first)).toEqual([...wanted].reverse());
  });

  it('compare the same values of another field that rules compare, where it has too many', () => {
    const rules = compileSelections('{f|fieldref: g}', '{f|fieldref|contains: g}');
    const g = Array.from({ length: 100 }, (__, i) => [`v${i}v`]);
    const verdicts = compare(rules, [
      { f: 'v10v', g },
      { f: 'v90v', g },
    ]);
    expect(verdicts).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  it('stand hostile events', () => {
    let deep: unknown = 'powershell';
    for (let i = 0; i < 50_000; i++) deep = i % 2 === 0 ? [deep] : { f: deep };
    const rules = compileSelections(
      '{f|contains: powershell}',
      '[powershell]',
      '{f: null}',
      '{"f[any]": {f: x}}',
      '{f|contains: shell, g|endswith: l}',
    );
    const long = `${'powershel'.repeat(20_000)}l`;
    const many = { f: Array.from({ length: 20_000 }, (__, i) => `${i} PowerShell`), g: 'l' };
    const [inDepth, ofLength, ofNumber, after] = (() => {
      const index = new RuleIndex(rules);
      return [{ f: deep }, { f: long, g: long }, many, { f: 'x' }].map((one) => {
        const found = [...index.matches(one, P)];
        expect(found).toEqual(rules.filter((compiled) => compiled.match(one)));
        return found.length;
      });
    })();
    expect([ofLength, ofNumber, after]).toEqual([3, 3, 0]);
    expect(inDepth).toBeLessThan(3);
  });

  it('are found one by one where there are more log sources than indexes', () => {
    const rules = Array.from({ length: 80 }, (_, i) =>
      compileText(`title: t${i}\nlogsource: {product: p${i}}\ndetection:\n  s: {f: x}\n  condition: s`),
    );
    const index = new RuleIndex(rules);
    const titles = rules.map((__, i) =>
      index.matches({ f: 'X' }, { product: `p${i}` }).map((one) => one.rule.title),
    );
    expect(titles).toEqual(rules.map(({ rule: { title } }) => [title]));
    expect(index.judge({ f: 'X' }, { product: 'p79' })).toHaveLength(1);
    expect(index.judge({ f: 'Y' }, { product: 'p79' })).toEqual([]);
    expect(index.view({ product: 'p79' })).toBeNull();
  });
});
