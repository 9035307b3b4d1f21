import type { Selectable } from 'kysely';
import type { Db } from './database.ts';
import type { SuppressionTable } from './schema.ts';

export type SuppressionRow = Readonly<Selectable<SuppressionTable>>;

export async function insertSuppression(tx: Db, row: SuppressionRow): Promise<void> {
  await tx.insertInto('suppression').values(row).execute();
}

/** All suppressions of a tenant, the ended ones too, oldest first. */
export async function listSuppressions(db: Db, tenantId: string): Promise<SuppressionRow[]> {
  return db
    .selectFrom('suppression')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** Ends a suppression; false when there is none with this id or it has ended already. */
export async function endSuppression(
  tx: Db,
  tenantId: string,
  id: string,
  by: string,
  now: number,
): Promise<boolean> {
  const result = await tx
    .updateTable('suppression')
    .set({ removed_at: now, removed_by: by })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** By suppression id: how many alerts it covers now. */
export async function countCovered(db: Db, tenantId: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('alert')
    .select((eb) => ['expected_by', eb.fn.countAll<number>().as('count')])
    .where('tenant_id', '=', tenantId)
    .where('expected_by', 'is not', null)
    .where('merged_into', 'is', null)
    .groupBy('expected_by')
    .execute();
  return new Map(rows.map((row) => [String(row.expected_by), Number(row.count)]));
}

/** An alert with the span of its evidence, as a suppression judges it. Times are UTC epoch ms of events. */
export interface JudgedAlert {
  readonly id: string;
  readonly detection_id: string;
  readonly subject: string;
  readonly cause: string;
  readonly life: string;
  readonly expected_by: string | null;
  readonly last_true_at: number | null;
  readonly first_at: number;
  readonly last_at: number;
}

/** Alerts of a tenant that are not merged away, each with the first and last time of its evidence. */
export async function alertsToJudge(db: Db, tenantId: string): Promise<JudgedAlert[]> {
  const rows = await db
    .selectFrom('alert')
    .leftJoin('alert_evidence', (join) =>
      join
        .onRef('alert_evidence.tenant_id', '=', 'alert.tenant_id')
        .onRef('alert_evidence.alert_id', '=', 'alert.id')
        .on('alert_evidence.withdrawn', '=', 0),
    )
    .select((eb) => [
      'alert.id',
      'alert.detection_id',
      'alert.subject',
      'alert.cause',
      'alert.life',
      'alert.expected_by',
      'alert.last_true_at',
      'alert.first_event_at',
      'alert.last_event_at',
      eb.fn.min('alert_evidence.at').as('first_at'),
      eb.fn.max('alert_evidence.at').as('last_at'),
    ])
    .where('alert.tenant_id', '=', tenantId)
    .where('alert.merged_into', 'is', null)
    .groupBy([
      'alert.id',
      'alert.detection_id',
      'alert.subject',
      'alert.cause',
      'alert.life',
      'alert.expected_by',
      'alert.last_true_at',
      'alert.first_event_at',
      'alert.last_event_at',
    ])
    .execute();
  return rows.map((row) => ({
    ...row,
    first_at: row.first_at ?? row.first_event_at,
    last_at: row.last_at ?? row.last_event_at,
  }));
}

export async function setExpectedBy(
  tx: Db,
  tenantId: string,
  alertId: string,
  by: string | null,
  now: number,
): Promise<void> {
  await tx
    .updateTable('alert')
    .set({ expected_by: by, updated_at: now })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', alertId)
    .execute();
}
