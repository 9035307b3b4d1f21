import type { Insertable, Selectable } from 'kysely';
import type { Db } from './database.ts';
import type { ReadTable, RunTable, ScopeStateTable } from './schema-collect.ts';
import type { SourceStateTable } from './schema.ts';

export type ReadRow = Readonly<Selectable<ReadTable>>;
export type RunRow = Readonly<Selectable<RunTable>>;
export type SourceStateRow = Readonly<Selectable<SourceStateTable>>;

/** Stores how state reads of scopes ended (`*` or one mailbox's user id), in the history and as the scope's last one. */
export async function saveReads(tx: Db, rows: readonly ReadRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += CHUNK) {
    const chunk = rows.slice(at, at + CHUNK);
    await tx
      .insertInto('read')
      .values(chunk)
      .onConflict((c) =>
        c.columns(['tenant_id', 'source', 'read_id', 'scope']).doUpdateSet((eb) => ({
          status: eb.ref('excluded.status'),
          reason: eb.ref('excluded.reason'),
          capability: eb.ref('excluded.capability'),
          records: eb.ref('excluded.records'),
          finished_at: eb.ref('excluded.finished_at'),
        })),
      )
      .execute();
    await saveScopes(tx, chunk);
  }
}

/** Rows written in one statement: below the databases' limits on parameters. */
const CHUNK = 400;

/** A read that began before the one that is known changes nothing. */
async function saveScopes(tx: Db, rows: readonly ReadRow[]): Promise<void> {
  await tx
    .insertInto('scope_state')
    .values(rows.map(toScope))
    .onConflict((c) =>
      c
        .columns(['tenant_id', 'source', 'scope'])
        .doUpdateSet((eb) => ({
          first_ok_at: eb.fn.coalesce('scope_state.first_ok_at', 'excluded.first_ok_at'),
          ok_at: eb.fn.coalesce('excluded.ok_at', 'scope_state.ok_at'),
          ok_read_id: eb.fn.coalesce('excluded.ok_read_id', 'scope_state.ok_read_id'),
          ok_capability: eb.fn.coalesce('excluded.ok_capability', 'scope_state.ok_capability'),
          last_at: eb.ref('excluded.last_at'),
          last_status: eb.ref('excluded.last_status'),
          last_reason: eb.ref('excluded.last_reason'),
        }))
        .whereRef('excluded.last_at', '>=', 'scope_state.last_at'),
    )
    .execute();
}

function toScope(row: ReadRow): ScopeStateTable {
  const ok = row.status === 'ok';
  return {
    tenant_id: row.tenant_id,
    source: row.source,
    scope: row.scope,
    first_ok_at: ok ? row.started_at : null,
    ok_at: ok ? row.started_at : null,
    ok_read_id: ok ? row.read_id : null,
    ok_capability: ok ? row.capability : null,
    last_at: row.started_at,
    last_status: row.status,
    last_reason: row.reason,
  };
}

/** Start (UTC epoch ms) of the last ok read of a source and scope; null before the first. */
export async function lastOkRead(
  db: Db,
  tenantId: string,
  source: string,
  scope: string,
): Promise<number | null> {
  const row = await db
    .selectFrom('scope_state')
    .select('ok_at')
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('scope', '=', scope)
    .executeTakeFirst();
  return row?.ok_at ?? null;
}

/** Start (UTC epoch ms) of the last ok read per scope of a source. */
export async function lastOkReads(db: Db, tenantId: string, source: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('scope_state')
    .select(['scope', 'ok_at'])
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .execute();
  return new Map(rows.flatMap(({ scope, ok_at: at }) => (at === null ? [] : [[scope, at] as const])));
}

export async function saveRun(tx: Db, run: Insertable<RunTable>): Promise<void> {
  await tx.insertInto('run').values(run).execute();
}

/** Per source: when it last ran, last succeeded, and how the last run ended. */
export async function sourceStates(db: Db, tenantId: string): Promise<SourceStateRow[]> {
  return db
    .selectFrom('source_state')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('source')
    .execute();
}

export async function sourceState(db: Db, tenantId: string, source: string): Promise<SourceStateRow | null> {
  const row = await db
    .selectFrom('source_state')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .executeTakeFirst();
  return row ?? null;
}

/** Writes the given columns of a source's state; the others stay. */
export async function saveSourceState(
  tx: Db,
  tenantId: string,
  source: string,
  values: Partial<Omit<SourceStateRow, 'tenant_id' | 'source'>>,
): Promise<void> {
  await tx
    .insertInto('source_state')
    .values({ ...EMPTY_STATE, tenant_id: tenantId, source, ...values })
    .onConflict((c) => c.columns(['tenant_id', 'source']).doUpdateSet({ source, ...values }))
    .execute();
}

const EMPTY_STATE = {
  delta_link: null,
  last_run_at: null,
  last_ok_at: null,
  last_status: null,
  last_reason: null,
  last_error: null,
};

/**
 * By source, over its runs that began since `since` (UTC epoch ms): requests sent to Microsoft (a batch is one), or answers
 * 429 among them.
 */
export async function sumSince(
  db: Db,
  tenantId: string,
  column: 'requests' | 'throttled',
  since: number,
): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('run')
    .select((eb) => ['source', eb.fn.sum<number>(column).as('sum')])
    .where('tenant_id', '=', tenantId)
    .where('job', '=', 'collect')
    .where('started_at', '>=', since)
    .groupBy('source')
    .execute();
  return new Map(rows.map((row) => [row.source ?? '', Number(row.sum)]));
}
