import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objectId, own, type Raw } from './property.ts';
import { instant } from './time.ts';

/** `$select` of users for this kind alone: on a tenant without P1 it refuses the whole request [graph-facts 5]. */
export const signInActivitySelect: readonly string[] = ['id', 'signInActivity'];

/**
 * When a user was last seen to sign in, UTC epoch ms; null = never recorded. Graph leaves signInActivity out, or sends
 * null, for somebody who has not signed in. What is there but cannot be read is refused: taken for "never", it would
 * accuse. https://learn.microsoft.com/graph/api/resources/signinactivity
 */
export function parseSignInActivity(raw: unknown): Parsed<EntityRecord> {
  const user = object(raw);
  const id = objectId(own(user, 'id'));
  if (user === null || id === null) return refused('the user has no id');
  const given = own(user, 'signInActivity') ?? null;
  const activity = object(given);
  if (given !== null && activity === null) return refused('signInActivity is no object');
  const json = {
    last_sign_in: lastTime(activity, 'lastSignInDateTime'),
    last_non_interactive: lastTime(activity, 'lastNonInteractiveSignInDateTime'),
    last_successful: lastTime(activity, 'lastSuccessfulSignInDateTime'),
  };
  const { last_sign_in, last_non_interactive, last_successful } = json;
  if (last_sign_in === undefined || last_non_interactive === undefined || last_successful === undefined)
    return refused('a time of signInActivity cannot be read');
  const row = { last_sign_in, last_non_interactive, last_successful };
  return accepted({ kind: 'sign_in_activity', id, json: row, scalars: { sign_in_activity: [row] } });
}

/** Null where there is none (also the year 1, .NET's word for it); undefined where it cannot be read. */
function lastTime(activity: Raw | null, name: string): number | null | undefined {
  const value = own(activity, name) ?? null;
  if (value === null) return null;
  const at = instant(value);
  return at === null && !(typeof value === 'string' && value.startsWith('0001-')) ? undefined : at;
}
