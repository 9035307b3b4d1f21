import type { LogPage } from '../collectors/index.ts';
import type { EventRecord } from '../model/event.ts';
import type { Db } from '../store/database.ts';
import { countLag, countLate, type FoundBy, type LateCount } from '../store/lateness.ts';
import type { LedgerRow } from '../store/ledger.ts';
import type { TimeSpan } from '../store/spans.ts';
import { addLate, type WindowRow } from '../store/windows.ts';

export interface Arrivals {
  readonly ledger: LedgerRow;
  readonly window: Pick<WindowRow, 'tenant_id' | 'source' | 'id' | 'kind'>;
  readonly page: LogPage;
  /** Records of the page that were not stored before. */
  readonly added: readonly EventRecord[];
  /** What of the window's span had been read completely before. */
  readonly seenBefore: readonly TimeSpan[];
  readonly now: number;
}

const FOUND_BY: Readonly<Record<string, FoundBy>> = {
  head: 'overlap',
  half: 'overlap',
  settle: 'settle',
  reread: 'reread',
};

/**
 * Counts, in the transaction of the page, which new records came late (their span had been read completely before) and
 * how long all new ones took. Beyond L = late in a span that no ordinary reconciliation reaches any more.
 */
export async function countArrivals(tx: Db, arrivals: Arrivals): Promise<void> {
  const { ledger, window, page, added, now } = arrivals;
  if (added.length === 0) return;
  const late = lateOf(arrivals);
  if (late.length > 0) {
    await countLate(tx, ledger.tenant_id, ledger.source, late, now);
    const records = late.reduce((sum, one) => sum + one.records, 0);
    await addLate(tx, window, records, Math.max(...late.map((one) => one.worstMs)));
  }
  // Records from before the first plan are history: their delay is how long nobody was there.
  const news = added.filter((record) => record.occurredAt >= ledger.begun_at);
  const delays = news.map((record) => now - record.occurredAt);
  await countLag(tx, ledger.tenant_id, ledger.source, 'event', delays, now);
  const { readableAt } = page;
  if (readableAt === undefined || readableAt < ledger.begun_at) return;
  const waits = added.map(() => now - readableAt);
  await countLag(tx, ledger.tenant_id, ledger.source, 'readable', waits, now);
}

function lateOf({ ledger, window, page, added, seenBefore }: Arrivals): LateCount[] {
  const outOfReach = ledger.reconciled_at - ledger.lateness_ms;
  const counts = new Map<FoundBy, { records: number; worstMs: number }>();
  for (const record of added) {
    const at = page.readableAt ?? page.windowTimeOf?.(record) ?? record.occurredAt;
    if (!seenBefore.some((span) => span.from <= at && at < span.to)) continue;
    const foundBy = at < outOfReach ? 'beyond' : (FOUND_BY[window.kind] ?? 'manual');
    const count = counts.get(foundBy) ?? { records: 0, worstMs: 0 };
    count.records += 1;
    count.worstMs = Math.max(count.worstMs, page.startedAt - record.occurredAt);
    counts.set(foundBy, count);
  }
  return [...counts].map(([foundBy, count]) => ({ foundBy, ...count }));
}
