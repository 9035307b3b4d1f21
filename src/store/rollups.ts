import { sql } from 'kysely';
import type { Db } from './database.ts';

export interface Rollup {
  /** UTC day, `2026-11-17`. */
  readonly day: string;
  /** `alerts.high`, `events.sign-ins`, `hours.watched` … */
  readonly name: string;
  readonly value: number;
}

/** Writes counts of a day; one that is there is replaced, since late records change a day. */
export async function saveRollups(tx: Db, tenantId: string, rollups: readonly Rollup[]): Promise<void> {
  for (const rollup of rollups) {
    await tx
      .insertInto('rollup_day')
      .values({ tenant_id: tenantId, ...rollup })
      .onConflict((c) => c.columns(['tenant_id', 'day', 'name']).doUpdateSet({ value: rollup.value }))
      .execute();
  }
}

/** Counts of the days from..to (both included), by day and name. */
export async function listRollups(db: Db, tenantId: string, from: string, to: string): Promise<Rollup[]> {
  return db
    .selectFrom('rollup_day')
    .select(['day', 'name', 'value'])
    .where('tenant_id', '=', tenantId)
    .where('day', '>=', from)
    .where('day', '<=', to)
    .orderBy('day')
    .orderBy('name')
    .execute();
}

/** The last day with counts; null before the first. */
export async function lastRollupDay(db: Db, tenantId: string): Promise<string | null> {
  const row = await db
    .selectFrom('rollup_day')
    .select((eb) => eb.fn.max('day').as('day'))
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row?.day ?? null;
}

/** Alerts first detected in [from, to) by level, and events that happened in it by feed. UTC epoch ms. */
export async function countDay(
  db: Db,
  tenantId: string,
  from: number,
  to: number,
): Promise<Map<string, number>> {
  const alerts = await db
    .selectFrom('alert')
    .select(['level', sql<number>`count(*)`.as('count')])
    .where('tenant_id', '=', tenantId)
    .where('merged_into', 'is', null)
    .where('created_at', '>=', from)
    .where('created_at', '<', to)
    .groupBy('level')
    .execute();
  const events = await db
    .selectFrom('event')
    .select(['feed', sql<number>`count(*)`.as('count')])
    .where('tenant_id', '=', tenantId)
    .where('occurred_at', '>=', from)
    .where('occurred_at', '<', to)
    .groupBy('feed')
    .execute();
  return new Map([
    ...alerts.map((row): [string, number] => [`alerts.${row.level}`, row.count]),
    ...events.map((row): [string, number] => [`events.${row.feed}`, row.count]),
  ]);
}
