import { sql, type Selectable } from 'kysely';
import type { Database, Db } from './database.ts';
import type { HitTable } from './schema.ts';

/** `kind` is `do` or `undo`, `status` `active` or `withdrawn`; `words` and `context` are JSON text. */
export type HitRow = Readonly<Selectable<HitTable>>;

export interface AlertKey {
  readonly detectionId: string;
  readonly subject: string;
  readonly cause: string;
}

/** Text that is equal exactly for equal keys. */
export function keyText(key: AlertKey): string {
  return JSON.stringify([key.detectionId, key.subject, key.cause]);
}

/** 21 columns x 400 rows and long `IN` lists stay below the databases' parameter limits. */
const CHUNK = 400;

/** Hits on the given happenings, whatever feed showed them. */
export async function hitsOfCanonicals(
  database: Database,
  tx: Db,
  tenantId: string,
  canonicalIds: readonly string[],
): Promise<HitRow[]> {
  if (canonicalIds.length === 0) return [];
  if (database.sqlite) {
    database.observe('store:SelectQueryNode');
    return database.sqlite
      .prepare<[string, string], HitRow>(
        'SELECT * FROM hit WHERE tenant_id = ? AND canonical_id IN (SELECT value FROM json_each(?))',
      )
      .all(tenantId, JSON.stringify(canonicalIds));
  }
  const rows: HitRow[] = [];
  for (let at = 0; at < canonicalIds.length; at += CHUNK * 10) {
    const ids = canonicalIds.slice(at, at + CHUNK * 10);
    rows.push(
      ...(await tx
        .selectFrom('hit')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('canonical_id', 'in', ids)
        .execute()),
    );
  }
  return rows;
}

/** All hits, undos and withdrawn ones too, of the given alert keys: what a fold needs. */
export async function hitsOfKeys(tx: Db, tenantId: string, keys: readonly AlertKey[]): Promise<HitRow[]> {
  const rows: HitRow[] = [];
  for (let at = 0; at < keys.length; at += CHUNK) {
    const chunk = keys.slice(at, at + CHUNK);
    const found = await tx
      .selectFrom('hit')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('detection_id', 'in', [...new Set(chunk.map((key) => key.detectionId))])
      .where('subject', 'in', [...new Set(chunk.map((key) => key.subject))])
      .execute();
    const wanted = new Set(chunk.map(keyText));
    rows.push(
      ...found.filter((row) =>
        wanted.has(keyText({ detectionId: row.detection_id, subject: row.subject, cause: row.cause })),
      ),
    );
  }
  return rows;
}

/** Adds hits; one that exists (same happening, detection, kind, subject, cause) takes the new values. */
export async function saveHits(tx: Db, rows: readonly HitRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += CHUNK) {
    await tx
      .insertInto('hit')
      .values(rows.slice(at, at + CHUNK))
      .onConflict((conflict) =>
        conflict
          .columns(['tenant_id', 'detection_id', 'canonical_id', 'kind', 'subject', 'cause'])
          .doUpdateSet((eb) => ({
            part_id: eb.ref('excluded.part_id'),
            version: eb.ref('excluded.version'),
            feed: eb.ref('excluded.feed'),
            native_id: eb.ref('excluded.native_id'),
            occurred_at: eb.ref('excluded.occurred_at'),
            from_at: eb.ref('excluded.from_at'),
            to_at: eb.ref('excluded.to_at'),
            origin: eb.ref('excluded.origin'),
            origin_rank: eb.ref('excluded.origin_rank'),
            words: eb.ref('excluded.words'),
            context: eb.ref('excluded.context'),
            status: eb.ref('excluded.status'),
            updated_at: eb.ref('excluded.updated_at'),
            group_hash: eb.ref('excluded.group_hash'),
          })),
      )
      .execute();
  }
}

/** The columns that make a hit this one and no other. */
function identityOf(hit: HitRow) {
  const { tenant_id, detection_id, canonical_id, kind, subject, cause } = hit;
  return { tenant_id, detection_id, canonical_id, kind, subject, cause };
}

/** Marks a hit as no longer matching: Microsoft changed the record. Folds ignore it from now on. */
export async function withdrawHit(tx: Db, hit: HitRow, now: number): Promise<void> {
  await tx
    .updateTable('hit')
    .set({ status: 'withdrawn', updated_at: now })
    .where((eb) => eb.and(identityOf(hit)))
    .execute();
}

/** Hits of one detection from one feed, e.g. the truths of its checks (feed `checks`). */
export async function hitsOfDetection(
  db: Db,
  tenantId: string,
  detectionId: string,
  feed: string,
): Promise<HitRow[]> {
  return db
    .selectFrom('hit')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('detection_id', '=', detectionId)
    .where('feed', '=', feed)
    .orderBy('from_at')
    .execute();
}

/** Hits of a detection on events: all but the truths of its checks. */
export async function eventHitsOfDetection(
  db: Db,
  tenantId: string,
  detectionId: string,
  checksFeed: string,
): Promise<HitRow[]> {
  return db
    .selectFrom('hit')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('detection_id', '=', detectionId)
    .where('feed', '!=', checksFeed)
    .execute();
}

/** Takes a hit away as if it had never been: its rule is another one now, or its key. */
export async function deleteHit(tx: Db, hit: HitRow): Promise<void> {
  await tx
    .deleteFrom('hit')
    .where((eb) => eb.and(identityOf(hit)))
    .execute();
}

/** Hits whose subject is a name (`upn:…`), because no object id was known when they were made. */
export async function hitsOfNames(
  db: Db,
  tenantId: string,
  detectionIds: readonly string[],
): Promise<HitRow[]> {
  if (detectionIds.length === 0) return [];
  return db
    .selectFrom('hit')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('detection_id', 'in', detectionIds)
    .where(sql<boolean>`substr(subject, 1, 4) = 'upn:'`)
    .execute();
}

/** Hits that a correlation (`partId`) made of one of its groups, with event times in [from, to]; withdrawn ones too. */
export async function hitsOfCorrelation(
  tx: Db,
  tenantId: string,
  partId: string,
  groupHash: string,
  span: { readonly from: number; readonly to: number },
): Promise<HitRow[]> {
  return tx
    .selectFrom('hit')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('part_id', '=', partId)
    .where('group_hash', '=', groupHash)
    .where('group_hash', '<>', '')
    .where('occurred_at', '>=', span.from)
    .where('occurred_at', '<=', span.to)
    .execute();
}
