import { randomUUID } from 'node:crypto';
import { judgeSuppressions } from '../incidents/suppression.ts';
import { underDetectLease } from '../jobs/lease.ts';
import type { Database } from '../store/database.ts';
import { assertLease } from '../store/leases.ts';
import { endSuppression, insertSuppression, type SuppressionRow } from '../store/suppressions.ts';
import { ActionRefused } from './close-alert.ts';

/** Nothing is quiet for ever: at most a year, then somebody says it again. */
export const LONGEST_MS = 365 * 24 * 3_600_000;

export interface Suppress {
  readonly tenantId: string;
  readonly detectionId: string | null;
  readonly subject: string | null;
  readonly cause: string | null;
  readonly reason: string;
  readonly author: string;
  /** Event time, UTC epoch ms. */
  readonly validFrom: number;
  readonly validTo: number;
  readonly now: number;
}

/** Records an expected thing and judges the tenant's alerts by it at once. Returns its id. Throws ActionRefused. */
export async function suppress(database: Database, act: Suppress): Promise<string> {
  refuseUnsound(act);
  const row: SuppressionRow = {
    tenant_id: act.tenantId,
    id: `s_${randomUUID().replaceAll('-', '').slice(0, 12)}`,
    detection_id: act.detectionId,
    subject: act.subject,
    cause: act.cause,
    reason: act.reason.trim(),
    author: act.author,
    valid_from: act.validFrom,
    valid_to: act.validTo,
    created_at: act.now,
    removed_at: null,
    removed_by: null,
  };
  await underLease(database, act.tenantId, act.now, (tx) => insertSuppression(tx, row));
  return row.id;
}

function refuseUnsound(act: Suppress): void {
  const refuse = (why: string): never => {
    throw new ActionRefused(`suppress: ${why}`);
  };
  if (act.reason.trim() === '') refuse('a reason is needed; say why this is expected');
  if (act.detectionId === null && act.subject === null)
    refuse('name a detection or a subject; nothing can quiet a whole tenant');
  if (act.validTo <= act.validFrom) refuse('it ends before it begins');
  if (act.validTo - act.validFrom > LONGEST_MS)
    refuse('it may last 365 days at most; say it again next year');
}

/** Ends a suppression now. What it covered before stays expected; what comes is news. Throws ActionRefused. */
export async function unsuppress(
  database: Database,
  act: { readonly tenantId: string; readonly id: string; readonly by: string; readonly now: number },
): Promise<void> {
  const ended = await underLease(database, act.tenantId, act.now, (tx) =>
    endSuppression(tx, act.tenantId, act.id, act.by, act.now),
  );
  if (!ended)
    throw new ActionRefused(
      `remove suppression ${act.id}: there is none that is in force; 'tenantwatch suppress list' shows them`,
    );
}

async function underLease<T>(
  database: Database,
  tenantId: string,
  now: number,
  work: (tx: Parameters<typeof insertSuppression>[0]) => Promise<T>,
): Promise<T> {
  const outcome = await underDetectLease(database, tenantId, now, (lease) =>
    database.transaction(async (tx) => {
      await assertLease(tx, lease, now);
      const result = await work(tx);
      await judgeSuppressions(tx, tenantId, now);
      return result;
    }),
  );
  if (outcome === null)
    throw new ActionRefused('detection is running for this tenant; try again in a moment');
  return outcome.done;
}
