import type { Insertable, Selectable } from 'kysely';
import type { Db } from './database.ts';
import type { ProgramCapabilityTable, ProgramSourceTable, ProgramTroubleTable } from './schema-program.ts';

/** The source that our own state is read as: its reads prove that a trouble is over. */
export const PROGRAM_SOURCE = 'program';

export type ProgramSourceRow = Readonly<Selectable<ProgramSourceTable>>;
type Own<T> = Readonly<Omit<Insertable<T>, 'tenant_id'>>;

/** All that is known of ourselves in one tenant at one instant; times UTC epoch ms, spans ms. */
export interface ProgramFacts {
  readonly capabilities: readonly Own<ProgramCapabilityTable>[];
  readonly sources: readonly Own<ProgramSourceTable>[];
  readonly troubles: readonly Own<ProgramTroubleTable>[];
}

/** The columns of a trouble that most kinds leave empty. */
export const NO_TROUBLE = {
  reason: null,
  since: null,
  ends_at: null,
  amount: 0,
  waiting: 0,
  titles: '',
};

/** Rows of one statement: below the databases' limits on parameters. */
const CHUNK = 200;

/** Replaces what is known of ourselves, in the caller's transaction. */
export async function replaceProgram(tx: Db, tenantId: string, facts: ProgramFacts): Promise<void> {
  await replaceRows(tx, 'program_capability', tenantId, facts.capabilities);
  await replaceRows(tx, 'program_source', tenantId, facts.sources);
  await replaceRows(tx, 'program_trouble', tenantId, facts.troubles);
}

async function replaceRows(
  tx: Db,
  table: 'program_capability' | 'program_source' | 'program_trouble',
  tenantId: string,
  rows: readonly object[],
): Promise<void> {
  await tx.deleteFrom(table).where('tenant_id', '=', tenantId).execute();
  for (let at = 0; at < rows.length; at += CHUNK) {
    const values = rows.slice(at, at + CHUNK).map((row) => ({ ...row, tenant_id: tenantId }));
    await tx
      .insertInto(table)
      .values(values as never)
      .execute();
  }
}

/** What was measured of each source the last time. */
export async function programSources(db: Db, tenantId: string): Promise<Map<string, ProgramSourceRow>> {
  const rows = await db.selectFrom('program_source').selectAll().where('tenant_id', '=', tenantId).execute();
  return new Map(rows.map((row) => [row.source, row]));
}
