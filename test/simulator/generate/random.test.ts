import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/simulator/generate/random.ts';

describe('the source of randomness', () => {
  test('a fork depends on its labels, not on what was drawn before', () => {
    const used = createRandom('seed 1');
    for (let i = 0; i < 100; i += 1) used.next();
    expect(used.fork('a', 1).next()).toBe(createRandom('seed 1').fork('a', 1).next());
    expect(used.fork('a', 1).next()).not.toBe(used.fork('a', 2).next());
  });

  test('spreads evenly over its range', () => {
    const random = createRandom('even');
    const counts = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 10_000; i += 1) {
      const n = random.int(0, 9);
      counts[n] = (counts[n] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });

  test('short neighbouring labels do not give similar first values', () => {
    const firsts = Array.from({ length: 1000 }, (_, i) => createRandom('x').fork(i).next());
    const mean = firsts.reduce((sum, value) => sum + value, 0) / firsts.length;
    expect(new Set(firsts).size).toBe(1000);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  });

  test('makes GUIDs of version 4 and refuses to pick from nothing', () => {
    const random = createRandom('guid');
    const guids = Array.from({ length: 1000 }, () => random.guid());
    expect(new Set(guids).size).toBe(1000);
    for (const guid of guids)
      expect(guid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(() => random.pick([])).toThrow(/empty/);
  });
});
