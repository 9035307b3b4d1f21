import { sql, type Selectable } from 'kysely';
import type { AlertRow } from './alerts.ts';
import type { AssessmentRow } from './assessments.ts';
import type { Db } from './database.ts';
import type { DetectionVersionRow } from './detection-versions.ts';
import type { ReadRow, RunRow } from './reads.ts';
import type { ReportTable } from './schema.ts';
import type { WindowRow } from './windows.ts';

export type ReportRow = Readonly<Selectable<ReportTable>>;

/** Whose reports: numbered and unique per period within this. */
export interface ReportKey {
  readonly tenantId: string;
  readonly recipient: string;
  readonly kind: string;
}

/** The report that reaches furthest; null before the first. */
export async function lastReport(db: Db, key: ReportKey): Promise<ReportRow | null> {
  const row = await db
    .selectFrom('report')
    .selectAll()
    .where('tenant_id', '=', key.tenantId)
    .where('recipient', '=', key.recipient)
    .where('kind', '=', key.kind)
    .orderBy('period_to', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** The number that the next report of this reader gets, from 1. */
export async function nextReportNumber(db: Db, key: ReportKey): Promise<number> {
  const row = await db
    .selectFrom('report')
    .select((eb) => eb.fn.max('number').as('number'))
    .where('tenant_id', '=', key.tenantId)
    .where('recipient', '=', key.recipient)
    .where('kind', '=', key.kind)
    .executeTakeFirst();
  return (row?.number ?? 0) + 1;
}

/** Stores a report; false when its reader has one for this period already. */
export async function insertReport(tx: Db, row: ReportRow): Promise<boolean> {
  const result = await tx
    .insertInto('report')
    .values(row)
    .onConflict((c) => c.doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0n) === 1;
}

/** Reports of a tenant, newest first. */
export async function listReports(db: Db, tenantId: string): Promise<ReportRow[]> {
  return db
    .selectFrom('report')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
}

/** Alerts first detected in [from, to) about what happened since enrolment; merged ones left out. UTC epoch ms. */
export async function alertsDetectedIn(
  db: Db,
  tenantId: string,
  from: number,
  to: number,
): Promise<AlertRow[]> {
  return db
    .selectFrom('alert')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('merged_into', 'is', null)
    .where('historical', '=', 0)
    .where('created_at', '>=', from)
    .where('created_at', '<', to)
    .orderBy('first_event_at')
    .orderBy('id')
    .execute();
}

/** Open, unexpected alerts first detected before `before`, not historical, oldest first. */
export async function openAlertsBefore(db: Db, tenantId: string, before: number): Promise<AlertRow[]> {
  return db
    .selectFrom('alert')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('merged_into', 'is', null)
    .where('historical', '=', 0)
    .where('state', '=', 'open')
    .where('expected_by', 'is', null)
    .where('created_at', '<', before)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** Historical alerts first detected before `before`, by state and level. */
export async function countHistorical(
  db: Db,
  tenantId: string,
  before: number,
): Promise<{ state: string; level: string; count: number }[]> {
  return db
    .selectFrom('alert')
    .select(['state', 'level', sql<number>`count(*)`.as('count')])
    .where('tenant_id', '=', tenantId)
    .where('merged_into', 'is', null)
    .where('historical', '=', 1)
    .where('created_at', '<', before)
    .groupBy(['state', 'level'])
    .execute();
}

/** Ids of detections about the program itself (OP-…): what they find is told apart from what happened in the tenant. */
export async function programDetections(db: Db): Promise<Set<string>> {
  const rows = await db
    .selectFrom('detection_version')
    .select('id')
    .where('catalogue', 'like', 'OP-%')
    .execute();
  return new Set(rows.map((row) => row.id));
}

/** Texts of the given detections, every version: an alert is told in the words of its own. */
export async function detectionTexts(db: Db, ids: readonly string[]): Promise<DetectionVersionRow[]> {
  if (ids.length === 0) return [];
  return db
    .selectFrom('detection_version')
    .selectAll()
    .where('id', 'in', ids)
    .orderBy('current', 'desc')
    .execute();
}

/** Accounts that are switched off, or whose leave date has passed, and how many joiner/leaver alerts (LC-…) each has open. */
export async function leavers(
  db: Db,
  tenantId: string,
  at: number,
): Promise<{ id: string; since: number | null; open: number }[]> {
  const open = db
    .selectFrom('alert')
    .select(['subject', sql<number>`count(*)`.as('open')])
    .where('tenant_id', '=', tenantId)
    .where('state', '=', 'open')
    .where('merged_into', 'is', null)
    .where(
      'detection_id',
      'in',
      db.selectFrom('detection_version').select('id').where('catalogue', 'like', 'LC-%'),
    )
    .groupBy('subject')
    .as('open');
  const rows = await db
    .selectFrom('user_account as u')
    .leftJoin(open, (join) => join.on('open.subject', '=', sql<string>`'user:' || u.id`))
    .select(['u.id as id', 'u.disabled_since as since', 'u.leave_at as leaveAt', 'open.open as open'])
    .where('u.tenant_id', '=', tenantId)
    .where('u.kind', '=', 'member')
    .where((eb) => eb.or([eb('u.enabled', '=', 0), eb('u.leave_at', '<=', at)]))
    .execute();
  return rows.map((row) => ({ id: row.id, since: row.since || row.leaveAt, open: row.open ?? 0 }));
}

/** Display names of accounts, else their sign-in names. Hostile text. */
export async function accountNames(
  db: Db,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  // Chunks: SQLite takes a limited number of parameters in one statement.
  for (let at = 0; at < ids.length; at += 400) {
    const rows = await db
      .selectFrom('user_account')
      .select(['id', 'name', 'upn'])
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', ids.slice(at, at + 400))
      .execute();
    for (const row of rows) names.set(row.id, row.name || row.upn);
  }
  return names;
}

/** Windows of a source that were not read whole and touch [from, to). */
export async function unreadWindows(
  db: Db,
  tenantId: string,
  source: string,
  from: number,
  to: number,
): Promise<WindowRow[]> {
  return db
    .selectFrom('window')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('status', 'not in', ['complete', 'split'])
    .where('to_at', '>', from)
    .where('from_at', '<', to)
    .orderBy('from_at')
    .execute();
}

/** Runs of a source that began in [from, to), in order. */
export async function runsOf(
  db: Db,
  tenantId: string,
  source: string,
  from: number,
  to: number,
): Promise<Pick<RunRow, 'status' | 'reason' | 'error' | 'started_at' | 'finished_at'>[]> {
  return db
    .selectFrom('run')
    .select(['status', 'reason', 'error', 'started_at', 'finished_at'])
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .orderBy('started_at')
    .execute();
}

/** Reads of single scopes (one mailbox each) that began in [from, to), oldest first. */
export async function scopedReads(
  db: Db,
  tenantId: string,
  from: number,
  to: number,
): Promise<Pick<ReadRow, 'source' | 'scope' | 'status' | 'reason'>[]> {
  return db
    .selectFrom('read')
    .select(['source', 'scope', 'status', 'reason'])
    .where('tenant_id', '=', tenantId)
    .where('scope', '!=', '*')
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .orderBy('started_at')
    .execute();
}

/** Detections that were reduced or off at `at`, with the row of their current version. */
export async function weakenedDetections(
  db: Db,
  tenantId: string,
  at: number,
): Promise<
  (Pick<AssessmentRow, 'detection_id' | 'state' | 'reason'> & { title: string; reduced: string })[]
> {
  return db
    .selectFrom('assessment as a')
    .innerJoin('detection_version as d', (join) =>
      join.onRef('d.id', '=', 'a.detection_id').on('d.current', '=', 1),
    )
    .select(['a.detection_id', 'a.state', 'a.reason', 'd.title', 'd.reduced'])
    .where('a.tenant_id', '=', tenantId)
    .where('a.state', 'in', ['reduced', 'off'])
    .where('a.from_at', '<=', at)
    .where((eb) => eb.or([eb('a.to_at', 'is', null), eb('a.to_at', '>', at)]))
    .orderBy('d.catalogue')
    .orderBy('d.title')
    .execute();
}

/** Distinct records that did not parse and were last met in [from, to). */
export async function countRejectedIn(db: Db, tenantId: string, from: number, to: number): Promise<number> {
  const row = await db
    .selectFrom('rejected_record')
    .select(sql<number>`count(*)`.as('count'))
    .where('tenant_id', '=', tenantId)
    .where('last_seen_at', '>=', from)
    .where('last_seen_at', '<', to)
    .executeTakeFirst();
  return row?.count ?? 0;
}
