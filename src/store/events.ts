import { sql } from 'kysely';
import type { EventRecord, StoredEvent } from '../model/event.ts';
import type { Database, Db } from './database.ts';
import type { EventTable } from './schema.ts';

export interface IngestPage {
  readonly tenantId: string;
  readonly records: readonly EventRecord[];
  /** UTC epoch ms when the request that read this page began: revisions are ordered by it. */
  readonly readStartedAt: number;
  readonly now: number;
  /** Told the records of the page that were not stored before, within the transaction. */
  readonly onAdded?: (records: readonly EventRecord[]) => void;
}

export interface IngestCounts {
  readonly added: number;
  readonly changed: number;
}

interface Known {
  readonly native_id: string;
  readonly occurred_at: number;
  readonly content_hash: string;
  readonly revision: number;
  readonly read_started_at: number;
}

/** Parameters per statement stay below SQLite's 32,766 and PostgreSQL's 65,535: 19 columns x 500 rows. */
const CHUNK = 500;

/**
 * Stores one page inside the caller's transaction. New records are added; a record whose content changed becomes a
 * revision with a new ingest number, unless the read that shows it began before the one already stored.
 */
export async function ingestEvents(database: Database, tx: Db, page: IngestPage): Promise<IngestCounts> {
  const counts = { added: 0, changed: 0 };
  const news: EventRecord[] = [];
  for (const records of byFeed(page.records)) {
    const done = await ingestFeed(database, tx, {
      ...page,
      records,
      onAdded: (added) => news.push(...added),
    });
    counts.added += done.added;
    counts.changed += done.changed;
  }
  if (news.length > 0) page.onAdded?.(news);
  return counts;
}

/** One answer can hold records of several feeds: the audit log of Entra ID has sign-ins and changes in it. */
function byFeed(records: readonly EventRecord[]): EventRecord[][] {
  const feeds = new Map<string, EventRecord[]>();
  for (const record of records) {
    const group = feeds.get(record.feed);
    if (group) group.push(record);
    else feeds.set(record.feed, [record]);
  }
  return [...feeds.values()];
}

async function ingestFeed(database: Database, tx: Db, page: IngestPage): Promise<IngestCounts> {
  const latest = lastOfEach(page.records);
  const first = latest[0];
  if (first === undefined) return { added: 0, changed: 0 };
  // Takes the tenant's row first: on PostgreSQL two writers would otherwise commit ingest numbers out of order.
  let seq = await reserveSequence(tx, page.tenantId, 0);
  const known = await knownEvents(database, tx, page.tenantId, first.feed, latest);
  const added = latest.filter((record) => !known.has(record.nativeId));
  const changed = latest.filter((record) => isNewer(known.get(record.nativeId), record, page.readStartedAt));
  if (added.length + changed.length === 0) return { added: 0, changed: 0 };
  page.onAdded?.(added);
  await reserveSequence(tx, page.tenantId, added.length + changed.length);
  const rows = added.map((record) => toRow(record, page, seq++, 1, record.occurredAt));
  await insertRows(database, tx, rows);
  for (const record of changed) {
    const before = known.get(record.nativeId) as Known;
    await replaceRow(tx, toRow(record, page, seq++, before.revision + 1, before.occurred_at));
  }
  return { added: added.length, changed: changed.length };
}

function lastOfEach(records: readonly EventRecord[]): EventRecord[] {
  const byId = new Map<string, EventRecord>();
  for (const record of records) byId.set(record.nativeId, record);
  return byId.size === records.length ? [...records] : [...byId.values()];
}

function isNewer(known: Known | undefined, record: EventRecord, readStartedAt: number): boolean {
  if (known === undefined || known.content_hash === record.contentHash) return false;
  return readStartedAt >= known.read_started_at;
}

async function reserveSequence(tx: Db, tenantId: string, count: number): Promise<number> {
  const row = await tx
    .updateTable('tenant')
    .set((eb) => ({ next_ingest_seq: eb('next_ingest_seq', '+', count) }))
    .where('tenant_id', '=', tenantId)
    .returning('next_ingest_seq')
    .executeTakeFirst();
  if (row === undefined)
    throw new Error(`store events: tenant ${tenantId} is not in the database; enrol it first`);
  return row.next_ingest_seq - count;
}

async function knownEvents(
  database: Database,
  tx: Db,
  tenantId: string,
  feed: string,
  records: readonly EventRecord[],
): Promise<Map<string, Known>> {
  const known = new Map<string, Known>();
  for (let at = 0; at < records.length; at += CHUNK) {
    const ids = records.slice(at, at + CHUNK).map((record) => record.nativeId);
    for (const row of await knownChunk(database, tx, tenantId, feed, ids)) known.set(row.native_id, row);
  }
  return known;
}

async function knownChunk(
  database: Database,
  tx: Db,
  tenantId: string,
  feed: string,
  ids: string[],
): Promise<Known[]> {
  if (database.sqlite) {
    database.observe('store:SelectQueryNode');
    return database.sqlite
      .prepare<[string, string, string], Known>(
        `SELECT native_id, occurred_at, content_hash, revision, read_started_at FROM event
         WHERE tenant_id = ? AND feed = ? AND native_id IN (SELECT value FROM json_each(?))`,
      )
      .all(tenantId, feed, JSON.stringify(ids));
  }
  return tx
    .selectFrom('event')
    .select(['native_id', 'occurred_at', 'content_hash', 'revision', 'read_started_at'])
    .where('tenant_id', '=', tenantId)
    .where('feed', '=', feed)
    .where('native_id', 'in', ids)
    .execute();
}

type EventRow = { [K in keyof EventTable]: EventTable[K] };

function toRow(
  record: EventRecord,
  page: IngestPage,
  seq: number,
  revision: number,
  occurredAt: number,
): EventRow {
  return {
    tenant_id: page.tenantId,
    feed: record.feed,
    native_id: record.nativeId,
    occurred_at: occurredAt,
    canonical_id: record.canonicalId,
    origin: record.origin,
    activity: record.activity,
    outcome: record.outcome,
    actor_id: record.actorId,
    user_id: record.userId,
    ip: record.ip,
    app_id: record.appId,
    country: record.country,
    ingested_at: page.now,
    ingest_seq: seq,
    revision,
    read_started_at: page.readStartedAt,
    content_hash: record.contentHash,
    raw: record.rawText,
    block_id: null,
  };
}

const COLUMNS = [
  'tenant_id',
  'feed',
  'native_id',
  'occurred_at',
  'canonical_id',
  'origin',
  'activity',
  'outcome',
  'actor_id',
  'user_id',
  'ip',
  'app_id',
  'country',
  'ingested_at',
  'ingest_seq',
  'revision',
  'read_started_at',
  'content_hash',
  'raw',
  'block_id',
] as const satisfies readonly (keyof EventTable)[];

const INSERT_SQL = `INSERT INTO event (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((column) => `@${column}`).join(', ')})`;

async function insertRows(database: Database, tx: Db, rows: readonly EventRow[]): Promise<void> {
  if (database.sqlite) {
    database.observe('store:InsertQueryNode');
    const insert = database.sqlite.prepare(INSERT_SQL);
    for (const row of rows) insert.run(row);
    return;
  }
  for (let at = 0; at < rows.length; at += CHUNK) {
    await tx
      .insertInto('event')
      .values(rows.slice(at, at + CHUNK))
      .execute();
  }
}

async function replaceRow(tx: Db, row: EventRow): Promise<void> {
  await tx
    .updateTable('event')
    .set(row)
    .where('tenant_id', '=', row.tenant_id)
    .where('feed', '=', row.feed)
    .where('native_id', '=', row.native_id)
    .where('occurred_at', '=', row.occurred_at)
    .execute();
}

/** Events after `cursor` in ingest order, at most `limit`. */
export async function eventsAfter(
  database: Database,
  db: Db,
  tenantId: string,
  cursor: number,
  limit: number,
): Promise<StoredEvent[]> {
  const rows = database.sqlite
    ? database.sqlite
        .prepare<[string, number, number], EventRow>(
          'SELECT * FROM event WHERE tenant_id = ? AND ingest_seq > ? ORDER BY ingest_seq LIMIT ?',
        )
        .all(tenantId, cursor, limit)
    : await db
        .selectFrom('event')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('ingest_seq', '>', cursor)
        .orderBy('ingest_seq')
        .limit(limit)
        .execute();
  return rows.map(toStored);
}

/** How many events a tenant has per feed, with the newest event time (UTC epoch ms). */
export async function countEvents(
  db: Db,
  tenantId: string,
): Promise<{ feed: string; count: number; newest: number }[]> {
  return db
    .selectFrom('event')
    .select(['feed', sql<number>`count(*)`.as('count'), sql<number>`max(occurred_at)`.as('newest')])
    .where('tenant_id', '=', tenantId)
    .groupBy('feed')
    .orderBy('feed')
    .execute();
}

function toStored(row: EventRow): StoredEvent {
  if (row.raw === null)
    throw new Error(
      `read event ${row.feed}/${row.native_id}: it is compacted into block ${row.block_id ?? '?'}`,
    );
  return {
    tenantId: row.tenant_id,
    feed: row.feed,
    nativeId: row.native_id,
    canonicalId: row.canonical_id,
    occurredAt: row.occurred_at,
    origin: row.origin,
    contentHash: row.content_hash,
    activity: row.activity,
    outcome: row.outcome as StoredEvent['outcome'],
    actorId: row.actor_id,
    userId: row.user_id,
    ip: row.ip,
    appId: row.app_id,
    country: row.country,
    rawText: row.raw,
    ingestedAt: row.ingested_at,
    ingestSeq: row.ingest_seq,
    revision: row.revision,
  };
}

/** By canonical id: the origins of all records of that happening. Ids that no record has are left out. */
export async function originsOfHappenings(
  tx: Db,
  tenantId: string,
  canonicalIds: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (let at = 0; at < canonicalIds.length; at += CHUNK) {
    const rows = await tx
      .selectFrom('event')
      .select(['canonical_id', 'origin'])
      .where('tenant_id', '=', tenantId)
      .where('canonical_id', 'in', canonicalIds.slice(at, at + CHUNK))
      .execute();
    for (const row of rows) found.set(row.canonical_id, [...(found.get(row.canonical_id) ?? []), row.origin]);
  }
  return found;
}
