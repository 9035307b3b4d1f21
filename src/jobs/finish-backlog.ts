import { collectors } from '../collectors/index.ts';
import { removeQuery, type AuditQueryRow } from '../store/audit-queries.ts';
import type { Db } from '../store/database.ts';
import { openSpans, type TimeSpan } from '../store/spans.ts';
import { coveredSpans, removeWindows, saveReadSpans, windowsSince } from '../store/windows.ts';

/** The sources whose records a search of the audit log brings. */
export const searchedSources: readonly string[] = collectors.flatMap((one) =>
  one.kind === 'log' && one.searchable === true ? [one.source] : [],
);

/** Writes into the ledgers that this span was read by a search which began at `asked_at`, and what was given up of it goes. */
export async function completeBacklog(tx: Db, row: AuditQueryRow, now: number): Promise<void> {
  for (const source of searchedSources) {
    const span = { from: row.from_at, to: row.to_at };
    const gone = (await windowsSince(tx, row.tenant_id, source, span.from)).filter(
      (one) => one.status === 'abandoned' && one.from_at >= span.from && one.to_at <= span.to,
    );
    await removeWindows(
      tx,
      row.tenant_id,
      source,
      gone.map(({ id }) => id),
    );
    await writeHoles(tx, row, source, { status: 'complete', reason: null, now });
  }
}

/** Writes into the ledgers that this span is not to be had, and why. */
export async function abandonBacklog(tx: Db, row: AuditQueryRow, reason: string, now: number): Promise<void> {
  await removeQuery(tx, row);
  for (const source of searchedSources)
    await writeHoles(tx, row, source, { status: 'abandoned', reason, now });
}

async function writeHoles(
  tx: Db,
  row: AuditQueryRow,
  source: string,
  end: { readonly status: 'complete' | 'abandoned'; readonly reason: string | null; readonly now: number },
): Promise<void> {
  const whole: TimeSpan = { from: row.from_at, to: row.to_at };
  const seen = await coveredSpans(tx, row.tenant_id, source, whole.from, whole.to);
  const facts = { ...end, readStartedAt: row.asked_at ?? end.now };
  await saveReadSpans(tx, row.tenant_id, source, openSpans(whole, seen), facts);
}
