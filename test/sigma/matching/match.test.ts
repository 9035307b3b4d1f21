import { describe, expect, it } from 'vitest';
import { compileRule, MAX_EVENT_DEPTH, parseRules, readPath, RuleSet } from '../../../src/sigma/index.ts';
import { fold } from '../../../src/sigma/matching/fold.ts';
import { compileSelection, compileText, ruleText } from '../rules.ts';

describe('a selection', () => {
  it.each<[string, object, boolean]>([
    // Numbers and their texts.
    ['{F: 1.50}', { F: '1.50' }, true],
    ['{F: 1.50}', { F: 1.5 }, true],
    ['{F: 1e3}', { F: 1000 }, true],
    ['{F: 5}', { F: '5.0' }, false],
    ['{F: 007}', { F: '007' }, true],
    ['{F: 007}', { F: 7 }, false],
    ['{F: 5}', { F: true }, false],
    ['{F: 12345678901234567890}', { F: '12345678901234567890' }, true],
    // Case.
    ['{F: ΟΔΟΣ}', { F: 'οδος' }, true],
    ['{F|contains: ΔΟΣ}', { F: 'οδοσφ' }, true],
    ['{F|startswith: ab}', { F: 'İab' }, false],
    ['{F: [Foo, "b*r", 7]}', { F: 'BAZR' }, true],
    ['{F: [Foo, "b*r", 7]}', { F: 7 }, true],
    ['{F: [Foo, "b*r", 7]}', { F: 'bars' }, false],
    ['{F|cased: [Foo, Bar]}', { F: 'bar' }, false],
    ['{F|cased: "B?r"}', { F: 'Bar' }, true],
    // Null, empty, absent.
    ['{F: ["", null]}', {}, true],
    ['{F: ["", null]}', { F: '' }, true],
    ['{F: ["", null]}', { F: 'x' }, false],
    ['{F|neq: null}', { F: null }, false],
    ['{F|neq: null}', { F: 0 }, true],
    ['{F: null}', { F: {} }, false],
    ['{F.g: null}', { F: [{ g: null }, {}] }, true],
    ['{F.g: null}', { F: [{ g: 1 }, {}] }, false],
    ['{F|exists: true}', { F: [] }, true],
    ['{F.g|exists: true}', { F: [{}, { g: null }] }, true],
    ['{F|exists: false}', { F: undefined }, true],
    // Comparison, any member.
    ['{F|gt: 5}', { F: [1, 9] }, true],
    ['{F|gt: 5}', { F: ['x', '1e1'] }, true],
    ['{F|gt: 5}', { F: '0x10' }, false],
    ['{F|lt: 5}', { F: '' }, false],
    ['{F|lt: 5}', { F: null }, false],
    ['{F|lt: 0}', { F: '-1' }, true],
    ['{F|gt: 5}', { F: true }, false],
    // Networks.
    ['{F|cidr: 10.0.0.0/8}', { F: '10.1' }, false],
    ['{F|cidr: 10.0.0.0/8}', { F: '010.0.0.1.' }, false],
    ['{F|cidr: "::ffff:10.0.0.0/104"}', { F: '10.9.9.9' }, true],
    ['{F|cidr: "fe80::/10"}', { F: 'fe80::1%eth0' }, true],
    ['{F|cidr: "2001:db8::/33"}', { F: '[2001:db8:8000::1]:443' }, false],
    ['{F|cidr: "2001:db8::/33"}', { F: '[2001:db8:7fff::1]:443' }, true],
    ['{F|cidr: "::/0"}', { F: '10.0.0.1' }, false],
    // Arrays in arrays, keywords.
    ['{F: x}', { F: [['y', ['x']]] }, true],
    ['{a.b: x}', { a: [[{ b: 'x' }]] }, true],
    ['{a.@odata.type: x}', { a: { '@odata.type': 'x' } }, true],
    ['{"|startswith": ev}', { F: 'evil' }, true],
    ['{"|startswith": ev}', { F: 'so evil' }, false],
    ['{"|contains|all": [a, b]}', { F: 'xa', G: ['xb'] }, true],
    ['{"|cidr": 10.0.0.0/8}', { F: { g: '10.1.1.1' } }, true],
    ['[true]', { F: true }, true],
    ['[a, {F: b}]', { F: 'B' }, true],
    ['[[{F: a}, {F: b}], {F: c}]', { F: 'b' }, true],
  ])('%s on %j gives %s', (selection, event, wanted) => {
    expect(compileSelection(selection).match(event)).toBe(wanted);
  });

  it.each(['__proto__', 'constructor', 'toString', '__proto__.x', 'constructor.name', 'length'])(
    'named %s sees own properties only',
    (field) => {
      const exists = compileSelection(`{${field}|exists: true}`);
      expect(exists.match({})).toBe(false);
      expect(exists.match({ F: [] })).toBe(false);
      expect(compileSelection(`{${field}: "*"}`).match(Object.create({ [field]: 'x' }) as object)).toBe(
        false,
      );
      const own = JSON.parse(`{${JSON.stringify(field)}: "x"}`) as object;
      expect(compileSelection(`{${field}: x}`).match(own)).toBe(true);
    },
  );

  it('does not look below its depth, however deep an event is', () => {
    const nest = (depth: number): object =>
      JSON.parse('{"a":'.repeat(depth) + '"x"' + '}'.repeat(depth)) as object;
    const keyword = compileSelection('[x]');
    expect(keyword.match(nest(MAX_EVENT_DEPTH))).toBe(true);
    expect(keyword.match(nest(5000))).toBe(false);
    const lists = JSON.parse(`{"F":${'['.repeat(5000)}"x"${']'.repeat(5000)}}`) as object;
    expect(compileSelection('{F: x}').match(lists)).toBe(false);
    expect(compileSelection('{F|exists: true}').match(lists)).toBe(true);
  });
});

describe('a compiled rule', () => {
  it('names every field that it reads, as written, and * for keywords', () => {
    const text = ruleText(
      'a: {F.g|contains: 1, H: 2}\nb: [evil, {F.g: 3}]\nc: {Unused: 1}\ncondition: a and not b',
    );
    expect(compileText(text).fields).toEqual(['F.g', 'H', '*']);
  });

  it('changes nothing in the event', () => {
    const event = Object.freeze({ F: Object.freeze(['A', Object.freeze({ g: null })]) });
    expect(compileText(ruleText('a: {F: a}\nb: {F.g: null}\ncondition: a and b')).match(event)).toBe(true);
  });
});

describe('readPath', () => {
  it.each<[object, string, unknown[]]>([
    [{ a: { b: 1 } }, 'a.b', [1]],
    [{ a: [{ b: 1 }, { b: [2, null] }, {}] }, 'a.b', [1, 2, null]],
    [{ 'a.b': 'flat', a: { b: 'deep' } }, 'a.b', ['flat']],
    [{ a: { b: { c: 1 } } }, 'a.b', [{ c: 1 }]],
    [{ a: 1 }, 'a.b', []],
    [{}, 'constructor.name', []],
  ])('of %j at %s gives %j', (event, path, wanted) => {
    expect(readPath(event, path)).toEqual(wanted);
  });
});

describe('a set of rules', () => {
  const rule = (title: string, logsource: string): string =>
    `title: ${title}\nlogsource: ${logsource}\ndetection: {a: {F: 1}, condition: not a}\n`;
  const text = [
    rule('sign-ins', '{product: azure, service: signinlogs}'),
    rule('audits', '{product: azure, service: auditlogs}'),
    rule('all of azure', '{product: Azure}'),
    rule('a category', '{category: authentication}'),
  ].join('---\n');
  const set = new RuleSet(parseRules(text, 'set.yml').rules.map((one) => compileRule(one)));
  const titles = (logsource: Parameters<RuleSet['candidates']>[0]): string[] =>
    set.candidates(logsource).map((compiled) => compiled.rule.title);

  it('gives the rules whose log source an event has, case aside', () => {
    expect(titles({ product: 'azure', service: 'signinlogs' })).toEqual(['sign-ins', 'all of azure']);
    expect(titles({ product: 'AZURE', service: 'auditlogs' })).toEqual(['audits', 'all of azure']);
    expect(titles({ product: 'azure' })).toEqual(['all of azure']);
    expect(titles({ category: 'authentication' })).toEqual(['a category']);
    expect(titles({ product: 'm365', service: 'audit' })).toEqual([]);
  });

  it('gives the same list again', () => {
    expect(set.candidates({ product: 'azure' })).toBe(set.candidates({ product: 'azure', service: null }));
  });
});

describe('folding', () => {
  it.each(['İ', 'ΑΣ', 'aİbẞ', '😀İ', 'K', 'plain'])('keeps the length of %s', (text) => {
    expect(fold(text).length).toBe(text.length);
  });
});
