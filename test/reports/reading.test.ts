import { describe, expect, it } from 'vitest';
import { renderDigest } from '../../src/reports/digest.ts';
import { readingSeconds } from '../../src/reports/reading.ts';
import { BREAK } from '../../src/text/hostile.ts';
import { busyFacts } from './busy.ts';

describe('reading time', () => {
  it('counts words at 220 a minute', () => {
    expect(readingSeconds(Array.from({ length: 330 }, () => 'word').join(' '))).toBe(90);
    expect(readingSeconds('– · - 1. one')).toBe(1);
  });

  it.each([
    ['en', 'And 19 more people or things, with IT.', 'And 5 smaller things, with IT.'],
    ['de', 'Dazu 19 weitere Personen oder Sachen, bei der IT.', 'Und 5 kleinere Sachen, bei der IT.'],
  ])('of the busiest week is at most 90 seconds, and the rest is counted: %s', (language, groups, items) => {
    const text = renderDigest(busyFacts(language)).text.replaceAll(BREAK, '');
    expect(readingSeconds(text)).toBeLessThanOrEqual(90);
    expect(text).toContain(groups);
    expect(text).toContain(items);
  });

  it('of IT is not cut', () => {
    const facts = busyFacts('en');
    const text = renderDigest({ ...facts, reader: { ...facts.reader, kind: 'technical' } }).text;
    expect(text.match(/^- Person/gmu)).toHaveLength(20);
  });
});
