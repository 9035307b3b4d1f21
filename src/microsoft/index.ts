export { certificateEnd } from './certificate.ts';
export type { AuditQueries, AuditQuery, AuditQueryState, SearchRequest } from './audit-queries.ts';
export type { BatchAnswer, BatchRequest, Graph, GraphAnswer, GraphPage, RequestOptions } from './contract.ts';
export {
  openTokenSource,
  type AccessToken,
  type TokenSource,
  type TokenSourceOptions,
} from './credential.ts';
export type { CmdletPage, CmdletRequest, ExchangeAdmin } from './exchange-admin.ts';
export { isGone, isLicenceRefusal, isNoMailbox, isPermissionRefusal, isTransient } from './errors.ts';
export { openGraph, type GraphOptions } from './graph.ts';
export {
  CONTENT_KEPT_MS,
  type Content,
  type ContentRecords,
  type ContentType,
  type ManagementActivity,
} from './management-activity.ts';
export {
  isAuditingOff,
  isContentGone,
  isServiceDisabled,
  isUnsubscribed,
  isWithoutManagement,
} from './management-error.ts';
export { assertLoopback, cloudHosts, customHosts, type CustomHostsSpec } from './hosts.ts';
export { withRetry, type RetryOptions } from './retry.ts';
export { openSimulatorClock, type SimulatorClock } from './simulator-clock.ts';
export { resolveTenantId, type ResolveOptions } from './tenant-id.ts';
export { openMemoryLedger, type QuotaClass, type QuotaLedger, type QuotaRule } from './throttle.ts';
export type { ProxyOptions, Timeouts } from './transport.ts';
