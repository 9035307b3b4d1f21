import { DAY, HOUR, MINUTE } from './calendar.ts';
import type { TenantDraft } from './draft.ts';
import { createRandom } from './random.ts';
import type { LogRecord, Raw, Story } from '../world.ts';

/** One verdict about a sign-in: type, level and timing from risk-event-types (entra-docs, 2026-03-17). */
interface Verdict {
  readonly type: string;
  readonly level: 'low' | 'medium' | 'high';
  readonly timing: 'realtime' | 'offline';
  /** From the sign-in to the detection. */
  readonly after: number;
}

/**
 * What Microsoft finds about the first foreign sign-in of each story. That a sign-in is judged at once and again, as
 * malicious, a day later is how a real one from an anonymising network was seen [wire-facts].
 */
const VERDICTS: Readonly<Record<string, readonly Verdict[]>> = {
  'phished user, rule forwards outside': [
    { type: 'unfamiliarFeatures', level: 'medium', timing: 'realtime', after: 2 * MINUTE },
    { type: 'attackerinTheMiddle', level: 'high', timing: 'offline', after: 9 * HOUR },
  ],
  'password spray that succeeds': [
    { type: 'passwordSpray', level: 'high', timing: 'offline', after: 2 * HOUR },
  ],
  'device-code phish of a finance user': [
    { type: 'anomalousToken', level: 'medium', timing: 'offline', after: 6 * HOUR },
  ],
  'Global Administrator given by a compromised administrator': [
    { type: 'anonymizedIPAddress', level: 'medium', timing: 'realtime', after: 3 * MINUTE },
    { type: 'maliciousIPAddress', level: 'high', timing: 'offline', after: 20 * HOUR },
  ],
};

/** Somebody resets the password of the phished person a day later, and the risk is remediated. */
const REMEDIATED: Readonly<Record<string, number>> = { 'phished user, rule forwards outside': DAY };

/** Adds what Entra ID Protection says about the stories: detections in their full form, and the users they make risky. */
export function addRisk(draft: TenantDraft, stories: readonly Story[]): void {
  const signIns = new Map(draft.signIns.map((entry) => [entry.id, entry]));
  for (const { story, steps } of stories) {
    const first = steps.find(({ expect, record_id: id }) => expect.includes('SI-02') && signIns.has(id));
    const signIn = first && signIns.get(first.record_id);
    if (!signIn) continue;
    const verdicts = VERDICTS[story] ?? [];
    for (const verdict of verdicts) addDetection(draft, signIn, verdict, REMEDIATED[story]);
    addRiskyUser(draft, signIn, verdicts, REMEDIATED[story]);
  }
}

function addDetection(draft: TenantDraft, signIn: LogRecord, verdict: Verdict, remedied?: number): void {
  const detectedAt = signIn.at + verdict.after;
  // Real ids are 64 hexadecimal digits, not GUIDs.
  const id = createRandom(`risk ${signIn.id} ${verdict.type}`).text(64, '0123456789abcdef');
  const record = detection(id, signIn, verdict, detectedAt);
  const availableAt = detectedAt + 90_000;
  const fixedAt = remedied === undefined ? null : signIn.at + remedied;
  const revisions =
    fixedAt === null
      ? []
      : [
          {
            availableAt: Math.max(fixedAt, availableAt) + MINUTE,
            record: {
              ...record,
              riskState: 'remediated',
              riskDetail: 'userPerformedSecuredPasswordReset',
              lastUpdatedDateTime: isoTicks(Math.max(fixedAt, availableAt)),
            },
          },
        ];
  draft.identity.riskDetections.push({ id, at: signIn.at, availableAt, record, revisions });
}

/** riskDetection in its wire shape (graph-facts 4): 7 decimals, additionalInfo as JSON text, requestId = the sign-in. */
function detection(id: string, { record }: LogRecord, verdict: Verdict, detectedAt: number): Raw {
  const agent = { Key: 'userAgent', Value: record['userAgent'] };
  return {
    id,
    requestId: record['id'],
    correlationId: record['correlationId'],
    riskEventType: verdict.type,
    riskState: 'atRisk',
    riskLevel: verdict.level,
    riskDetail: 'none',
    source: 'IdentityProtection',
    detectionTimingType: verdict.timing,
    activity: 'signin',
    tokenIssuerType: 'AzureAD',
    ipAddress: record['ipAddress'],
    location: record['location'],
    activityDateTime: isoTicks(Date.parse(String(record['createdDateTime']))),
    detectedDateTime: isoTicks(detectedAt),
    lastUpdatedDateTime: isoTicks(detectedAt + 30_000),
    userId: record['userId'],
    userDisplayName: record['userDisplayName'],
    userPrincipalName: record['userPrincipalName'],
    additionalInfo: JSON.stringify([agent]),
  };
}

function addRiskyUser(
  draft: TenantDraft,
  { record, at }: LogRecord,
  verdicts: readonly Verdict[],
  remedied?: number,
): void {
  const id = String(record['userId']);
  const base = {
    id,
    isDeleted: false,
    isProcessing: false,
    riskDetail: 'none',
    riskState: 'atRisk',
    userDisplayName: record['userDisplayName'],
    userPrincipalName: record['userPrincipalName'],
  };
  const versions = verdicts.map(({ level, after }) => {
    const from = at + after + 90_000;
    return { from, value: { ...base, riskLevel: level, riskLastUpdatedDateTime: isoTicks(from) } as Raw };
  });
  if (remedied !== undefined) {
    const from = at + remedied;
    const fixed = {
      riskState: 'remediated',
      riskDetail: 'userPerformedSecuredPasswordReset',
      riskLevel: 'none',
    };
    versions.push({ from, value: { ...base, ...fixed, riskLastUpdatedDateTime: isoTicks(from) } });
  }
  draft.identity.riskyUsers.push({ id, versions });
}

/** `2018-09-05T00:11:27.7736020Z` */
function isoTicks(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '0000Z');
}
