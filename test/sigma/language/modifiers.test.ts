import { describe, expect, it } from 'vitest';
import {
  compileRule,
  MAX_PLACEHOLDER_PATTERNS,
  parseRules,
  placeholdersOf,
  SigmaError,
} from '../../../src/sigma/index.ts';
import type { CompiledRule } from '../../../src/sigma/index.ts';
import { compileSelection, errorsOf, lintsOf, ruleText, selectionText } from '../rules.ts';

function base64(text: string, encoding: BufferEncoding = 'utf8'): string {
  return Buffer.from(text, encoding).toString('base64');
}

describe('an encoding', () => {
  it.each<[string, unknown, boolean]>([
    ['{F|base64: "né"}', base64('né'), true],
    ['{F|base64|cased: ab}', 'YWI=', true],
    ['{F|base64|cased: ab}', 'ywi=', false],
    ['{F|cased|base64: ab}', 'ywi=', false],
    ['{F|base64: 50053}', base64('50053'), true],
    ['{F|utf16le|base64: "é€"}', base64('é€', 'utf16le'), true],
    ['{F|utf16|base64|startswith: a}', `//5hAA==`, true],
    ['{F|utf16be|base64: a}', base64('\0a'), true],
    ['{F|base64offset|contains: né}', base64(`xné y`), true],
    ['{F|base64offset|contains: né}', base64(`xxné`), true],
    ['{F|base64offset|contains: né}', base64(`né`), true],
    ['{F|base64offset|contains: né}', base64(`ne`), false],
    ['{F|wide|base64offset|contains: "iex é"}', base64('x iex é!', 'utf16le'), true],
    ['{F|base64offset|contains|all: [alpha, beta]}', base64('alpha beta'), true],
    ['{F|base64offset|contains|all: [alpha, beta]}', base64('alpha bet'), false],
    ['{F|base64offset|contains|neq: alpha}', base64('alpha'), false],
    ['{F|base64offset|contains: a}', '----', false],
    ['{"|base64|contains": evil}', `run ${base64('evil')}`, true],
  ])('%s on %j gives %s', (selection, value, wanted) => {
    expect(compileSelection(selection).match({ F: value })).toBe(wanted);
  });

  it.each([
    ['{F|base64: "a?"}', 'encodes plain text only'],
    ['{F|contains|base64: a}', 'encodes plain text only'],
    ['{F|wide|contains|base64: a}', 'encodes plain text only'],
    ['{F|expand|base64: "%a%"}', 'encodes plain text only'],
    ['{F|base64: true}', "'base64' needs a text"],
    ['{F|base64: null}', "'base64' needs a text"],
    ['{F|wide|utf16be|base64: a}', "'utf16be' needs plain values"],
    ['{F|contains|wide: a}', "'wide' needs plain values"],
    ['{F|base64offset|contains: ""}', 'an empty text has no base64'],
    ['{F|re|base64: a}', "'base64' needs a text"],
    ['{F|base64|re: a}', "'re' needs plain values"],
    ['{F|wide|windash|base64: a}', "'windash' must stand before an encoding"],
  ])('is refused in %s because %s', (selection, reason) => {
    expect(errorsOf(selectionText(selection)).map((p) => p.message)).toContainEqual(
      expect.stringContaining(reason),
    );
  });

  it.each([
    ['{F|wide: ab}', "F|wide: 'wide' without base64 behind it compares bytes as characters"],
    [
      '{F|base64offset: ab}',
      "F|base64offset: 'base64offset' finds a part of a value only with 'contains' behind it",
    ],
    [
      '{F|base64offset|contains: a}',
      "F|base64offset|contains: a single byte under 'base64offset' is seen at some offsets only; use a longer text",
    ],
    ['{F|expand: plain}', "F|expand: 'expand' without a %placeholder% changes nothing"],
    ['{F|all|contains: [a, b]}', "F|all|contains: 'all' belongs at the end"],
    ['{F|neq|neq: a}', "F|neq|neq: 'neq' stands twice"],
    ['{F: []}', 'F: an empty list means null; write null'],
    ['{F|hour: 24}', "F|hour: 'hour' is a whole number from 0 to 23, never 24"],
    ['{"F[0]": a}', "'F[0]': without sigma-version: 3 the brackets are part of the name"],
  ])('or another thing the specification leaves open is linted: %s', (selection, lint) => {
    expect(errorsOf(selectionText(selection))).toEqual([]);
    expect(lintsOf(selectionText(selection))).toEqual([lint]);
  });
});

describe('windash', () => {
  it.each<[string, string, boolean]>([
    ['{F|windash|endswith: " -é"}', 'x \u2014É', true],
    ['{F|windash|startswith: "/p -q"}', '\u2013P \u2015q x', true],
    ['{F|windash: "--force"}', '-\u2013force', true],
    ['{F|windash: "--force"}', '\u2013-force', false],
    ['{F|windash: "a -b*-c"}', 'a /b and more\u2015c', true],
    ['{F|windash|cased: "-Enc"}', '/enc', false],
    ['{F|windash|cased: "-Enc"}', '/Enc', true],
    ['{F|cased|windash: "-Enc"}', '/enc', false],
    ['{F|windash|contains|neq: "-x"}', 'a /x', false],
    [
      '{F|windash|contains: "-a -b -c -d -e -f -g -h -i -j -k -l"}',
      '/a /b /c /d /e /f /g /h /i /j /k /l',
      true,
    ],
  ])('%s on %j gives %s', (selection, value, wanted) => {
    expect(compileSelection(selection).match({ F: value })).toBe(wanted);
  });
});

describe('fieldref', () => {
  it.each<[string, object, boolean]>([
    ['{A|fieldref: B}', { A: 5, B: '5' }, true],
    ['{A|fieldref: B}', { A: null, B: null }, false],
    ['{A|fieldref: B}', { A: ['x', 'y'], B: ['z', 'Y'] }, true],
    ['{A.b|fieldref: C.d}', { A: [{ b: 'x' }], C: { d: 'X' } }, true],
    ['{A|fieldref|cased: B}', { A: 'x', B: 'X' }, false],
    ['{A|cased|fieldref: B}', { A: 'x', B: 'X' }, false],
    ['{A|fieldref|endswith: B}', { A: 'user@contoso.com', B: 'CONTOSO.COM' }, true],
    ['{A|fieldref|endswith: B}', { A: 'user@contoso.com.x', B: 'contoso.com' }, false],
    ['{A|fieldref|contains: [B, C]}', { A: 'abc', C: 'b' }, true],
    ['{A|fieldref|contains|all: [B, C]}', { A: 'abc', C: 'b' }, false],
    ['{A|fieldref|neq: B}', { A: 'x' }, true],
    ['{A|fieldref: __proto__}', { A: '[object Object]' }, false],
    ['{A|fieldref: constructor.name}', { A: 'Object' }, false],
  ])('%s on %j gives %s', (selection, event, wanted) => {
    expect(compileSelection(selection).match(event)).toBe(wanted);
  });

  it.each([
    ['{A|fieldref: 5}', 'needs the name of a field'],
    ['{A|fieldref: ""}', 'needs the name of a field'],
    ['{"|fieldref": B}', "'fieldref' needs a field"],
    ['{A|startswith|fieldref: B}', "'fieldref' needs plain values"],
  ])('is refused in %s because it %s', (selection, reason) => {
    expect(errorsOf(selectionText(selection)).map((p) => p.message)).toContainEqual(
      expect.stringContaining(reason),
    );
  });

  it('reads the fields on both sides', () => {
    expect(compileSelection('{A.b|fieldref: C}').fields).toEqual(['A.b', 'C']);
  });

  it('stays linear on hostile values', () => {
    const rule = compileSelection('{A|fieldref|contains: B}');
    expect(rule.match({ A: 'a'.repeat(400_000), B: `b${'a'.repeat(200_000)}` })).toBe(false);
    expect(rule.match({ A: `${'a'.repeat(100_000)}b`, B: `${'a'.repeat(90_000)}B` })).toBe(true);
  });
});

describe('a part of a time', () => {
  it.each<[string, unknown, boolean]>([
    ['{T|hour: 23}', '2026-03-01T00:30:00+01:00', true],
    ['{T|hour: 5}', '2026-03-01T00:30:00.1234567-04:30', true],
    ['{T|hour: 0}', '2026-03-01', true],
    ['{T|hour: 13}', '2026-03-01T13:05:00', true],
    ['{T|minute: 5}', '2026-03-01 13:05', true],
    ['{T|day|lte: 1}', '2026-03-01T13:05:00Z', true],
    ['{T|week: 53}', '2027-01-03T23:59:59Z', true],
    ['{T|week: 1}', '2027-01-04T00:00:00Z', true],
    ['{T|week: 1}', '2024-12-30T00:00:00Z', true],
    ['{T|year: 2024}', '2024-12-30T00:00:00Z', true],
    ['{T|month: [1, 2]}', '2026-02-28T12:00:00Z', true],
    ['{T|month|neq: 2}', '2026-02-28T12:00:00Z', false],
    ['{T|month|gt: 1}', Date.UTC(2026, 1, 28), true],
    ['{T|hour|lt: 6}', ['x', '2026-02-28T05:00:00Z'], true],
    ['{T|year: 2026}', '2026-02-30T00:00:00Z', false],
    ['{T|hour: 0}', '2026-13-01', false],
    ['{T|hour: 0}', null, false],
    ['{T|hour: 0}', true, false],
    ['{T|year: 1970}', 1e20, false],
    ['{T|hour: 0}', { date: '2026-01-01' }, false],
  ])('%s on %j gives %s', (selection, value, wanted) => {
    expect(compileSelection(selection).match({ T: value })).toBe(wanted);
  });

  it.each([
    ['{T|hour: "3"}', "'hour' needs a number"],
    ['{"|hour": 3}', "'hour' needs a field"],
    ['{T|contains|hour: 3}', "'hour' needs plain values"],
    ['{T|hour|contains: 3}', "'contains' needs a text"],
    ['{T|gte|hour: 3}', "'hour' needs plain values"],
    ['{T|hour|gte|lte: 3}', "'lte' needs plain values"],
  ])('is refused in %s because %s', (selection, reason) => {
    expect(errorsOf(selectionText(selection)).map((p) => p.message)).toContainEqual(
      expect.stringContaining(reason),
    );
  });
});

describe('expand', () => {
  function compileWith(selection: string, values: Record<string, string[]>): CompiledRule {
    const [rule] = parseRules(selectionText(selection), 'rule.yml').rules;
    if (rule === undefined) throw new Error('the rule is refused');
    return compileRule(rule, { placeholders: new Map(Object.entries(values)) });
  }

  function problemsOf(compile: () => unknown): readonly object[] {
    try {
      compile();
    } catch (error) {
      if (error instanceof SigmaError) return error.problems;
      throw error;
    }
    return [];
  }

  it.each<[string, Record<string, string[]>, unknown, boolean]>([
    ['{F|expand: "%a%"}', { a: [] }, '', false],
    ['{F|expand: ["%a%", y]}', { a: [] }, 'y', true],
    ['{F|expand|neq: "%a%"}', { a: ['x'] }, 'X', false],
    ['{F|expand|startswith: "%a%-%b%"}', { a: ['x', 'y'], b: ['1*3', '2'] }, 'Y-1 23!', true],
    ['{F|expand|contains|all: ["%a%", "%b%"]}', { a: ['x', 'y'], b: ['1', '2'] }, 'y2', true],
    ['{F|expand|contains|all: ["%a%", "%b%"]}', { a: ['x', 'y'], b: ['1', '2'] }, 'xy', false],
    ['{F|expand|cased: "%a%"}', { a: ['X'] }, 'x', false],
    ['{F|windash|expand: "-x %a%"}', { a: ['y'] }, '/x y', true],
    ['{F|expand: "%a%"}', { a: ['\\*'] }, '*', true],
    ['{F|expand: "%a%"}', { a: ['\\*'] }, 'x', false],
    ['{F|expand: "%__proto__%"}', { ['__proto__']: ['x'] }, 'x', true],
    ['["|expand"]', {}, '|expand', true],
    ['{F: "%a%"}', { a: ['x'] }, '%a%', true],
  ])('%s with %j on %j gives %s', (selection, values, value, wanted) => {
    expect(compileWith(selection, values).match({ F: value })).toBe(wanted);
  });

  it('names what it needs', () => {
    const text = ruleText(
      'a: {F|expand: ["%x%-%y%", "%x%"]}\nb: [{G|expand|contains: "%__proto__%"}]\ncondition: a and not b',
    );
    const [rule] = parseRules(text, 'rule.yml').rules;
    expect(rule === undefined ? [] : placeholdersOf(rule)).toEqual(['x', 'y', '__proto__']);
  });

  it('refuses a rule whose placeholder has no values, at the item that uses it', () => {
    const [rule] = parseRules(
      ruleText('a:\n  G: "%no%"\n  F|expand: "%constructor%"\ncondition: a'),
      'r.yml',
    ).rules;
    if (rule === undefined) throw new Error('the rule is refused');
    const problems = problemsOf(() => compileRule(rule, { placeholders: new Map([['no', ['x']]]) }));
    expect(problems).toEqual([
      {
        file: 'r.yml',
        line: 6,
        column: 5,
        severity: 'error',
        message: "compile 't': placeholder 'constructor' has no values; give it some or leave the rule out",
      },
    ]);
  });

  it('refuses values that multiply beyond bounds', () => {
    const many = Array.from({ length: 101 }, (_, i) => `v${i}`);
    const problems = problemsOf(() => compileWith('{F|expand: "%a%%b%"}', { a: many, b: many }));
    expect(problems).toEqual([expect.objectContaining({ line: 3, severity: 'error' })]);
    expect(101 * 101).toBeGreaterThan(MAX_PLACEHOLDER_PATTERNS);
    expect(
      compileWith('{F|expand: "%a%%b%"}', { a: many.slice(0, 99), b: many }).match({ F: 'v98V100' }),
    ).toBe(true);
  });
});
