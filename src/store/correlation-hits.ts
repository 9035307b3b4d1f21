import { sql, type Selectable } from 'kysely';
import type { Database, Db } from './database.ts';
import type { CorrelationHitTable } from './schema.ts';

/**
 * A rule under a correlation matched an event, as one of the correlation's groups sees it. `native_id` and `act` are the
 * empty text where they equal `canonical_id`; `group_values`, `counted` and `words` are JSON text.
 */
export type CorrelationHitRow = Readonly<Selectable<CorrelationHitTable>>;

/** One group of one correlation; the hash is of the group's values. */
export interface GroupKey {
  readonly correlation: string;
  readonly groupHash: string;
}

/** 14 columns x 400 rows and long `IN` lists stay below the databases' parameter limits. */
const CHUNK = 400;

/** The hits of the given happenings, whatever feed showed them. */
export async function correlationHitsOf(
  database: Database,
  tx: Db,
  tenantId: string,
  canonicalIds: readonly string[],
): Promise<CorrelationHitRow[]> {
  if (canonicalIds.length === 0) return [];
  if (database.sqlite) {
    database.observe('store:SelectQueryNode');
    return database.sqlite
      .prepare<[string, string], CorrelationHitRow>(
        'SELECT * FROM correlation_hit WHERE tenant_id = ? AND canonical_id IN (SELECT value FROM json_each(?))',
      )
      .all(tenantId, JSON.stringify(canonicalIds));
  }
  const rows: CorrelationHitRow[] = [];
  for (let at = 0; at < canonicalIds.length; at += CHUNK * 10) {
    rows.push(
      ...(await tx
        .selectFrom('correlation_hit')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('canonical_id', 'in', canonicalIds.slice(at, at + CHUNK * 10))
        .execute()),
    );
  }
  return rows;
}

const COLUMNS = [
  'tenant_id',
  'correlation',
  'canonical_id',
  'rule',
  'ordinal',
  'feed',
  'native_id',
  'occurred_at',
  'origin_rank',
  'act',
  'group_hash',
  'group_values',
  'counted',
  'words',
] as const satisfies readonly (keyof CorrelationHitTable)[];

const UPSERT = `INSERT OR REPLACE INTO correlation_hit (${COLUMNS.join(', ')})
  VALUES (${COLUMNS.map((column) => `@${column}`).join(', ')})`;

/** Adds hits; one that exists (same correlation, happening, rule, ordinal) takes the new values. */
export async function saveCorrelationHits(
  database: Database,
  tx: Db,
  rows: readonly CorrelationHitRow[],
): Promise<void> {
  if (rows.length === 0) return;
  if (database.sqlite) {
    database.observe('store:InsertQueryNode');
    const insert = database.sqlite.prepare(UPSERT);
    for (const row of rows) insert.run(row);
    return;
  }
  for (let at = 0; at < rows.length; at += CHUNK) {
    await tx
      .insertInto('correlation_hit')
      .values(rows.slice(at, at + CHUNK))
      .onConflict((conflict) =>
        conflict
          .columns(['tenant_id', 'correlation', 'canonical_id', 'rule', 'ordinal'])
          .doUpdateSet((eb) => ({
            feed: eb.ref('excluded.feed'),
            native_id: eb.ref('excluded.native_id'),
            occurred_at: eb.ref('excluded.occurred_at'),
            origin_rank: eb.ref('excluded.origin_rank'),
            act: eb.ref('excluded.act'),
            group_hash: eb.ref('excluded.group_hash'),
            group_values: eb.ref('excluded.group_values'),
            counted: eb.ref('excluded.counted'),
            words: eb.ref('excluded.words'),
          })),
      )
      .execute();
  }
}

export async function deleteCorrelationHits(tx: Db, rows: readonly CorrelationHitRow[]): Promise<void> {
  for (const row of rows) {
    await tx
      .deleteFrom('correlation_hit')
      .where('tenant_id', '=', row.tenant_id)
      .where('correlation', '=', row.correlation)
      .where('canonical_id', '=', row.canonical_id)
      .where('rule', '=', row.rule)
      .where('ordinal', '=', row.ordinal)
      .execute();
  }
}

/** Hits of a group by some rules, with event times in [from, to], both UTC epoch ms; oldest first, at most `limit`. */
export async function hitsOfGroup(
  tx: Db,
  tenantId: string,
  group: GroupKey,
  rules: readonly string[],
  span: { readonly from: number; readonly to: number },
  limit: number,
): Promise<CorrelationHitRow[]> {
  return tx
    .selectFrom('correlation_hit')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('correlation', '=', group.correlation)
    .where('group_hash', '=', group.groupHash)
    .where('rule', 'in', rules)
    .where('occurred_at', '>=', span.from)
    .where('occurred_at', '<=', span.to)
    .orderBy('occurred_at')
    .orderBy('canonical_id')
    .orderBy('rule')
    .orderBy('ordinal')
    .limit(limit)
    .execute();
}

/** The newest hits of a group from `since` on, at most `limit`; oldest first. */
export async function newestHitsOfGroup(
  tx: Db,
  tenantId: string,
  group: GroupKey,
  since: number,
  limit: number,
): Promise<CorrelationHitRow[]> {
  const rows = await tx
    .selectFrom('correlation_hit')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('correlation', '=', group.correlation)
    .where('group_hash', '=', group.groupHash)
    .where('occurred_at', '>=', since)
    .orderBy('occurred_at', 'desc')
    .orderBy('canonical_id', 'desc')
    .orderBy('rule', 'desc')
    .orderBy('ordinal', 'desc')
    .limit(limit)
    .execute();
  return rows.reverse();
}

/** What a lower correlation's group gave to a higher one (`canonicalId` names both), with event times in the span. */
export async function hitsOfHappening(
  tx: Db,
  tenantId: string,
  correlation: string,
  canonicalId: string,
  span: { readonly from: number; readonly to: number },
): Promise<CorrelationHitRow[]> {
  return tx
    .selectFrom('correlation_hit')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('correlation', '=', correlation)
    .where('canonical_id', '=', canonicalId)
    .where('occurred_at', '>=', span.from)
    .where('occurred_at', '<=', span.to)
    .execute();
}

/** Every group of a correlation with its first and last event time. */
export async function groupsOfCorrelation(
  tx: Db,
  tenantId: string,
  correlation: string,
): Promise<{ groupHash: string; from: number; to: number }[]> {
  const rows = await tx
    .selectFrom('correlation_hit')
    .select((eb) => [
      'group_hash',
      eb.fn.min('occurred_at').as('from_at'),
      eb.fn.max('occurred_at').as('to_at'),
    ])
    .where('tenant_id', '=', tenantId)
    .where('correlation', '=', correlation)
    .groupBy('group_hash')
    .execute();
  return rows.map((row) => ({ groupHash: row.group_hash, from: row.from_at, to: row.to_at }));
}

/** Forgets a correlation's hits. */
export async function clearCorrelation(tx: Db, tenantId: string, correlation: string): Promise<void> {
  await tx
    .deleteFrom('correlation_hit')
    .where('tenant_id', '=', tenantId)
    .where('correlation', '=', correlation)
    .execute();
}

/** Gives a correlation's hits another correlation's name: how hits that were made aside are swapped in. */
export async function renameCorrelation(tx: Db, tenantId: string, from: string, to: string): Promise<void> {
  await tx
    .updateTable('correlation_hit')
    .set({ correlation: to })
    .where('tenant_id', '=', tenantId)
    .where('correlation', '=', from)
    .execute();
}

/** Names of the correlations that have hits in a tenant. */
export async function storedCorrelations(db: Db, tenantId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('correlation_hit')
    .select(sql<string>`DISTINCT correlation`.as('correlation'))
    .where('tenant_id', '=', tenantId)
    .execute();
  return rows.map((row) => row.correlation);
}
