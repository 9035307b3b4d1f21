import { describe, expect, it } from 'vitest';
import { partsFor } from '../../src/jobs/split-window.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const END = Date.UTC(2026, 10, 24, 14);

describe('into how many parts a window that holds too much is split', () => {
  it.each([
    ['as many as the pages read suggest, and a quarter more', 24 * HOUR, 2 * HOUR, 15],
    ['two, when nearly all of it was read', 24 * HOUR, 23 * HOUR, 2],
    ['two, when the pages came in no order and tell nothing', 24 * HOUR, 24 * HOUR, 2],
    ['no more than 48', 30 * 24 * HOUR, HOUR, 48],
    ['none shorter than the shortest span', HOUR, 5 * MINUTE, 4],
    ['as many as the shortest span allows, when all records share one time', 6 * HOUR, 0, 24],
  ])('%s', (_name, length, covered, parts) => {
    expect(partsFor({ from: END - length, to: END }, END - covered, 15 * MINUTE)).toBe(parts);
  });
});
