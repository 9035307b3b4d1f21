import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextFinder } from '../../../src/sigma/indexing/text-finder.ts';
import type { Place } from '../../../src/sigma/indexing/text-finder.ts';
import { EventView } from '../../../src/sigma/indexing/event-view.ts';
import { fold } from '../../../src/sigma/matching/fold.ts';
import { MAX_EVENT_DEPTH, readPath } from '../../../src/sigma/index.ts';
import { existsAt, toPath } from '../../../src/sigma/matching/path.ts';
import { parseRegex } from '../../../src/sigma/regex/regex-syntax.ts';
import { requiredLiterals } from '../../../src/sigma/regex/regex-literals.ts';

const RUN = { seed: 20261124, numRuns: 1500 };
const FIELDS = ['a', 'b', 'a.b', 'b.c', 'a.b.c', 'a.a', '__proto__', 'constructor', 'a.__proto__', 'c'];

const key = fc.constantFrom('a', 'b', 'c', 'a.b', 'b.c', 'a.b.c', '__proto__', 'constructor');
const { object } = fc.letrec<{ value: unknown; object: object }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, true, 1, 1.5, '', 'Ab', 'İ'),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((pairs) => {
    const text = pairs.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',');
    return JSON.parse(`{${text}}`) as object;
  }),
}));

describe('a view of an event', () => {
  it('reads each field as rules do, one event after the other', () => {
    const view = new EventView(FIELDS);
    let filled = 0;
    fc.assert(
      fc.property(object, (event) => {
        view.reset(event);
        const present = new Set(Array.from({ length: view.presentCount }, (_, i) => view.presentAt(i)));
        expect(present.size).toBe(view.presentCount);
        FIELDS.forEach((field) => {
          const slot = view.slotOf(field);
          const wanted = readPath(event, field);
          filled += wanted.length;
          const message = `${field} of ${JSON.stringify(event)}`;
          expect(view.exists(slot), message).toBe(existsAt(event, toPath(field)));
          expect(present.has(slot), message).toBe(view.exists(slot));
          expect([...view.leaves(slot)].map(toJson).sort(), message).toEqual(wanted.map(toJson).sort());
          const texts = wanted
            .filter((leaf) => leaf !== null && typeof leaf !== 'object')
            .map((leaf) => fold(String(leaf)));
          expect([...view.folded(slot)].sort(), message).toEqual(texts.sort());
          expect(view.folded(slot)).toBe(view.folded(slot));
        });
      }),
      RUN,
    );
    expect(filled).toBeGreaterThan(2000);
    expect(view.slotOf('nothing')).toBe(-1);
  });

  it('does not exhaust the stack, and looks no deeper than rules do', () => {
    let deep: unknown = 'x';
    for (let i = 0; i < 50_000; i++) deep = i % 2 === 0 ? [deep] : { a: deep };
    const view = new EventView(['a', 'a.a', 'b']);
    view.reset({ a: deep, b: deep });
    expect(view.leaves(view.slotOf('b'))).toEqual(readPath({ b: deep }, 'b'));
    expect(view.folded(view.everywhere)).toEqual([]);
    const nested = (depth: number): unknown => (depth === 0 ? 'x' : [nested(depth - 1)]);
    for (const depth of [MAX_EVENT_DEPTH - 1, MAX_EVENT_DEPTH, MAX_EVENT_DEPTH + 1]) {
      view.reset({ b: nested(depth) });
      expect(view.leaves(view.slotOf('b'))).toEqual(readPath({ b: nested(depth) }, 'b'));
    }
  });

  it('holds every leaf for keywords', () => {
    const view = new EventView([]);
    view.reset({ a: ['X', { b: 1, c: [null, true] }], d: 'Σ' });
    expect(view.folded(view.everywhere)).toEqual(['x', '1', 'true', 'σ']);
    expect(view.folded(view.everywhere)).toBe(view.folded(view.everywhere));
    view.reset({ a: 'next' });
    expect(view.folded(view.everywhere)).toEqual(['next']);
  });
});

function toJson(value: unknown): string {
  return JSON.stringify(value);
}

describe('a finder of many texts', () => {
  // U+0161 and U+0261 share their low byte with 'a'.
  const letter = fc.constantFrom('a', 'b', 'a', 'b', '\u0161', '\u0261', '\\');
  const text = fc.array(letter, { minLength: 1, maxLength: 7 }).map((all) => all.join(''));
  const place = fc.constantFrom<Place>('infix', 'prefix', 'suffix');

  it('finds what looking for each by itself finds', () => {
    let found = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, place), { minLength: 1, maxLength: 12 }),
        fc.array(
          fc
            .array(fc.oneof(letter, fc.constantFrom('x', '😀')), { minLength: 4, maxLength: 24 })
            .map((all) => all.join('')),
          { minLength: 5 },
        ),
        (texts, values) => {
          const sought = texts.map(([one, where], id) => ({ text: one, place: where, id }));
          const finder = new TextFinder(sought);
          for (const value of values) {
            const ids = new Set<number>();
            finder.search(value, (id) => ids.add(id));
            const wanted = sought.filter((one) => stands(value, one.text, one.place)).map(({ id }) => id);
            found += wanted.length;
            expect([...ids].sort(), JSON.stringify({ texts, value })).toEqual(wanted.sort());
          }
        },
      ),
      RUN,
    );
    expect(found).toBeGreaterThan(5000);
  });

  it('finds a text wherever it stands in a long value', () => {
    const finder = new TextFinder([
      { text: 'needle', place: 'infix', id: 1 },
      { text: 'nee', place: 'infix', id: 2 },
    ]);
    for (const at of [0, 1, 2040, 2043, 2044, 2045, 2046, 2047, 2048, 4095, 9000]) {
      const ids: number[] = [];
      finder.search(`${'x'.repeat(at)}needle${'x'.repeat(at % 7)}`, (id) => ids.push(id));
      expect(ids.sort(), `at ${at}`).toEqual([1, 2]);
    }
    finder.search('xneedlxe'.repeat(1000), (id) => {
      expect(id).toBe(2);
    });
  });

  it('keeps apart many texts with the same gram', () => {
    const sought = Array.from({ length: 300 }, (_, id) => ({
      text: `same${'same'.repeat(id % 5)}`.slice(0, 4 + (id % 12)),
      place: 'infix' as const,
      id,
    }));
    const finder = new TextFinder(sought);
    const ids = new Set<number>();
    finder.search('xsamesamex', (id) => ids.add(id));
    expect([...ids].sort((a, b) => a - b)).toEqual(
      sought.filter(({ text: one }) => 'xsamesamex'.includes(one)).map(({ id }) => id),
    );
  });
});

function stands(value: string, text: string, place: Place): boolean {
  if (place === 'infix') return value.includes(text);
  return place === 'prefix' ? value.startsWith(text) : value.endsWith(text);
}

describe('what an expression requires', () => {
  it.each<[string, string, readonly string[] | null]>([
    ['PowerShell', '', ['powershell']],
    ['foo(?:bar|bazz)', '', ['foo']],
    ['(?:bar|bazz)', '', ['bar', 'bazz']],
    ['a\\b-\\bcde$', '', ['a-cde']],
    ['(?:ab)+x', '', ['ab']],
    ['(?:ab)*x', '', ['x']],
    ['ABC', 'i', ['abc']],
    ['tasks', 'i', ['ta']],
    ['a(?=bcdef)g', '', ['ag']],
    ['(?:abc|)', '', null],
    ['[ab]\\d.', '', null],
    ['é', '', null],
  ])('%s under "%s" is %j', (source, flags, wanted) => {
    expect(requiredLiterals(parseRegex(source, flags))).toEqual(wanted);
  });

  it('is in every value that it matches', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      'S',
      'k',
      '.',
      '[ab]',
      '[Aa]',
      '(?:ab|sk)',
      '(?:a|)',
      '\\b',
      '\\w',
      '(?!b)',
      '1',
    );
    const expression = fc
      .array(fc.tuple(atom, fc.constantFrom('', '', '', '+', '?', '{2}')), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.map(([a, q]) => (/^\\b|^\(\?!/.test(a) ? a : `${a}${q}`)).join(''));
    const value = fc
      .array(fc.constantFrom('a', 'b', 'A', 's', 'S', 'k', 'ſ', '\u212a', '1', ' '), { maxLength: 10 })
      .map((all) => all.join(''));
    let held = 0;
    fc.assert(
      fc.property(
        expression,
        fc.constantFrom('', 'i'),
        fc.array(value, { minLength: 8, maxLength: 8 }),
        (source, flags, values) => {
          const literals = requiredLiterals(parseRegex(source, flags));
          const regexp = new RegExp(source, `${flags}u`);
          for (const one of values) {
            if (literals === null || !regexp.test(one)) continue;
            held++;
            expect(
              literals.some((literal) => fold(one).includes(literal)),
              JSON.stringify({ source, flags, one, literals }),
            ).toBe(true);
          }
        },
      ),
      { ...RUN, numRuns: 3000 },
    );
    expect(held).toBeGreaterThan(1000);
  });
});
