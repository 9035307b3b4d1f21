import { searching } from '../collectors/index.ts';
import { BACKLOG, planQueries, queriesOf, type NewQuery } from '../store/audit-queries.ts';
import type { Db } from '../store/database.ts';
import { openSpans, type TimeSpan } from '../store/spans.ts';
import { coveredSpans } from '../store/windows.ts';

/**
 * Plans searches for what of a span no complete window of a source covers and no search is planned for. A span that was
 * given up is planned again. Runs inside the caller's transaction.
 */
export async function planBacklog(
  tx: Db,
  tenantId: string,
  source: string,
  whole: TimeSpan,
  now: number,
): Promise<void> {
  if (whole.to <= whole.from) return;
  const covered = await coveredSpans(tx, tenantId, source, whole.from, whole.to);
  const waiting = (await queriesOf(tx, tenantId))
    .filter((one) => one.kind === BACKLOG && one.finished_at === null)
    .map((one) => ({ from: one.from_at, to: one.to_at }));
  await planQueries(tx, tenantId, spansOf(openSpans(whole, [...covered, ...waiting])), now);
}

/** Newest first, none longer than one search ought to be. Pure. */
export function spansOf(holes: readonly TimeSpan[]): NewQuery[] {
  const spans: NewQuery[] = [];
  for (const { from, to } of holes.toReversed()) {
    for (let end = to; end > from; end -= searching.backlogSpanMs)
      spans.push({ kind: BACKLOG, fromAt: Math.max(from, end - searching.backlogSpanMs), toAt: end });
  }
  return spans;
}
