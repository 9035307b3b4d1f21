import { auditLogSources } from './audit-logs.ts';
import type { Collector } from './collector.ts';
import { directoryStates } from './directory.ts';
import { directoryAudits } from './directory-audits.ts';
import { identityLogs, riskStates } from './identity.ts';
import { mailboxStates } from './mailboxes.ts';
import { organization } from './organization.ts';
import { settingsStates } from './posture.ts';
import { roleStates } from './roles.ts';
import { signInActivity } from './sign-in-activity.ts';
import { signIns } from './sign-ins.ts';
import { subscribedSkus } from './subscribed-skus.ts';
import { users } from './users.ts';

export type * from './collector.ts';
export { intervalOf } from './collector.ts';
export { tokenApiOf } from './collector.ts';
export { maySearch, plainRecord, SEARCH_PERMISSION, searchRequest, sourceOfRecord } from './audit-search.ts';
export { permissionNeeded, roleThatGives, sightWith, type SourceSight } from './permission.ts';
export { skipReason } from './refusal.ts';
export {
  failureBackoffMs,
  FAILED_RETRY_MS,
  GIVE_UP_AFTER,
  HEAD_BACKOFF_MS,
  REFUSED_RETRY_MS,
  auditSearches,
  searching,
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
  ...mailboxStates,
  signIns,
  directoryAudits,
  ...auditLogSources,
  ...identityLogs,
];
