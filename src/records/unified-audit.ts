import type { EventRecord } from '../model/event.ts';
import { countryCode, ipAddress } from './address.ts';
import { auditActs } from './audit-acts.ts';
import {
  actorId,
  actorName,
  clientAddress,
  creationTime,
  directoryTarget,
  guid,
  idsIn,
  named,
  namedText,
  operationOf,
  recordType,
  unifiedRecord,
} from './audit-property.ts';
import { auditSignInOutcome, isSignIn, signInOf } from './audit-sign-in.ts';
import { recordContent } from './content-hash.ts';
import { AUDIT_SIGN_IN, UNIFIED_AUDIT } from './data/log-fields.ts';
import type { LogSource } from './log-source.ts';
import { makeOrigin } from './origin.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objectId, own, text, type Raw } from './property.ts';
import { signInActs } from './sign-in.ts';

const FEED = 'unified-audit';
const SIGN_INS = 'audit-sign-ins';

/**
 * The unified audit log. Records are kept in the form of Graph's auditLogRecord, with the record itself as `auditData`,
 * whichever interface brought them: Purview's search and the Management API share the record's Id [design]. Sign-ins in it
 * become records of the feed `audit-sign-ins`.
 */
export const unifiedAudit: LogSource = {
  feed: FEED,
  broughtBy: ['audit-azure-ad', 'audit-exchange', 'audit-sharepoint', 'audit-general'],
  origins: { management: makeOrigin(`${FEED}/management`, 1, UNIFIED_AUDIT) },
  parse: parseUnified,
  acts: (raw) => auditActs(raw),
  words: unifiedWords,
};

/**
 * Sign-ins as the unified audit log tells them: all that a tenant without Entra ID P1 has. Each is written in the names of
 * Graph's signIn when it is parsed, so that rules for sign-ins run on it; what the log does not tell is not declared.
 */
export const auditSignIns: LogSource = {
  feed: SIGN_INS,
  broughtBy: ['audit-azure-ad'],
  rulesOf: ['sign-ins', FEED],
  standsIn: { forSource: 'sign-ins', bySource: 'audit-azure-ad' },
  origins: { management: makeOrigin(`${SIGN_INS}/management`, 1, AUDIT_SIGN_IN) },
  parse: parseUnified,
  acts: signInActs,
};

function parseUnified(raw: unknown, api: string): Parsed<EventRecord> {
  const record = unifiedRecord(raw);
  if (record === null) return refused('the audit record is no JSON object');
  const id = namedText(record, 'Id');
  if (id === null) return refused('the audit record has no Id');
  const occurredAt = creationTime(record);
  if (occurredAt === null) return refused('the audit record has no CreationTime that is a time');
  const content = recordContent(record, []);
  if (content === null) return refused('the audit record is nested too deep');
  const facts = { id, occurredAt, api, hash: content.hash };
  return isSignIn(record) ? signInEvent(record, facts) : auditEvent(record, facts);
}

/** What a record says of itself; the hash is of what Microsoft sent, so that a newer table of countries revises nothing. */
interface Facts {
  readonly id: string;
  readonly occurredAt: number;
  readonly api: string;
  readonly hash: string;
}

function auditEvent(record: Raw, { id, occurredAt, api, hash }: Facts): Parsed<EventRecord> {
  const target = directoryTarget(record);
  const kept = recordContent(auditLogRecord(record, id, occurredAt), []);
  if (kept === null) return refused('the audit record is nested too deep');
  return accepted({
    feed: FEED,
    nativeId: id,
    canonicalId: id,
    occurredAt,
    origin: `${FEED}/${api}`,
    contentHash: hash,
    activity: operationOf(record),
    outcome: outcomeOf(record),
    actorId: actorId(record),
    userId: target?.kind === 'User' ? target.id : null,
    ip: clientAddress(record),
    appId: guid(named(record, 'ApplicationId')) ?? guid(named(record, 'AppId')),
    country: null,
    rawText: kept.text,
  });
}

function signInEvent(record: Raw, { id, occurredAt, api, hash }: Facts): Parsed<EventRecord> {
  const signIn = signInOf(record, id, occurredAt);
  const kept = recordContent(signIn, []);
  if (kept === null) return refused('the sign-in is nested too deep');
  const userId = objectId(own(signIn, 'userId'));
  return accepted({
    feed: SIGN_INS,
    nativeId: id,
    canonicalId: text(own(signIn, 'id')) ?? id,
    occurredAt,
    origin: `${SIGN_INS}/${api}`,
    contentHash: hash,
    activity: 'sign-in',
    outcome: auditSignInOutcome(record, signIn),
    actorId: userId,
    userId,
    ip: ipAddress(own(signIn, 'ipAddress')),
    appId: objectId(own(signIn, 'appId')),
    country: countryCode(own(object(own(signIn, 'location')), 'countryOrRegion')),
    rawText: kept.text,
  });
}

/** Cmdlets say `True`, directory operations `Success`, files `Succeeded`; file operations often nothing at all. */
const SUCCESS = new Set(['success', 'succeeded', 'true', 'partiallysucceeded']);
const FAILURE = new Set(['failure', 'failed', 'false']);

function outcomeOf(record: Raw): EventRecord['outcome'] {
  const status = namedText(record, 'ResultStatus')?.toLowerCase() ?? '';
  if (SUCCESS.has(status)) return 'success';
  return FAILURE.has(status) ? 'failure' : null;
}

/** The record in the shape of Graph's security auditLogRecord (CSDL); what it does not say is left out. */
function auditLogRecord(record: Raw, id: string, occurredAt: number): Raw {
  return {
    id,
    createdDateTime: new Date(occurredAt).toISOString(),
    auditLogRecordType: recordType(named(record, 'RecordType')),
    operation: named(record, 'Operation'),
    organizationId: named(record, 'OrganizationId'),
    userType: named(record, 'UserType'),
    // Graph's names: userId is the key, userPrincipalName what the record calls UserId [wire-facts].
    userId: named(record, 'UserKey'),
    service: named(record, 'Workload'),
    objectId: named(record, 'ObjectId'),
    userPrincipalName: named(record, 'UserId'),
    clientIp: clientAddress(record) ?? undefined,
    auditData: record,
  };
}

/** Who did it, from where, and to what. */
function unifiedWords(raw: Raw): Record<string, string> {
  const record = unifiedRecord(raw);
  if (record === null) return {};
  const target = idsIn(record, 'Target').find((id) => id.includes('@'));
  return {
    actor: actorName(record) ?? text(own(raw, 'userPrincipalName')) ?? '',
    subject: target ?? namedText(record, 'ObjectId') ?? '',
    ip: clientAddress(record) ?? '',
  };
}
