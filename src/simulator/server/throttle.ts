import type { EarlyReturn } from './counters.ts';

/** The quotas that are simulated, as windows on the virtual clock; `outlook` is a concurrency limit besides. */
export type Bucket =
  'reports' | 'identity-protection' | 'security' | 'outlook' | 'directory' | 'key-credentials';

interface Quota {
  readonly limit: number;
  readonly windowMs: number;
  readonly sendsRetryAfter: boolean;
  /** Whether other apps of the tenant share it. */
  readonly perApp: boolean;
}

/** Microsoft Learn, graph/throttling-limits (graph-facts C). */
const QUOTAS: Record<Bucket, Quota> = {
  reports: { limit: 5, windowMs: 10_000, sendsRetryAfter: true, perApp: true },
  'identity-protection': { limit: 1, windowMs: 1_000, sendsRetryAfter: false, perApp: false },
  security: { limit: 150, windowMs: 60_000, sendsRetryAfter: true, perApp: true },
  // Per app and mailbox: the mailbox stands in the key.
  outlook: { limit: 10_000, windowMs: 600_000, sendsRetryAfter: true, perApp: true },
  // Resource units of the smallest tenants; larger ones have more.
  directory: { limit: 3_500, windowMs: 10_000, sendsRetryAfter: true, perApp: true },
  'key-credentials': { limit: 150, windowMs: 60_000, sendsRetryAfter: true, perApp: false },
};

/** Outlook: 4 concurrent requests per app and mailbox (graph-facts C). */
const MAILBOX_CONCURRENCY = 4;

export interface Refusal {
  /** Whole seconds for Retry-After; null where the real service sends none. */
  readonly retryAfterS: number | null;
}

/** Who asks, and for how much. */
export interface Admitted {
  readonly tenant: string;
  readonly app: string;
  /** The mailbox of a quota that is counted for each; empty elsewhere. */
  readonly mailbox?: string;
  /** Resource units; 1 where not given. */
  readonly cost?: number;
}

export interface Throttle {
  /** Counts the request, refused ones too ("requests accrue against limits while throttled"). Null = welcome. */
  admit(bucket: Bucket, by: Admitted, now: number): Refusal | null;
  /** Takes one of a mailbox's places; false when all are taken. */
  enterMailbox(key: string): boolean;
  leaveMailbox(key: string): void;
}

interface Window {
  /** Counts, and returns 0 or the ms after which the window would have room again. */
  add(cost: number, now: number): number;
}

/** Only requests that a window may still hold are kept. */
function createWindow({ limit, windowMs }: Quota): Window {
  const times: { readonly at: number; readonly cost: number }[] = [];
  let first = 0;
  let sum = 0;
  const forget = (): void => {
    sum -= times[first]?.cost ?? 0;
    first += 1;
    if (first < 1000) return;
    times.splice(0, first);
    first = 0;
  };
  return {
    add(cost, now) {
      while (first < times.length && (times[first]?.at ?? now) + windowMs <= now) forget();
      const welcome = sum + cost <= limit;
      times.push({ at: now, cost });
      sum += cost;
      if (welcome) return 0;
      // Refused ones count too; of many, only as many as fill the window decide.
      while (sum - (times[first]?.cost ?? 0) >= limit) forget();
      return (times[first]?.at ?? now) + windowMs - now;
    },
  };
}

export function createThrottle(): Throttle {
  const recent = new Map<string, Window>();
  const mailboxes = new Map<string, number>();
  return {
    admit(bucket, { tenant, app, mailbox = '', cost = 1 }, now) {
      const quota = QUOTAS[bucket];
      const key = `${bucket}|${tenant}|${quota.perApp ? app : ''}|${mailbox}`;
      const counted = recent.get(key) ?? createWindow(quota);
      recent.set(key, counted);
      const waitMs = counted.add(cost, now);
      if (waitMs === 0) return null;
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
