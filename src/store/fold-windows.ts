import type { Db } from './database.ts';
import { settledSpan, updateLedger, type LedgerRow } from './ledger.ts';
import { pruneCounts } from './lateness.ts';
import { holdsSpan, unite, type TimeSpan } from './spans.ts';
import { removeWindows, windowId, windowsSince, type WindowRow } from './windows.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long the ledger is kept (db/README.md). */
const KEPT_MS = 400 * DAY_MS;
/** Re-reads that were given up stay by name: what they covered was read, but not once more. */
const REREADS: readonly string[] = ['settle', 'reread'];

/**
 * Once an hour: folds windows that are complete and settled into one row per UTC day and source, so that rows do not
 * grow with every cycle; joins neighbours that were given up; forgets what is older than 400 days. Counts are kept and
 * stand on the last day that their window touched.
 */
export async function foldWindows(tx: Db, ledger: LedgerRow, now: number): Promise<void> {
  if (now - ledger.folded_at < HOUR_MS) return;
  const { tenant_id: tenantId, source } = ledger;
  const all = await windowsSince(tx, tenantId, source, Number.MIN_SAFE_INTEGER);
  const { remove, add } = foldsOf(all, ledger, now);
  await removeWindows(tx, tenantId, source, remove);
  // 18 columns x 500 rows stay below SQLite's 32,766 parameters.
  for (let at = 0; at < add.length; at += 500)
    await tx
      .insertInto('window')
      .values(add.slice(at, at + 500))
      .execute();
  await pruneCounts(tx, tenantId, source, now);
  await updateLedger(tx, ledger, { folded_at: now });
}

export interface Folds {
  readonly remove: readonly string[];
  readonly add: readonly WindowRow[];
}

/** Which rows go and which come in their place. Pure: the same spans stay complete, settled and given up. */
export function foldsOf(windows: readonly WindowRow[], ledger: LedgerRow, now: number): Folds {
  const old = windows.filter((window) => window.to_at < now - KEPT_MS);
  const kept = windows.filter((window) => window.to_at >= now - KEPT_MS);
  const split = kept.filter((window) => window.status === 'split' && window.created_at < now - HOUR_MS);
  const days = foldDays(kept, ledger.settle_ms);
  const gone = foldAbandoned(kept, ledger.settle_ms);
  return {
    remove: [...[...old, ...split].map((window) => window.id), ...days.remove, ...gone.remove],
    add: [...days.add, ...gone.add],
  };
}

function foldDays(windows: readonly WindowRow[], settleMs: number): Folds {
  const complete = windows.filter((window) => window.status === 'complete');
  const settled = unite(complete.flatMap((window) => settledSpan(window, settleMs) ?? []));
  const ripe = complete.filter(
    (window) => window.kind !== 'day' && holdsSpan(settled, { from: window.from_at, to: window.to_at }),
  );
  if (ripe.length === 0) return { remove: [], add: [] };
  const touched = new Set(ripe.flatMap((window) => daysOf(window).map((slice) => dayOf(slice.from))));
  const before = complete.filter((window) => window.kind === 'day' && touched.has(dayOf(window.from_at)));
  const folded = [...before, ...ripe];
  const add = [...touched].flatMap((day) => dayRows(day, folded));
  return { remove: folded.map((window) => window.id), add };
}

/** The rows of one day: one for each piece without a hole; the counts of the day stand on the first. */
function dayRows(day: number, folded: readonly WindowRow[]): WindowRow[] {
  const here = folded.filter((window) => window.from_at < day + DAY_MS && window.to_at > day);
  const counted = here.filter((window) => dayOf(window.to_at - 1) === day);
  const sum = (count: (window: WindowRow) => number): number =>
    counted.reduce((total, window) => total + count(window), 0);
  const pieces = unite(
    here.map((window) => ({ from: Math.max(day, window.from_at), to: Math.min(day + DAY_MS, window.to_at) })),
  );
  return pieces.map((piece, index): WindowRow => {
    const one = (total: number): number => (index === 0 ? total : 0);
    return {
      ...(here[0] as WindowRow),
      id: windowId({ kind: 'day', fromAt: piece.from, toAt: piece.to }),
      kind: 'day',
      from_at: piece.from,
      to_at: piece.to,
      attempts: one(sum((window) => window.attempts)),
      pages: one(sum((window) => window.pages)),
      records: one(sum((window) => window.records)),
      reads: one(sum((window) => window.reads)),
      late: one(sum((window) => window.late)),
      late_worst_ms: one(Math.max(0, ...counted.map((window) => window.late_worst_ms))),
      read_started_at: Math.max(...here.map((window) => window.read_started_at ?? 0)),
      finished_at: Math.max(...here.map((window) => window.finished_at ?? 0)),
      created_at: Math.min(...here.map((window) => window.created_at)),
      next_try_at: null,
      reason: null,
    };
  });
}

function daysOf(window: WindowRow): TimeSpan[] {
  const slices: TimeSpan[] = [];
  for (let day = dayOf(window.from_at); day < window.to_at; day += DAY_MS)
    slices.push({ from: Math.max(day, window.from_at), to: Math.min(day + DAY_MS, window.to_at) });
  return slices;
}

/** Joins neighbours that were given up, and drops those that were read and settled after all. */
function foldAbandoned(windows: readonly WindowRow[], settleMs: number): Folds {
  const read = unite(windows.flatMap((window) => settledSpan(window, settleMs) ?? []));
  const remove: string[] = [];
  const add: WindowRow[] = [];
  const last = new Map<string, WindowRow>();
  for (const window of windows.filter((one) => one.status === 'abandoned')) {
    if (!REREADS.includes(window.kind) && holdsSpan(read, { from: window.from_at, to: window.to_at })) {
      remove.push(window.id);
      continue;
    }
    const before = last.get(window.kind);
    if (before === undefined || before.to_at < window.from_at) {
      last.set(window.kind, window);
      continue;
    }
    const joined = join(before, window);
    remove.push(before.id, window.id);
    const at = add.indexOf(before);
    if (at >= 0) add.splice(at, 1);
    add.push(joined);
    last.set(window.kind, joined);
  }
  return { remove, add };
}

function join(before: WindowRow, after: WindowRow): WindowRow {
  const fromAt = Math.min(before.from_at, after.from_at);
  const toAt = Math.max(before.to_at, after.to_at);
  return {
    ...after,
    id: windowId({ kind: after.kind as 'head', fromAt, toAt }),
    from_at: fromAt,
    to_at: toAt,
    attempts: before.attempts + after.attempts,
    reads: before.reads + after.reads,
    created_at: Math.min(before.created_at, after.created_at),
  };
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}
