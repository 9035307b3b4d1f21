import type { EarlyReturn } from './counters.ts';

/** The quotas that are simulated; `outlook` is a concurrency limit, the others are windows on the virtual clock. */
export type Bucket = 'reports' | 'identity-protection' | 'outlook';

interface Quota {
  readonly limit: number;
  readonly windowMs: number;
  readonly sendsRetryAfter: boolean;
  /** Whether other apps of the tenant share it. */
  readonly perApp: boolean;
}

/** Microsoft Learn, graph/throttling-limits (graph-facts C). */
const QUOTAS: Record<Exclude<Bucket, 'outlook'>, Quota> = {
  reports: { limit: 5, windowMs: 10_000, sendsRetryAfter: true, perApp: true },
  'identity-protection': { limit: 1, windowMs: 1_000, sendsRetryAfter: false, perApp: false },
};

/** Outlook: 4 concurrent requests per app and mailbox (graph-facts C). */
const MAILBOX_CONCURRENCY = 4;

export interface Refusal {
  /** Whole seconds for Retry-After; null where the real service sends none. */
  readonly retryAfterS: number | null;
}

export interface Throttle {
  /** Counts the request, refused ones too ("requests accrue against limits while throttled"). Null = welcome. */
  admit(bucket: Exclude<Bucket, 'outlook'>, tenant: string, app: string, now: number): Refusal | null;
  /** Takes one of a mailbox's places; false when all are taken. */
  enterMailbox(key: string): boolean;
  leaveMailbox(key: string): void;
}

export function createThrottle(): Throttle {
  const recent = new Map<string, number[]>();
  const mailboxes = new Map<string, number>();
  return {
    admit(bucket, tenant, app, now) {
      const quota = QUOTAS[bucket];
      const key = quota.perApp ? `${bucket}|${tenant}|${app}` : `${bucket}|${tenant}`;
      const times = recent.get(key) ?? [];
      const oldest = times.length < quota.limit ? -Infinity : (times[0] ?? -Infinity);
      // Only the last `limit` requests decide, so no more are kept.
      const kept = [...times, now].slice(-quota.limit);
      recent.set(key, kept);
      if (oldest + quota.windowMs <= now) return null;
      const waitMs = (kept[0] ?? now) + quota.windowMs - now;
      return { retryAfterS: quota.sendsRetryAfter ? Math.max(1, Math.ceil(waitMs / 1000)) : null };
    },
    enterMailbox(key) {
      const inside = mailboxes.get(key) ?? 0;
      if (inside >= MAILBOX_CONCURRENCY) return false;
      mailboxes.set(key, inside + 1);
      return true;
    },
    leaveMailbox(key) {
      const inside = (mailboxes.get(key) ?? 1) - 1;
      if (inside > 0) mailboxes.set(key, inside);
      else mailboxes.delete(key);
    },
  };
}

/** Remembers who was told to wait, and notices who did not. */
export interface ReturnWatch {
  noteRefusal(scope: ReturnScope, retryAfter: string, now: number, requestNumber: number): void;
  /** The early return that this arrival is, or null. Parts of one batch arrive together: none of them is early. */
  noteArrival(scope: ReturnScope, now: number, requestNumber: number): EarlyReturn | null;
}

export interface ReturnScope {
  readonly tenant: string;
  readonly app: string;
  /** Bucket, or route where no bucket applies. */
  readonly scope: string;
  readonly route: string;
}

export function createReturnWatch(): ReturnWatch {
  const waits = new Map<string, { until: number; requestNumber: number }>();
  const keyOf = ({ tenant, app, scope }: ReturnScope): string => `${tenant}|${app}|${scope}`;
  return {
    noteRefusal(scope, retryAfter, now, requestNumber) {
      const until = parseRetryAfter(retryAfter, now);
      if (until !== null) waits.set(keyOf(scope), { until, requestNumber });
    },
    noteArrival(scope, now, requestNumber) {
      const wait = waits.get(keyOf(scope));
      if (!wait || wait.requestNumber === requestNumber || now >= wait.until) return null;
      return {
        tenant: scope.tenant,
        scope: scope.scope,
        route: scope.route,
        at: now,
        allowed_at: wait.until,
      };
    },
  };
}

function parseRetryAfter(value: string, now: number): number | null {
  if (/^\d+$/.test(value)) return now + Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : date;
}
