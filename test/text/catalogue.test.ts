import { describe, expect, it } from 'vitest';
import { inLanguage, textsFor } from '../../src/text/catalogue.ts';
import { en, type Texts } from '../../src/text/en.ts';
import { clockTime, dayMonth, plural, weekday } from '../../src/text/intl.ts';

describe('the catalogue', () => {
  it.each(['en', 'en-GB', 'EN', 'xx', '', 'constructor'])('speaks English to %j', (tag) => {
    expect(textsFor(tag)).toBe(en);
  });

  it('does not compile when a language lacks a key', () => {
    const { unknownWord: _, ...rest } = en;
    // @ts-expect-error unknownWord is missing: tsc fails here if it is ever allowed to be
    const incomplete: Texts = rest;
    expect(incomplete).not.toHaveProperty('unknownWord');
  });
});

describe('texts of a detection', () => {
  it.each([
    ['de', 'Hallo'],
    ['de-AT', 'Hallo'],
    ['fr', 'Hello'],
    ['toString', 'Hello'],
  ])('are told to %s, in English where there are none', (language, expected) => {
    expect(inLanguage({ en: 'Hello', de: 'Hallo' }, language)).toBe(expected);
  });

  it('are nothing where there is neither', () => {
    expect(inLanguage({}, 'en')).toBeNull();
  });
});

describe('plural', () => {
  it.each([
    ['en', 1, '1 mail'],
    ['en', 0, '0 mails'],
    ['en', 1234, '1,234 mails'],
    ['de', 1234, '1.234 mails'],
  ])('%s %i', (language, count, expected) => {
    expect(plural(language, count, { one: '# mail', other: '# mails' })).toBe(expected);
  });

  it('uses the forms that a language has', () => {
    const forms = { one: 'plik', few: 'pliki', many: 'plików', other: 'pliku' };
    expect([1, 3, 5].map((count) => plural('pl', count, forms))).toEqual(['plik', 'pliki', 'plików']);
  });
});

it('tells times in the zone of the reader', () => {
  const at = Date.UTC(2026, 10, 17, 23, 30);
  const berlin = { language: 'en-GB', timezone: 'Europe/Berlin' };
  const newYork = { language: 'en-GB', timezone: 'America/New_York' };
  expect([weekday(berlin, at), clockTime(berlin, at), dayMonth(berlin, at)]).toEqual([
    'Wednesday',
    '00:30',
    '18 November',
  ]);
  expect([weekday(newYork, at), clockTime(newYork, at), dayMonth(newYork, at)]).toEqual([
    'Tuesday',
    '18:30',
    '17 November',
  ]);
});
