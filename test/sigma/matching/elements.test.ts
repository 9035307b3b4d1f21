import { describe, expect, it } from 'vitest';
import type { CompiledRule } from '../../../src/sigma/index.ts';
import { compileText, errorsOf, ruleText } from '../rules.ts';

function version3(detection: string, version = '3'): string {
  return `sigma-version: ${version}\n${ruleText(detection)}`;
}

function compileArrays(selection: string): CompiledRule {
  return compileText(version3(`sel: ${selection}\ncondition: sel`));
}

describe('array matching', () => {
  it.each<[string, object, boolean]>([
    // Elements of every kind.
    ['{"c[any]": {p: x}}', { c: [null, 'x', ['x'], { p: 'X' }] }, true],
    ['{"c[any]": {p: x}}', { c: [null, 'x', ['x'], { p: 'y' }] }, false],
    ['{"c[any]": [x, y]}', { c: ['z', 'Y'] }, true],
    ['{"c[all]": [x, y]}', { c: ['x', 'Y', 'z'] }, false],
    ['{"c[any]": null}', { c: ['x', null] }, true],
    ['{"c[any]": [{p: x}, {q: y}]}', { c: [{ q: 'y' }] }, true],
    ['{"c[any]": {p: null}}', { c: [{}] }, true],
    ['{"c[any]|neq": x}', { c: ['x', 'y'] }, true],
    ['{"c[all]|neq": x}', { c: ['x', 'y'] }, false],
    ['{"c[any]|contains|all": [a, b]}', { c: ['xa', 'xb'] }, false],
    ['{"c[any]|contains|all": [a, b]}', { c: ['xaxb'] }, true],
    ['{"c[any]|re": "^a.$"}', { c: ['ab'] }, true],
    ['{"c[any]|exists": true}', { c: [] }, false],
    ['{"c[any]|exists": true}', { c: [null] }, true],
    // No array.
    ['{"c[any]": x}', { c: 'x' }, false],
    ['{"c[all]": x}', { c: 'x' }, false],
    ['{"c[none]": x}', { c: 'x' }, true],
    ['{"c[all_or_empty]": x}', { c: 'x' }, false],
    ['{"c[all_or_empty]": x}', { c: {} }, false],
    // Paths.
    ['{"a.c[any]": {p.q: x}}', { a: { c: [{ p: { q: 'x' } }] } }, true],
    ['{"a.c[any]": x}', { 'a.c': ['x'] }, true],
    ['{"a.c[all]": x}', { a: [{ c: ['x'] }, { c: ['x', 'y'] }] }, false],
    ['{"a.c[all]": x}', { a: [{ c: ['x'] }, { c: ['x', 'x'] }, {}] }, true],
    ['{"a[any].c": x}', { a: [{ c: 'x' }] }, true],
    [
      '{"a[all].c[any].d|startswith": x}',
      { a: [{ c: [{ d: 'xy' }] }, { c: [{ d: 'z' }, { d: 'x' }] }] },
      true,
    ],
    ['{"a[all].c[any].d|startswith": x}', { a: [{ c: [{ d: 'xy' }] }, { c: [{ d: 'z' }] }] }, false],
    [
      '{"a[any][all]": x}',
      {
        a: [
          ['x', 'y'],
          ['x', 'x'],
        ],
      },
      true,
    ],
    [
      '{"a[any][all]": x}',
      {
        a: [
          ['x', 'y'],
          ['y', 'x'],
        ],
      },
      false,
    ],
    ['{"a[0]": x}', { a: [['y', 'x']] }, true],
    ['{"a[0][1]": x}', { a: [['y', 'x']] }, true],
    ['{"a[0][1]": y}', { a: [['y', 'x']] }, false],
    ['{"a[-2].b": x}', { a: [{ b: 'x' }, { b: 'y' }] }, true],
    ['{"a[-3].b": x}', { a: [{ b: 'x' }, { b: 'y' }] }, false],
    ['{"a[1]|exists": true}', { a: [1] }, false],
    ['{"a[0]|exists": true}', { a: [null] }, true],
    ['{"a[0]": null}', { a: [] }, true],
    ['{"a[0]": null}', { a: [0] }, false],
    ['{"a.b[0].c[any]": {d: x}}', { a: { b: [{ c: [{ d: 'x' }] }, {}] } }, true],
    ['{"a[0]|fieldref": "b[-1]"}', { a: ['x'], b: ['y', 'X'] }, true],
    [
      '{"a[any]": {b|fieldref: c}}',
      {
        a: [
          { b: 1, c: 2 },
          { b: 2, c: 1 },
        ],
      },
      false,
    ],
    [
      '{"a[any]": {b|fieldref: c}}',
      {
        a: [
          { b: 1, c: 2 },
          { b: 2, c: 2 },
        ],
      },
      true,
    ],
    // Escapes.
    ["{'a.b\\[0\\].c': x}", { a: { 'b[0]': { c: 'x' } } }, true],
    ["{'a\\[0\\][any]': x}", { 'a[0]': ['x'] }, true],
    ["{'a\\b': x}", { 'a\\b': 'x' }, true],
    // Own properties only.
    ['{"__proto__[any]": x}', {}, false],
    ['{"constructor[none]": x}', {}, true],
    ['{"constructor.name[0]": x}', {}, false],
  ])('%s on %j gives %s', (selection, event, wanted) => {
    expect(compileArrays(selection).match(event)).toBe(wanted);
  });

  it.each([
    ['{"c[some]": x}', "'[some]' is neither an index nor any, all, all_or_empty or none"],
    ['{"c[1.5]": x}', "'[1.5]' is neither an index"],
    ['{"c[any": x}', "a '[' is never closed"],
    ['{"c]": x}', "']' without '['"],
    ['{"[any]": x}', "there is no name before '['"],
    ['{"a.[any]": x}', "there is no name before '['"],
    ['{"a[0]b": x}', "'b' cannot stand behind ']'"],
    ['{"a[0].": x}', 'a name is missing at the end'],
    ['{"a[any].": x}', 'a name is missing at the end'],
    ['{".": x}', "'.' is an element and belongs into its body"],
    ['{".[0]": x}', "'.' is an element and belongs into its body"],
    ['{"c[any]": {}}', 'the selection is empty'],
    ['{"c[any]|contains": {p: x}}', 'a modifier needs a value, not a map'],
    ['{"c[any]": {condition: a}}', "'c[any]' has no selection"],
    ['{"c[any]": {condition: b, a: {p: x}}}', "selection 'b' is not defined"],
    ['{"c[any]": {p|nope: x}}', "unknown modifier 'nope'"],
    ['{"c[0]": {p: x}}', "'c[0]' must be a value or a list of values"],
    ['{a|fieldref: "b[any]"}', 'a field with a quantifier has no value'],
  ])('refuses %s because %s', (selection, reason) => {
    const errors = errorsOf(version3(`sel: ${selection}\ncondition: sel`)).map((p) => p.message);
    expect(errors).toContainEqual(expect.stringContaining(reason));
  });

  it('judges the element itself, and elements of elements, in a body', () => {
    const rule = compileText(
      version3('sel:\n  c[any]:\n    .[1]: x\n    .|exists: true\n    .[any]|startswith: z\ncondition: sel'),
    );
    expect(rule.match({ c: [['zz', 'x']] })).toBe(true);
    expect(rule.match({ c: [['zz'], ['y', 'x']] })).toBe(false);
    expect(
      compileText(version3('sel:\n  c[any]:\n    a: [evil]\n    condition: a\ncondition: sel')).match({
        c: [{ x: 'so evil' }],
      }),
    ).toBe(true);
  });

  it('names the fields it reads without indexes', () => {
    const rule = compileText(
      version3(
        'sel:\n  c[any]:\n    p: 1\n    q[0].r: 2\n    s[all]: 3\n  t[any]: 4\n  u[-1]: 5\ncondition: sel',
      ),
    );
    expect(rule.fields).toEqual(['c.p', 'c.q.r', 'c.s', 't', 'u']);
  });

  it.each(['3', '"3"'])('is on in version %s and off in the others', (version) => {
    const detection = 'sel: {"a[0]": x}\ncondition: sel';
    expect(compileText(version3(detection, version)).match({ a: ['x'] })).toBe(true);
    expect(compileText(version3(detection, '2')).match({ a: ['x'] })).toBe(false);
    expect(compileText(version3(detection, '1')).match({ 'a[0]': 'x' })).toBe(true);
  });
});
