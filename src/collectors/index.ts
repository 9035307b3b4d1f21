import { auditLogSources } from './audit-logs.ts';
import type { Collector } from './collector.ts';
import { directoryStates } from './directory.ts';
import { directoryAudits } from './directory-audits.ts';
import { identityLogs, riskStates } from './identity.ts';
import { mailboxRules } from './mailbox-rules.ts';
import { organization } from './organization.ts';
import { settingsStates } from './posture.ts';
import { roleStates } from './roles.ts';
import { signInActivity } from './sign-in-activity.ts';
import { signIns } from './sign-ins.ts';
import { subscribedSkus } from './subscribed-skus.ts';
import { users } from './users.ts';

export type * from './collector.ts';
export { skipReason } from './refusal.ts';
export {
  failureBackoffMs,
  FAILED_RETRY_MS,
  GIVE_UP_AFTER,
  HEAD_BACKOFF_MS,
  REFUSED_RETRY_MS,
} from './settings.ts';

/** In the order of a cycle: state before logs, so that the first events already find their context. */
export const collectors: readonly Collector[] = [
  organization,
  subscribedSkus,
  users,
  ...roleStates,
  ...settingsStates,
  ...directoryStates,
  signInActivity,
  ...riskStates,
  mailboxRules,
  signIns,
  directoryAudits,
  ...auditLogSources,
  ...identityLogs,
];
