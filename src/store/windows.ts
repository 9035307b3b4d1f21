import type { Selectable } from 'kysely';
import type { Db } from './database.ts';
import type { WindowTable } from './schema.ts';
import { unite, type TimeSpan } from './spans.ts';

export type WindowRow = Readonly<Selectable<WindowTable>>;

/**
 * What a window is for: `backfill` reads what was never read, `head` follows now, `half` is a part of a head that held
 * too much, `settle` reads a head's span once more when it has settled, `reread` is the reconciliation, `manual` what a
 * person asked for, `day` holds windows that were folded together.
 */
export type WindowKind = 'backfill' | 'head' | 'half' | 'settle' | 'reread' | 'manual' | 'day';

/** Windows in these states are still to be read. */
export const PENDING: readonly string[] = ['planned', 'running', 'failed', 'partial'];

export interface NewWindow {
  readonly kind: WindowKind;
  readonly fromAt: number;
  readonly toAt: number;
  /** Default `planned`. */
  readonly status?: string;
  /** Attempts of the window it takes the place of; default 0. */
  readonly attempts?: number;
  readonly nextTryAt?: number | null;
  readonly reason?: string | null;
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
    status: window.status ?? 'planned',
    attempts: window.attempts ?? 0,
    next_try_at: window.nextTryAt ?? null,
    read_started_at: null,
    finished_at: window.status === 'abandoned' ? now : null,
    reason: window.reason ?? null,
    created_at: now,
  }));
  if (rows.length === 0) return;
  await tx
    .insertInto('window')
    .values(rows)
    .onConflict((c) => c.doNothing())
    .execute();
}

/** The id of a window: what it is for and its span. */
export function windowId(window: Pick<NewWindow, 'kind' | 'fromAt' | 'toAt'>): string {
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
        eb.and([eb('status', 'in', ['failed', 'partial']), eb('next_try_at', '<=', now)]),
      ]),
    )
    .orderBy('to_at', 'desc')
    .orderBy('id')
    .execute();
}

/**
 * Windows that end at or after `since`, and all that are still to be read, whenever they end. The ledger as the plan
 * sees it.
 */
export async function windowsSince(
  db: Db,
  tenantId: string,
  source: string,
  since: number,
): Promise<WindowRow[]> {
  return db
    .selectFrom('window')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where((eb) => eb.or([eb('to_at', '>=', since), eb('status', 'in', [...PENDING])]))
    .orderBy('from_at')
    .orderBy('id')
    .execute();
}

/** Takes windows out of the ledger whose spans others hold now. */
export async function removeWindows(
  tx: Db,
  tenantId: string,
  source: string,
  ids: readonly string[],
): Promise<void> {
  // SQLite and PostgreSQL both limit parameters of a statement.
  for (let at = 0; at < ids.length; at += 1000) {
    await tx
      .deleteFrom('window')
      .where('tenant_id', '=', tenantId)
      .where('source', '=', source)
      .where('id', 'in', ids.slice(at, at + 1000))
      .execute();
  }
}

/**
 * Corrects a ledger that was written under a clock ahead of `now`: nothing after now can have been read, so what lies
 * there is cut off, and what was given up under that clock is forgotten, so that it is planned again.
 */
export async function rewindWindows(tx: Db, tenantId: string, source: string, now: number): Promise<void> {
  const mine = { tenant_id: tenantId, source };
  await tx
    .deleteFrom('window')
    .where((eb) => eb.and(mine))
    .where((eb) =>
      eb.or([
        eb('from_at', '>=', now),
        eb.and([eb('status', '=', 'abandoned'), eb('finished_at', '>', now)]),
      ]),
    )
    .execute();
  for (const column of ['to_at', 'read_started_at', 'finished_at', 'next_try_at'] as const) {
    await tx
      .updateTable('window')
      .set({ [column]: now })
      .where((eb) => eb.and(mine))
      .where(column, '>', now)
      .execute();
  }
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

/** How a read of a window ended: `partial` = it failed after some pages were stored. */
export async function finishWindow(
  tx: Db,
  window: WindowRow,
  end: {
    status: 'complete' | 'failed' | 'partial' | 'split' | 'abandoned';
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

/** Counts records of a window that were new although their span had been read before; the longest delay in ms. */
export async function addLate(
  tx: Db,
  window: Pick<WindowRow, 'tenant_id' | 'source' | 'id'>,
  records: number,
  worstMs: number,
): Promise<void> {
  await tx
    .updateTable('window')
    .set((eb) => ({
      late: eb('late', '+', records),
      late_worst_ms: eb
        .case()
        .when('late_worst_ms', '<', worstMs)
        .then(worstMs)
        .else(eb.ref('late_worst_ms'))
        .end(),
    }))
    .where('tenant_id', '=', window.tenant_id)
    .where('source', '=', window.source)
    .where('id', '=', window.id)
    .execute();
}

/** Lets failed windows be tried at once: a person asked. */
export async function releaseWindows(tx: Db, tenantId: string, source: string, now: number): Promise<void> {
  await tx
    .updateTable('window')
    .set({ next_try_at: now })
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('status', 'in', ['failed', 'partial'])
    .where('next_try_at', '>', now)
    .execute();
}

/** Spans of a source that were read completely, overlapping `from`..`to`, merged and sorted. */
export async function coveredSpans(
  db: Db,
  tenantId: string,
  source: string,
  from: number,
  to: number,
): Promise<TimeSpan[]> {
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
  return unite(rows.map((row) => ({ from: row.from_at, to: row.to_at })));
}

/** By source: how many windows wait to be read. */
export async function pendingWindows(db: Db, tenantId: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('window')
    .select((eb) => ['source', eb.fn.countAll<number>().as('count')])
    .where('tenant_id', '=', tenantId)
    .where('status', 'in', [...PENDING])
    .groupBy('source')
    .execute();
  return new Map(rows.map((row) => [row.source, Number(row.count)]));
}

/** Spans that a search of the audit log has answered, or could not: windows that are never to be read themselves. */
export async function saveReadSpans(
  tx: Db,
  tenantId: string,
  source: string,
  spans: readonly TimeSpan[],
  end: {
    readonly status: 'complete' | 'abandoned';
    readonly reason: string | null;
    readonly readStartedAt: number;
    readonly now: number;
  },
): Promise<void> {
  for (const { from, to } of spans) {
    const window: NewWindow = { kind: 'backfill', fromAt: from, toAt: to };
    const ended = {
      status: end.status,
      reason: end.reason,
      read_started_at: end.readStartedAt,
      finished_at: end.now,
      next_try_at: null,
    };
    await tx
      .insertInto('window')
      .values({
        tenant_id: tenantId,
        source,
        id: windowId(window),
        kind: window.kind,
        from_at: from,
        to_at: to,
        created_at: end.now,
        attempts: 1,
        ...ended,
      })
      .onConflict((c) => c.columns(['tenant_id', 'source', 'id']).doUpdateSet(ended))
      .execute();
  }
}
