import type { EventRecord } from '../model/event.ts';
import { countryOfIp } from '../network/ip-country.ts';
import { ipAddress } from './address.ts';
import {
  actorId,
  actorName,
  clientAddress,
  guid,
  idsIn,
  named,
  operationOf,
  pairValue,
  recordType,
} from './audit-property.ts';
import { FIRST_PARTY_APPS } from './data/first-party-apps.ts';
import type { Raw } from './property.ts';
import { signInOutcome } from './sign-in.ts';

const SIGNED_IN = 'UserLoggedIn';
const LOGIN_FAILED = 'UserLoginFailed';

/** Written by Entra ID itself where a program sent name and password (stories.md 21; SI-29). */
const LEGACY_AGENTS = new Set(['BAV2ROPC', 'CBAinPROD', 'CBAinTAR']);

/** Whether a record of the unified audit log is a person's sign-in. */
export function isSignIn(record: Raw): boolean {
  const operation = operationOf(record);
  return operation === SIGNED_IN || operation === LOGIN_FAILED;
}

/**
 * The sign-in of a unified audit record in the names of Graph's signIn. What the log does not tell is absent, and
 * `AUDIT_SIGN_IN` does not declare it. `at` is UTC epoch ms.
 */
export function signInOf(record: Raw, id: string, at: number): Raw {
  const appId = guid(named(record, 'ApplicationId'));
  const address = ipAddress(named(record, 'ActorIpAddress')) ?? clientAddress(record);
  const code = errorCode(record);
  const country = countryOfIp(address);
  const agent = pairValue(record, 'ExtendedProperties', 'UserAgent');
  return {
    id: canonicalSignInId(record) ?? id,
    createdDateTime: `${new Date(at).toISOString().slice(0, 19)}Z`,
    ...given('userPrincipalName', actorName(record)),
    ...given('userId', actorId(record)),
    ...given('appId', appId),
    // For display only: the log has no names, and this list is Microsoft's own applications.
    ...given('appDisplayName', FIRST_PARTY_APPS.get(appId ?? '') ?? null),
    ...given('ipAddress', address),
    ...given('userAgent', agent),
    // For display only too: the log does not say which program, but that it was an old one.
    ...given('clientAppUsed', LEGACY_AGENTS.has(agent ?? '') ? agent : null),
    ...given(
      'resourceId',
      idsIn(record, 'Target')
        .map(guid)
        .find((one) => one !== null) ?? null,
    ),
    ...given('sessionId', pairValue(record, 'DeviceProperties', 'SessionId')),
    status: given('errorCode', code),
    // Not Microsoft's: by the table of addresses that comes with the program.
    location: given('countryOrRegion', country),
    ...given('auditLogRecordType', recordType(named(record, 'RecordType')) ?? null),
    operation: named(record, 'Operation'),
    organizationId: named(record, 'OrganizationId'),
    service: named(record, 'Workload'),
    objectId: named(record, 'ObjectId'),
    auditData: record,
  };
}

function given(name: string, value: string | number | null): Raw {
  return value === null ? {} : { [name]: value };
}

/** The id that Graph gives the same sign-in [graph-facts 12]; null where the record has none. */
export function canonicalSignInId(record: Raw): string | null {
  return guid(named(record, 'IntraSystemId'));
}

/**
 * ErrorNumber is text; ResultStatus says Success even of failures [graph-facts 12]. A success without a number is 0; a
 * failure without one has no code.
 */
function errorCode(record: Raw): number | null {
  const value = named(record, 'ErrorNumber') ?? named(record, 'ErrorCode');
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value.trim()) ? Number(value) : value;
  const known = typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
  if (operationOf(record) === SIGNED_IN) return known ?? 0;
  return known === 0 ? null : known;
}

/** A failed sign-in whose number we cannot read is a failure all the same. */
export function auditSignInOutcome(record: Raw, signIn: Raw): EventRecord['outcome'] {
  return signInOutcome(signIn) ?? (operationOf(record) === LOGIN_FAILED ? 'failure' : null);
}
