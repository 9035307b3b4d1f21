import type { Selectable } from 'kysely';
import type { GroupKey } from './correlation-hits.ts';
import type { Db } from './database.ts';
import type { CorrelationWaitTable } from './schema.ts';

/**
 * A group of a correlation that is to be judged: at once where `touched` is not 0 (1 = hits came, 2 = hits went), else when
 * the watermark reaches `due_at`, or when what was read before it (`coverage`, a hash) has changed. `state` is what was
 * found last: `waiting`, `pending`, `not_assessed`, `capped`, or the empty text.
 */
export type CorrelationWaitRow = Readonly<Selectable<CorrelationWaitTable>>;

/** Hits of a group in a span came (or went, too). UTC epoch ms. */
export interface Touched extends GroupKey {
  readonly from: number;
  readonly to: number;
  readonly went: boolean;
}

const CHUNK = 1000;

/** Marks groups to be judged; what was touched before and is not judged yet is joined with it. */
export async function touchGroups(tx: Db, tenantId: string, touched: readonly Touched[]): Promise<void> {
  const rows = touched.map((one) => ({
    tenant_id: tenantId,
    correlation: one.correlation,
    group_hash: one.groupHash,
    touched: one.went ? 2 : 1,
    from_at: one.from,
    to_at: one.to,
    state: '',
    due_at: null,
    coverage: '',
    reason: null,
  }));
  for (let at = 0; at < rows.length; at += CHUNK) {
    await tx
      .insertInto('correlation_wait')
      .values(rows.slice(at, at + CHUNK))
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'correlation', 'group_hash']).doUpdateSet((eb) => {
          const before = (column: 'touched' | 'from_at' | 'to_at') => eb.ref(`correlation_wait.${column}`);
          const fresh = (column: 'touched' | 'from_at' | 'to_at') => eb.ref(`excluded.${column}`);
          const keep = (column: 'from_at' | 'to_at', operator: '<' | '>') =>
            eb
              .case()
              .when(
                eb.and([
                  eb('correlation_wait.touched', '>', 0),
                  eb(`correlation_wait.${column}`, operator, fresh(column)),
                ]),
              )
              .then(before(column))
              .else(fresh(column))
              .end();
          return {
            touched: eb
              .case()
              .when('correlation_wait.touched', '>', fresh('touched'))
              .then(before('touched'))
              .else(fresh('touched'))
              .end(),
            from_at: keep('from_at', '<'),
            to_at: keep('to_at', '>'),
          };
        }),
      )
      .execute();
  }
}

/** Groups of a correlation that are to be judged under this coverage, at most `limit`. */
export async function dueGroups(
  tx: Db,
  tenantId: string,
  correlation: string,
  coverage: { readonly watermark: number; readonly hash: string },
  limit: number,
): Promise<CorrelationWaitRow[]> {
  // -Infinity: nothing was read yet, and no number says so in SQL.
  const watermark = Math.max(coverage.watermark, Number.MIN_SAFE_INTEGER);
  return tx
    .selectFrom('correlation_wait')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('correlation', '=', correlation)
    .where((eb) =>
      eb.or([
        eb('touched', '>', 0),
        eb('due_at', '<=', Math.min(watermark, Number.MAX_SAFE_INTEGER)),
        eb.and([
          eb('state', 'in', ['waiting', 'pending', 'not_assessed']),
          eb('coverage', '!=', coverage.hash),
        ]),
      ]),
    )
    .orderBy('group_hash')
    .limit(limit)
    .execute();
}

/** Keeps what was found of a group, or forgets the group when nothing is left to wait for. */
export async function settleGroup(tx: Db, row: CorrelationWaitRow): Promise<void> {
  const mine = tx
    .deleteFrom('correlation_wait')
    .where('tenant_id', '=', row.tenant_id)
    .where('correlation', '=', row.correlation)
    .where('group_hash', '=', row.group_hash);
  await mine.execute();
  if (row.state !== '') await tx.insertInto('correlation_wait').values(row).execute();
}

/** What could not be judged of groups whose hits reach `since` or later. */
export async function undecidedGroups(
  db: Db,
  tenantId: string,
  since: number,
): Promise<CorrelationWaitRow[]> {
  return db
    .selectFrom('correlation_wait')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('state', 'in', ['pending', 'not_assessed', 'capped'])
    .where('to_at', '>=', since)
    .orderBy('correlation')
    .orderBy('to_at')
    .orderBy('group_hash')
    .execute();
}

export async function clearWaits(tx: Db, tenantId: string, correlation: string): Promise<void> {
  await tx
    .deleteFrom('correlation_wait')
    .where('tenant_id', '=', tenantId)
    .where('correlation', '=', correlation)
    .execute();
}
