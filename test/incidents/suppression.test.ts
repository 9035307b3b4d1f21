import { describe, expect, it } from 'vitest';
import { covers } from '../../src/incidents/suppression.ts';
import type { JudgedAlert, SuppressionRow } from '../../src/store/suppressions.ts';

const suppression: SuppressionRow = {
  tenant_id: 't',
  id: 's',
  detection_id: 'd',
  subject: 'user:ann',
  cause: null,
  reason: 'we add an administrator on Tuesday',
  author: 'Jonas',
  valid_from: 100,
  valid_to: 200,
  created_at: 90,
  removed_at: null,
  removed_by: null,
};
const alert: JudgedAlert = {
  id: 'a',
  detection_id: 'd',
  subject: 'user:ann',
  cause: 'c',
  life: 'event',
  expected_by: null,
  last_true_at: null,
  first_at: 100,
  last_at: 200,
};

describe('a suppression covers an alert', () => {
  it.each([
    ['whose evidence lies inside, ends included', {}, {}, true],
    ['not when one piece of evidence lies before', { first_at: 99 }, {}, false],
    ['not when one piece of evidence lies after', { last_at: 201 }, {}, false],
    ['not of another detection', { detection_id: 'e' }, {}, false],
    ['not about another subject', { subject: 'user:bob' }, {}, false],
    ['not with another cause where a cause is named', {}, { cause: 'other' }, false],
    ['of any detection where none is named', { detection_id: 'e' }, { detection_id: null }, true],
    ['that happened before it was removed', {}, { removed_at: 250 }, true],
    ['not when it happened after it was removed', {}, { removed_at: 150 }, false],
    ['which is a state, by its last true read', { life: 'state', first_at: 1, last_true_at: 150 }, {}, true],
    ['not a state that is still true after its end', { life: 'state', last_true_at: 201 }, {}, false],
  ] as const)('%s', (_name, alertOver, suppressionOver, expected) => {
    expect(covers({ ...suppression, ...suppressionOver }, { ...alert, ...alertOver })).toBe(expected);
  });
});
