import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledRule } from '../../../src/sigma/index.ts';
import { compileRule, parseRules } from '../../../src/sigma/index.ts';
import { event, item, RUN } from '../random.ts';
import { selectionText } from '../rules.ts';

function compiledSelection(yaml: string, head = '', values: Record<string, string[]> = {}): CompiledRule {
  const { rules, problems } = parseRules(`${head}${selectionText(yaml)}`, 'a.yml');
  const [rule] = rules;
  if (rule === undefined) throw new Error(problems.map((problem) => problem.message).join('; '));
  return compileRule(rule, { placeholders: new Map(Object.entries(values)) });
}

describe('a modifier', () => {
  it('of base64offset finds a text at any place of what was encoded', () => {
    const bytes = fc.uint8Array({ maxLength: 7 });
    const word = fc
      .string({ unit: 'grapheme', minLength: 2, maxLength: 9 })
      .filter((one) => !/[*?\\]/.test(one));
    fc.assert(
      fc.property(
        word,
        bytes,
        bytes,
        fc.constantFrom<BufferEncoding>('utf8', 'utf16le'),
        (text, before, after, encoding) => {
          const wide = encoding === 'utf16le' ? 'wide|' : '';
          const rule = compiledSelection(`{"F|${wide}base64offset|contains|cased": ${JSON.stringify(text)}}`);
          const encoded = Buffer.concat([before, Buffer.from(text, encoding), after]).toString('base64');
          expect(rule.match({ F: encoded }), encoded).toBe(true);
          const alone = Buffer.from(text, encoding).toString('base64');
          expect(
            compiledSelection(`{"F|${wide}base64|cased": ${JSON.stringify(text)}}`).match({ F: alone }),
          ).toBe(true);
        },
      ),
      RUN,
    );
  });

  it('of windash matches what a text with each dash in turn would', () => {
    const piece = fc.constantFrom('-', '/', 'a', 'é', ' ', '--', 'a-b');
    const dash = fc.constantFrom('-', '/', '\u2013', '\u2014', '\u2015', '+');
    let matched = 0;
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }),
        fc.array(dash, { minLength: 12, maxLength: 12 }),
        (pieces, dashes) => {
          const written = pieces.join('');
          const given = [...written].map((c, i) => ('-/'.includes(c) ? (dashes[i] ?? c) : c)).join('');
          const free = /(?<![\p{L}\p{N}_])[-/](?=[\p{L}\p{N}_])/gu;
          const places = new Set([...written.matchAll(free)].map((match) => match.index));
          const wanted = [...given].every((c, i) => c === written[i] || (places.has(i) && c !== '+'));
          if (wanted) matched++;
          expect(compiledSelection(`{"F|windash": ${JSON.stringify(written)}}`).match({ F: given })).toBe(
            wanted,
          );
        },
      ),
      RUN,
    );
    expect(matched).toBeGreaterThan(50);
  });

  it('of expand is the list of its values written out', () => {
    const value = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 3 }).map((all) => all.join(''));
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 3 }),
        fc.array(value, { maxLength: 3 }),
        event,
        (x, y, one) => {
          const expanded = compiledSelection('{"a|expand|contains": "%x%b%y%"}', '', { x, y });
          const written = x.flatMap((before) => y.map((after) => JSON.stringify(`${before}b${after}`)));
          const wanted = written.some((text) => compiledSelection(`{"a|contains": ${text}}`).match(one));
          expect(expanded.match(one)).toBe(wanted);
        },
      ),
      RUN,
    );
  });

  it('of a time reads the part that the calendar says', () => {
    const time = fc.integer({ min: Date.UTC(1971, 0, 1), max: Date.UTC(2099, 11, 31) });
    fc.assert(
      fc.property(time, (ms) => {
        const at = new Date(ms);
        // The ISO week, counted: Mondays back to the week that holds 4 January.
        const monday = Math.floor(ms / 864e5) - ((at.getUTCDay() + 6) % 7);
        const firstMonday = (year: number): number => {
          const fourth = new Date(Date.UTC(year, 0, 4));
          return fourth.getTime() / 864e5 - ((fourth.getUTCDay() + 6) % 7);
        };
        const years = [1, 0, -1].map((step) => firstMonday(at.getUTCFullYear() + step));
        const week = (monday - (years.find((first) => first <= monday) ?? 0)) / 7 + 1;
        const parts = `T|minute: ${at.getUTCMinutes()}, T|hour: ${at.getUTCHours()}, T|day: ${at.getUTCDate()}, T|week: ${week}`;
        const rule = compiledSelection(
          `{${parts}, T|month: ${at.getUTCMonth() + 1}, T|year: ${at.getUTCFullYear()}}`,
        );
        expect(rule.match({ T: at.toISOString() }), at.toISOString()).toBe(true);
        expect(rule.match({ T: ms })).toBe(true);
      }),
      RUN,
    );
  });

  it('of fieldref compares as the texts themselves do', () => {
    const word = fc.array(fc.constantFrom('a', 'b', 'A'), { maxLength: 600 }).map((all) => all.join(''));
    const pair = fc.oneof(
      fc.tuple(word, word),
      fc
        .tuple(word, fc.nat(600), fc.nat(600))
        .map(([all, from, to]): [string, string] => [all, all.slice(from, to)]),
    );
    const contains = compiledSelection('{a|fieldref|contains: b}');
    const starts = compiledSelection('{a|fieldref|startswith: b}');
    const ends = compiledSelection('{a|fieldref|endswith|cased: b}');
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const one = { a: ['x', a], b: [null, b] };
        expect(contains.match(one)).toBe('x'.includes(b) || a.toLowerCase().includes(b.toLowerCase()));
        expect(starts.match(one)).toBe(a.toLowerCase().startsWith(b.toLowerCase()));
        expect(ends.match(one)).toBe(a.endsWith(b));
      }),
      RUN,
    );
  });

  it('of an array keeps the laws between the quantifiers', () => {
    const head = 'sigma-version: 3\n';
    const array = fc.array(fc.oneof(event, fc.constantFrom(null, 'b', 1)), { maxLength: 3 });
    const body = fc.oneof(
      item,
      fc.constantFrom('"a|exists": true', 'b: null', '"b|contains": ""', '.: b', '"a|neq": x'),
    );
    let judged = 0;
    let held = 0;
    fc.assert(
      fc.property(body, array, (inner, a) => {
        const one = { a };
        const text = `${head}${selectionText(`{"a[any]": {${inner}}}`)}`;
        if (parseRules(text, 'a.yml').rules.length === 0) return;
        const holds = (quantifier: string, within: string): boolean =>
          compiledSelection(`{"a[${quantifier}]": ${within}}`, head, { a: ['b'] }).match(one);
        const whole = `{${inner}}`;
        const opposite = `{condition: not s, s: {${inner}}}`;
        judged++;
        if (holds('any', whole)) held++;
        expect(holds('none', whole)).toBe(!holds('any', whole));
        expect(holds('all', whole)).toBe(
          holds('any', '{condition: s or not s, s: {x: 1}}') && !holds('any', opposite),
        );
        if (holds('all', whole)) expect(holds('all_or_empty', whole)).toBe(true);
        if (holds('all_or_empty', whole)) expect(holds('any', opposite)).toBe(false);
      }),
      RUN,
    );
    expect(judged).toBeGreaterThan(100);
    expect(held).toBeGreaterThan(100);
  });
});
