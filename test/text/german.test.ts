import { expect, it } from 'vitest';
import { de } from '../../src/text/de.ts';
import { en } from '../../src/text/en.ts';
import { clockTime, countryName, dayMonth, listOf, plural, weekday } from '../../src/text/intl.ts';
import { renderDigest } from '../../src/reports/digest.ts';
import { renderFirstLook } from '../../src/reports/first-look.ts';
import { busyFacts, firstLookFacts } from '../reports/busy.ts';

/** Texts that are the same in both languages. */
const SAME = new Set(['numbers.none', 'decide.it']);

function sameTexts(a: unknown, b: unknown, path = ''): string[] {
  if (typeof a === 'string') return a === b && !SAME.has(path) ? [path] : [];
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return [];
  return Object.entries(a).flatMap(([key, value]) =>
    sameTexts(value, (b as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`),
  );
}

it('German says nothing in English', () => {
  expect(sameTexts(en, de)).toEqual([]);
  expect(Object.keys(de.sources)).toEqual(Object.keys(en.sources));
  expect(Object.keys(de.closeReasons)).toEqual(Object.keys(en.closeReasons));
});

it.each([
  ['a mail', renderDigest(busyFacts('de')).text],
  ['a first look', renderFirstLook(firstLookFacts('de-AT')).text],
])('no frame of %s in German is English', (_, text) => {
  expect(text).not.toMatch(/\b(?:the|this|week|still|and|more|owner|watch|read|next|report)\b/iu);
});

it('German writes dates, numbers, lists and countries as Germans do', () => {
  const berlin = { language: de.tag, timezone: 'Europe/Berlin' };
  const at = Date.parse('2026-11-17T09:41:00+01:00');
  expect(de.at(weekday(berlin, at), clockTime(berlin, at))).toBe('Dienstag, 09:41 Uhr');
  expect(dayMonth(berlin, at)).toBe('17. November');
  expect(plural(de.tag, 1234, { one: '# Sache', other: '# Sachen' })).toBe('1.234 Sachen');
  expect(listOf(de.tag, ['A', 'B', 'C'])).toBe('A, B und C');
  expect(countryName(de.tag, 'AT')).toBe('Österreich');
});

it.each([
  [1, 0, 'Ein schwerer Vorfall in dieser Woche, abgeschlossen: Anna.'],
  [1, 1, 'Ein schwerer Vorfall in dieser Woche, noch offen: Anna.'],
  [3, 1, '3 schwere Vorfälle in dieser Woche, 1 noch offen: Anna.'],
  [3, 3, '3 schwere Vorfälle in dieser Woche, alle noch offen: Anna.'],
])('German counts: %i, %i open', (count, open, expected) => {
  expect(de.sentence.serious(count, open, 'Anna')).toBe(expected);
});
