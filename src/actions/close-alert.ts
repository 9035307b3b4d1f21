import type { CloseReason } from '../model/alert.ts';
import { underDetectLease } from '../jobs/lease.ts';
import { findAlerts, updateAlert } from '../store/alerts.ts';
import type { Database } from '../store/database.ts';
import { assertLease } from '../store/leases.ts';

/** What a person may say when closing; a state closes by itself with other words. */
export const personsReasons = [
  'true',
  'expected',
  'false_positive',
  'duplicate',
] as const satisfies readonly CloseReason[];
export type PersonsReason = (typeof personsReasons)[number];

export interface CloseAlert {
  /** The alert's id or an unambiguous beginning of it. */
  readonly id: string;
  readonly reason: PersonsReason;
  readonly note: string | null;
  /** Who closes it. */
  readonly by: string;
  /** UTC epoch ms. What happens after it is a new occurrence. */
  readonly now: number;
}

/** A person cannot do this; the message says why and what to do instead. */
export class ActionRefused extends Error {
  override readonly name = 'ActionRefused';
}

/** Closes an event alert under the tenant's lease and returns its whole id. Throws ActionRefused. */
export async function closeAlert(database: Database, act: CloseAlert): Promise<string> {
  const [alert, another] = await findAlerts(database.db, act.id);
  if (alert === undefined)
    throw refused(act.id, 'there is no such alert; `tenantwatch alerts list` shows them');
  if (another !== undefined) throw refused(act.id, 'several ids begin like this; give more of it');
  if (alert.mergedInto !== null)
    throw refused(act.id, `it was merged into ${alert.mergedInto}; close that one`);
  if (alert.life === 'state') {
    throw refused(
      act.id,
      'it is a state and closes when a complete read shows that it is no longer so; put it right',
    );
  }
  const outcome = await underDetectLease(database, alert.tenantId, act.now, (lease) =>
    database.transaction(async (tx) => {
      await assertLease(tx, lease, act.now);
      return updateAlert(tx, alert.tenantId, alert.id, 'open', {
        state: 'closed',
        close_reason: act.reason,
        closed_at: act.now,
        closed_by: act.by,
        close_note: act.note,
        updated_at: act.now,
      });
    }),
  );
  if (outcome === null) throw refused(act.id, 'detection is running for this tenant; try again in a moment');
  if (!outcome.done) throw refused(act.id, 'it is closed already');
  return alert.id;
}

function refused(id: string, why: string): ActionRefused {
  return new ActionRefused(`close alert ${id}: ${why}`);
}
