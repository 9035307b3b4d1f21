import { sql, type Selectable } from 'kysely';
import type { Db } from './database.ts';
import type { OutboxTable } from './schema.ts';

/** `queued` = to be sent (again), `sent`, `failed` = the receiver said never; nothing else takes a row away. */
export type OutboxStatus = 'queued' | 'sent' | 'failed';
export type OutboxRow = Readonly<Selectable<OutboxTable>>;

/** What is sent: the same bytes however often it is tried. */
export interface OutboxPayload {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface NewOutboxMail {
  readonly tenantId: string;
  /** Deterministic, so that a repeated job queues nothing twice. */
  readonly id: string;
  readonly channel: string;
  readonly kind: string;
  readonly recipient: string;
  /** With angle brackets; a repeat carries the same. */
  readonly messageId: string;
  readonly payload: OutboxPayload;
  readonly reportId: string | null;
}

/** Queues a mail; false when one with this id is there already. */
export async function queueMail(tx: Db, mail: NewOutboxMail, now: number): Promise<boolean> {
  const result = await tx
    .insertInto('outbox')
    .values({
      tenant_id: mail.tenantId,
      id: mail.id,
      channel: mail.channel,
      kind: mail.kind,
      recipient: mail.recipient,
      message_id: mail.messageId,
      payload: JSON.stringify(mail.payload),
      report_id: mail.reportId,
      status: 'queued',
      claimed_by: null,
      claimed_until: null,
      next_try_at: now,
      error: null,
      created_at: now,
      sent_at: null,
    })
    .onConflict((c) => c.doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0n) === 1;
}

/** Whose turn it is to send, and until when: after `until` another may take the row. UTC epoch ms. */
export interface Claim {
  readonly holder: string;
  readonly now: number;
  readonly until: number;
}

/**
 * Takes the mail that has waited longest; null when none is due at `dueAt`.
 * The UPDATE repeats every condition: of two that chose the same row, one changes it and the other looks for the next.
 */
export async function claimMail(
  db: Db,
  channel: string,
  dueAt: number,
  claim: Claim,
): Promise<OutboxRow | null> {
  for (;;) {
    const candidate = await db
      .selectFrom('outbox')
      .selectAll()
      .where('channel', '=', channel)
      .where('status', '=', 'queued')
      .where('next_try_at', '<=', dueAt)
      .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<=', claim.now)]))
      .orderBy('next_try_at')
      .orderBy('created_at')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    if (candidate === undefined) return null;
    if (await takeClaim(db, candidate, claim)) return candidate;
  }
}

async function takeClaim(db: Db, row: OutboxRow, claim: Claim): Promise<boolean> {
  const result = await db
    .updateTable('outbox')
    .set({ claimed_by: claim.holder, claimed_until: claim.until })
    .where('tenant_id', '=', row.tenant_id)
    .where('id', '=', row.id)
    .where('status', '=', 'queued')
    .where('next_try_at', '=', row.next_try_at)
    .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<=', claim.now)]))
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/**
 * Marks a mail sent, whoever holds the claim by now: it is true, and saves the reader a repeat.
 * False when it was marked before.
 */
export async function markSent(db: Db, row: OutboxRow, now: number): Promise<boolean> {
  return mark(db, row, null, {
    status: 'sent',
    attempts: row.attempts + 1,
    claimed_by: null,
    claimed_until: null,
    error: null,
    sent_at: now,
  });
}

/** Puts a mail back for a later attempt, with why. Only its holder may. */
export async function markRetry(
  db: Db,
  row: OutboxRow,
  holder: string,
  retry: { readonly error: string; readonly nextTryAt: number },
): Promise<boolean> {
  return mark(db, row, holder, {
    attempts: row.attempts + 1,
    claimed_by: null,
    claimed_until: null,
    error: retry.error,
    next_try_at: retry.nextTryAt,
  });
}

/** The receiver said never: the row stays, with why. Only its holder may. */
export async function markFailed(db: Db, row: OutboxRow, holder: string, error: string): Promise<boolean> {
  return mark(db, row, holder, {
    status: 'failed',
    attempts: row.attempts + 1,
    claimed_by: null,
    claimed_until: null,
    error,
  });
}

async function mark(
  db: Db,
  row: OutboxRow,
  holder: string | null,
  values: Partial<Selectable<OutboxTable>>,
): Promise<boolean> {
  const update = db
    .updateTable('outbox')
    .set(values)
    .where('tenant_id', '=', row.tenant_id)
    .where('id', '=', row.id)
    .where('status', '=', 'queued');
  const result = await (
    holder === null ? update : update.where('claimed_by', '=', holder)
  ).executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** Makes failed and waiting mails due now (`deliver --retry`); returns how many. */
export async function retryMails(db: Db, now: number): Promise<number> {
  const result = await db
    .updateTable('outbox')
    .set({ status: 'queued', next_try_at: now })
    .where((eb) => eb.or([eb('status', '=', 'failed'), eb('next_try_at', '>', now)]))
    .where('status', '!=', 'sent')
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** One state of a tenant's outbox, for `status` and for what a delivery leaves behind. */
export interface OutboxCount {
  readonly tenantId: string;
  readonly status: OutboxStatus;
  readonly count: number;
  /** When the oldest of them was queued. */
  readonly oldestAt: number;
}

export async function countOutbox(db: Db): Promise<OutboxCount[]> {
  const rows = await db
    .selectFrom('outbox')
    .select([
      'tenant_id',
      'status',
      sql<number>`count(*)`.as('count'),
      sql<number>`min(created_at)`.as('oldest'),
    ])
    .groupBy(['tenant_id', 'status'])
    .orderBy('tenant_id')
    .orderBy('status')
    .execute();
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    status: row.status as OutboxStatus,
    count: row.count,
    oldestAt: row.oldest,
  }));
}

/** Mails that are not sent, oldest first, with why (`error`, null before the first attempt). */
export async function undeliveredMails(db: Db): Promise<OutboxRow[]> {
  return db
    .selectFrom('outbox')
    .selectAll()
    .where('status', '!=', 'sent')
    .orderBy('created_at')
    .orderBy('tenant_id')
    .orderBy('id')
    .execute();
}
