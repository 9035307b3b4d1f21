import type { LogSettings } from './collector.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A source that was refused (licence, permission) is asked again this often: consent may come at any hour. */
export const REFUSED_RETRY_MS = HOUR;

/** A state source whose read failed is read again after this at the latest, however long its interval is. */
export const FAILED_RETRY_MS = HOUR;

/** Waits after a failed read of a window: 1, 2, 4 … minutes, at most one hour. */
export function failureBackoffMs(attempts: number): number {
  return Math.min(MINUTE * 2 ** Math.max(0, attempts - 1), HOUR);
}

/**
 * Sign-ins and directory audits.
 * - interval 2 min: with Microsoft's own delay of some minutes a shorter one finds nothing sooner.
 * - overlap 60 min: 99 % of records are readable within 5 min (old official figure), third parties report up to
 *   30 min; a cursor without overlap loses the rest (wazuh#24323, splunk-add-on-microsoft-azure#90).
 * - backfill in spans of 7 days, halved while a span holds more than 5 pages of 1,000: skip tokens are server-side
 *   and cannot be resumed, long filters meet a 300 s time-out (msgraph-sdk-powershell#1388, #2941).
 * - no span below 15 min is halved: it is read to its end instead.
 * - retention 7 days without P1, 30 days with (Microsoft Learn: Entra reports, data retention).
 * - lateness 72 h, reconciled daily: later arrivals are lost to this source and counted.
 */
export const reportLogs: LogSettings = {
  intervalMs: 2 * MINUTE,
  overlapMs: HOUR,
  backfillSpanMs: 7 * DAY,
  minimumSpanMs: 15 * MINUTE,
  maximumPages: 5,
  retentionMs: { free: 7 * DAY, p1: 30 * DAY },
  latenessMs: 72 * HOUR,
  reconcileEveryMs: DAY,
};

/**
 * Delta of users every 15 min; roles hourly (no delta exists); what changes with a purchase every hour; the last
 * sign-ins daily.
 */
export const stateIntervals = {
  users: 15 * MINUTE,
  roles: HOUR,
  tenant: HOUR,
  /** A mailbox's rules are read again after this; nothing pushes or lists changes of rules. */
  mailboxRules: HOUR,
  /**
   * Daily: Microsoft's own value is up to 24 h behind, so that asking more often finds little sooner and costs a request
   * per 120 users. An hour short of a day, so that a program started once a day reads it each time.
   */
  signInActivity: DAY - HOUR,
} as const;
