import type { Act, EventRecord } from '../model/event.ts';
import { countryCode, ipAddress } from './address.ts';
import { recordContent } from './content-hash.ts';
import { RISK_DETECTION, SERVICE_PRINCIPAL_RISK_DETECTION } from './data/identity-fields.ts';
import type { LogSource } from './log-source.ts';
import { makeOrigin } from './origin.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objectId, own, text, type Raw } from './property.ts';
import { instant } from './time.ts';

const USERS = 'risk-detections';
const PRINCIPALS = 'service-principal-risk-detections';

/** Microsoft's verdicts about sign-ins and users (Entra ID Protection), v1.0. Without P2 premium ones say `generic`. */
export const riskDetections: LogSource = {
  feed: USERS,
  origins: { 'v1.0': makeOrigin(`${USERS}/v1.0`, 2, RISK_DETECTION) },
  parse: (raw, api) => parseRiskDetection(USERS, raw, api),
  acts: riskActs,
};

/** The same about applications (Microsoft Entra Workload ID), v1.0. */
export const servicePrincipalRiskDetections: LogSource = {
  feed: PRINCIPALS,
  origins: { 'v1.0': makeOrigin(`${PRINCIPALS}/v1.0`, 2, SERVICE_PRINCIPAL_RISK_DETECTION) },
  parse: (raw, api) => parseRiskDetection(PRINCIPALS, raw, api),
  acts: riskActs,
};

function parseRiskDetection(feed: string, raw: unknown, api: string): Parsed<EventRecord> {
  const record = object(raw);
  if (record === null) return refused('the risk detection is no JSON object');
  const id = text(own(record, 'id'));
  if (id === null) return refused('the risk detection has no id');
  // The time of what was risky, so that it stands beside the sign-in; offline detections are made hours to days later.
  const occurredAt = instant(own(record, 'activityDateTime')) ?? instant(own(record, 'detectedDateTime'));
  if (occurredAt === null)
    return refused('the risk detection has neither activityDateTime nor detectedDateTime that is a time');
  const content = recordContent(record, []);
  if (content === null) return refused('the risk detection is nested too deep');
  const userId = objectId(own(record, 'userId'));
  return accepted({
    feed,
    nativeId: id,
    // Not the sign-in's: several detections may be about one.
    canonicalId: id,
    occurredAt,
    origin: `${feed}/${api}`,
    contentHash: content.hash,
    activity: text(own(record, 'riskEventType')),
    outcome: null,
    actorId: userId ?? objectId(own(record, 'servicePrincipalId')),
    userId,
    ip: ipAddress(own(record, 'ipAddress')),
    appId: objectId(own(record, 'appId')),
    country: countryCode(own(object(own(record, 'location')), 'countryOrRegion')),
    rawText: content.text,
  });
}

/**
 * When Microsoft last wrote the detection, UTC epoch ms: windows of the source are spans of it, because a detection is
 * made, and changed, long after what it is about. Null for a record that does not say.
 */
export function riskUpdatedAt(record: EventRecord): number | null {
  const raw = object(JSON.parse(record.rawText) as unknown);
  // Microsoft's own example has a stray parenthesis behind this time.
  const written = text(own(raw, 'lastUpdatedDateTime'))?.replace(/\)$/, '');
  return instant(written) ?? instant(own(raw, 'detectedDateTime'));
}

/** One act a detection: somebody was found at risk. Its cause is the detection, for a sign-in may have several. */
function riskActs(record: Raw): Act[] {
  const cause = text(own(record, 'id'));
  const subject = riskSubject(record);
  if (cause === null || subject === null) return [];
  return [{ name: 'risk_detection', kind: 'do', subject, cause, words: riskWords(record) }];
}

/** `user:<id>`, else `upn:<name>`, else `sp:<id>`. */
function riskSubject(record: Raw): string | null {
  const userId = objectId(own(record, 'userId'));
  if (userId !== null) return `user:${userId}`;
  const upn = text(own(record, 'userPrincipalName'));
  if (upn !== null) return `upn:${upn.toLowerCase()}`;
  const principal = objectId(own(record, 'servicePrincipalId'));
  return principal === null ? null : `sp:${principal}`;
}

function riskWords(record: Raw): Record<string, string> {
  const location = object(own(record, 'location'));
  return {
    subject:
      text(own(record, 'userPrincipalName')) ??
      text(own(record, 'userDisplayName')) ??
      text(own(record, 'servicePrincipalDisplayName')) ??
      '',
    risk: text(own(record, 'riskEventType')) ?? '',
    risk_level: text(own(record, 'riskLevel')) ?? '',
    country: countryCode(own(location, 'countryOrRegion')) ?? '',
    ip: ipAddress(own(record, 'ipAddress')) ?? '',
  };
}
