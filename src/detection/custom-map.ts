import { z } from 'zod';

/** Names of what a detection may read; `changes` is no source, its parts name the state sources behind it. */
export const sourceNames = [
  'sign-ins',
  'directory-audits',
  'users',
  'subscribed-skus',
  'role-definitions',
  'role-assignments',
  'sign-in-activity',
  'mailbox-rules',
  'organization',
  'groups',
  'applications',
  'service-principals',
  'oauth2-grants',
  'app-role-assignments',
  'role-eligibility',
  'role-assignment-schedules',
  'audit-azure-ad',
  'audit-exchange',
  'audit-sharepoint',
  'audit-general',
  'non-interactive-sign-ins',
  'service-principal-sign-ins',
  'managed-identity-sign-ins',
  'risk-detections',
  'service-principal-risk-detections',
  'defender-alerts',
  'defender-incidents',
  'risky-users',
  'risky-service-principals',
  'conditional-access-policies',
  'named-locations',
  'authentication-methods-policy',
  'authorization-policy',
  'security-defaults',
  'cross-tenant-access',
  'domains',
  'domain-federation',
  'devices',
  'intune-devices',
  'registration-details',
  'sharepoint-settings',
  'secure-score',
  'mail-domains-dns',
  'program',
] as const;

/** Acts that a normaliser in src/records shows, and the words each gives. */
export const actWords: Readonly<Record<string, readonly string[]>> = {
  role_grant: ['actor', 'subject', 'role', 'scope', 'ip'],
  sign_in: ['actor', 'subject', 'app', 'client', 'country', 'ip'],
  inbox_rule: ['actor', 'subject', 'rule', 'action', 'target'],
  risk_detection: ['subject', 'risk', 'risk_level', 'country', 'ip'],
  defender_alert: [
    ...['subject', 'alert', 'severity', 'category', 'product', 'status', 'incident'],
    ...['people', 'devices', 'country', 'ip'],
  ],
  defender_incident: ['subject', 'alert', 'severity', 'status', 'incident'],
};

const text = z.string().trim().min(1);
const source = z.enum(sourceNames);
const languageText = z.strictObject({
  title: text,
  what: text,
  why: text,
  ask: text,
  respond: z.array(text).min(1).optional(),
});

const check = z.strictObject({ reads: z.array(source).min(1), scope: text.optional(), sql: text });

/** docs/detection-format.md, "`tenantwatch:` of the first document". */
export const mainMap = z
  .strictObject({
    catalogue: text,
    life: z.enum(['event', 'state']),
    act: z
      .enum(['role_grant', 'inbox_rule', 'sign_in', 'risk_detection', 'defender_alert', 'defender_incident'])
      .optional(),
    subject: text.optional(),
    cause: text.optional(),
    rearm: z
      .string()
      .regex(/^[1-9]\d*[hd]$/, 'write hours or days: 24h, 7d')
      .optional(),
    level_reason: text.optional(),
    sources: z.array(source).min(1).optional(),
    check: check.optional(),
    reduced: z.array(z.strictObject({ without: text, text: z.record(z.string(), text) })).optional(),
    overlaps: z.array(text).optional(),
    respond: z.array(text).min(1).optional(),
    text: z.record(z.string(), languageText).optional(),
  })
  .refine((map) => (map.act === undefined) === (map.subject !== undefined && map.cause !== undefined), {
    message: 'name either an act, or subject and cause',
  });

/** docs/detection-format.md, "`tenantwatch:` of a part". */
export const partMap = z
  .strictObject({
    part_of: z.uuid(),
    sources: z.array(source).min(1).optional(),
    subject: text.optional(),
    cause: text.optional(),
    check: check.optional(),
  })
  .refine((map) => (map.subject === undefined) === (map.cause === undefined), {
    message: 'give both subject and cause, or neither',
  });

export type MainMap = z.infer<typeof mainMap>;
export type PartMap = z.infer<typeof partMap>;
export type CheckMap = z.infer<typeof check>;

const HOUR = 3_600_000;

/** ms; `missing` unless said. */
export function rearmMs(rearm: string | undefined, missing = 24 * HOUR): number {
  if (rearm === undefined) return missing;
  const count = Number.parseInt(rearm, 10);
  return rearm.endsWith('d') ? count * 24 * HOUR : count * HOUR;
}
