import { describe, expect, it } from 'vitest';
import { compileRule, MAX_FILE_LENGTH, parseRules, SigmaError } from '../../../src/sigma/index.ts';
import { errorsOf, lintsOf, ruleText, selectionText } from '../rules.ts';

const FULL = `title: Something given
id: 3b1f0c52-6d0e-4f8e-9a57-0c6f2d1b7e41
status: stable
level: high
taxonomy: msgraph
description: What it is.
tags: [attack.t1098.003]
falsepositives:
  - A planned change
logsource: {product: azure, service: auditlogs}
detection:
  act: {result: success}
  condition: act
tenantwatch:
  catalogue: RL-01
  text:
    en: {title: "{subject} did it"}
`;

const CHECK = `title: Disabled account still licensed
id: 71c9f3a0-2f0e-4d0b-8f4e-6f0d3f1c9b20
tenantwatch:
  check: {sql: SELECT 1}
`;

describe('a rule', () => {
  it('carries what its document says', () => {
    const { rules, problems } = parseRules(FULL, 'a.yml');
    expect(problems).toEqual([]);
    expect(rules[0]).toMatchObject({
      id: '3b1f0c52-6d0e-4f8e-9a57-0c6f2d1b7e41',
      title: 'Something given',
      level: 'high',
      status: 'stable',
      taxonomy: 'msgraph',
      description: 'What it is.',
      tags: ['attack.t1098.003'],
      falsepositives: ['A planned change'],
      logsource: { product: 'azure', category: null, service: 'auditlogs' },
      custom: { catalogue: 'RL-01', text: { en: { title: '{subject} did it' } } },
      file: 'a.yml',
      index: 0,
    });
    expect(rules[0]?.document['tenantwatch']).toEqual(rules[0]?.custom);
  });

  it('tells where each key stands, and the nearest ancestor of one that does not exist', () => {
    const position = parseRules(FULL, 'a.yml').rules[0]?.position;
    expect(position?.(['level'])).toEqual({ line: 4, column: 1 });
    expect(position?.(['falsepositives', 0])).toEqual({ line: 9, column: 5 });
    expect(position?.(['tenantwatch', 'text', 'en', 'title'])).toEqual({ line: 17, column: 10 });
    expect(position?.(['tenantwatch', 'text', 'de'])).toEqual({ line: 16, column: 3 });
    expect(position?.([])).toEqual({ line: 1, column: 1 });
  });

  it('has no detection where it is a check on state, and such a rule cannot be compiled', () => {
    const { rules, problems } = parseRules(CHECK, 'check.yml');
    expect(problems).toEqual([]);
    expect(rules[0]).toMatchObject({ detection: null, logsource: null });
    expect(() => compileRule(rules[0] as NonNullable<(typeof rules)[0]>)).toThrow(SigmaError);
  });

  it('needs a detection and a log source where it is no check', () => {
    expect(errorsOf('title: t\ntenantwatch: {life: state}\n').map((p) => p.message)).toEqual([
      'the rule has no logsource',
      'the rule has no detection',
    ]);
    expect(errorsOf(`${CHECK}logsource: {product: azure}\n`).map((p) => p.message)).toEqual([
      'the rule has no detection',
    ]);
  });

  it.each([
    ['title: [a]\n', 'title must be a text'],
    ['title: ""\n', 'the rule has no title'],
    ['title: t\nlevel: urgent\n', "level 'urgent' is not one of"],
    ['title: t\ntags: [1]\n', 'tags must be a list of texts'],
    ['title: t\nlogsource: azure\n', 'logsource must be a map'],
    ['title: t\nlogsource: {product: 7}\n', 'logsource.product must be a text'],
    ['title: t\ndetection: [a]\n', 'detection must be a map'],
    ['title: t\ndetection: {a b: {F: 1}, condition: 1 of them}\n', "selection 'a b' cannot be named"],
    ['title: t\ndetection: {not: {F: 1}, condition: 1 of them}\n', "'not' is an operator"],
    ['title: t\ndetection: {a: {F: 1}, timeframe: 5m, condition: a}\n', "'timeframe' is no longer part"],
    ['title: t\ndetection: {a: {F: {g: 1}}, condition: a}\n', "'F' must be a value or a list of values"],
    ['title: t\ndetection: {a: {F: [[1]]}, condition: a}\n', 'a list of values holds only plain values'],
    ['title: t\ndetection: {a: {"": 1}, condition: a}\n', 'the field has no name'],
    ['title: t\ndetection: {a: {F: 1}, condition: []}\n', 'the condition is empty'],
    ['title: t\ndetection: {a: {F: 1}, condition: 1 of b*}\n', 'it names no selection'],
    ['title: t\ndetection: {a: {F: 1}, condition: a or all of b*}\n', "'all of b*' matches no selection"],
    ['title: t\ndetection: {a: {F: 1}, condition: a*}\n', "'a*' needs '1 of' or 'all of' before it"],
    ['title: t\naction: merge\n', "action 'merge' is not one of global, reset, repeat"],
    ['title: t\naction: repeat\n', "'action: repeat' has no document before it"],
    ['title: t\nsigma-version: 4\n', 'sigma-version 4 is not supported'],
    ['title: t\nsigma-version: "2.1"\n', 'sigma-version "2.1" is not supported'],
    ['- a\n- b\n', 'a rule must be a map'],
  ])('is refused: %j because %s', (text, reason) => {
    const { rules } = parseRules(text, 'rule.yml');
    expect(rules).toEqual([]);
    expect(errorsOf(text).map((problem) => problem.message)).toContainEqual(expect.stringContaining(reason));
  });

  it('is told of what the specification leaves open, and still loads', () => {
    expect(lintsOf(ruleText('a: {F: 1}\nb: {F: 2}\ncondition: a'))).toEqual(["selection 'b' is never used"]);
    expect(lintsOf(selectionText('[""]'))).toEqual(['keywords: an empty keyword is found in every event']);
    expect(lintsOf(`${selectionText('{F: 1}')}falsepositives: none\n`)).toEqual([
      'falsepositives should be a list',
    ]);
  });
});

describe('a file', () => {
  const good = selectionText('{F: 1}');

  it('may hold several rules, and a bad one never stops the rest', () => {
    const bad = good.replace('F: 1', 'F|nope: 1');
    const { rules, problems } = parseRules([good, bad, 'a: [\n', good].join('---\n'), 'several.yml');
    expect(rules.map((rule) => rule.index)).toEqual([0, 3]);
    expect(problems[0]).toMatchObject({ file: 'several.yml', severity: 'error' });
    expect(problems.map((p) => p.line)).toEqual([10, 14]);
    expect(problems.find((p) => p.line === 10)?.message).toContain("unknown modifier 'nope'");
  });

  it('may not use one id twice', () => {
    const twice = `${FULL}---\n${FULL}`;
    const { rules, problems } = parseRules(twice, 'a.yml');
    expect(rules.length).toBe(1);
    expect(problems[0]?.message).toContain('is used twice in this file');
  });

  it('that holds nothing says so', () => {
    expect(lintsOf('# all commented out\n')).toEqual(['the file holds no rule']);
  });

  const tenfold = (level: number): string =>
    `a${level}: &a${level} [${Array(9)
      .fill(`*a${level - 1}`)
      .join(', ')}]`;
  const bomb = ['a0: &a0 [x, x, x]', ...Array.from({ length: 12 }, (_, i) => tenfold(i + 1))].join('\n');

  it.each([
    ['a duplicate key', 'title: t\ntitle: u\n', "duplicate key 'title'"],
    ['a duplicate key in a selection', selectionText('{F: 1, F: 2}'), "duplicate key 'F'"],
    ['a key that is no text', '? [a]\n: 1\n', 'a key must be a plain text'],
    ['a merge key', 'a: &a {b: 1}\nc: {<<: *a}\n', "'<<' is not part of YAML 1.2"],
    ['an alias of nothing', 'a: *b\n', 'alias *b has no anchor'],
    ['an alias of itself', 'a: &a [*a]\n', 'nested deeper than'],
    ['an alias bomb', bomb, 'more than 100000 values'],
    ['an unknown tag', 'a: !!js/function "f"\n', 'YAML: '],
    ['a file too large', `title: ${'x'.repeat(MAX_FILE_LENGTH)}`, 'longer than'],
    [
      'nesting in blocks',
      Array.from({ length: 60 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'nested deeper than',
    ],
    ['nesting beyond the stack', '['.repeat(200_000), 'nested too deeply'],
    ['too many documents', '--- {title: t}\n'.repeat(501), 'more than 500 documents'],
    ['a broken flow', 'a: {b: [}\n', 'YAML: '],
  ])('is refused for %s', (_name, text, reason) => {
    const { rules, problems } = parseRules(text, 'f.yml');
    expect(rules).toEqual([]);
    expect(problems.map((problem) => problem.message)).toContainEqual(expect.stringContaining(reason));
    expect(problems.length).toBeLessThan(2000);
  });

  it('resolves an alias to the anchor before it', () => {
    const { rules } = parseRules(ruleText('a: {F: &v [x, y]}\nb: {G: *v}\ncondition: a or b'), 'f.yml');
    const compiled = compileRule(rules[0] as NonNullable<(typeof rules)[0]>);
    expect(compiled.match({ G: 'y' })).toBe(true);
    expect(compiled.match({ G: 'z' })).toBe(false);
  });

  it('cannot change a prototype', () => {
    const { rules } = parseRules(
      `${good}tenantwatch: {__proto__: {polluted: 1}, constructor: {prototype: {polluted: 1}}}\n`,
      'f.yml',
    );
    expect(Object.keys(rules[0]?.custom as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((rules[0]?.custom as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
