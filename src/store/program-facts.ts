import { sql } from 'kysely';
import type { Db } from './database.ts';

const HOUR_MS = 3_600_000;
const JOB = 'collect';

/** When a source last brought a record that was not stored before, looking back to `since`; null = not since then. */
export async function lastNewAt(
  db: Db,
  tenantId: string,
  source: string,
  since: number,
): Promise<number | null> {
  const row = await newRuns(db, tenantId, source, since)
    .select('started_at')
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.started_at ?? null;
}

/** The hours (UTC epoch ms of their start) in which a source brought something new since `since`, in order. */
export async function activeHours(
  db: Db,
  tenantId: string,
  source: string,
  since: number,
): Promise<number[]> {
  const hour = sql<number>`started_at - started_at % ${sql.lit(HOUR_MS)}`;
  const rows = await newRuns(db, tenantId, source, since).select(hour.as('hour')).distinct().execute();
  return rows.map((row) => Number(row.hour)).sort((a, b) => a - b);
}

function newRuns(db: Db, tenantId: string, source: string, since: number) {
  return db
    .selectFrom('run')
    .where('tenant_id', '=', tenantId)
    .where('job', '=', JOB)
    .where('source', '=', source)
    .where('started_at', '>=', since)
    .where('records_new', '>', 0);
}

export interface GivenUp {
  readonly source: string;
  readonly id: string;
  readonly from_at: number;
  readonly to_at: number;
  readonly reason: string | null;
  readonly finished_at: number | null;
}

/** Windows that were given up since `since`, of time that ends after `enrolledAt`. */
export async function givenUpSince(
  db: Db,
  tenantId: string,
  since: number,
  enrolledAt: number,
): Promise<GivenUp[]> {
  return db
    .selectFrom('window')
    .select(['source', 'id', 'from_at', 'to_at', 'reason', 'finished_at'])
    .where('tenant_id', '=', tenantId)
    .where('status', '=', 'abandoned')
    .where('finished_at', '>=', since)
    .where('to_at', '>', enrolledAt)
    .orderBy('source')
    .orderBy('from_at')
    .execute();
}

/** Each name with every state that it has left, and when it last did. */
export async function formerStates(
  db: Db,
  tenantId: string,
): Promise<{ name: string; state: string; until: number }[]> {
  const rows = await db
    .selectFrom('capability')
    .select((eb) => ['name', 'state', eb.fn.max('to_at').as('until')])
    .where('tenant_id', '=', tenantId)
    .where('to_at', 'is not', null)
    .groupBy(['name', 'state'])
    .execute();
  return rows.map((row) => ({ name: row.name, state: row.state, until: Number(row.until) }));
}

/** Mails by recipient: when the last one was sent, and those that were refused or wait since. */
export interface MailCount {
  readonly recipient: string;
  readonly sentAt: number | null;
  readonly failed: number;
  /** Tried three times or more without success. */
  readonly waiting: number;
  readonly since: number | null;
  readonly error: string | null;
}

/** Sent in vain so often, a mail that waits is no hiccup: with the back-off some minutes have passed. */
const IN_VAIN = 3;

/** Recipients of mails made since `since`. */
export async function mailCounts(db: Db, tenantId: string, since: number): Promise<MailCount[]> {
  const rows = await db
    .selectFrom('outbox')
    .select(['recipient', 'status', 'attempts', 'error', 'created_at', 'sent_at'])
    .where('tenant_id', '=', tenantId)
    .where('created_at', '>=', since)
    .orderBy('created_at')
    .execute();
  const counts = new Map<string, MailCount>();
  for (const row of rows) {
    const known = counts.get(row.recipient) ?? empty(row.recipient);
    if (row.status === 'sent') {
      counts.set(row.recipient, { ...empty(row.recipient), sentAt: row.sent_at });
      continue;
    }
    const failed = row.status === 'failed' ? 1 : 0;
    const waiting = failed === 0 && row.attempts >= IN_VAIN ? 1 : 0;
    if (failed + waiting === 0) continue;
    counts.set(row.recipient, {
      ...known,
      failed: known.failed + failed,
      waiting: known.waiting + waiting,
      since: known.since ?? row.created_at,
      error: row.error,
    });
  }
  return [...counts.values()];
}

function empty(recipient: string): MailCount {
  return { recipient, sentAt: null, failed: 0, waiting: 0, since: null, error: null };
}

/** A detection that once could do more than it can now. `reason` is JSON text of `{without, why}[]`. */
export interface Weakened {
  readonly detectionId: string;
  readonly title: string;
  readonly state: string;
  readonly reason: string | null;
  readonly since: number;
}

/** Detections whose present assessment is worse than some earlier one. */
export async function weakened(db: Db, tenantId: string): Promise<Weakened[]> {
  const rows = await db
    .selectFrom('assessment as now')
    .innerJoin('detection_version as d', (join) =>
      join.onRef('d.id', '=', 'now.detection_id').on('d.current', '=', 1),
    )
    .select(['now.detection_id', 'd.title', 'now.state', 'now.reason', 'now.from_at'])
    .where('now.tenant_id', '=', tenantId)
    .where('now.to_at', 'is', null)
    .where('now.state', 'in', ['off', 'reduced'])
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('assessment as then')
          .select('then.state')
          .whereRef('then.tenant_id', '=', 'now.tenant_id')
          .whereRef('then.detection_id', '=', 'now.detection_id')
          .where('then.to_at', 'is not', null)
          .where((inner) =>
            inner.or([
              inner('then.state', '=', 'full'),
              inner.and([inner('then.state', '=', 'reduced'), inner('now.state', '=', 'off')]),
            ]),
          ),
      ),
    )
    .orderBy('d.title')
    .execute();
  return rows.map((row) => ({
    detectionId: row.detection_id,
    title: row.title,
    state: row.state,
    reason: row.reason,
    since: row.from_at,
  }));
}

/** The form in which the application of this client id was last read; null where it is not registered in this tenant. */
export async function ownApplication(
  db: Db,
  tenantId: string,
  clientId: string,
): Promise<Record<string, unknown> | null> {
  const rows = await db
    .selectFrom('entity')
    .select('json')
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', 'application')
    .where('json', 'like', `%${clientId.toLowerCase()}%`)
    .execute();
  const forms = rows.map((row) => JSON.parse(row.json) as Record<string, unknown>);
  return forms.find((form) => form['app_id'] === clientId.toLowerCase()) ?? null;
}
