import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SmallMap } from '../../../src/sigma/correlation/small-map.ts';

it('is a map, below the size at which it becomes one and above', () => {
  const act = fc.tuple(fc.constantFrom('set', 'delete'), fc.integer({ min: 0, max: 14 }), fc.integer());
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const small = new SmallMap<number>();
      const plain = new Map<string, number>();
      for (const [what, key, value] of acts) {
        if (what === 'set') {
          small.set(`${key}`, value);
          plain.set(`${key}`, value);
        } else {
          small.delete(`${key}`);
          plain.delete(`${key}`);
        }
        expect(small.size).toBe(plain.size);
        for (let i = 0; i <= 14; i++) {
          expect(small.get(`${i}`)).toBe(plain.get(`${i}`));
          expect(small.has(`${i}`)).toBe(plain.has(`${i}`));
        }
      }
    }),
    { seed: 20261124, numRuns: 200 },
  );
});
