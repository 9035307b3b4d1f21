import type { Selectable } from 'kysely';
import type { Db } from './database.ts';
import type { LedgerTable } from './schema.ts';
import { openSpans, unite, type TimeSpan } from './spans.ts';
import { coveredSpans, windowsSince, type WindowRow } from './windows.ts';

/**
 * How far one log source of a tenant has come. UTC epoch ms:
 * - `begun_at`: when it was planned first. Records from before are history, and their delay says nothing.
 * - `settled_to`: up to here settle re-reads are planned.
 * - `reread_planned_at`: when the last reconciliation was planned; `reconciled_at`: when the last one was planned of
 *   which every window has been read. Covered time before `reconciled_at - lateness_ms` is out of reach of the next.
 * - `deep_planned_at`: when the last reconciliation over all that the source keeps was planned.
 */
export type LedgerRow = Readonly<Selectable<LedgerTable>>;

/** The ledger's row of a source; null before its first plan. */
export async function ledgerOf(db: Db, tenantId: string, source: string): Promise<LedgerRow | null> {
  const row = await db
    .selectFrom('ledger')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .executeTakeFirst();
  return row ?? null;
}

/** By source, all log sources of a tenant that were ever planned. */
export async function ledgersOf(db: Db, tenantId: string): Promise<Map<string, LedgerRow>> {
  const rows = await db.selectFrom('ledger').selectAll().where('tenant_id', '=', tenantId).execute();
  return new Map(rows.map((row) => [row.source, row]));
}

export async function saveLedger(tx: Db, row: LedgerRow): Promise<void> {
  await tx
    .insertInto('ledger')
    .values(row)
    .onConflict((c) => c.columns(['tenant_id', 'source']).doUpdateSet(row))
    .execute();
}

/** Writes the given columns; the others stay as another run may have left them. */
export async function updateLedger(
  tx: Db,
  ledger: LedgerRow,
  values: Partial<Pick<LedgerRow, 'watermark' | 'folded_at'>>,
): Promise<void> {
  await tx
    .updateTable('ledger')
    .set(values)
    .where('tenant_id', '=', ledger.tenant_id)
    .where('source', '=', ledger.source)
    .execute();
}

/**
 * The watermark of a source, UTC epoch ms, or null while there is none: nothing from the ledger's beginning on has been
 * read yet. (The first backfill reads the newest first, so it jumps to the present with the oldest span.)
 *
 * Every instant from the ledger's beginning up to the watermark was either read completely by a read that began at
 * least the source's settle time after it, or was given up (abandoned) with a reason. So:
 * - what Microsoft delivers within the settle time is stored for all time before the watermark; what comes later than
 *   that, up to the lateness L of the source, may still appear before it and is found by the reconciliation;
 * - it passes abandoned spans: ask `holesOf` for them. A condition over a span that touches a hole is not assessed;
 * - it waits for what is still to be read, however long that fails, until it is read or given up;
 * - it never moves back, except when the machine's clock was put back. A span before it that is planned later (older
 *   history after a licence was bought) is a hole until it is read;
 * - it moves with the end of a collect run, about settle time + up to one settle interval behind now (sign-ins: 1 to
 *   2 h). A source that is off for the tenant stands still: the caller takes the minimum over sources that are on.
 */
export async function watermarkOf(db: Db, tenantId: string, source: string): Promise<number | null> {
  return (await ledgerOf(db, tenantId, source))?.watermark ?? null;
}

/**
 * Spans of [from, to) which no complete read covers, in order: given up, still to be read, failed, or never planned
 * (before the ledger's beginning and after its head). What was read once but has not settled yet is no hole; compare
 * with the watermark for that.
 */
export async function holesOf(
  db: Db,
  tenantId: string,
  source: string,
  from: number,
  to: number,
): Promise<TimeSpan[]> {
  return openSpans({ from, to }, await coveredSpans(db, tenantId, source, from, to));
}

/** Beginning, watermark and the holes between the two, as correlations take them; null while there is no watermark. */
export interface SourceCoverage {
  readonly from: number;
  readonly watermark: number;
  readonly holes: readonly TimeSpan[];
}

/** One source's coverage as a whole: nothing is known before `from`, everything up to the watermark but the holes. */
export async function coverageOfSource(
  db: Db,
  tenantId: string,
  source: string,
): Promise<SourceCoverage | null> {
  const watermark = await watermarkOf(db, tenantId, source);
  if (watermark === null) return null;
  const from = (await ledgerBeginning(db, tenantId, source)) ?? watermark;
  return { from, watermark, holes: await holesOf(db, tenantId, source, from, watermark) };
}

/** Start of the earliest window of a source that is kept; null before the first plan. */
async function ledgerBeginning(db: Db, tenantId: string, source: string): Promise<number | null> {
  const row = await db
    .selectFrom('window')
    .select((eb) => eb.fn.min('from_at').as('from_at'))
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .executeTakeFirst();
  return row?.from_at ?? null;
}

/** What of a complete window had settled when it was read; a folded one has settled whole. Null when nothing had. */
export function settledSpan(window: WindowRow, settleMs: number): TimeSpan | null {
  if (window.status !== 'complete') return null;
  if (window.kind === 'day') return { from: window.from_at, to: window.to_at };
  const startedAt = window.read_started_at ?? window.finished_at ?? 0;
  const to = Math.min(window.to_at, startedAt - settleMs);
  return to > window.from_at ? { from: window.from_at, to } : null;
}

/** Moves the watermark over what has settled or was given up since; returns the ledger's row as it is then. */
export async function advanceWatermark(tx: Db, ledger: LedgerRow): Promise<LedgerRow> {
  const since = ledger.watermark ?? Number.MIN_SAFE_INTEGER;
  const windows = await windowsSince(tx, ledger.tenant_id, ledger.source, since);
  const watermark = watermarkAfter(windows, ledger);
  if (watermark === ledger.watermark) return ledger;
  await updateLedger(tx, ledger, { watermark });
  return { ...ledger, watermark };
}

/** The watermark that windows which end at or after the former one lead to. Pure. */
export function watermarkAfter(
  windows: readonly WindowRow[],
  ledger: Pick<LedgerRow, 'watermark' | 'settle_ms'>,
): number | null {
  const first = Math.min(...windows.map((window) => window.from_at));
  const start = ledger.watermark ?? first;
  const spans = windows.flatMap((window): TimeSpan[] => {
    if (window.status === 'abandoned') return [{ from: window.from_at, to: window.to_at }];
    const settled = settledSpan(window, ledger.settle_ms);
    return settled === null ? [] : [settled];
  });
  const reached = unite(spans).find((span) => span.from <= start && span.to >= start);
  return reached?.to ?? ledger.watermark;
}
