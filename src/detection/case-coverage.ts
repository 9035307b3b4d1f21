import { logSources } from '../records/index.ts';
import type { Database } from '../store/database.ts';
import { saveLedger } from '../store/ledger.ts';
import { finishWindow, planWindows, windowsSince } from '../store/windows.ts';
import type { Case } from './case-file.ts';
import { sourceNames } from './custom-map.ts';

/** A baseline is shorter; what a case does not say was read for as long as records are kept. */
const BEFORE_MS = 400 * 86_400_000;

/**
 * Says which time of the log sources was read: what the case says under `covered`, else everything from long before the first
 * record until now, for sources that the tenant can read.
 */
export async function coverLogs(
  database: Database,
  tenantId: string,
  one: Case,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  const whole: [number, number] = [(Number.isFinite(from) ? from : to) - BEFORE_MS, to];
  for (const source of sourceNames.filter(isLog)) {
    const said = one.covered?.[source];
    const isOff = (one.capability[source] ?? 'full') !== 'full';
    if (said === undefined && isOff) continue;
    const spans = said === undefined ? [whole] : toSpans(said);
    await cover(database, tenantId, source, spans, to);
  }
}

function isLog(source: string): boolean {
  return [...logSources].some(([feed, { broughtBy }]) => (broughtBy ?? [feed]).includes(source));
}

function toSpans(said: [number, number] | [number, number][]): [number, number][] {
  return typeof said[0] === 'number' ? [said as [number, number]] : (said as [number, number][]);
}

async function cover(
  database: Database,
  tenantId: string,
  source: string,
  spans: readonly (readonly [number, number])[],
  now: number,
): Promise<void> {
  await database.transaction(async (tx) => {
    const windows = spans.map(([fromAt, toAt]) => ({ kind: 'head' as const, fromAt, toAt }));
    await planWindows(tx, tenantId, source, windows, now);
    for (const window of await windowsSince(tx, tenantId, source, Number.MIN_SAFE_INTEGER)) {
      await finishWindow(tx, window, { status: 'complete', reason: null, nextTryAt: null, now });
    }
    await saveLedger(tx, {
      tenant_id: tenantId,
      source,
      begun_at: Math.min(...spans.map(([from]) => from)),
      settle_ms: 0,
      lateness_ms: 0,
      watermark: Math.max(...spans.map(([, to]) => to)),
      settled_to: now,
      reread_planned_at: now,
      reconciled_at: now,
      deep_planned_at: now,
      folded_at: now,
    });
  });
}
