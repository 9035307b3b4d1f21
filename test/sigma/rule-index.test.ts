import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledRule } from '../../src/sigma/compile.ts';
import { compileRule, parseRules, RuleSet } from '../../src/sigma/index.ts';
import { RuleIndex } from '../../src/sigma/rule-index.ts';
import { compileText } from './rules.ts';

const RUN = { seed: 20261124, numRuns: 150 };
const RULES = 25;
const FIELDS = ['a', 'b', 'a.b', 'b.c', 'a.b.c', 'list', 'list.x', 'A'];

/** A modifier, a value under it and texts that it is found in (as YAML and as event values). */
type Known = readonly [modifiers: string, value: string, examples: readonly unknown[]];

const KNOWN: readonly Known[] = [
  ['', "'Alpha'", ['alpha', 'ALPHA', 'alphax']],
  ['', "'al*ha'", ['alpha', 'alXXha', 'xalha']],
  ['', "'Al?ha*'", ['alpha', 'alzhaa']],
  ['', "'*Ω*σας'", ['xωyΣΑΣ', 'ωσας']],
  ['', "'*'", ['', 'x', 1]],
  ['', "''", ['', null]],
  ['', '50053', [50053, '50053', 5]],
  ['', '1.50', [1.5, '1.50', '1.5']],
  ['', 'true', [true, 'TRUE', false]],
  ['', 'null', [null, 'x']],
  ['', '[null, x]', [null, 'x', 'y']],
  ['', '[]', [null]],
  ['', "'İx'", ['İX', 'ix']],
  ['|contains', "'PowerShell'", ['run powershell now', 'PowerShellx', 'power']],
  ['|contains', "['enc', 'dec', 'Zip']", ['xENCx', 'unzip', 'none']],
  ['|contains|all', "['enc', 'zip']", ['encode zip', 'zip', 'ENC ZIP']],
  ['|startswith', "['C:\\Win', 'D:']", ['c:\\windows', 'd:x', 'xd:']],
  ['|endswith', "['.EXE', '\\cmd']", ['a.exe', 'x\\cmd', 'a.exe.txt']],
  ['|endswith', "'*.e?e'", ['a.exe', '.eee', 'a.exex']],
  ['|contains', "'\\*lit\\?'", ['a*lit?b', 'lit']],
  ['|cased', "'Alpha'", ['Alpha', 'alpha']],
  ['|contains|cased', "'Key\uD83D\uDE00'", ['aKey😀b', 'akey😀b']],
  ['|contains|cased', '"\\uDC00"', ['x\u{10400}', 'x\u{10428}']],
  ['|neq', "'Alpha'", ['alpha', 'beta']],
  ['|contains|neq', "['enc', 'zip']", ['enc', 'other']],
  ['|exists', 'true', [null, [], 'x']],
  ['|exists', 'false', [null, 'x']],
  ['|gt', '10', [11, '12', 3]],
  ['|lte', '-1', [-1, '-2.5', 0]],
  ['|re', "'b[0-9]+'", ['ab12', 'b', 'B1']],
  ['|re', "'(?i)foo(bar|baz)+'", ['xFOOBAZ', 'foo']],
  ['|re|i', "'task.*kill'", ['TASK then KILL', 'tasſ kill', 'tasK kill']],
  ['|re', "'^(?:one|two)$'", ['one', 'two', 'three']],
  ['|re', "'\\d{3}'", ['a123', '12']],
  ['|re|s', "'a.b'", ['a\nb', 'ab']],
  [
    '|cidr',
    "'10.1.0.0/16'",
    ['10.1.2.3', '010.01.2.3', '[10.1.2.9]', '10.1.1.1:80', '::ffff:10.1.2.3', '10.2.0.1', '::ffff:a01:203'],
  ],
  ['|cidr', "'10.0.0.0/8'", ['10.1.2.3', '010.1.2.3', '11.1.1.1']],
  ['|cidr', "'0.0.0.0/0'", ['1.2.3.4', 'x']],
  ['|cidr', "'192.168.7.0/26'", ['192.168.7.63', '192.168.7.64', '192.168.007.1']],
  ['|cidr', "'192.0.2.1'", ['192.0.2.1', '192.0.2.10']],
  ['|cidr', "'2001:db8::/32'", ['2001:DB8::1', '[2001:db8::1]:443', '::1']],
  ['|windash|contains', "' -enc '", ['x /ENC y', 'x –enc y', 'enc']],
  ['|base64offset|contains', "'http://'", ['xaHR0cDovL3x', 'odHRwOi8v', 'h0dHA6Ly']],
  ['|wide|base64offset|contains', "'ping'", ['cABpAG4AZw', 'none']],
  ['|fieldref', 'b', ['same', 'other']],
  ['|fieldref|startswith', 'a', ['same', 'other']],
  ['|hour|gte', '22', ['2026-11-24T23:10:00Z', '2026-11-24T03:10:00Z']],
];

const known = fc.constantFrom(...KNOWN);
const field = fc.constantFrom(...FIELDS);
const item = fc.tuple(field, known);
const keywords = fc.constantFrom(
  "['powershell', 'ENC']",
  "'alpha'",
  "['al*ha', '?lpha b']",
  "{'|all': ['alpha', 'same']}",
  "{'|re': 'b[0-9]+'}",
  "{'|startswith': 'alp'}",
  '[50053]',
);
const selection = fc.oneof(
  { weight: 6, arbitrary: fc.array(item, { minLength: 1, maxLength: 3 }).map(toMap) },
  {
    weight: 2,
    arbitrary: fc
      .array(item, { minLength: 1, maxLength: 3 })
      .map((all) => `[${all.map((one) => toMap([one])).join(', ')}]`),
  },
  { weight: 1, arbitrary: keywords },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('list[any]', 'list[all]', 'list[none]', 'list[0]', 'list[all_or_empty]', 'a.b[any]'),
        known,
      )
      .map(([name, [modifiers, value]]) => `{"${name}.x${modifiers}": ${value}}`),
  },
);
const condition = fc.constantFrom(
  ...['s0', 's0 and s1', 's0 or s1', 'not s0', 's0 and not s1', 's1 and not 1 of s*', '1 of s*', 'all of s*'],
  ...[
    '(s0 or s1) and s2',
    's0 and s1 or s2 and not s0',
    'not (s0 and s1)',
    '1 of s* and s2',
    '1 of none* or s0',
  ],
);
const rule = fc
  .tuple(
    fc.array(selection, { minLength: 3, maxLength: 3 }),
    condition,
    fc.constantFrom('p', 'q'),
    fc.boolean(),
  )
  .map(([selections, text, product, arrays]) =>
    [
      'title: t',
      ...(arrays ? ['sigma-version: 3'] : []),
      `logsource: {product: ${product}}`,
      'detection:',
      ...selections.map((one, i) => `  s${i}: ${one}`),
      `  condition: ${text}`,
    ].join('\n'),
  );

/** Values that rules know of, put where they look. */
const value = fc.oneof(
  { weight: 8, arbitrary: known.chain(([, , examples]) => fc.constantFrom(...examples)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>('same', 'alpha', 50053, {}, [], null, 'powershell enc zip'),
  },
);
const placed = fc.tuple(
  field,
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.array(value, { maxLength: 3 }) }),
  fc.constantFrom('flat', 'nested', 'listed'),
);
const event = fc.array(placed, { minLength: 1, maxLength: 7 }).map((all) => {
  const made: Record<string, unknown> = {};
  for (const [name, given, style] of all) place(made, name, given, style);
  return made;
});

function toMap(items: readonly (readonly [string, Known])[]): string {
  const keys = new Map(items.map(([name, [modifiers, given]]) => [`"${name}${modifiers}"`, given]));
  return `{${[...keys].map(([key, given]) => `${key}: ${given}`).join(', ')}}`;
}

function place(into: Record<string, unknown>, name: string, given: unknown, style: string): void {
  const dot = name.indexOf('.');
  if (style === 'flat' || dot < 0) {
    into[name] = given;
    return;
  }
  const head = name.slice(0, dot);
  const before = into[head];
  const inner: Record<string, unknown> =
    typeof before === 'object' && before !== null && !Array.isArray(before)
      ? (before as Record<string, unknown>)
      : {};
  place(inner, name.slice(dot + 1), given, style);
  into[head] = style === 'listed' ? [{}, inner, 'x'] : inner;
}

function compileAll(texts: readonly string[]): CompiledRule[] {
  return texts.flatMap((text) => {
    const { rules } = parseRules(text, 'random.yml');
    try {
      return rules.map((one) => compileRule(one));
    } catch {
      return [];
    }
  });
}

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
