import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from '../../src/config/nearest.ts';

test.each([
  ['TIMEZON', ['TENANT_ID', 'TIMEZONE'], 'TIMEZONE'],
  ['', ['ab', 'a'], 'a'],
  ['kitten', ['sitting', 'mittens'], 'mittens'],
  ['same', ['same', 'sane'], 'same'],
  ['x', [], null],
])('the nearest to "%s" of %j is %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});

test('a word is nearest to itself, wherever it stands in the list', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (word, others) => {
      expect(nearest(word, [...others, word])).toBe(word);
    }),
  );
});
