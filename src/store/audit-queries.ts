import type { Selectable } from 'kysely';
import type { Db } from './database.ts';
import type { AuditFallbackTable, AuditQueryTable } from './schema.ts';

/**
 * A search of the unified audit log. Times are UTC epoch ms.
 * - `planned`: waits for its turn, with `next_try_at` after a failure; of these there are only `backlog` ones.
 * - `asked`: runs at Microsoft's; `query_id` is null between the claim and Microsoft's answer.
 * - `reading`: has succeeded and is being read; `next_link` is where the next page begins, null at the start.
 * - `read`, `failed`, `over` (more records than a search returns): finished, kept for a day for the windows it speaks of.
 */
export type AuditQueryRow = Readonly<Selectable<AuditQueryTable>>;

export type FallbackRow = Readonly<Selectable<AuditFallbackTable>>;

/** The kind of a search for what the Management API no longer has; the others are named as their windows are. */
export const BACKLOG = 'backlog';

const IN_FLIGHT: readonly string[] = ['asked', 'reading'];

/** The tenant's search that runs or is being read; there is one at most. */
export async function queryInFlight(db: Db, tenantId: string): Promise<AuditQueryRow | null> {
  const row = await db
    .selectFrom('audit_query')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('status', 'in', [...IN_FLIGHT])
    .executeTakeFirst();
  return row ?? null;
}

/** All searches of a tenant, the newest span first. */
export async function queriesOf(db: Db, tenantId: string): Promise<AuditQueryRow[]> {
  return db
    .selectFrom('audit_query')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('to_at', 'desc')
    .orderBy('id')
    .execute();
}

export interface NewQuery {
  readonly kind: string;
  readonly fromAt: number;
  readonly toAt: number;
}

/** The id of a search: what it is for and its span. */
function idOf({ kind, fromAt, toAt }: NewQuery): string {
  return `${kind}-${fromAt}-${toAt}`;
}

/** Plans searches; one that is already planned, or was made, under the same span stays as it is. */
export async function planQueries(
  tx: Db,
  tenantId: string,
  queries: readonly NewQuery[],
  now: number,
): Promise<void> {
  for (const query of queries) {
    const { kind, fromAt, toAt } = query;
    const row = { kind, from_at: fromAt, to_at: toAt, status: 'planned', created_at: now };
    await tx
      .insertInto('audit_query')
      .values({ tenant_id: tenantId, id: idOf(query), ...row })
      .onConflict((c) => c.doNothing())
      .execute();
  }
}

/** Takes the tenant's one place for a search; false when another has it. A finished one of the same span makes way. */
export async function claimQuery(tx: Db, tenantId: string, query: NewQuery, now: number): Promise<boolean> {
  if ((await queryInFlight(tx, tenantId)) !== null) return false;
  const { kind, fromAt, toAt } = query;
  const fresh = {
    kind,
    from_at: fromAt,
    to_at: toAt,
    status: 'asked',
    api: null,
    query_id: null,
    next_link: null,
    pages: 0,
    records: 0,
    asked_at: now,
    polled_at: now,
    next_try_at: null,
    finished_at: null,
    reason: null,
  };
  await tx
    .insertInto('audit_query')
    .values({ tenant_id: tenantId, id: idOf(query), ...fresh, created_at: now })
    .onConflict((c) => c.columns(['tenant_id', 'id']).doUpdateSet(fresh))
    .execute();
  return true;
}

export async function updateQuery(
  tx: Db,
  query: Pick<AuditQueryRow, 'tenant_id' | 'id'>,
  values: Partial<AuditQueryRow>,
): Promise<void> {
  await tx
    .updateTable('audit_query')
    .set(values)
    .where('tenant_id', '=', query.tenant_id)
    .where('id', '=', query.id)
    .execute();
}

export async function removeQuery(tx: Db, query: Pick<AuditQueryRow, 'tenant_id' | 'id'>): Promise<void> {
  await tx
    .deleteFrom('audit_query')
    .where('tenant_id', '=', query.tenant_id)
    .where('id', '=', query.id)
    .execute();
}

/** Removes finished searches that ended before that instant. */
export async function pruneQueries(tx: Db, tenantId: string, before: number): Promise<void> {
  await tx
    .deleteFrom('audit_query')
    .where('tenant_id', '=', tenantId)
    .where('finished_at', '<', before)
    .execute();
}

/** Since when and why a source is read by searches; null while the Management API gives it. */
export async function fallbackOf(db: Db, tenantId: string, source: string): Promise<FallbackRow | null> {
  const row = await db
    .selectFrom('audit_fallback')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .executeTakeFirst();
  return row ?? null;
}

/** Notes a refusal of the Management API; the first one says since when. */
export async function saveFallback(
  tx: Db,
  tenantId: string,
  source: string,
  reason: string,
  now: number,
): Promise<void> {
  const again = { tried_at: now, reason };
  await tx
    .insertInto('audit_fallback')
    .values({ tenant_id: tenantId, source, since_at: now, ...again })
    .onConflict((c) => c.columns(['tenant_id', 'source']).doUpdateSet(again))
    .execute();
}

export async function removeFallback(tx: Db, tenantId: string, source: string): Promise<void> {
  await tx
    .deleteFrom('audit_fallback')
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .execute();
}
