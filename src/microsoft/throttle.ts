import type { Clock } from '../clock.ts';
import { abortable, pause } from './retry.ts';
import { openSlots } from './slots.ts';

/**
 * What Microsoft counts together [Microsoft Learn: graph/throttling-limits]:
 * `reports` sign-ins, audits and authentication method reports; `identity_protection` also Conditional Access;
 * `outlook` mail, rules and mailbox settings; `security` alerts, incidents and the secure score; `management` the Office 365
 * Management API; `exchange` the Exchange Online Admin API; `directory` all else.
 */
export type QuotaClass =
  'reports' | 'identity_protection' | 'directory' | 'outlook' | 'security' | 'management' | 'exchange';

/** At most `limit` requests in any `windowMs`. */
export interface QuotaRule {
  readonly limit: number;
  readonly windowMs: number;
}

/** Where requests are counted, so that workers can share a tenant's quota. Times are UTC epoch ms. */
export interface QuotaLedger {
  /**
   * Counts `count` requests under `key` at `now` and returns `now`, or counts nothing and returns the
   * earliest time at which asking again can succeed.
   */
  take(key: string, rule: QuotaRule, count: number, now: number): Promise<number>;
  /**
   * Requests taken at `takenAt` were answered by `now`: they count from there on. The service counts when they
   * arrive, which is somewhere between the two.
   */
  settle(key: string, count: number, takenAt: number, now: number): Promise<void>;
  /** No `take` under `key` succeeds before `until`. An earlier end never replaces a later one. */
  block(key: string, until: number): Promise<void>;
}

/** Windows are kept this much longer than documented: theirs may count both ends, and clocks run apart. */
const MARGIN_MS = 100;

/**
 * Documented: reports 5 / 10 s and security 150 / min per app and tenant; Identity Protection and Conditional Access 1 / s
 * per tenant for all apps together; Outlook 10,000 / 10 min per app and mailbox. Directory is 3,500 resource units / 10 s for the
 * smallest tenants at 1 to 3 units a read: 1,000 reads [Microsoft Learn: graph/throttling-limits]. Management API:
 * 2,000 requests a minute and tenant at least [office-365-management-activity-api-reference].
 */
const RULES: Readonly<Record<QuotaClass, QuotaRule>> = {
  reports: { limit: 5, windowMs: 10_000 + MARGIN_MS },
  identity_protection: { limit: 1, windowMs: 1_000 + MARGIN_MS },
  directory: { limit: 1_000, windowMs: 10_000 + MARGIN_MS },
  outlook: { limit: 10_000, windowMs: 600_000 + MARGIN_MS },
  security: { limit: 150, windowMs: 60_000 + MARGIN_MS },
  management: { limit: 2_000, windowMs: 60_000 + MARGIN_MS },
  // No number is documented; cmdlets are slow, and one a second leaves the tenant's own administrators theirs.
  exchange: { limit: 60, windowMs: 60_000 + MARGIN_MS },
};

/** Outlook: four concurrent requests per app and mailbox [Microsoft Learn: graph/throttling-limits]. */
export const OUTLOOK_CONCURRENCY = 4;

/** Microsoft's limit of parts in a `$batch` [Microsoft Learn: graph/json-batching]. */
const BATCH_PARTS = 20;

/** Parts that one `$batch` of a class may hold: each part counts against the quota by itself. */
export function partsPerBatch(quota: QuotaClass): number {
  return Math.min(BATCH_PARTS, RULES[quota].limit);
}

/** Counts in this process only. */
export function openMemoryLedger(): QuotaLedger {
  const sent = new Map<string, number[]>();
  const blocked = new Map<string, number>();
  return {
    async take(key, rule, count, now) {
      const recent = (sent.get(key) ?? []).filter((at) => at > now - rule.windowMs);
      sent.set(key, recent);
      const until = blocked.get(key) ?? now;
      if (until > now) return until;
      const tooMany = recent.length + count - rule.limit;
      if (tooMany > 0) return (recent[tooMany - 1] ?? now) + rule.windowMs;
      for (let i = 0; i < count; i += 1) recent.push(now);
      return now;
    },
    async settle(key, count, takenAt, now) {
      const times = sent.get(key) ?? [];
      for (let left = count, at = times.indexOf(takenAt); left > 0 && at >= 0; left -= 1) {
        times[at] = now;
        at = times.indexOf(takenAt);
      }
      times.sort((a, b) => a - b);
    },
    async block(key, until) {
      blocked.set(key, Math.max(until, blocked.get(key) ?? 0));
    },
  };
}

/** Keeps one tenant's requests inside Microsoft's quotas. */
export interface Limiter {
  /** Resolves when requests for these paths may be sent; call the result when their answer has been read. */
  enter(quota: QuotaClass, paths: readonly string[], signal?: AbortSignal): Promise<() => Promise<void>>;
  /** After a 429: every caller of the class (Outlook: of the mailbox) waits until then. */
  block(quota: QuotaClass, path: string, until: number): Promise<void>;
}

export function openLimiter(tenantId: string, clientId: string, clock: Clock, ledger: QuotaLedger): Limiter {
  const mailboxes = openSlots(OUTLOOK_CONCURRENCY);
  const flying = openFlights();

  function keyOf(quota: QuotaClass, path: string): string {
    if (quota === 'identity_protection') return `${tenantId}:${quota}`;
    const mailbox = quota === 'outlook' ? `:${mailboxOf(path)}` : '';
    return `${tenantId}:${clientId}:${quota}${mailbox}`;
  }

  async function take(
    key: string,
    rule: QuotaRule,
    count: number,
    signal?: AbortSignal,
  ): Promise<() => Promise<void>> {
    for (;;) {
      signal?.throwIfAborted();
      const now = clock.now();
      const at = await ledger.take(key, rule, count, now);
      if (at <= now) {
        const land = flying.start(key);
        return async () => {
          await ledger.settle(key, count, now, clock.now());
          land();
        };
      }
      // Our own answers decide when the window ends. On a virtual clock a sleep would overtake them.
      const landing = flying.landing(key);
      await (landing ? abortable(landing, signal) : pause(clock, at - now, signal));
    }
  }

  return {
    async enter(quota, paths, signal) {
      const counts = countBy(paths, (path) => keyOf(quota, path));
      const leave: (() => void | Promise<void>)[] = [];
      const release = async (): Promise<void> => {
        for (const step of leave.splice(0).reverse()) await step();
      };
      try {
        if (quota === 'outlook') leave.push(await mailboxes.hold(counts, signal));
        for (const [key, count] of counts) leave.push(await take(key, RULES[quota], count, signal));
      } catch (error) {
        await release();
        throw error;
      }
      return release;
    },
    block: (quota, path, until) => ledger.block(keyOf(quota, path), until),
  };
}

interface Flights {
  start(key: string): () => void;
  /** Resolves when one of the key's requests has landed; null when none is under way. */
  landing(key: string): Promise<void> | null;
}

function openFlights(): Flights {
  const flights = new Map<string, Set<Promise<void>>>();
  return {
    start(key) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const own = flights.get(key) ?? new Set();
      own.add(promise);
      flights.set(key, own);
      return () => {
        own.delete(promise);
        if (own.size === 0) flights.delete(key);
        resolve();
      };
    },
    landing(key) {
      const own = flights.get(key);
      return own ? Promise.race(own) : null;
    },
  };
}

/** The mailbox a path asks about: the second segment of `/users/<id>/…`. */
export function mailboxOf(path: string): string {
  const [collection, id] = path.split('/').filter((segment) => segment !== '');
  return collection === 'users' && id !== undefined ? id.toLowerCase() : '-';
}

/** In the keys' order: everybody takes several keys in the same order, so that nobody waits for ever. */
function countBy(paths: readonly string[], keyOf: (path: string) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of paths.map(keyOf).sort()) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
