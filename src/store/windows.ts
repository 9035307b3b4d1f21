import type { Selectable } from 'kysely';
import type { Db } from './database.ts';
import type { WindowTable } from './schema.ts';

export type WindowRow = Readonly<Selectable<WindowTable>>;
/** `backfill` reaches into the past once, `head` follows now, `half` is a part of one that held too much. */
export type WindowKind = 'backfill' | 'head' | 'half' | 'reread';

export interface NewWindow {
  readonly kind: WindowKind;
  readonly fromAt: number;
  readonly toAt: number;
}

/** Plans windows; one that is already there under the same span and kind stays as it is. */
export async function planWindows(
  tx: Db,
  tenantId: string,
  source: string,
  windows: readonly NewWindow[],
  now: number,
): Promise<void> {
  const rows = windows.map((window) => ({
    tenant_id: tenantId,
    source,
    id: windowId(window),
    kind: window.kind,
    from_at: window.fromAt,
    to_at: window.toAt,
    status: 'planned',
    next_try_at: null,
    read_started_at: null,
    finished_at: null,
    reason: null,
    created_at: now,
  }));
  if (rows.length === 0) return;
  await tx
    .insertInto('window')
    .values(rows)
    .onConflict((c) => c.doNothing())
    .execute();
}

function windowId(window: NewWindow): string {
  return `${window.kind}-${window.fromAt}-${window.toAt}`;
}

/** Windows that are to be read now: planned ones, failed ones whose time has come, interrupted ones. Newest first. */
export async function dueWindows(
  db: Db,
  tenantId: string,
  source: string,
  now: number,
): Promise<WindowRow[]> {
  return db
    .selectFrom('window')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where((eb) =>
      eb.or([
        eb('status', 'in', ['planned', 'running']),
        eb.and([eb('status', '=', 'failed'), eb('next_try_at', '<=', now)]),
      ]),
    )
    .orderBy('to_at', 'desc')
    .orderBy('id')
    .execute();
}

/** The latest end of any window of the source: where the next head window begins, before overlap. */
export async function latestWindowEnd(db: Db, tenantId: string, source: string): Promise<number | null> {
  const row = await db
    .selectFrom('window')
    .select((eb) => eb.fn.max('to_at').as('to_at'))
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .executeTakeFirst();
  return row?.to_at ?? null;
}

/** Takes a window for reading from its start; what an earlier attempt stored stays and is met again by key. */
export async function startWindow(tx: Db, window: WindowRow, now: number): Promise<void> {
  await update(tx, window, {
    status: 'running',
    attempts: window.attempts + 1,
    pages: 0,
    records: 0,
    read_started_at: now,
    reason: null,
  });
}

/** Progress, stored in the transaction of the page it tells of. */
export async function advanceWindow(
  tx: Db,
  window: WindowRow,
  pages: number,
  records: number,
): Promise<void> {
  await update(tx, window, { pages, records });
}

export async function finishWindow(
  tx: Db,
  window: WindowRow,
  end: {
    status: 'complete' | 'failed' | 'split';
    reason: string | null;
    nextTryAt: number | null;
    now: number;
  },
): Promise<void> {
  await update(tx, window, {
    status: end.status,
    reason: end.reason,
    next_try_at: end.nextTryAt,
    finished_at: end.now,
  });
}

async function update(tx: Db, window: WindowRow, values: Partial<Selectable<WindowTable>>): Promise<void> {
  await tx
    .updateTable('window')
    .set(values)
    .where('tenant_id', '=', window.tenant_id)
    .where('source', '=', window.source)
    .where('id', '=', window.id)
    .execute();
}

/** Marks every complete window of a source for one more read (`collect --full`). */
export async function rereadWindows(tx: Db, tenantId: string, source: string): Promise<void> {
  await tx
    .updateTable('window')
    .set({ status: 'planned', next_try_at: null })
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('status', 'in', ['complete', 'failed'])
    .execute();
}

/** Spans of a source that were read completely, overlapping `from`..`to`, merged and sorted. */
export async function coveredSpans(
  db: Db,
  tenantId: string,
  source: string,
  from: number,
  to: number,
): Promise<{ from: number; to: number }[]> {
  const rows = await db
    .selectFrom('window')
    .select(['from_at', 'to_at'])
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('status', '=', 'complete')
    .where('to_at', '>', from)
    .where('from_at', '<', to)
    .orderBy('from_at')
    .execute();
  const spans: { from: number; to: number }[] = [];
  for (const row of rows) {
    const last = spans.at(-1);
    if (last && row.from_at <= last.to) last.to = Math.max(last.to, row.to_at);
    else spans.push({ from: row.from_at, to: row.to_at });
  }
  return spans;
}

/**
 * Takes the head windows that have not been read out of the plan and returns where the earliest began, so that the
 * next head covers them. Null when all heads were read.
 */
export async function takePendingHead(tx: Db, tenantId: string, source: string): Promise<number | null> {
  const rows = await tx
    .deleteFrom('window')
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('kind', '=', 'head')
    .where('status', 'in', ['planned', 'running', 'failed'])
    .returning('from_at')
    .execute();
  return rows.length === 0 ? null : Math.min(...rows.map((row) => row.from_at));
}

/** Gives up on windows that end before what the source still keeps; they stay as rows that say so. */
export async function abandonBefore(
  tx: Db,
  tenantId: string,
  source: string,
  before: number,
  now: number,
): Promise<void> {
  await tx
    .updateTable('window')
    .set({ status: 'abandoned', reason: 'the source no longer keeps this span', finished_at: now })
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('status', 'in', ['planned', 'running', 'failed'])
    .where('to_at', '<=', before)
    .execute();
}

/** When the last daily reconciliation was planned, or else the first window; null before any. */
export async function lastReconciliation(db: Db, tenantId: string, source: string): Promise<number | null> {
  const rows = await db
    .selectFrom('window')
    .select((eb) => ['kind', eb.fn.max('created_at').as('latest'), eb.fn.min('created_at').as('first')])
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .groupBy('kind')
    .execute();
  const reread = rows.find((row) => row.kind === 'reread');
  if (reread) return reread.latest;
  return rows.length === 0 ? null : Math.min(...rows.map((row) => row.first));
}

/** By source: how many windows wait to be read. */
export async function pendingWindows(db: Db, tenantId: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('window')
    .select((eb) => ['source', eb.fn.countAll<number>().as('count')])
    .where('tenant_id', '=', tenantId)
    .where('status', 'in', ['planned', 'running', 'failed'])
    .groupBy('source')
    .execute();
  return new Map(rows.map((row) => [row.source, Number(row.count)]));
}
