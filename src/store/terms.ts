import type { Selectable } from 'kysely';
import type { GroupKey } from './correlation-hits.ts';
import type { Db } from './database.ts';
import type { TermTable } from './schema.ts';

/** A term of a group was seen from one time to another without a gap longer than the baseline. UTC epoch ms. */
export type TermRow = Readonly<Selectable<TermTable>>;

/** Every span of every term of a group. `correlation` stands in the column `detection_id`. */
export async function termsOfGroup(tx: Db, tenantId: string, group: GroupKey): Promise<TermRow[]> {
  return tx
    .selectFrom('term')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('detection_id', '=', group.correlation)
    .where('group_hash', '=', group.groupHash)
    .orderBy('from_at')
    .execute();
}

/** Makes the spans of a group the given ones; writes only what differs from `before`. */
export async function replaceTerms(
  tx: Db,
  before: readonly TermRow[],
  after: readonly TermRow[],
): Promise<void> {
  const key = (row: TermRow) => `${row.term_hash} ${row.from_at}`;
  const wanted = new Map(after.map((row) => [key(row), row]));
  for (const row of before) if (!wanted.has(key(row))) await deleteTerm(tx, row);
  const known = new Map(before.map((row) => [key(row), row.to_at]));
  for (const row of wanted.values()) {
    if (known.get(key(row)) === row.to_at) continue;
    await tx
      .insertInto('term')
      .values(row)
      .onConflict((c) =>
        c
          .columns(['tenant_id', 'detection_id', 'group_hash', 'term_hash', 'from_at'])
          .doUpdateSet({ to_at: row.to_at }),
      )
      .execute();
  }
}

async function deleteTerm(tx: Db, row: TermRow): Promise<void> {
  await tx
    .deleteFrom('term')
    .where('tenant_id', '=', row.tenant_id)
    .where('detection_id', '=', row.detection_id)
    .where('group_hash', '=', row.group_hash)
    .where('term_hash', '=', row.term_hash)
    .where('from_at', '=', row.from_at)
    .execute();
}

/** Forgets a correlation's terms. */
export async function clearTerms(tx: Db, tenantId: string, correlation: string): Promise<void> {
  await tx
    .deleteFrom('term')
    .where('tenant_id', '=', tenantId)
    .where('detection_id', '=', correlation)
    .execute();
}
