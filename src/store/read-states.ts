import type { Db } from './database.ts';
import type { ScopeStateTable } from './schema-collect.ts';

/** How one scope of a state source (`*` or a mailbox's user id) was last read. Times: UTC epoch ms, start of the read. */
export interface ScopeState {
  readonly okAt: number | null;
  readonly okReadId: string | null;
  readonly capability: string | null;
  readonly lastAt: number;
  readonly lastStatus: string;
  readonly lastReason: string | null;
}

/** By scope. Empty when the source was never tried. */
export type SourceReads = ReadonlyMap<string, ScopeState>;

/** Last ok read and last attempt of every scope of a source. */
export async function readStates(db: Db, tenantId: string, source: string): Promise<SourceReads> {
  const rows = await db
    .selectFrom('scope_state')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .execute();
  return new Map(rows.map((row) => [row.scope, toState(row)]));
}

function toState(row: ScopeStateTable): ScopeState {
  return {
    okAt: row.ok_at,
    okReadId: row.ok_read_id,
    capability: row.ok_capability,
    lastAt: row.last_at,
    lastStatus: row.last_status,
    lastReason: row.last_reason,
  };
}

/** Ids of the given users that are in the directory as last read. */
export async function knownUsers(db: Db, tenantId: string, ids: readonly string[]): Promise<Set<string>> {
  const known = new Set<string>();
  for (let at = 0; at < ids.length; at += 2000) {
    const rows = await db
      .selectFrom('user_account')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', ids.slice(at, at + 2000))
      .execute();
    for (const row of rows) known.add(row.id);
  }
  return known;
}
