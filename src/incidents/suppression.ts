import type { Db } from '../store/database.ts';
import {
  alertsToJudge,
  listSuppressions,
  setExpectedBy,
  type JudgedAlert,
  type SuppressionRow,
} from '../store/suppressions.ts';

/**
 * Whether a suppression covers an alert: its scope fits, and all evidence lies inside its time (ends included). A
 * state counts at its last true read, so that it is news again when the suppression has run out. One that was removed
 * covers what happened before its removal: what was expected then stays expected.
 */
export function covers(suppression: SuppressionRow, alert: JudgedAlert): boolean {
  if (suppression.detection_id !== null && suppression.detection_id !== alert.detection_id) return false;
  if (suppression.subject !== null && suppression.subject !== alert.subject) return false;
  if (suppression.cause !== null && suppression.cause !== alert.cause) return false;
  const to = Math.min(suppression.valid_to, suppression.removed_at ?? Infinity);
  const [first, last] = spanOf(alert);
  return first >= suppression.valid_from && last <= to;
}

function spanOf(alert: JudgedAlert): readonly [number, number] {
  if (alert.life !== 'state') return [alert.first_at, alert.last_at];
  const at = alert.last_true_at ?? alert.last_at;
  return [at, at];
}

/**
 * Judges every alert of a tenant again, in the caller's transaction under the detect lease: the oldest suppression
 * that covers it is named, and new evidence outside takes it away. Returns how many changed.
 */
export async function judgeSuppressions(tx: Db, tenantId: string, now: number): Promise<number> {
  const suppressions = await listSuppressions(tx, tenantId);
  if (suppressions.length === 0) return 0;
  let changed = 0;
  for (const alert of await alertsToJudge(tx, tenantId)) {
    const by = suppressions.find((suppression) => covers(suppression, alert))?.id ?? null;
    if (by === alert.expected_by) continue;
    await setExpectedBy(tx, tenantId, alert.id, by, now);
    changed += 1;
  }
  return changed;
}
