import { sourceOfRecord, type LogPage } from '../collectors/index.ts';
import type { EventRecord } from '../model/event.ts';
import type { AuditQueryRow } from '../store/audit-queries.ts';
import type { Db } from '../store/database.ts';
import { ledgerOf } from '../store/ledger.ts';
import { coveredSpans } from '../store/windows.ts';
import { countArrivals } from './count-arrivals.ts';

/** Delay and lateness of the new records of a search, each counted for the source that it belongs to. */
export async function countBySource(
  tx: Db,
  row: AuditQueryRow,
  page: LogPage,
  added: readonly EventRecord[],
  now: number,
): Promise<void> {
  const groups = Map.groupBy(added, (record) => sourceOfRecord(JSON.parse(record.rawText)));
  for (const [source, records] of groups) {
    const ledger = await ledgerOf(tx, row.tenant_id, source);
    if (ledger === null) continue;
    const seenBefore = await coveredSpans(tx, row.tenant_id, source, row.from_at, row.to_at);
    const window = { tenant_id: row.tenant_id, source, id: row.id, kind: row.kind };
    await countArrivals(tx, { ledger, window, page, added: records, seenBefore, now });
  }
}
