import type { Db } from './database.ts';

/** A form of a directory object and when it was so: [validFrom, validTo), UTC epoch ms, `null` = still. */
export interface EntityVersion {
  readonly id: string;
  readonly validFrom: number;
  readonly validTo: number | null;
  readonly json: Readonly<Record<string, unknown>>;
}

/** `IN` lists stay below the databases' parameter limits. */
const CHUNK = 2000;

/** Versions of objects of one kind, oldest first; of all of them when `ids` is null. */
export async function entityVersions(
  db: Db,
  tenantId: string,
  kind: string,
  ids: readonly string[] | null,
): Promise<EntityVersion[]> {
  const versions: EntityVersion[] = [];
  for (const chunk of ids === null ? [null] : chunks(ids)) {
    let query = db
      .selectFrom('entity_version')
      .select(['id', 'valid_from', 'valid_to', 'json'])
      .where('tenant_id', '=', tenantId)
      .where('kind', '=', kind);
    if (chunk !== null) query = query.where('id', 'in', chunk);
    for (const row of await query.orderBy('id').orderBy('valid_from').execute()) {
      const json = JSON.parse(row.json) as Record<string, unknown>;
      versions.push({ id: row.id, validFrom: row.valid_from, validTo: row.valid_to, json });
    }
  }
  return versions;
}

function chunks(ids: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let at = 0; at < ids.length; at += CHUNK) parts.push(ids.slice(at, at + CHUNK));
  return parts;
}

/** Start of the first ok read of a source (UTC epoch ms); null before it. */
export async function firstOkRead(db: Db, tenantId: string, source: string): Promise<number | null> {
  const row = await db
    .selectFrom('scope_state')
    .select((eb) => eb.fn.min('first_ok_at').as('at'))
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .executeTakeFirst();
  return row?.at ?? null;
}

/** The mail domains that count as inside, from the organization and from the configuration. */
export async function ownDomains(db: Db, tenantId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('own_domain')
    .select('domain')
    .distinct()
    .where('tenant_id', '=', tenantId)
    .orderBy('domain')
    .execute();
  return rows.map((row) => row.domain);
}

/** Origin of the newest event of a feed: what the tenant really sends now; null before the first. */
export async function latestOrigin(db: Db, tenantId: string, feed: string): Promise<string | null> {
  const row = await db
    .selectFrom('event')
    .select('origin')
    .where('tenant_id', '=', tenantId)
    .where('feed', '=', feed)
    .orderBy('occurred_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.origin ?? null;
}

/** Object ids of people by their names (lower case), as last read. A name that two share is left out. */
export async function usersByName(
  db: Db,
  tenantId: string,
  upns: readonly string[],
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const shared = new Set<string>();
  for (const chunk of chunks(upns)) {
    const rows = await db
      .selectFrom('user_account')
      .select((eb) => ['id', eb.fn<string>('lower', ['upn']).as('upn')])
      .where('tenant_id', '=', tenantId)
      .where((eb) => eb(eb.fn<string>('lower', ['upn']), 'in', chunk))
      .execute();
    for (const row of rows) {
      if (ids.has(row.upn)) shared.add(row.upn);
      ids.set(row.upn, row.id);
    }
  }
  for (const upn of shared) ids.delete(upn);
  return ids;
}
