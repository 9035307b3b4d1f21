import type { EventRecord } from '../model/event.ts';
import { ipAddress } from './address.ts';
import { recordContent } from './content-hash.ts';
import { AUDIT_BETA, AUDIT_V1 } from './data/log-fields.ts';
import type { LogSource } from './log-source.ts';
import { makeOrigin } from './origin.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objectId, objects, own, text, valueOfKey, type Raw } from './property.ts';
import { auditedRoleActs, type Initiator } from './role-grant.ts';
import { targetType } from './audit-target.ts';
import { instant } from './time.ts';

const FEED = 'directory-audits';

/** Graph `auditLogs/directoryAudits`, v1.0 and beta. */
export const directoryAudits: LogSource = {
  feed: FEED,
  origins: {
    'v1.0': makeOrigin(`${FEED}/v1.0`, 2, AUDIT_V1),
    beta: makeOrigin(`${FEED}/beta`, 3, AUDIT_BETA),
  },
  parse: parseAudit,
  acts: (raw) => auditedRoleActs(raw, auditActivity(raw), auditInitiator(raw)),
  words: auditWords,
};

function parseAudit(raw: unknown, api: string): Parsed<EventRecord> {
  const record = object(raw);
  if (record === null) return refused('the directory audit is no JSON object');
  // Ids of some services hold spaces ("Device Registration Service_…") [graph-facts 2]: never split or trim inside.
  const id = text(own(record, 'id'));
  if (id === null) return refused('the directory audit has no id');
  const occurredAt = instant(own(record, 'activityDateTime'));
  if (occurredAt === null) return refused('the directory audit has no activityDateTime that is a time');
  const content = recordContent(record, []);
  if (content === null) return refused('the directory audit is nested too deep');
  const initiator = auditInitiator(record);
  return accepted({
    feed: FEED,
    nativeId: id,
    canonicalId: id,
    occurredAt,
    origin: `${FEED}/${api}`,
    contentHash: content.hash,
    activity: auditActivity(record),
    outcome: auditOutcome(record),
    actorId: initiator.id,
    userId: firstUserTarget(record),
    ip: initiator.ip,
    appId: objectId(own(object(own(object(own(record, 'initiatedBy')), 'app')), 'appId')),
    country: null,
    rawText: content.text,
  });
}

/**
 * The activity's name, trimmed: Microsoft writes one with a trailing space ("Update application – Certificates and
 * secrets management ") [graph-facts 2]. Its en dash stays, case stays.
 */
function auditActivity(record: Raw): string | null {
  return text(own(record, 'activityDisplayName'));
}

function auditOutcome(record: Raw): EventRecord['outcome'] {
  const result = text(own(record, 'result'))?.toLowerCase();
  if (result === 'success') return 'success';
  return result === 'failure' || result === 'timeout' ? 'failure' : null;
}

/** `initiatedBy` has the keys `user` and `app`, one of them null, sometimes both [graph-facts 2]. */
function auditInitiator(record: Raw): Initiator {
  const by = object(own(record, 'initiatedBy'));
  const user = object(own(by, 'user'));
  const app = object(own(by, 'app'));
  const person = firstText(user, ['userPrincipalName', 'displayName']);
  return {
    id: objectId(own(user, 'id')) ?? objectId(own(app, 'servicePrincipalId')) ?? objectId(own(app, 'appId')),
    name: person ?? firstText(app, ['displayName', 'servicePrincipalName']) ?? objectId(own(user, 'id')),
    // PIM leaves the address out of initiatedBy and gives it as `ipaddr` [graph-facts 2].
    ip:
      ipAddress(own(user, 'ipAddress')) ?? ipAddress(valueOfKey(own(record, 'additionalDetails'), 'ipaddr')),
  };
}

function firstText(raw: Raw | null, keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = text(own(raw, key));
    if (value !== null) return value;
  }
  return null;
}

/** Who did it, from where, and to what: most activities name one target, and it comes first [graph-facts 2]. */
function auditWords(record: Raw): Record<string, string> {
  const by = auditInitiator(record);
  const target = objects(own(record, 'targetResources'))[0] ?? null;
  const subject = firstText(target, ['userPrincipalName', 'displayName', 'id']);
  return { actor: by.name ?? '', subject: subject ?? '', ip: by.ip ?? '' };
}

function firstUserTarget(record: Raw): string | null {
  const target = objects(own(record, 'targetResources')).find((item) => targetType(item) === 'user');
  return target === undefined ? null : objectId(own(target, 'id'));
}
