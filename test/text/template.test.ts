import { expect, it } from 'vitest';
import { fillTemplate } from '../../src/text/template.ts';
import { hostileNames } from './hostile-names.ts';

it.each([
  [
    'puts words in',
    '{actor} gave {subject} a role.',
    { actor: 'Ann', subject: 'Bob' },
    'Ann gave Bob a role.',
  ],
  ['shows a neutral word where one is missing', '{actor} did it.', {}, 'someone did it.'],
  ['shows it where the word is invisible', '{actor} did it.', { actor: '\u202e\n' }, 'someone did it.'],
  [
    'finds nothing that every object has',
    '{constructor} {__proto__} {toString}',
    {},
    'someone someone someone',
  ],
  ['does not read a word again', '{a}', { a: '{b}', b: 'secret' }, '{b}'],
  ['takes dotted names and numbers', '{context.count} times', { 'context.count': 3 }, '3 times'],
  ['takes a word that holds replacement signs as it is', '{a}', { a: "$& $1 $'" }, "$& $1 $'"],
  ['takes an object for no word', '{a}', { a: { b: 1 } }, 'someone'],
])('%s', (_, text, words, expected) => {
  expect(fillTemplate(text, words, 'someone')).toBe(expected);
});

it('never throws and never lets a hostile word break the line', () => {
  for (const name of hostileNames(300)) {
    expect(fillTemplate('{subject} – {other}', { subject: name }, '(unknown)')).not.toMatch(/[\r\n]/u);
    expect(() => fillTemplate(name, { subject: name }, '(unknown)')).not.toThrow();
  }
});
