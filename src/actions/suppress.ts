import { randomUUID } from 'node:crypto';
import { judgeSuppressions } from '../incidents/suppression.ts';
import { underDetectLease } from '../jobs/lease.ts';
import type { Database } from '../store/database.ts';
import { listAlerts } from '../store/alerts.ts';
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
  const row = toRow(act);
  await underLease(database, act.tenantId, act.now, (tx) => insertSuppression(tx, row));
  return row.id;
}

/** Throws ActionRefused for one that may not be. */
function toRow(act: Suppress): SuppressionRow {
  refuseUnsound(act);
  return {
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
}

function refuseUnsound(act: Suppress): void {
  const refuse = (why: string): never => {
    throw new ActionRefused(`suppress: ${why}`);
  };
  if (act.reason.trim() === '') refuse('a reason is needed; say why this is expected');
  if (act.detectionId === null && act.subject === null)
    refuse('name a detection or a subject; nothing can quiet a whole tenant');
  if (act.validTo <= act.validFrom) refuse('it ends before it begins');
  if (act.validTo - Math.max(act.validFrom, act.now) > LONGEST_MS)
    refuse('it may last 365 days at most; say it again next year');
}

export interface AcceptExisting {
  readonly tenantId: string;
  /** Only of this detection; null = of all. */
  readonly detectionId: string | null;
  readonly reason: string;
  readonly author: string;
  readonly validTo: number;
  readonly now: number;
}

/**
 * Accepts what was there at enrolment, one suppression for each thing: open states, and open alerts about events from
 * before it. Returns the new suppressions' ids; things that are expected already are left alone. Throws ActionRefused.
 */
export async function acceptExisting(database: Database, act: AcceptExisting): Promise<string[]> {
  const alerts = (await listAlerts(database.db, { tenantId: act.tenantId, state: 'open' })).filter(
    (alert) =>
      alert.expectedBy === null && alert.mergedInto === null && (alert.life === 'state' || alert.historical),
  );
  const rows = alerts
    .filter((alert) => act.detectionId === null || alert.detectionId === act.detectionId)
    .map((alert) => {
      const { tenantId, detectionId, subject, cause } = alert;
      const validFrom = Math.min(act.now, alert.firstEventAt, alert.occurrenceStart);
      return toRow({ ...act, tenantId, detectionId, subject, cause, validFrom });
    });
  await underLease(database, act.tenantId, act.now, async (tx) => {
    for (const row of rows) await insertSuppression(tx, row);
  });
  return rows.map((row) => row.id);
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
