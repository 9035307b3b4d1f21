import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';

/** One after the other from here on; FUZZ_SEED repeats a case that failed. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const CASES = 5000;

describe('any text as rules, and any events', () => {
  it('give problems with places, verdicts in bounded steps, and no crash or polluted prototype', () => {
    const { cases, rules, refused, linked, matches, hits, alerts } = fuzz(SEED, CASES);
    expect(cases).toBe(CASES);
    // A run that refuses everything, or nothing, would prove little.
    const least = { rules: 2500, refused: 1500, linked: 600, matches: 2000, hits: 1000, alerts: 200 };
    for (const [name, count] of Object.entries({ rules, refused, linked, matches, hits, alerts }))
      expect(count, name).toBeGreaterThan(least[name as keyof typeof least]);
  }, 120_000);
});
