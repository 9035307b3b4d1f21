import { describe, expect, it } from 'vitest';
import { entityKinds, hasHistory } from '../../src/records/index.ts';
import { ANNA } from './wire.ts';

const NEVER = { last_sign_in: null, last_non_interactive: null, last_successful: null };

function parse(raw: unknown) {
  const parsed = entityKinds.get('sign_in_activity')?.parse(raw);
  if (parsed === undefined) throw new Error('no kind sign_in_activity');
  return parsed;
}

describe('the last sign-ins of a user', () => {
  it('are times under the object id, the same in the row for checks', () => {
    const parsed = parse({
      id: ANNA.toUpperCase(),
      signInActivity: {
        lastSignInDateTime: '2026-11-16T07:12:30Z',
        lastSignInRequestId: 'b0282a60-1a3d-4f60-b4ae-6b9d0e1f2a00',
        lastNonInteractiveSignInDateTime: '2026-11-16T16:02:11.1234567Z',
        lastSuccessfulSignInDateTime: null,
      },
    });
    const times = {
      last_sign_in: Date.UTC(2026, 10, 16, 7, 12, 30),
      last_non_interactive: Date.UTC(2026, 10, 16, 16, 2, 11, 123),
      last_successful: null,
    };
    expect(parsed).toEqual({
      ok: true,
      value: { kind: 'sign_in_activity', id: ANNA, json: times, scalars: { sign_in_activity: [times] } },
    });
  });

  it.each([
    ['absent', { id: ANNA }],
    ['null', { id: ANNA, signInActivity: null }],
    ['empty', { id: ANNA, signInActivity: {} }],
    ['of the year 1', { id: ANNA, signInActivity: { lastSuccessfulSignInDateTime: '0001-01-01T00:00:00Z' } }],
  ])('are nothing where the property is %s', (_form, raw) => {
    expect(parse(raw)).toMatchObject({ ok: true, value: { json: NEVER } });
  });

  it.each([
    ['no object', { id: ANNA, signInActivity: '2026-11-16' }, 'signInActivity is no object'],
    ['a list', { id: ANNA, signInActivity: [] }, 'signInActivity is no object'],
    [
      'a time that is none',
      { id: ANNA, signInActivity: { lastSuccessfulSignInDateTime: 'yesterday' } },
      'a time of signInActivity cannot be read',
    ],
    [
      'a number',
      { id: ANNA, signInActivity: { lastSignInDateTime: 1_794_813_150 } },
      'a time of signInActivity cannot be read',
    ],
    ['of nobody', { signInActivity: {} }, 'the user has no id'],
  ])('are refused and never taken for "never" when they are %s', (_form, raw, reason) => {
    expect(parse(raw)).toEqual({ ok: false, reason });
  });

  it('keep no history, unlike every other kind', () => {
    const without = [...entityKinds.keys()].filter((kind) => !hasHistory(kind));
    expect(without).toEqual(['sign_in_activity']);
  });
});
