import type { LogRecord, Raw } from '../../world.ts';
import type { RouteCall } from '../route.ts';

/** The value can be this far behind the log (graph-facts 5: up to 24 h); here it always is. */
const BEHIND_MS = 24 * 3_600_000;

/**
 * `signInActivity` of a user, from what the world says of the time before its data and from the sign-in log since:
 * every try moves lastSignIn, only a success lastSuccessfulSignIn. Undefined for somebody who was never seen: whether
 * the real service leaves the property out or sends null is UNVERIFIED, here it is left out.
 */
export function signInActivities(call: RouteCall): (user: Raw) => unknown {
  const seenUntil = call.now - BEHIND_MS;
  const tries = new Map<string, LogRecord>();
  const successes = new Map<string, LogRecord>();
  for (const entry of call.tenant.signIns) {
    if (entry.at > seenUntil) continue;
    keepLater(tries, entry);
    if (codeOf(entry) === 0) keepLater(successes, entry);
  }
  const refreshes = new Map<string, LogRecord>(successes);
  for (const entry of call.tenant.otherSignIns) if (entry.at <= seenUntil) keepLater(refreshes, entry);
  return (user) => {
    const id = String(user['id']);
    const parts = {
      ...(user['signInActivity'] as Raw | undefined),
      ...times('lastSignIn', tries.get(id)),
      // A client fetches its first tokens right after the sign-in: the world's refreshes are those that come later.
      ...times('lastNonInteractiveSignIn', refreshes.get(id)),
      ...times('lastSuccessfulSignIn', successes.get(id)),
    };
    return Object.keys(parts).length === 0 ? undefined : { ...NEVER, ...parts };
  };
}

const NEVER: Raw = {
  lastSignInDateTime: null,
  lastSignInRequestId: null,
  lastNonInteractiveSignInDateTime: null,
  lastNonInteractiveSignInRequestId: null,
  lastSuccessfulSignInDateTime: null,
  lastSuccessfulSignInRequestId: null,
};

function codeOf(entry: LogRecord): unknown {
  return entry.known ? entry.known.errorCode : (entry.record['status'] as Raw | undefined)?.['errorCode'];
}

function keepLater(latest: Map<string, LogRecord>, entry: LogRecord): void {
  const id = entry.known?.userId ?? String(entry.record['userId']);
  if ((latest.get(id)?.at ?? -Infinity) <= entry.at) latest.set(id, entry);
}

function times(name: string, entry: LogRecord | undefined): Raw {
  if (!entry) return {};
  return { [`${name}DateTime`]: entry.record['createdDateTime'], [`${name}RequestId`]: entry.id };
}
