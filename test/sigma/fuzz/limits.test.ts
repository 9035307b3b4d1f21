import { describe, expect, it } from 'vitest';
import { compileRule, parseRules, runCase } from '../../../src/sigma/index.ts';
import { errorsOf, ruleText } from '../rules.ts';

const LONG = 'ab'.repeat(1000);

function listOf(count: number, make: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** A rule with arrays as SEP #212 has them. */
function arrayRule(detection: string): string {
  return `sigma-version: 3\n${ruleText(detection)}`;
}

const TOO_MUCH: readonly { what: string; text: string; reason: RegExp }[] = [
  {
    what: 'a field name of many parts',
    text: ruleText(`s:\n  ? ${'a.'.repeat(30_000)}b\n  : 1\ncondition: s`),
    reason: /field name is longer than 512/,
  },
  {
    what: 'a reference to such a field',
    text: ruleText(`s: {"f|fieldref": "${'a.'.repeat(30_000)}b"}\ncondition: s`),
    reason: /field name is longer than 512/,
  },
  {
    what: 'a field name of many arrays',
    text: arrayRule(`s:\n  ? ${'a[any].'.repeat(12)}b\n  : 1\ncondition: s`),
    reason: /more than 10 arrays within arrays/,
  },
  {
    what: 'bodies of elements within each other',
    text: arrayRule(`s: ${'{"a[any].b[any]": '.repeat(6)}{c: 1}${'}'.repeat(6)}\ncondition: s`),
    reason: /more than 10 arrays within arrays/,
  },
  {
    what: 'an item of many modifiers',
    text: ruleText(`s:\n  ? f${'|base64'.repeat(80)}\n  : abc\ncondition: s`),
    reason: /more than 10 modifiers/,
  },
  {
    what: 'a detection of many selections',
    text: ruleText([...listOf(1001, (i) => `s${i}: a`), 'condition: s1'].join('\n')),
    reason: /more than 1000 selections/,
  },
  {
    what: 'conditions that name selections again and again',
    text: ruleText(
      [
        ...listOf(900, (i) => `s${i}: a`),
        'condition:',
        ...listOf(3, () => `  - ${'1 of s* or '.repeat(5)}s1`),
      ].join('\n'),
    ),
    reason: /names more than 10000 selections/,
  },
  {
    what: 'a list of many conditions',
    text: ruleText(['s: a', 'condition:', ...listOf(101, () => '  - s')].join('\n')),
    reason: /more than 100 conditions/,
  },
  {
    what: 'long texts that aliases repeat',
    text: ruleText(`s: {f: [&x ${LONG}, ${listOf(600, () => '*x').join(', ')}]}\ncondition: s`),
    reason: /more than 1048576 characters/,
  },
  {
    what: 'long keys that aliases repeat',
    text: ruleText(`s: [&x {${LONG}: 1}, ${listOf(600, () => '*x').join(', ')}]\ncondition: s`),
    reason: /more than 1048576 characters/,
  },
  {
    what: 'long texts that actions repeat',
    text: `action: global\n${ruleText(`s: {f: ${LONG.repeat(20)}}\ncondition: s`)}${listOf(40, (i) => `---\ntitle: t${i}\n`).join('')}`,
    reason: /more than 1048576 characters/,
  },
];

describe('a rule that is larger than any in use', () => {
  it.each(TOO_MUCH)('is refused for $what', ({ text, reason }) => {
    const [first, ...others] = errorsOf(text).filter(({ message }) => reason.test(message));
    expect(first?.message).toMatch(reason);
    expect(first?.line).toBeGreaterThan(0);
    expect(others.length).toBeLessThan(100);
  });

  it('is refused when the values of its placeholders make it so', () => {
    const { rules } = parseRules(ruleText(`s: {"f|expand": "${LONG}%a%"}\ncondition: s`), 'a.yml');
    const [rule] = rules;
    if (rule === undefined) throw new Error('it is valid');
    const placeholders = new Map([['a', listOf(9000, (i) => `v${i}`)]]);
    expect(() => compileRule(rule, { placeholders })).toThrow(/make more than 4194304 characters/);
  });
});

const LARGE: readonly { what: string; text: string }[] = [
  { what: 'a name of 512 characters', text: ruleText(`s:\n  ? ${'a.'.repeat(255)}bb\n  : 1\ncondition: s`) },
  {
    what: 'ten arrays within arrays',
    text: arrayRule(`s:\n  ? ${'a[any].'.repeat(10)}b\n  : 1\ncondition: s`),
  },
  {
    what: 'ten modifiers',
    text: ruleText(`s:\n  ? f${'|base64'.repeat(10)}\n  : abc\ncondition: s`),
  },
  {
    what: 'a thousand selections, each named ten times',
    text: ruleText(
      [...listOf(1000, (i) => `s${i}: a`), `condition: ${listOf(10, () => '1 of s*').join(' or ')}`].join(
        '\n',
      ),
    ),
  },
  {
    what: 'a hundred conditions',
    text: ruleText(['s: a', 'condition:', ...listOf(100, () => '  - s')].join('\n')),
  },
  {
    what: 'a long list that is written out',
    text: ruleText(`s: {f: [${listOf(5000, (i) => `v${i}`).join(', ')}]}\ncondition: s`),
  },
];

describe('a rule that is as large as it may be', () => {
  it.each(LARGE)('is read with $what', ({ text }) => {
    expect(errorsOf(text)).toEqual([]);
    const [rule] = parseRules(text, 'a.yml').rules;
    if (rule === undefined) throw new Error('it is valid');
    expect(compileRule(rule).match({ x: 1 })).toBe(false);
  });
});

describe('a problem', () => {
  it.each([
    ['key', ruleText(`s:\n  ? f${'|x'.repeat(2000)}\n  : 1\ncondition: s`)],
    ['selection', ruleText(`? ${'ä'.repeat(3000)}\n: 1\ns: a\ncondition: s`)],
    ['alias', ruleText(`s: *${'y'.repeat(3000)}\ncondition: s`)],
  ])('does not repeat a long %s whole', (_what, text) => {
    const errors = errorsOf(text);
    expect(errors.length).toBeGreaterThan(0);
    for (const { message } of errors) expect(message.length).toBeLessThanOrEqual(1000);
  });
});

describe('a document that is nested too deeply for the YAML parser', () => {
  it.each([
    ['sequences', '- '.repeat(20_000)],
    ['sequences that end', `s:\n    ${'- '.repeat(20_000)}a\nb: c`],
    ['keys that end', `s:\n    ${'? '.repeat(20_000)}a\nb: c`],
    ['flow lists', '['.repeat(20_000)],
    ['flow maps', '{a: '.repeat(10_000)],
  ])('is a problem of its own with %s, and those before it are read', (_what, deep) => {
    const text = `${ruleText('s: a\ncondition: s')}---\n${deep}\n`;
    const { rules, problems } = parseRules(text, 'deep.yml');
    expect(rules.length).toBe(1);
    expect(problems.map(({ message }) => message).join()).toMatch(/nested too deeply to be read/);
    for (const { line, column } of problems) expect(Math.min(line, column)).toBeGreaterThan(0);
  });
});

describe('a case', () => {
  const deep = JSON.parse(`{"a": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`) as object;
  const rule = ruleText('s: {b: 1}\ncondition: s');

  it.each([
    ['match', { rule, tests: [{ event: deep, match: true }] }, /too deep to be shown} does not match/],
    [
      'filters',
      { rule, tests: [{ event: deep, matched: ['t'] }] },
      /too deep to be shown} is matched by none/,
    ],
    ['expansion', { key: 'F', value: 'x', expect: deep }, /nested too deeply to be compared/],
    [
      'match, when it is long',
      { rule, tests: [{ event: { a: LONG }, match: true }] },
      /^.{300}… does not match$/,
    ],
  ])('of the kind %s says what is wrong with an event that JSON cannot show', (_kind, one, detail) => {
    const outcome = runCase({ id: 'deep', ...one });
    expect(outcome.verdict).toBe('failed');
    expect(outcome.detail).toMatch(detail);
  });
});
