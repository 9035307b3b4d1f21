import type { Act, EventRecord } from '../model/event.ts';
import { countryCode, ipAddress } from './address.ts';
import { recordContent } from './content-hash.ts';
import { SIGN_IN_BETA, SIGN_IN_V1 } from './data/log-fields.ts';
import { INTERRUPT_CODES } from './data/sign-in-codes.ts';
import type { LogSource } from './log-source.ts';
import { makeOrigin } from './origin.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objectId, own, text, whole, type Raw } from './property.ts';
import { instant } from './time.ts';

const FEED = 'sign-ins';
/** How long the service took is no part of what happened, and has been seen to differ between reads. */
const VOLATILE = ['processingTimeInMilliseconds'];

/** Graph `auditLogs/signIns`: interactive user sign-ins, v1.0 and beta. */
export const signIns: LogSource = {
  feed: FEED,
  origins: {
    'v1.0': makeOrigin(`${FEED}/v1.0`, 2, SIGN_IN_V1),
    beta: makeOrigin(`${FEED}/beta`, 3, SIGN_IN_BETA),
  },
  parse: (raw, api) => parseSignIn(FEED, raw, api),
  acts: signInActs,
};

/** One record of signIn's type as an event of `feed`: the log has a feed for each kind of sign-in. */
export function parseSignIn(feed: string, raw: unknown, api: string): Parsed<EventRecord> {
  const record = object(raw);
  if (record === null) return refused('the sign-in is no JSON object');
  const id = text(own(record, 'id'));
  if (id === null) return refused('the sign-in has no id');
  const occurredAt = instant(own(record, 'createdDateTime'));
  if (occurredAt === null) return refused('the sign-in has no createdDateTime that is a time');
  const content = recordContent(record, VOLATILE);
  if (content === null) return refused('the sign-in is nested too deep');
  const userId = objectId(own(record, 'userId'));
  return accepted({
    feed,
    nativeId: id,
    canonicalId: id,
    occurredAt,
    origin: `${feed}/${api}`,
    contentHash: content.hash,
    activity: 'sign-in',
    outcome: signInOutcome(record),
    actorId: userId ?? objectId(own(record, 'servicePrincipalId')),
    userId,
    ip: ipAddress(own(record, 'ipAddress')),
    appId: objectId(own(record, 'appId')),
    country: signInCountry(record),
    rawText: content.text,
  });
}

export function signInOutcome(record: Raw): EventRecord['outcome'] {
  const code = whole(own(object(own(record, 'status')), 'errorCode'));
  if (code === null) return null;
  if (code === 0) return 'success';
  return INTERRUPT_CODES.has(code) ? 'interrupt' : 'failure';
}

function signInCountry(record: Raw): string | null {
  return countryCode(own(object(own(record, 'location')), 'countryOrRegion'));
}

/** `user:<id>`, else `upn:<name>`, else `sp:<id>`; null for a record that names nobody. */
export function signInSubject(record: Raw): string | null {
  const userId = objectId(own(record, 'userId'));
  if (userId !== null) return `user:${userId}`;
  const upn = text(own(record, 'userPrincipalName'));
  if (upn !== null) return `upn:${upn.toLowerCase()}`;
  const principal = objectId(own(record, 'servicePrincipalId'));
  return principal === null ? null : `sp:${principal}`;
}

/** One act a record, whatever its outcome: a rule decides which ones matter. */
export function signInActs(record: Raw): Act[] {
  const cause = text(own(record, 'id'));
  const subject = signInSubject(record);
  if (cause === null || subject === null) return [];
  return [{ name: 'sign_in', kind: 'do', subject, cause, words: signInWords(record) }];
}

export function signInWords(record: Raw): Record<string, string> {
  const person = text(own(record, 'userPrincipalName')) ?? text(own(record, 'userDisplayName')) ?? '';
  return {
    actor: person,
    subject: person,
    app: text(own(record, 'appDisplayName')) ?? text(own(record, 'resourceDisplayName')) ?? '',
    client: text(own(record, 'clientAppUsed')) ?? '',
    country: signInCountry(record) ?? '',
    ip: ipAddress(own(record, 'ipAddress')) ?? '',
  };
}
