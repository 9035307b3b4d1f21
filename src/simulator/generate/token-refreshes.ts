import { HOUR, isoSeconds, MINUTE, SECOND } from './calendar.ts';
import { deliveryDelay } from './delivery.ts';
import type { TenantDraft } from './draft.ts';
import type { Random } from './random.ts';
import type { LogRecord, Raw } from '../world.ts';

/**
 * Most refreshes after one sign-in. A real tenant has 5 to 10 times as many non-interactive sign-ins as interactive ones;
 * here it is one and a half, so that a simulated month stays small.
 */
const MOST_REFRESHES = 3;
/** An access token lives 60 to 90 minutes (Microsoft Learn, access token lifetime); then its client fetches the next. */
const TOKEN_LIFE_MINUTES = [60, 90] as const;
/** "non-interactive 15–30 min" after the event [graph-facts 1], beside the delay that every record has. */
const MORE_DELAY_MINUTES = [8, 22] as const;

/** What clients fetch after people have signed in, a thief's client included: the session, device and place are theirs. */
export function addTokenRefreshes(draft: TenantDraft): void {
  const ends = new Map(draft.people.map((person) => [person.id, person.presentTo]));
  for (const entry of draft.signIns) {
    if (!isRenewable(entry.record)) continue;
    const draw = draft.random.fork('refreshes', entry.id);
    const until = ends.get(String(entry.record['userId'])) ?? Number.POSITIVE_INFINITY;
    let { at } = entry;
    for (let i = draw.int(0, MOST_REFRESHES); i > 0; i -= 1) {
      at += draw.int(...TOKEN_LIFE_MINUTES) * MINUTE + draw.int(0, 59) * SECOND;
      if (at < until) draft.identity.otherSignIns.push(refresh(entry.record, at, draw.fork(i)));
    }
  }
}

/** Name and password over an old protocol gets no refresh token. */
function isRenewable(record: Raw): boolean {
  const code = (record['status'] as Raw)['errorCode'];
  return code === 0 && record['authenticationProtocol'] !== 'ropc';
}

/** The record of one token that a client fetched at `at` (UTC epoch ms) after a sign-in. */
export function refresh(signIn: Raw, at: number, draw: Random): LogRecord {
  const id = `${draw.guid().slice(0, -2)}00`;
  const managed = (signIn['deviceDetail'] as Raw)['isManaged'] === true;
  const record: Raw = {
    ...signIn,
    id,
    createdDateTime: isoSeconds(at),
    correlationId: draw.guid(),
    isInteractive: false,
    signInEventTypes: ['nonInteractiveUser'],
    incomingTokenType: managed ? 'primaryRefreshToken' : 'refreshToken',
    authenticationProtocol: 'none',
    authenticationDetails: [],
    mfaDetail: null,
    uniqueTokenIdentifier: draw.text(22, TOKEN_ALPHABET),
    processingTimeInMilliseconds: draw.int(40, 300),
    // The first form of a sign-in may still say that MFA is running; a refresh comes after it.
    status: { errorCode: 0, failureReason: 'Other.', additionalDetails: null },
  };
  const more = draw.int(...MORE_DELAY_MINUTES) * MINUTE;
  return { id, at, availableAt: at + Math.min(deliveryDelay(draw) + more, 3 * HOUR), record };
}

const TOKEN_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
