import { updateAlert, type AlertRow } from '../store/alerts.ts';
import type { Db } from '../store/database.ts';

/** Why a state ended, and the start of the read that proves it (UTC epoch ms). */
export interface Closing {
  readonly reason: 'fixed' | 'deleted' | 'out_of_scope' | 'retired';
  readonly at: number;
}

/** Closes a state alert that is still open; 1 when it was. Nobody but a check does this. */
export async function closeState(tx: Db, alert: AlertRow, closing: Closing, now: number): Promise<number> {
  const closed = await updateAlert(tx, alert.tenant_id, alert.id, 'open', {
    state: 'closed',
    close_reason: closing.reason,
    closed_at: closing.at,
    closed_by: 'tenantwatch',
    not_visible_since: null,
    updated_at: now,
  });
  return closed ? 1 : 0;
}

/** Says since when an open state can no longer be seen, or takes that back. The first instant stays. */
export async function noteVisibility(
  tx: Db,
  alert: AlertRow,
  lostSince: number | null,
  now: number,
): Promise<void> {
  const since = lostSince === null ? null : (alert.not_visible_since ?? lostSince);
  if (since === alert.not_visible_since) return;
  await updateAlert(tx, alert.tenant_id, alert.id, 'open', { not_visible_since: since, updated_at: now });
}
