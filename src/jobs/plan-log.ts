import type { LogSettings } from '../collectors/index.ts';
import type { Db } from '../store/database.ts';
import {
  abandonBefore,
  lastReconciliation,
  latestWindowEnd,
  planWindows,
  takePendingHead,
  type NewWindow,
} from '../store/windows.ts';

/**
 * Plans what a log source is to be read for now: at first the whole past that the source keeps, newest first; then
 * the head with overlap (one pending head at most: one that could not be read grows until it can); once a day the
 * reconciliation over everything that may still arrive late. What the source no longer keeps is abandoned, by name.
 */
export async function planLog(
  tx: Db,
  tenantId: string,
  source: string,
  settings: LogSettings,
  retentionMs: number,
  now: number,
): Promise<void> {
  await abandonBefore(tx, tenantId, source, now - retentionMs, now);
  const end = await latestWindowEnd(tx, tenantId, source);
  if (end === null) {
    await planWindows(
      tx,
      tenantId,
      source,
      spans('backfill', now - retentionMs, now, settings.backfillSpanMs),
      now,
    );
    return;
  }
  if (end < now) {
    const pendingFrom = await takePendingHead(tx, tenantId, source);
    const from = Math.max(Math.min(end - settings.overlapMs, pendingFrom ?? Infinity), now - retentionMs);
    await planWindows(tx, tenantId, source, spans('head', from, now, settings.backfillSpanMs), now);
  }
  const reconciled = await lastReconciliation(tx, tenantId, source);
  if (now - (reconciled ?? now) >= settings.reconcileEveryMs) {
    const from = now - Math.min(settings.latenessMs, retentionMs);
    await planWindows(tx, tenantId, source, [{ kind: 'reread', fromAt: from, toAt: now }], now);
  }
}

function spans(kind: NewWindow['kind'], from: number, to: number, size: number): NewWindow[] {
  const found: NewWindow[] = [];
  for (let end = to; end > from; end -= size)
    found.push({ kind, fromAt: Math.max(from, end - size), toAt: end });
  return found;
}
