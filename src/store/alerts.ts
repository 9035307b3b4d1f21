import { sql, type Selectable } from 'kysely';
import type { Alert, AlertEvidence } from '../model/alert.ts';
import type { Db } from './database.ts';
import { keyText, type AlertKey } from './hits.ts';
import type { AlertEvidenceTable, AlertTable } from './schema.ts';

export type AlertRow = Readonly<Selectable<AlertTable>>;
export type EvidenceRow = Readonly<Selectable<AlertEvidenceTable>>;

const CHUNK = 400;

export interface AlertFilter {
  readonly tenantId?: string;
  readonly state?: 'open' | 'closed';
  readonly level?: string;
}

/** Alerts with their evidence, oldest first; those merged into another are left out. */
export async function listAlerts(db: Db, filter: AlertFilter): Promise<Alert[]> {
  let query = db.selectFrom('alert').selectAll().where('merged_into', 'is', null);
  if (filter.tenantId !== undefined) query = query.where('tenant_id', '=', filter.tenantId);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.level !== undefined) query = query.where('level', '=', filter.level);
  const rows = await query.orderBy('first_event_at').orderBy('id').execute();
  return toAlerts(rows, await evidenceOfAlerts(db, rows));
}

/** One alert by its id or the beginning of it, merged ones too. Several = the beginning is not unique. */
export async function findAlerts(db: Db, idStart: string): Promise<Alert[]> {
  const rows = await db
    .selectFrom('alert')
    .selectAll()
    .where(sql<boolean>`substr(id, 1, ${idStart.length}) = ${idStart}`)
    .limit(2)
    .execute();
  return toAlerts(rows, await evidenceOfAlerts(db, rows));
}

/** Alert rows of the given keys, merged ones too: what a fold matches its occurrences to. */
export async function alertRowsOfKeys(
  tx: Db,
  tenantId: string,
  keys: readonly AlertKey[],
): Promise<{ alerts: AlertRow[]; evidence: EvidenceRow[] }> {
  const alerts: AlertRow[] = [];
  for (let at = 0; at < keys.length; at += CHUNK) {
    const chunk = keys.slice(at, at + CHUNK);
    const wanted = new Set(chunk.map(keyText));
    const rows = await tx
      .selectFrom('alert')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('detection_id', 'in', [...new Set(chunk.map((key) => key.detectionId))])
      .where('subject', 'in', [...new Set(chunk.map((key) => key.subject))])
      .execute();
    alerts.push(
      ...rows.filter((row) =>
        wanted.has(keyText({ detectionId: row.detection_id, subject: row.subject, cause: row.cause })),
      ),
    );
  }
  return { alerts, evidence: await evidenceOfAlerts(tx, alerts) };
}

async function evidenceOfAlerts(db: Db, alerts: readonly AlertRow[]): Promise<EvidenceRow[]> {
  const evidence: EvidenceRow[] = [];
  for (let at = 0; at < alerts.length; at += CHUNK) {
    const chunk = alerts.slice(at, at + CHUNK);
    evidence.push(
      ...(await db
        .selectFrom('alert_evidence')
        .selectAll()
        .where('tenant_id', 'in', [...new Set(chunk.map((row) => row.tenant_id))])
        .where(
          'alert_id',
          'in',
          chunk.map((row) => row.id),
        )
        .orderBy('at')
        .orderBy('feed')
        .orderBy('native_id')
        .execute()),
    );
  }
  return evidence;
}

/** Open alerts of a detection in a tenant. */
export async function openAlertRows(db: Db, tenantId: string, detectionId: string): Promise<AlertRow[]> {
  return db
    .selectFrom('alert')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('detection_id', '=', detectionId)
    .where('state', '=', 'open')
    .where('merged_into', 'is', null)
    .orderBy('id')
    .execute();
}

/** Adds or rewrites an alert as a whole. */
export async function saveAlert(tx: Db, row: AlertRow): Promise<void> {
  await tx
    .insertInto('alert')
    .values(row)
    .onConflict((conflict) => conflict.columns(['tenant_id', 'id']).doUpdateSet(row))
    .execute();
}

/**
 * Makes `wanted` the whole evidence of one alert whose rows are `stored` now. Writes the difference only: an alert may
 * have thousands of records. True when there was one.
 */
export async function changeEvidence(
  tx: Db,
  tenantId: string,
  alertId: string,
  stored: readonly EvidenceRow[],
  wanted: readonly EvidenceRow[],
): Promise<boolean> {
  const before = new Map(stored.map((row) => [evidenceId(row), row]));
  const after = new Set(wanted.map(evidenceId));
  const gone = stored.filter((row) => !after.has(evidenceId(row)));
  const changed = wanted.filter((row) => {
    const known = before.get(evidenceId(row));
    return known?.at !== row.at || known.withdrawn !== row.withdrawn;
  });
  for (const row of gone) {
    await tx
      .deleteFrom('alert_evidence')
      .where('tenant_id', '=', tenantId)
      .where('alert_id', '=', alertId)
      .where('feed', '=', row.feed)
      .where('native_id', '=', row.native_id)
      .execute();
  }
  for (let at = 0; at < changed.length; at += CHUNK) {
    await tx
      .insertInto('alert_evidence')
      .values(changed.slice(at, at + CHUNK))
      .onConflict((conflict) =>
        conflict
          .columns(['tenant_id', 'alert_id', 'feed', 'native_id'])
          .doUpdateSet((eb) => ({ at: eb.ref('excluded.at'), withdrawn: eb.ref('excluded.withdrawn') })),
      )
      .execute();
  }
  return gone.length + changed.length > 0;
}

function evidenceId(row: EvidenceRow): string {
  return `${row.feed}\n${row.native_id}`;
}

/** Changes the given columns of one alert. True when exactly that alert was still in `state`. */
export async function updateAlert(
  tx: Db,
  tenantId: string,
  id: string,
  state: 'open' | 'closed',
  values: Partial<Omit<AlertRow, 'tenant_id' | 'id'>>,
): Promise<boolean> {
  const result = await tx
    .updateTable('alert')
    .set(values)
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('state', '=', state)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

function toAlerts(rows: readonly AlertRow[], evidence: readonly EvidenceRow[]): Alert[] {
  const byAlert = new Map<string, AlertEvidence[]>();
  for (const row of evidence) {
    const key = `${row.tenant_id}/${row.alert_id}`;
    const list = byAlert.get(key) ?? [];
    byAlert.set(key, list);
    list.push({ feed: row.feed, nativeId: row.native_id, at: row.at, withdrawn: row.withdrawn === 1 });
  }
  return rows.map((row) => toAlert(row, byAlert.get(`${row.tenant_id}/${row.id}`) ?? []));
}

function toAlert(row: AlertRow, evidence: readonly AlertEvidence[]): Alert {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    detectionId: row.detection_id,
    version: row.version,
    subject: row.subject,
    cause: row.cause,
    occurrenceStart: row.occurrence_start,
    life: row.life as Alert['life'],
    state: row.state as Alert['state'],
    closeReason: row.close_reason as Alert['closeReason'],
    closedAt: row.closed_at,
    closedBy: row.closed_by,
    level: row.level as Alert['level'],
    expectedBy: row.expected_by,
    historical: row.historical === 1,
    firstEventAt: row.first_event_at,
    lastEventAt: row.last_event_at,
    notVisibleSince: row.not_visible_since,
    withdrawn: row.withdrawn === 1,
    mergedInto: row.merged_into,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    words: JSON.parse(row.words) as Record<string, string>,
    evidence,
  };
}

/** Open state alerts of a tenant, whatever their detection. */
export async function openStateAlerts(db: Db, tenantId: string): Promise<AlertRow[]> {
  return db
    .selectFrom('alert')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('state', '=', 'open')
    .where('life', '=', 'state')
    .where('merged_into', 'is', null)
    .orderBy('id')
    .execute();
}

/** Gives the alerts of one key another subject, merged ones too. */
export async function rekeyAlerts(tx: Db, tenantId: string, key: AlertKey, subject: string): Promise<void> {
  await tx
    .updateTable('alert')
    .set({ subject })
    .where('tenant_id', '=', tenantId)
    .where('detection_id', '=', key.detectionId)
    .where('subject', '=', key.subject)
    .where('cause', '=', key.cause)
    .execute();
}
