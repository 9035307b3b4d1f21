import { CHECKS_FEED } from '../incidents/alert.ts';
import { closeState } from '../incidents/state-life.ts';
import { openStateAlerts } from '../store/alerts.ts';
import type { Db } from '../store/database.ts';
import { detectionFileOf } from '../store/detection-versions.ts';
import { hitsOfDetection, saveHits, type HitRow } from '../store/hits.ts';

/**
 * Closes open states of detections that no longer exist: nobody judges them any more. A detection whose file is merely
 * broken today keeps its alerts. Returns how many were closed.
 */
export async function retireStates(
  tx: Db,
  tenantId: string,
  loaded: ReadonlyMap<string, unknown>,
  brokenFiles: readonly string[],
  now: number,
): Promise<number> {
  let closed = 0;
  for (const alert of await openStateAlerts(tx, tenantId)) {
    if (loaded.has(alert.detection_id)) continue;
    const file = await detectionFileOf(tx, alert.detection_id);
    if (file === null || brokenFiles.includes(file)) continue;
    closed += await closeState(tx, alert, { reason: 'retired', at: now }, now);
    const truths = await hitsOfDetection(tx, tenantId, alert.detection_id, CHECKS_FEED);
    const own = truths.find(
      (hit) => hit.kind === 'do' && hit.subject === alert.subject && hit.cause === alert.cause,
    );
    if (own !== undefined) await saveHits(tx, [ended(own, now)]);
  }
  return closed;
}

/** Should the detection come back, what it finds then is a new occurrence. */
function ended(truth: HitRow, now: number): HitRow {
  const id = `end:retired:${now}`;
  const at = { occurred_at: now, from_at: now, to_at: now, created_at: now, updated_at: now };
  return { ...truth, canonical_id: id, native_id: id, kind: 'undo', words: '{}', context: '{}', ...at };
}
