import { sql } from 'kysely';
import type { Db } from './database.ts';

/** SQLite takes a limited number of parameters in one statement. */
const CHUNK = 400;

export interface NamedAccount {
  /** Lower case. */
  readonly upn: string;
  /** Display name, hostile. */
  readonly name: string;
}

/** Accounts with one of these sign-in names (lower case) that have a display name. */
export async function accountsByUpn(
  db: Db,
  tenantId: string,
  upns: readonly string[],
): Promise<NamedAccount[]> {
  const found: NamedAccount[] = [];
  for (let at = 0; at < upns.length; at += CHUNK) {
    const rows = await db
      .selectFrom('user_account')
      .select([sql<string>`lower(upn)`.as('upn'), 'name'])
      .where('tenant_id', '=', tenantId)
      .where(sql<string>`lower(upn)`, 'in', upns.slice(at, at + CHUNK))
      .execute();
    for (const { upn, name } of rows) if (name !== null && name !== '') found.push({ upn, name });
  }
  return found;
}

/** Which of these display names more than one account has: a name alone would not say who is meant. */
export async function sharedNames(db: Db, tenantId: string, names: readonly string[]): Promise<Set<string>> {
  const shared = new Set<string>();
  for (let at = 0; at < names.length; at += CHUNK) {
    const rows = await db
      .selectFrom('user_account')
      .select('name')
      .where('tenant_id', '=', tenantId)
      .where('name', 'in', names.slice(at, at + CHUNK))
      .groupBy('name')
      .having(sql<number>`count(*)`, '>', 1)
      .execute();
    for (const { name } of rows) if (name !== null) shared.add(name);
  }
  return shared;
}

/** Members whose account was made in [from, to), and whether a joiner/leaver alert (LC-…) about them is open. */
export async function joinersIn(
  db: Db,
  tenantId: string,
  from: number,
  to: number,
): Promise<{ id: string; open: boolean }[]> {
  const rows = await db
    .selectFrom('user_account as u')
    .select(['u.id', sql<number | boolean>`EXISTS ${openLifecycle(tenantId)}`.as('open')])
    .where('u.tenant_id', '=', tenantId)
    .where('u.kind', '=', 'member')
    .where('u.created_at', '>=', from)
    .where('u.created_at', '<', to)
    .execute();
  return rows.map((row) => ({ id: row.id, open: Boolean(row.open) }));
}

function openLifecycle(tenantId: string) {
  return sql`(SELECT 1 FROM alert a JOIN detection_version d ON d.id = a.detection_id
    WHERE a.tenant_id = ${tenantId} AND a.state = 'open' AND a.merged_into IS NULL
    AND a.subject = 'user:' || u.id AND d.catalogue LIKE 'LC-%')`;
}
