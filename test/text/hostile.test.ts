import { describe, expect, it } from 'vitest';
import { BREAK, cleanWord, unlink } from '../../src/text/hostile.ts';
import { hostileNames } from './hostile-names.ts';

describe('cleanWord', () => {
  it.each([
    ['keeps a name as it is', 'Zoë Müller-Lüdenscheidt', 'Zoë Müller-Lüdenscheidt'],
    ['keeps joined emoji', 'Ana 🤷‍♀️', 'Ana 🤷‍♀️'],
    ['turns line ends into one blank', 'a\r\n\r\nBcc: x', 'a Bcc: x'],
    ['takes direction overrides out', 'invoice\u202egpj.exe', 'invoicegpj.exe'],
    ['takes invisible letters out', 'pay\u200bpal\u00ad', 'paypal'],
    ['takes control characters out', '\u0000a\u001b[31m', 'a [31m'],
    ['mends half a surrogate pair', '\ud800x', '\ufffdx'],
    ['composes accents', 'e\u0301', 'é'],
    ['leaves nothing of what cannot be seen', ' \u200b\u202e\n ', ''],
  ])('%s', (_, given, expected) => {
    expect(cleanWord(given)).toBe(expected);
  });

  it('bounds the length in code points and shows that it did', () => {
    const cut = cleanWord('😀'.repeat(500), 10);
    expect(Array.from(cut)).toHaveLength(10);
    expect(cut.endsWith('😀…')).toBe(true);
    expect(cleanWord('x'.repeat(80))).toBe('x'.repeat(80));
    expect(cleanWord('x'.repeat(81))).toBe(`${'x'.repeat(79)}…`);
  });

  it('bounds the marks stacked on one letter', () => {
    expect(cleanWord(`q${'\u0307'.repeat(50)}`)).toBe(`q${'\u0307'.repeat(3)}`);
  });

  it('leaves one short visible line of every hostile name', () => {
    for (const name of hostileNames(300)) {
      const word = cleanWord(name);
      expect(word).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\u200b\u2060]/u);
      expect(Array.from(word).length).toBeLessThanOrEqual(80);
      expect(word.isWellFormed()).toBe(true);
      expect(cleanWord(word)).toBe(word);
    }
  });
});

describe('unlink', () => {
  it.each([
    'http://evil.example',
    'www.evil.example',
    'a@evil.example',
    'mailto:x',
    '//host',
    '\\\\host\\share',
    '+18005550199',
  ])('breaks %s without changing how it reads', (address) => {
    expect(unlink(address)).toContain(BREAK);
    expect(unlink(address).replaceAll(BREAK, '')).toBe(address);
  });

  it.each([
    'Tuesday 09:41',
    '17 November 2026',
    'It is closed. Nothing is open.',
    '168 of 168',
    'week 47: quiet',
  ])('leaves the sentence alone: %s', (text) => {
    expect(unlink(text)).toBe(text);
  });
});
