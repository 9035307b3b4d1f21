import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { compileRegex, compileRegexTest } from '../../../src/sigma/regex/regex.ts';
import { toRe2Source, toRe2Text, toUnicodeSource } from '../../../src/sigma/regex/regex-translate.ts';

const RUN = { seed: 20261124, numRuns: 1800 };

/** Where engines are known to differ: spaces, line ends, letters that fold across alphabets, surrogates. */
const CHARACTERS = [
  ...['a', 'b', 'A', 'k', 'K', 's', 'S', '_', '0', '9', '٣', ' ', '\t', '\v', '\n', '\r', '\u2028', '\u2029'],
  ...[
    '\u00a0',
    '\u0085',
    '\ufeff',
    '\u180e',
    'é',
    'É',
    'ß',
    'ẞ',
    'ſ',
    '\u212a',
    'σ',
    'ς',
    'Σ',
    'İ',
    'ı',
    'i',
  ],
  ...[
    'I',
    'µ',
    'μ',
    'ǅ',
    'Ǆ',
    'ꭰ',
    'Ꭰ',
    '😀',
    '𐐀',
    '𐐨',
    '\ud83d',
    '\ude00',
    '-',
    ']',
    '^',
    '$',
    '.',
    '\\',
    '/',
  ],
];

const value = fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 8 }).map((all) => all.join(''));

/** A character as it may stand in an expression. */
const written = fc.constantFrom(...CHARACTERS).map((character) => {
  if (/^[\ud800-\udfff]$/.test(character)) return 'a';
  return /[\\^$.*+?()[\]{}|/-]/.test(character)
    ? character === '-'
      ? '\\x2d'
      : `\\${character}`
    : character;
});
const escape = fc.constantFrom(
  ...['\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\t', '\\n', '\\r', '\\v', '\\f', '\\0', '\\x61', '\\u0041'],
  ...['\\u{1f600}', '\\ud83d\\ude00', '\\cJ', '\\u017f', '\\u212A', '\\/'],
);
const member = fc.oneof(
  written,
  escape,
  fc.constantFrom(
    'a-z',
    'A-Z',
    '0-9',
    '\\x00-\\x7f',
    '\\u0080-\\uffff',
    'é-ü',
    '\\u{10000}-\\u{10ffff}',
    '\\b',
    '\\-',
  ),
);
const characterClass = fc
  .tuple(fc.boolean(), fc.array(member, { maxLength: 3 }))
  .map(([negated, members]) => `[${negated ? '^' : ''}${members.join('')}]`);
const assertion = fc.constantFrom('^', '$', '\\b', '\\B');
const quantifier = fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '+?', '??', '{1,3}?', '{0}');
const { expression } = fc.letrec<{ expression: string; piece: string }>((tie) => ({
  expression: fc.array(tie('piece'), { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join('')),
  piece: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(written, escape, characterClass, fc.constant('.'), assertion),
    fc.tuple(fc.oneof(written, escape, characterClass, fc.constant('.')), quantifier).map((p) => p.join('')),
    fc
      .tuple(
        fc.constantFrom('(', '(?:', '(?<x>'),
        tie('expression'),
        fc.constantFrom('', '*', '+', '?', '{2}', '{0,2}?'),
      )
      .map(([open, inside, q]) => `${open}${inside})${q}`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(?:${a}|${b})`),
  ),
}));
const flags = fc.constantFrom('', 'i', 's', 'is', 'm', 'im', 'ims');

function toRegExp(source: string, with_: string): RegExp | null {
  try {
    return new RegExp(source, with_);
  } catch {
    return null;
  }
}

describe('the two engines', () => {
  it('answer the same for whatever can be said in both', () => {
    const seen = { compared: 0, found: 0, untranslated: 0 };
    fc.assert(
      fc.property(
        expression,
        flags,
        fc.array(value, { minLength: 6, maxLength: 12 }),
        (source, f, values) => {
          const wanted = toRegExp(source, `${f}u`);
          if (wanted === null) return;
          const translated = toRe2Source(source, f);
          if (translated === null) {
            seen.untranslated++;
            return;
          }
          const linear = RE2JS.compile(translated);
          for (const text of values) {
            const answer = wanted.test(text);
            seen.compared++;
            if (answer) seen.found++;
            expect(linear.test(toRe2Text(text, f)), JSON.stringify({ source, f, text, translated })).toBe(
              answer,
            );
          }
        },
      ),
      RUN,
    );
    expect(seen.compared).toBeGreaterThan(7000);
    expect(Math.min(seen.found, seen.compared - seen.found)).toBeGreaterThan(2000);
    expect(seen.untranslated).toBeLessThan(RUN.numRuns / 2);
  });

  it('answer the same behind the one door, whichever is taken', () => {
    const taken = { v8: 0, re2: 0, refused: 0 };
    fc.assert(
      fc.property(expression, flags, fc.array(value, { minLength: 3, maxLength: 6 }), (source, f, values) => {
        const wanted = toRegExp(source, `${f}u`);
        if (wanted === null) return;
        const compiled = compileRegex(source, f);
        if (typeof compiled === 'string') {
          taken.refused++;
          return;
        }
        taken[compiled.linear === null ? 'v8' : 're2']++;
        const test = compileRegexTest(compiled);
        for (const text of values) {
          expect(test(text), JSON.stringify({ source, f, text })).toBe(wanted.test(text));
        }
      }),
      { numRuns: 1300, seed: RUN.seed + 1 },
    );
    expect(taken.v8).toBeGreaterThan(300);
    expect(taken.re2).toBeGreaterThan(100);
  });

  it('fold letters alike', () => {
    let pairs = 0;
    for (let code = 0; code < 0x1e944; code++) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const letter = String.fromCodePoint(code);
      const other = [letter.toLowerCase(), letter.toUpperCase()].find(
        (x) => x !== letter && [...x].length === 1,
      );
      if (other === undefined) continue;
      pairs++;
      const source = `^\\u{${code.toString(16)}}$`;
      const linear = RE2JS.compile(toRe2Source(source, 'i') ?? '');
      expect(linear.test(toRe2Text(other, 'i')), source).toBe(new RegExp(source, 'iu').test(other));
    }
    expect(pairs).toBeGreaterThan(2000);
  });
});

describe('an expression with needless escapes', () => {
  it.each([
    ['\\-foo\\:', '-foo:'],
    ['a{', 'a\\{'],
    ['{2\\,3}', '\\{2,3\\}'],
    ['a{2,3}]', 'a{2,3}\\]'],
    ['[\\:\\-\\#]', '[:\\-#]'],
    ['[\\w-.]', '[\\w\\-.]'],
    ['[.-\\w]', '[.\\-\\w]'],
    ['\\"\\\\\\"', '"\\\\"'],
    ['\\%[^\\%]+\\%', '%[^%]+%'],
  ])('%s is %s', (source, wanted) => {
    expect(toUnicodeSource(source)).toBe(wanted);
    expect(toRegExp(wanted, 'u')).not.toBeNull();
  });

  it('means the same without them', () => {
    const ascii = [...'ab01-:#"\'%&,;=@!~`<>/ {}]^$.\\wdD'];
    const piece = fc.oneof(
      fc.constantFrom(...ascii),
      fc.constantFrom(...ascii, '{', '(').map((character) => `\\${character}`),
      fc
        .array(
          fc.constantFrom(...ascii.filter((c) => !']\\'.includes(c)), '\\-', '\\:', '\\w', '\\d', '\\]'),
          { maxLength: 4 },
        )
        .map((all) => `[${all.join('')}]`),
      fc.constantFrom('a{2}', '{1,2}', '(?:a\\:)', 'b{1,}'),
    );
    let compared = 0;
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 5 }).map((all) => all.join('')),
        fc.array(
          fc.array(fc.constantFrom(...ascii), { maxLength: 6 }).map((all) => all.join('')),
          { minLength: 5 },
        ),
        (source, values) => {
          const plain = toRegExp(source, '');
          const strict = toRegExp(toUnicodeSource(source), 'u');
          if (plain === null || strict === null || toRegExp(source, 'u') !== null) return;
          for (const text of values) {
            compared++;
            expect(strict.test(text), JSON.stringify({ source, text, strict: strict.source })).toBe(
              plain.test(text),
            );
          }
        },
      ),
      { ...RUN, numRuns: 2000 },
    );
    expect(compared).toBeGreaterThan(2000);
  });
});
