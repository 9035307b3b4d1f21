import { sql } from 'kysely';
import type { Db } from './database.ts';

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
  const states = new Map<string, ScopeState>();
  const newest = (only: 'ok' | null) => {
    const within = only === null ? sql`` : sql`AND status = ${only}`;
    return db
      .selectFrom('read as r')
      .select(['scope', 'read_id', 'status', 'reason', 'capability', 'started_at'])
      .where('tenant_id', '=', tenantId)
      .where('source', '=', source)
      .where(
        sql<boolean>`started_at = (SELECT MAX(started_at) FROM read n WHERE n.tenant_id = r.tenant_id
          AND n.source = r.source AND n.scope = r.scope ${within})`,
      )
      .$if(only !== null, (query) => query.where('status', '=', 'ok'))
      .orderBy('read_id')
      .execute();
  };
  const ok = new Map((await newest('ok')).map((row) => [row.scope, row]));
  for (const row of await newest(null)) {
    const good = ok.get(row.scope);
    states.set(row.scope, {
      okAt: good?.started_at ?? null,
      okReadId: good?.read_id ?? null,
      capability: good?.capability ?? null,
      lastAt: row.started_at,
      lastStatus: row.status,
      lastReason: row.reason,
    });
  }
  return states;
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
