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
 * A head that fails is tried again after this at the latest, however often it failed: the end of an outage is seen
 * within ten minutes, and a day of outage costs 150 requests a source.
 */
export const HEAD_BACKOFF_MS = 10 * MINUTE;

/**
 * A window of the past that failed this often while others of its source were read (the newest is read first, and its
 * failure ends the run) is given up: with the waits above that is most of a day. `collect --backfill` plans it again.
 */
export const GIVE_UP_AFTER = 24;

/**
 * The maximum recoverable lateness L of each kind of source, ms: the only place where these numbers stand. Whatever
 * becomes readable no later than L after it happened is stored in the end, outages included, while Microsoft keeps it.
 * The reconciliation reaches back L before the last one that was read whole, so that no record falls between two.
 * What comes later than L is found, and counted as such, by the deep reconciliation or by `collect --full`.
 */
export const lateness = {
  /**
   * Sign-ins (all kinds) and directory audits, 72 h. Microsoft names no limit (Entra log latency: no SLA); the old
   * official figures are 2 to 5 min, third parties report up to 30 min, and delays of a day in incidents. Three days
   * bridge a weekend, and cost one page a day for a small tenant.
   */
  reports: 72 * HOUR,
  /**
   * Risk detections, 7 d: offline detections are computed hours to days after the sign-in and carry its time
   * (`activityDateTime`); Microsoft keeps them 7 days without P1, so that more could not be asked of every tenant.
   */
  riskDetections: 7 * DAY,
  /**
   * Management API, 7 d of `contentCreated`, whatever the age of the event: a blob can be fetched for 7 days and no
   * longer, holds earlier events (replays of 5 to 8 days are reported), and its windows are spans of contentCreated.
   */
  management: 7 * DAY,
  /** Graph audit query, 72 h: records usually appear 60 to 90 min after the event, without a promise; like the reports. */
  auditQuery: 72 * HOUR,
  /**
   * Defender, 72 h of `lastUpdateDateTime`, whatever the age of the alert: an update is readable within minutes, without a
   * promise, so that the reason is the same as for the reports.
   */
  defender: 72 * HOUR,
} as const;

/**
 * Sign-ins and directory audits.
 * - interval 2 min: with Microsoft's own delay of some minutes a shorter one finds nothing sooner.
 * - overlap 60 min: 99 % of records are readable within 5 min (old official figure), third parties report up to
 *   30 min; a cursor without overlap loses the rest (wazuh#24323, splunk-add-on-microsoft-azure#90).
 * - settled after 60 min, when the heads' overlap has left it; read once more within the hour (design: hourly). The
 *   watermark is therefore 1 to 2 h behind now.
 * - backfill in spans of 7 days, split while a span holds more than 5 pages of 1,000: skip tokens are server-side
 *   and cannot be resumed, long filters meet a 300 s time-out (msgraph-sdk-powershell#1388, #2941).
 * - no span below 15 min comes of a split: it is read to its end instead.
 * - retention 7 days without P1, 30 days with (Microsoft Learn: Entra reports, data retention).
 * - lateness 72 h, reconciled daily: what comes later is found by the deep reconciliation, and counted.
 * - deep every 7 d with P1 and every 2 d without: what comes later than L is then met at least once while Microsoft
 *   keeps it, up to 23 and 5 days late; one page a week for a small tenant.
 */
export const reportLogs: LogSettings = {
  intervalMs: 2 * MINUTE,
  overlapMs: HOUR,
  settleMs: HOUR,
  settleEveryMs: HOUR,
  backfillSpanMs: 7 * DAY,
  minimumSpanMs: 15 * MINUTE,
  maximumPages: 5,
  retentionMs: { free: 7 * DAY, p1: 30 * DAY },
  latenessMs: lateness.reports,
  reconcileEveryMs: DAY,
  deepEveryMs: { free: 2 * DAY, p1: 7 * DAY },
};

/**
 * Delta of users every 15 min; roles hourly (no delta exists); what changes with a purchase every hour; the last
 * sign-ins daily.
 */
export const stateIntervals = {
  users: 15 * MINUTE,
  roles: HOUR,
  tenant: HOUR,
  /** Delta of groups with the members of those that matter (design: 15 min). */
  groups: 15 * MINUTE,
  /** Applications, service principals and what they may do: read whole, hourly (design). */
  directory: HOUR,
  /** Policies and settings of the tenant, read whole: hourly (design). */
  policies: HOUR,
  /** Delta of devices (design: 15 min). */
  devices: 15 * MINUTE,
  /** Devices of Intune, read whole: hourly, one request per thousand; they report to it every eight hours. */
  intune: HOUR,
  /** Posture: daily (design), an hour short of it as below. */
  posture: DAY - HOUR,
  /** A part of the users each hour, each user once a day (registration-details.ts). */
  registration: HOUR,
  /** A mailbox's rules are read again after this; nothing pushes or lists changes of rules. */
  mailboxRules: HOUR,
  /** Settings of mailboxes: a part of the mailboxes each hour, each once a day (mailboxSettingsEveryMs). */
  mailboxSettings: HOUR,
  /** What is set on mailboxes in Exchange: one list of a few pages an hour; folders a part at a time (exchangeReads). */
  exchangeMailboxes: HOUR,
  /** Risky users and service principals: read whole, one request a quarter of an hour; detections come sooner. */
  risky: 15 * MINUTE,
  /**
   * Daily: Microsoft's own value is up to 24 h behind, so that asking more often finds little sooner and costs a request
   * per 120 users. An hour short of a day, so that a program started once a day reads it each time.
   */
  signInActivity: DAY - HOUR,
} as const;

/**
 * Permissions of folders through Exchange: three to five questions a mailbox, at one a second (throttle.ts). Each mailbox once
 * a day, 200 in an hourly run: 17 minutes at most, and 4,800 mailboxes a day.
 */
export const exchangeReads = { foldersEveryMs: DAY - 2 * HOUR, mailboxesPerRun: 200 } as const;

/**
 * One mailbox's settings, two hours short of a day, so that an hourly round meets each once a day: nothing lists their
 * changes, and an automatic reply is no way in by itself.
 */
export const mailboxSettingsEveryMs = DAY - 2 * HOUR;

/** Management API (design): Entra ID and Exchange every 5 min, files and the rest, which raise less, every 15. */
export const auditIntervals = { identity: 5 * MINUTE, content: 15 * MINUTE } as const;

/**
 * The unified audit log through the Management API; times are those of `contentCreated`.
 * - overlap and settling 60 min: nothing is promised about how soon after `contentCreated` content is listed, and a
 *   listing costs one request, since content that was read is not fetched again.
 * - spans of a day, the longest that can be listed at once; never split: content is small and has no skip tokens.
 * - kept 7 days from `contentCreated` on, less an hour, so that no listing begins too early to be answered.
 * - lateness 7 d, listed again daily: all that can still be fetched.
 */
export const auditLogs: LogSettings = {
  intervalMs: auditIntervals.identity,
  overlapMs: HOUR,
  settleMs: HOUR,
  settleEveryMs: HOUR,
  backfillSpanMs: DAY,
  minimumSpanMs: DAY,
  maximumPages: Number.POSITIVE_INFINITY,
  retentionMs: { free: 7 * DAY - HOUR, p1: 7 * DAY - HOUR },
  latenessMs: lateness.management,
  reconcileEveryMs: DAY,
  deepEveryMs: { free: DAY, p1: DAY },
};

/**
 * The unified audit log through searches (Graph audit query), where the Management API refuses; times are those of the event.
 * - a window every 30 min: a search takes minutes to hours, and records appear 60 to 90 min after the event anyway. Sources
 *   plan by the same half hours, so that one search serves all that wait for its span.
 * - overlap 2 h, settled after 3 h, read again twice a day: tools in the field read 12-hour windows again some 3 h after they
 *   closed (CIPP), and records mostly appear within 90 min.
 * - spans of a day, halved when a search has more records than it returns (1,000,000), down to 15 min.
 * - the last 7 days are read at once, as of the Management API; older ones when somebody asks (`collect --backfill`).
 * - lateness 72 h, reconciled daily; deep weekly, over 7 days: each is one search more.
 */
export const auditSearches: LogSettings = {
  intervalMs: 30 * MINUTE,
  overlapMs: 2 * HOUR,
  settleMs: 3 * HOUR,
  settleEveryMs: 12 * HOUR,
  backfillSpanMs: DAY,
  minimumSpanMs: 15 * MINUTE,
  maximumPages: Number.POSITIVE_INFINITY,
  retentionMs: { free: 7 * DAY, p1: 7 * DAY },
  latenessMs: lateness.auditQuery,
  reconcileEveryMs: DAY,
  deepEveryMs: { free: 7 * DAY, p1: 7 * DAY },
};

/** How searches are asked for and read. */
export const searching = {
  /** Audit (Standard) keeps 180 days [Microsoft Learn: purview/audit-solutions-overview]. */
  keptMs: 180 * DAY,
  /** One search of the backlog: a week of a small tenant is some thousand records. */
  backlogSpanMs: 7 * DAY,
  /** No span below this is halved. */
  smallestMs: 15 * MINUTE,
  /** A search is asked after at most this often; the first answer takes minutes. */
  pollEveryMs: MINUTE,
  /** One that still runs after this is given up and made again (CIPP). */
  stuckMs: 4 * HOUR,
  /** A claim without Microsoft's answer after this was a crash: no question with its retries takes longer. */
  claimMs: HOUR / 2,
  /** Pages of 999 read in one run: 20,000 records, some seconds, so that no round waits for a long one. */
  pagesPerRun: 20,
  /** A span of the backlog that failed this often is given up by name; `collect --backfill` plans it again. */
  tries: 6,
} as const;

/**
 * Sign-ins of service principals and managed identities: as interactive ones, but every 15 min (design). Nothing of them
 * is told at once, and each kind costs a request of its own out of the 5 in 10 s that all reports share: 96 a day each
 * instead of 720. Microsoft groups them, so that even a busy tenant has few.
 */
export const principalLogs: LogSettings = { ...reportLogs, intervalMs: 15 * MINUTE };

/**
 * Non-interactive sign-ins: 5 to 10 times as many as interactive ones.
 * - interval 15 min (design): third parties see them after 15 to 30 min, so that a shorter one finds nothing sooner.
 * - stored a record takes 3.4 KB: 8 MB a day for 30 people, who make some 2,400 of them.
 * - backfill a day at a time: a week of 30 people is 15 to 20 pages, and every span that is split had 5 pages read first.
 * - the rest as for interactive ones: an overlap of 60 min holds their longer delay, and L of 72 h is the same service's.
 *   The daily reconciliation costs 7 pages for 30 people.
 */
export const nonInteractiveLogs: LogSettings = { ...principalLogs, backfillSpanMs: DAY };

/**
 * Risk detections; times are those of `lastUpdatedDateTime`.
 * - interval 5 min (design): real-time detections are there within minutes, and are told about people. One request, out
 *   of the one a second that all apps of a tenant share.
 * - overlap and settling 60 min, as for the other reports.
 * - retention 7 days without P1, 30 with (90 with P2, of which we ask for 30: Entra reports, data retention).
 * - lateness 7 d, reconciled daily; deep weekly, since these are a handful of records.
 */
export const riskLogs: LogSettings = {
  intervalMs: 5 * MINUTE,
  overlapMs: HOUR,
  settleMs: HOUR,
  settleEveryMs: HOUR,
  backfillSpanMs: 7 * DAY,
  minimumSpanMs: 15 * MINUTE,
  maximumPages: 5,
  retentionMs: { free: 7 * DAY, p1: 30 * DAY },
  latenessMs: lateness.riskDetections,
  reconcileEveryMs: DAY,
  deepEveryMs: { free: DAY, p1: 7 * DAY },
};

/** The same of service principals, every 15 min (design): all of them are offline detections, which take hours. */
export const principalRiskLogs: LogSettings = { ...riskLogs, intervalMs: 15 * MINUTE };

/**
 * Alerts and incidents of Microsoft Defender; times are those of `lastUpdateDateTime`, so that a change of an old one is in
 * the newest window.
 * - interval 5 min (design): one request each, out of 150 a minute.
 * - overlap and settling 60 min: paging counts from the start of a list that loses what is updated meanwhile, so that a page
 *   can skip a record; the next heads, the settle re-read and the reconciliation meet it under its new time.
 * - backfill in spans of 7 days, split while one holds more than 5 pages (500 alerts, 250 incidents).
 * - 30 days are asked for, whatever Entra ID licence there is: Defender keeps 180 days (UNVERIFIED), and what is older than
 *   a month and was not touched since is history.
 * - lateness 72 h, reconciled daily; deep weekly, since these are a handful of records.
 */
export const defenderLogs: LogSettings = {
  intervalMs: 5 * MINUTE,
  overlapMs: HOUR,
  settleMs: HOUR,
  settleEveryMs: HOUR,
  backfillSpanMs: 7 * DAY,
  minimumSpanMs: 15 * MINUTE,
  maximumPages: 5,
  retentionMs: { free: 30 * DAY, p1: 30 * DAY },
  latenessMs: lateness.defender,
  reconcileEveryMs: DAY,
  deepEveryMs: { free: 7 * DAY, p1: 7 * DAY },
};
