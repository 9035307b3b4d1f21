import type { Selectable } from 'kysely';
import type { Db } from './database.ts';
import type { ReadTable, RunTable, SourceStateTable } from './schema.ts';

export type ReadRow = Readonly<Selectable<ReadTable>>;
export type RunRow = Readonly<Selectable<RunTable>>;
export type SourceStateRow = Readonly<Selectable<SourceStateTable>>;

/** Stores how a state read of one scope ended (`*` or one mailbox's user id). */
export async function saveRead(tx: Db, row: ReadRow): Promise<void> {
  await tx
    .insertInto('read')
    .values(row)
    .onConflict((c) => c.columns(['tenant_id', 'source', 'read_id', 'scope']).doUpdateSet(row))
    .execute();
}

/** Start (UTC epoch ms) of the last ok read of a source and scope; null before the first. */
export async function lastOkRead(
  db: Db,
  tenantId: string,
  source: string,
  scope: string,
): Promise<number | null> {
  const row = await db
    .selectFrom('read')
    .select('started_at')
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('scope', '=', scope)
    .where('status', '=', 'ok')
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.started_at ?? null;
}

/** Last ok read per scope of a source. */
export async function lastOkReads(db: Db, tenantId: string, source: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('read')
    .select((eb) => ['scope', eb.fn.max('started_at').as('started_at')])
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('status', '=', 'ok')
    .groupBy('scope')
    .execute();
  return new Map(rows.map((row) => [row.scope, row.started_at]));
}

export async function saveRun(tx: Db, run: RunRow): Promise<void> {
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
