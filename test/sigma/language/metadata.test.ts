import { describe, expect, it } from 'vitest';
import { compileRule, parseRules } from '../../../src/sigma/index.ts';
import { errorsOf, lintsOf, selectionText } from '../rules.ts';

const ID = '6f3e2987-db24-4c78-a860-b4f4095a7095';

describe('the keys that describe a document', () => {
  it.each([
    ['related: x\n', 'related must be a list of {id, type}'],
    ['related: [x]\n', 'related: id null is not a UUID'],
    ['related: [{id: x, type: derived}]\n', 'related: id "x" is not a UUID'],
    [`related: [{id: ${ID}}]\n`, 'related: type null is not one of derived'],
    [`related: [{id: ${ID}, type: obsoletes}]\n`, "related: type 'obsoletes' is the spelling of Sigma 1"],
    ['references: [1]\n', 'references must be a list of texts'],
    ['fields: {a: 1}\n', 'fields must be a list of texts'],
    ['scope: 5\n', 'scope must be a list of texts'],
    ['license: [MIT]\n', 'license must be a text'],
    ['date: 20260131\n', 'date must be a text'],
  ])('are refused: %j because %s', (text, reason) => {
    const errors = errorsOf(`${selectionText('{F: 1}')}${text}`).map((problem) => problem.message);
    expect(errors).toContainEqual(expect.stringContaining(reason));
  });

  it.each([
    ['date: 2026/01/31\n', ["date '2026/01/31' should be a date like 2026-01-31"]],
    ['modified: 2026-02-30\n', ["modified '2026-02-30' should be a date like 2026-01-31"]],
    ['references: https://example.org\n', ['references should be a list']],
    ['author: [a, b]\n', ['author should be a text, names separated by commas']],
    ['tags: [persistence, attack.t1098]\n', ["tag 'persistence' should be namespace.name"]],
    [
      'tags: [home.made]\n',
      ["tag 'home.made': namespaces are attack, car, cve, d3fend, detection, stp, tlp"],
    ],
    [`related: [{id: ${ID}, type: obsolete}, {id: ${ID}, type: correlation}]\n`, []],
    ['related:\ndate:\nauthor:\ntags:\n', []],
    ['simulation: {anything: [1]}\nregression_tests_path: x\nlogsource2: y\n', []],
  ])('are linted: %j with %j', (text, lints) => {
    const rule = `${selectionText('{F: 1}')}${text}`;
    expect(errorsOf(rule)).toEqual([]);
    expect(lintsOf(rule)).toEqual(lints);
  });
});

describe("pySigma's action documents", () => {
  const GLOBAL =
    'action: global\ntitle: g\nlogsource: {product: p}\ndetection: {a: {F: 1, G: &v 2}, condition: a}\n';
  const LINT = "'action' documents are not part of Sigma any more; write each rule out";

  function matching(text: string, event: object): string[] {
    const { rules } = parseRules(text, 'a.yml');
    return rules.filter((rule) => compileRule(rule).match(event)).map((rule) => rule.title);
  }

  it('lay what is global over the documents behind it, key by key, until a reset', () => {
    const text = [
      GLOBAL,
      'title: one\n',
      'title: two\ndetection: {a: {F: 3}}\n',
      'action: reset\n',
      'title: three\n',
    ].join('---\n');
    expect(matching(text, { F: 1, G: 2 })).toEqual(['one']);
    expect(matching(text, { F: 3, G: 2 })).toEqual(['two']);
    const { problems, rules } = parseRules(text, 'a.yml');
    expect(problems).toMatchObject([
      { line: 1, severity: 'lint', message: LINT },
      { line: 11, severity: 'lint', message: LINT },
      { line: 13, severity: 'error', message: 'the rule has no logsource' },
      { line: 13, severity: 'error', message: 'the rule has no detection' },
    ]);
    expect(rules[1]?.position(['detection', 'a', 'F'])).toEqual({ line: 9, column: 17 });
    expect(rules[1]?.position(['detection', 'a', 'G'])).toEqual({ line: 4, column: 23 });
    expect(rules[0]?.document).not.toHaveProperty('action');
  });

  it('repeat the document before them with changes', () => {
    const text = [
      selectionText('{F: &v [1, 2], G: *v}').replace('title: t', 'title: one'),
      'action: repeat\ntitle: two\ndetection: {sel: {F: 5}}\n',
      'action: repeat\ntitle: three\ndetection: {sel: {G: 6}}\n',
    ].join('---\n');
    expect(matching(text, { F: 1, G: 2 })).toEqual(['one']);
    expect(matching(text, { F: 5, G: 2 })).toEqual(['two']);
    expect(matching(text, { F: 5, G: 6 })).toEqual(['three']);
  });

  it('cannot multiply a file beyond bounds', () => {
    const large = `action: global\ntitle: g\nbig: [${'1, '.repeat(1000)}1]\n`;
    const { problems } = parseRules(
      [large, ...Array.from({ length: 200 }, () => 'title: t\n')].join('---\n'),
      'a.yml',
    );
    expect(problems.map((problem) => problem.message)).toContainEqual(
      expect.stringContaining("'action' documents make more than 100000 values"),
    );
  });

  it('cannot change a prototype', () => {
    const text = `${GLOBAL}---\ntitle: one\n__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\n`;
    const [rule] = parseRules(text, 'a.yml').rules;
    expect(Object.keys(rule?.document ?? {})).toContain('__proto__');
    expect(rule?.document['polluted']).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
