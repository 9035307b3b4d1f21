import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckedRegex } from '../../../src/sigma/regex/regex.ts';
import { compileRegex, compileRegexTest, MAX_REGEX_INPUT } from '../../../src/sigma/regex/regex.ts';
import { regexCost, regexSize } from '../../../src/sigma/regex/regex-cost.ts';
import type { RegexNode } from '../../../src/sigma/regex/regex-syntax.ts';
import { parseRegex } from '../../../src/sigma/regex/regex-syntax.ts';
import { errorsOf, lintsOf, selectionText } from '../rules.ts';

const REFUSED: readonly [string, string][] = [
  ['(?=(a+)+$)', 'exponentially'],
  ['(a+)+(?!b)', 'exponentially'],
  ['(?<=x)(a|aa)+$', 'exponentially'],
  ['(?m)(a+)+$', 'exponentially'],
  ['(\\p{L}+)+\\d', 'exponentially'],
  ['(?=x)(.*a){20}', 'for too long'],
  ['(?!x)a.*b.*c.*d.*e', 'for too long'],
  ['(?m)^a.*b.*c.*d.*e$', 'for too long'],
  ['(?:(?:a{1000}){1000}){1000}', 'too large'],
  ['(a)\\1', 'back-reference'],
  ['(?<x>a)\\k<x>', 'back-reference'],
  ['\\Aabc\\Z', '\\A has no meaning'],
  ['(?P<x>a)', 'Invalid group'],
  ['(?>a)', 'Invalid group'],
  ['a++', 'Nothing to repeat'],
  ['a(', 'Unterminated group'],
  ['x(?i)a', 'Invalid group'],
  [`${'('.repeat(60)}a${')'.repeat(60)}`, 'nested groups'],
  ['a'.repeat(2001), 'longer than'],
];

/** What a backtracking engine could not be given: these run on RE2. */
const LINEAR_ONLY = [
  '(a+)+$',
  '(a*)*',
  '(a|a)*$',
  '(a|aa)+$',
  '(a|b|ab)*c',
  '(x+x+)+y',
  '([a-z]+)*\\d',
  '(\\w+\\s?)*$',
  '^(.*)*$',
  '(?:[^"]|\\w)*"',
  '(.*a){20}',
  '(?:a?){30}',
  `${'a?'.repeat(30)}${'a'.repeat(30)}`,
  '((a{1,10}){1,10}){1,10}b',
  'a.*b.*c.*d.*e',
  'a.*[0-9]+x',
  '\\s+$',
  'a.*b.*c',
  '[ab]*a[ab]{200}[cd]',
];

/** Told from the shape: no place of a value is read more often than the expression is long. */
const LINEAR_ANYWHERE = [
  'b[0-9]+',
  '^50[0-9]{3}$',
  '^(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}$',
  '"[A-Z]*x',
  'cmd\\.exe$',
  '\\bcmd\\b',
  '\\d{1,3}-\\d{2}',
];

const ACCEPTED = [
  'b[0-9]+',
  '^50[0-9]{3}$',
  '([a-z0-9-]+\\.)+com',
  '(?:[0-9]{1,3}\\.){3}[0-9]{1,3}',
  '.*powershell.*-enc.*',
  '(foo|fob)+x',
  '"[^"]*"\\s*:\\s*"[^"]*"',
  '^(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}$',
  '[A-Za-z0-9+/]{40,}={0,2}',
  'a.*b.*c',
  '\\s+$',
  '^.{1,64}@.{1,255}$',
  '\\-foo\\:',
  '[\\w.-]+@[\\w.-]+\\.\\w+',
  'a{',
  '[\\]\\-a]',
  '[^\\x20-\\x7e]{3,}',
  '\\bcmd\\b',
];

describe('a regular expression', () => {
  it.each(REFUSED.map(([source, reason]) => [source.slice(0, 40), source, reason] as const))(
    '%s is refused',
    (_start, source, reason) => {
      expect(compileRegex(source, '')).toEqual(expect.stringContaining(reason));
    },
  );

  it('that is refused is a load error with its place', () => {
    const [error] = errorsOf(selectionText("{F|re: '(?=(a+)+$)'}"));
    expect(error).toMatchObject({ file: 'rule.yml', line: 4, column: 9 });
    expect(error?.message).toContain("regular expression '(?=(a+)+$)': it can backtrack exponentially");
  });

  it.each(LINEAR_ONLY)('%s runs on the engine that never goes back', (source) => {
    const checked = compiled(source);
    expect(checked.linear).not.toBeNull();
    expect(checked.inputLimit).toBeGreaterThanOrEqual(512);
    const test = compileRegexTest(checked);
    for (const piece of ['a', 'ab', 'x', ' ', '0', 'a0', 'abb']) {
      expect(typeof test(piece.repeat(MAX_REGEX_INPUT))).toBe('boolean');
    }
  });

  it.each(LINEAR_ANYWHERE)('%s runs on the faster engine', (source) => {
    expect(compiled(source)).toMatchObject({ linear: null, inputLimit: MAX_REGEX_INPUT });
  });

  it('that only one engine has words for runs there, on shorter values if need be', () => {
    expect(compiled('a(?!b)')).toMatchObject({ linear: null, inputLimit: MAX_REGEX_INPUT });
    expect(compiled('(?m)^a.*b.*c$').linear).toBeNull();
    expect(compiled('(?m)^a.*b.*c$').inputLimit).toBeLessThan(MAX_REGEX_INPUT);
  });

  it('keeps little of what a hostile value makes the linear engine remember', () => {
    const checked = compiled('[ab]*a[ab]{20}[cd]');
    let bits = 1;
    const hostile = Array.from({ length: MAX_REGEX_INPUT }, () => {
      bits = (bits * 1103515245 + 12345) & 0x7fffffff;
      return bits & 0x10000 ? 'a' : 'b';
    }).join('');
    expect(compileRegexTest(checked)(hostile)).toBe(false);
    expect(checked.linear?.re2().dfa.stateCount).toBeLessThan(2000);
  });

  it.each(ACCEPTED)('%s is accepted, and ends on hostile values', (source) => {
    const checked = compileRegex(source, '');
    if (typeof checked === 'string') throw new Error(checked);
    const test = compileRegexTest(checked);
    const hostile = ['a', 'b', '1', ' ', '.', 'a.', 'ab', '\\', '"', '-', '@a', '1.1', 'é', 'A0', 'fo'];
    for (const piece of hostile) expect(typeof test(piece.repeat(MAX_REGEX_INPUT))).toBe('boolean');
  });

  it('sees the first 8 KiB of a value', () => {
    const checked = compileRegex('needle', '');
    if (typeof checked === 'string') throw new Error(checked);
    const test = compileRegexTest(checked);
    expect(test(`${'x'.repeat(MAX_REGEX_INPUT - 6)}needle`)).toBe(true);
    expect(test(`${'x'.repeat(MAX_REGEX_INPUT)}needle`)).toBe(false);
  });

  it('that has to see less says so', () => {
    expect(lintsOf(selectionText("{F|re: 'a.*b.*c(?!d)'}"))[0]).toMatch(/only the first \d+ characters/);
  });

  it('finds the same without the lead that changes nothing', () => {
    const checked = compileRegex('.*b+', '');
    expect(typeof checked === 'string' ? checked : checked.regexp.source).toBe('b+');
    const kept = compileRegex('.*?b', '');
    expect(typeof kept === 'string' ? kept : kept.regexp.source).toBe('.*?b');
  });

  it('never takes more steps than its cost says, on any short value', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '(?:a|b)',
      '(?:ab|a)',
      '(?:a|bb)',
      '(?:ba|b)',
    );
    const { regex } = fc.letrec<{ regex: string; piece: string }>((tie) => ({
      regex: fc.array(tie('piece'), { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join('')),
      piece: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        atom,
        fc.tuple(atom, fc.constantFrom('*', '+', '?', '{1,3}', '{2}')).map((parts) => parts.join('')),
        fc
          .tuple(tie('regex'), fc.constantFrom('', '*', '+', '?', '{2}', '{0,2}'))
          .map(([r, q]) => `(?:${r})${q}`),
        fc.tuple(tie('regex'), tie('regex')).map(([a, b]) => `(?:${a}|${b})`),
      ),
    }));
    const value = fc.array(fc.constantFrom('a', 'b'), { maxLength: 14 }).map((letters) => letters.join(''));
    let judged = 0;
    fc.assert(
      fc.property(regex, fc.array(value, { minLength: 1, maxLength: 5 }), (source, values) => {
        const node = parseRegex(source, '');
        const { ways, work } = regexCost(node);
        const size = regexSize(node);
        if (work > 4 || ways > 1e4 || size > 60) return;
        judged++;
        for (const text of [...values, 'a'.repeat(14), 'ab'.repeat(7)]) {
          const bound = 4 * size * ways * (text.length + 1) ** Math.max(1, work);
          expect(failingSteps(node, text)).toBeLessThanOrEqual(bound);
        }
      }),
      { seed: 20261117, numRuns: 1500 },
    );
    expect(judged).toBeGreaterThan(200);
  });
});

function compiled(source: string): CheckedRegex {
  const checked = compileRegex(source, '');
  if (typeof checked === 'string') throw new Error(checked);
  return checked;
}

/** Steps of a plain backtracking engine from the first place, when everything it finds is rejected at the end. */
function failingSteps(node: RegexNode, text: string): number {
  let steps = 0;
  const run = (at: RegexNode, from: number, go: (to: number) => boolean): boolean => {
    steps++;
    if (steps > 5e6) return true;
    switch (at.kind) {
      case 'empty':
      case 'look':
        return go(from);
      case 'set':
        return from < text.length && (at.set & (1n << BigInt(text.charCodeAt(from)))) !== 0n && go(from + 1);
      case 'choice':
        return at.of.some((branch) => run(branch, from, go));
      case 'sequence': {
        const rest = (i: number, place: number): boolean => {
          const part = at.of[i];
          return part === undefined ? go(place) : run(part, place, (to) => rest(i + 1, to));
        };
        return rest(0, from);
      }
      case 'repeat': {
        const again = (count: number, place: number): boolean => {
          const more =
            count < at.max &&
            run(at.body, place, (to) => (to > place || count < at.min) && again(count + 1, to));
          return more || (count >= at.min && go(place));
        };
        return again(0, from);
      }
    }
  };
  run(node, 0, () => false);
  return steps;
}
