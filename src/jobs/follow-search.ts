import {
  auditSearches,
  failureBackoffMs,
  GIVE_UP_AFTER,
  searching,
  type LogCollector,
} from '../collectors/index.ts';
import type { RunOutcome } from '../model/outcome.ts';
import { queriesOf, queryInFlight, type AuditQueryRow } from '../store/audit-queries.ts';
import { foldWindows } from '../store/fold-windows.ts';
import { advanceWatermark, ledgerOf } from '../store/ledger.ts';
import {
  dueWindows,
  finishWindow,
  planWindows,
  removeWindows,
  startWindow,
  type WindowRow,
} from '../store/windows.ts';
import { askSearch, stepSearch } from './audit-search.ts';
import type { CollectContext, CollectOptions, Counts } from './collect-context.ts';
import { splitWindow } from './split-window.ts';
import { planLog } from './plan-log.ts';

/**
 * Reads a source by searches of the audit log: plans its windows in event time, settles those that a finished search
 * speaks of, and asks for the newest that is left. Ends ok while Microsoft searches: the windows wait. Throws GraphError or
 * CredentialError.
 */
export async function followBySearch(
  context: CollectContext,
  collector: LogCollector,
  options: CollectOptions,
  counts: Counts,
): Promise<RunOutcome> {
  const { database, tenant, clock } = context;
  const { source } = collector;
  // All sources plan by the same instants, so that one search answers the windows of all of them.
  const planned = Math.floor(clock.now() / auditSearches.intervalMs) * auditSearches.intervalMs;
  const kept = auditSearches.retentionMs.free;
  await database.transaction((tx) => planLog(tx, tenant.id, source, auditSearches, kept, planned, options));
  const ledger = await ledgerOf(database.db, tenant.id, source);
  if (ledger === null) throw new Error(`collect ${source}: the plan left no ledger; report this`);
  try {
    await stepSearch(context, counts);
    await settleAll(context, source, planned);
    await askForNewest(context, source);
  } finally {
    await database.transaction(async (tx) => {
      await foldWindows(tx, await advanceWatermark(tx, ledger), clock.now());
    });
  }
  return { status: 'ok' };
}

/** Ends the windows that a finished search speaks of. */
async function settleAll(context: CollectContext, source: string, planned: number): Promise<void> {
  const { database, tenant, clock } = context;
  const queries = await queriesOf(database.db, tenant.id);
  for (const window of await dueWindows(database.db, tenant.id, source, clock.now()))
    await settle(context, window, answerFor(window, queries), planned);
}

/** The search that answers a window: made after it was planned, and over all of it. */
function answerFor(window: WindowRow, queries: readonly AuditQueryRow[]): AuditQueryRow | null {
  const made = queries.filter((one) => one.asked_at !== null && one.asked_at >= window.created_at);
  const read = made.find(
    (one) => one.status === 'read' && one.from_at <= window.from_at && one.to_at >= window.to_at,
  );
  if (read !== undefined) return read;
  const same = made.find(
    (one) =>
      ['failed', 'over'].includes(one.status) &&
      one.from_at === window.from_at &&
      one.to_at === window.to_at &&
      // One failure counts once.
      (one.finished_at ?? 0) > (window.finished_at ?? 0),
  );
  return same ?? null;
}

async function settle(
  { database, clock }: CollectContext,
  window: WindowRow,
  answer: AuditQueryRow | null,
  planned: number,
): Promise<void> {
  if (answer === null) return;
  const now = clock.now();
  await database.transaction(async (tx) => {
    // What had settled when the search was made counts, not what had when it was read.
    await startWindow(tx, window, answer.asked_at ?? now);
    if (answer.status === 'read')
      return finishWindow(tx, window, { status: 'complete', reason: null, nextTryAt: null, now });
    if (answer.status === 'over' && window.to_at - window.from_at >= 2 * auditSearches.minimumSpanMs)
      return splitWindow(tx, window, planned);
    return finishWindow(tx, window, { ...failedEnd(window, answer, now), now });
  });
}

function failedEnd(window: WindowRow, answer: AuditQueryRow, now: number) {
  const attempts = window.attempts + 1;
  const reason = `search the audit log: ${answer.reason ?? 'it failed'}`;
  if (answer.status === 'over' || attempts >= GIVE_UP_AFTER)
    return { status: 'abandoned', reason, nextTryAt: null } as const;
  return { status: 'failed', reason, nextTryAt: now + failureBackoffMs(attempts) } as const;
}

/** Asks for the newest window that waits, and keeps the heads that the search under way covers from growing. */
async function askForNewest(context: CollectContext, source: string): Promise<void> {
  const { database, tenant, clock } = context;
  const due = await dueWindows(database.db, tenant.id, source, clock.now());
  const [newest] = due;
  if (newest === undefined) return;
  const { kind, from_at: fromAt, to_at: toAt } = newest;
  await askSearch(context, { kind, fromAt, toAt });
  const running = await queryInFlight(database.db, tenant.id);
  if (running === null) return;
  for (const window of due.filter((one) => one.kind === 'head')) {
    if (window.from_at < running.from_at || window.to_at > running.to_at) continue;
    await holdHead(context, window);
  }
}

/** A head that a search is under way for is a part of one: the next head begins after it and does not take it in. */
async function holdHead({ database, tenant }: CollectContext, head: WindowRow): Promise<void> {
  await database.transaction(async (tx) => {
    await removeWindows(tx, tenant.id, head.source, [head.id]);
    const half = { kind: 'half', fromAt: head.from_at, toAt: head.to_at, attempts: head.attempts } as const;
    await planWindows(tx, tenant.id, head.source, [half], head.created_at);
  });
}

/** How long finished searches are kept for windows of other sources, ms. */
export const SPEAKS_FOR_MS = 24 * 3_600_000 + searching.stuckMs;
