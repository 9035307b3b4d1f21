import type { Db } from './database.ts';

export interface LeaseKey {
  readonly tenantId: string;
  /** What is guarded; `detect` guards hits, alerts and incidents of a tenant. */
  readonly name: string;
  /** Who asks: unique per attempt, so that a second run of one process does not pass for the first. */
  readonly holder: string;
}

/**
 * Takes or prolongs a lease until `now + ttlMs` (UTC epoch ms). False when somebody else holds it unexpired.
 * One conditional statement: of two who ask at once, one row changes for one of them only.
 * `dead` names a holder that is known to have ended without giving the lease back.
 */
export async function takeLease(
  db: Db,
  key: LeaseKey,
  now: number,
  ttlMs: number,
  dead: string = key.holder,
): Promise<boolean> {
  const expires = now + ttlMs;
  const row = await db
    .insertInto('lease')
    .values({ tenant_id: key.tenantId, name: key.name, holder: key.holder, expires_at: expires })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'name'])
        .doUpdateSet({ holder: key.holder, expires_at: expires })
        .where((eb) =>
          eb.or([eb('lease.holder', 'in', [key.holder, dead]), eb('lease.expires_at', '<=', now)]),
        ),
    )
    .returning('holder')
    .executeTakeFirst();
  return row?.holder === key.holder;
}

/** Who holds a lease, expired or not; null when nobody does. */
export async function leaseHolder(db: Db, key: Omit<LeaseKey, 'holder'>): Promise<string | null> {
  const row = await db
    .selectFrom('lease')
    .select('holder')
    .where('tenant_id', '=', key.tenantId)
    .where('name', '=', key.name)
    .executeTakeFirst();
  return row?.holder ?? null;
}

/** Gives the lease back; nothing happens when it was lost meanwhile. */
export async function releaseLease(db: Db, key: LeaseKey): Promise<void> {
  await db
    .deleteFrom('lease')
    .where('tenant_id', '=', key.tenantId)
    .where('name', '=', key.name)
    .where('holder', '=', key.holder)
    .execute();
}

/**
 * Checks inside the writing transaction that the lease is still ours and locks its row until the commit,
 * so that nobody can take it between this check and what is written.
 * Throws when it was lost: the transaction must not commit.
 */
export async function assertLease(tx: Db, key: LeaseKey, now: number): Promise<void> {
  const result = await tx
    .updateTable('lease')
    .set({ holder: key.holder })
    .where('tenant_id', '=', key.tenantId)
    .where('name', '=', key.name)
    .where('holder', '=', key.holder)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (Number(result.numUpdatedRows) !== 1) {
    throw new Error(
      `${key.name} tenant ${key.tenantId}: the lease was lost to another run; nothing was written`,
    );
  }
}

/** How far detection has read a tenant's events, in ingest numbers; 0 before the first. Creates the row. */
export async function readCursor(db: Db, tenantId: string): Promise<number> {
  const find = () =>
    db.selectFrom('detect_cursor').select('cursor').where('tenant_id', '=', tenantId).executeTakeFirst();
  const row = await find();
  if (row !== undefined) return row.cursor;
  await db
    .insertInto('detect_cursor')
    .values({ tenant_id: tenantId, cursor: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await find())?.cursor ?? 0;
}

/** Moves the cursor from `from` to `to`. Throws when it is not at `from`: another run has already been there. */
export async function moveCursor(tx: Db, tenantId: string, from: number, to: number): Promise<void> {
  const result = await tx
    .updateTable('detect_cursor')
    .set({ cursor: to })
    .where('tenant_id', '=', tenantId)
    .where('cursor', '=', from)
    .executeTakeFirst();
  if (Number(result.numUpdatedRows) !== 1) {
    throw new Error(`detect tenant ${tenantId}: the cursor is no longer at ${from}; nothing was written`);
  }
}
