import { expect, it } from 'vitest';
import { fuzz } from '../sigma/fuzz/fuzz.ts';

/** The first of other cases than `npm test` has. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 1_000_001);
const CASES = 500_000;
/** Cases between two looks at the prototypes' values. */
const PART = 10_000;

it('survives 500,000 random rule files and their events', () => {
  let cases = 0;
  for (; cases < CASES; cases += PART) fuzz(SEED + cases, PART);
  expect(cases).toBe(CASES);
});
