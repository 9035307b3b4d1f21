import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule, parseRules, RuleSet } from '../../../src/sigma/index.ts';
import { RuleIndex } from '../../../src/sigma/indexing/rule-index.ts';
import { compileAll, event, KNOWN, rule } from './rule-index-random.ts';
import { compileText } from '../rules.ts';

const RUN = { seed: 20261124, numRuns: 100 };
const RULES = 25;
describe('an index of rules', () => {
  it('leads to the same matches as trying every rule', () => {
    const seen = { pairs: 0, matches: 0, candidates: 0, rules: 0 };
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: RULES, maxLength: RULES }),
        fc.array(event, { minLength: 6, maxLength: 6 }),
        fc.constantFrom('p', 'q'),
        (texts, events, product) => {
          const rules = compileAll(texts);
          const index = new RuleIndex(rules);
          const routed = new RuleSet(rules).candidates({ product });
          seen.rules += rules.length;
          for (const one of events) {
            const candidates = [...index.candidates(one, { product })];
            const found = candidates.filter((compiled) => compiled.match(one));
            const wanted = routed.filter((compiled) => compiled.match(one));
            seen.pairs += routed.length;
            seen.matches += wanted.length;
            seen.candidates += candidates.length;
            const lost = wanted.filter((compiled) => !found.includes(compiled));
            expect(
              lost.map((compiled) => compiled.rule.document['detection']),
              JSON.stringify(one),
            ).toEqual([]);
            expect(found).toEqual(wanted);
          }
        },
      ),
      RUN,
    );
    expect(seen.rules).toBeGreaterThan(RUN.numRuns * RULES * 0.5);
    expect(seen.pairs).toBeGreaterThan(5000);
    expect(seen.matches).toBeGreaterThan(seen.pairs * 0.1);
    expect(seen.candidates).toBeLessThan(seen.pairs * 0.8);
  });

  it.each(KNOWN.filter(([modifiers]) => !/neq|exists/.test(modifiers)))(
    'knows what %s: %s needs wherever it is found',
    (modifiers, given, examples) => {
      const compiled = compileText(
        `title: t\nlogsource: {product: p}\ndetection:\n  s: {"f${modifiers}": ${given}}\n  condition: s`,
      );
      const index = new RuleIndex([compiled]);
      for (const example of [...examples, undefined]) {
        for (const one of [
          { f: example, b: 'same', a: 'sa' },
          { f: ['x', example], b: example },
        ]) {
          if (compiled.match(one)) expect(index.candidates(one, { product: 'p' })).toEqual([compiled]);
        }
      }
    },
  );

  it('looks for the middle of a long text, and for its end where it must end', () => {
    const long = 'abcdefghij'.repeat(6);
    const rules = ['contains', 'startswith', 'endswith'].map((modifier) =>
      compileText(
        `title: ${modifier}\nlogsource: {product: p}\ndetection:\n  s: {f|${modifier}: ${long}}\n  condition: s`,
      ),
    );
    const index = new RuleIndex(rules);
    const titles = (f: string): string[] =>
      index.candidates({ f }, { product: 'p' }).map((one) => one.rule.title);
    expect(titles(`x${long}x`)).toEqual(['contains']);
    expect(titles(`${long}x`)).toEqual(['contains', 'startswith']);
    expect(titles(`x${long}`)).toEqual(['contains', 'endswith']);
    expect(titles(long.slice(0, 20))).toEqual([]);
    expect(index.stats().bytes).toBeLessThan(20_000);
  });

  it.each([
    ["'al*ha'", 'x ALzzHA y'],
    ["'?lph'", 'xalpha'],
    ["{'|all': ['one', 'two']}", 'two one'],
    ["{'|startswith': 'alp'}", 'alpha'],
    ["{'|re': 'b[0-9]{2}'}", 'ab12'],
    ['[50053]', 'code 50053.'],
  ])('finds the keywords %s in %s', (keywordsText, text) => {
    const compiled = compileText(
      `title: t\nlogsource: {product: p}\ndetection:\n  s: ${keywordsText}\n  condition: s`,
    );
    const deep = { a: [{ b: { c: text } }] };
    expect(compiled.match(deep)).toBe(true);
    const index = new RuleIndex([compiled]);
    expect(index.candidates(deep, { product: 'p' })).toEqual([compiled]);
    expect(index.candidates({ a: 'nothing' }, { product: 'p' })).toEqual([]);
  });

  it('tries few rules: none whose literals are not there', () => {
    const texts = ['PowerShell', 'cmd.exe', 'rundll32', 'mshta'].map(
      (name) =>
        `title: ${name}\nlogsource: {product: p}\ndetection:\n  s: {Image|endswith: '\\${name}', Line|contains: x}\n  condition: s and not t\n  t: {User: y}`,
    );
    const rules = texts.map(compileText);
    const index = new RuleIndex(rules);
    const titles = (one: object): string[] =>
      index.candidates(one, { product: 'P' }).map(({ rule: { title } }) => title);
    expect(titles({ Image: 'C:\\MSHTA', Line: 'x' })).toEqual(['mshta']);
    expect(titles({ Image: 'C:\\mshta' })).toEqual([]);
    expect(titles({ Image: ['a\\cmd.exe', 'b\\powershell'], Line: 'axa' })).toEqual([
      'PowerShell',
      'cmd.exe',
    ]);
    expect(titles({ Image: 'C:\\mshta.txt', Line: 'x' })).toEqual([]);
    expect(index.candidates({ Image: 'C:\\mshta', Line: 'x' }, { product: 'other' })).toEqual([]);
    expect(index.stats()).toMatchObject({ rules: 4, indexes: 2, open: 0, never: 0, fields: 2 });
  });

  it('always tries what can match without holding anything, and never what cannot match', () => {
    const body = (text: string): string =>
      `title: t\nlogsource: {product: p}\ndetection:\n  s: {a: x}\n  condition: ${text}`;
    const rules = [body('not s'), body('1 of none*  or s'), body('1 of none* and s')].map(
      (text) => parseRules(text, 'r.yml').rules[0],
    );
    const index = new RuleIndex(rules.flatMap((one) => (one === undefined ? [] : [compileRule(one)])));
    expect(index.candidates({}, { product: 'p' })).toHaveLength(1);
    expect(index.candidates({ a: 'X' }, { product: 'p' })).toHaveLength(2);
    expect(index.stats()).toMatchObject({ rules: 3, open: 1, never: 1 });
  });

  it('routes by log source like the plain list, and builds one index for the same rules', () => {
    const rules = [
      compileText('title: t\nlogsource: {category: c}\ndetection:\n  s: {a: x}\n  condition: s'),
    ];
    const index = new RuleIndex(rules);
    for (let i = 0; i < 200; i++) {
      expect(
        index.candidates({ a: 'x' }, { product: `p${i}`, category: i % 2 === 0 ? 'C' : 'd' }),
      ).toHaveLength(i % 2 === 0 ? 1 : 0);
    }
    expect(index.stats().indexes).toBe(2);
  });
});
