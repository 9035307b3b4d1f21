import type { Selectable } from 'kysely';
import type { Db } from './database.ts';
import type { CapabilityTable } from './schema.ts';

export type CapabilityRow = Readonly<Selectable<CapabilityTable>>;

export interface CapabilityState {
  readonly state: string;
  readonly reason: string | null;
  readonly detail: string | null;
}

/** What is known now, by name (`plan:AAD_PREMIUM`, `role:AuditLog.Read.All`, `source:sign-ins`). */
export async function currentCapabilities(db: Db, tenantId: string): Promise<Map<string, CapabilityRow>> {
  const rows = await db
    .selectFrom('capability')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('to_at', 'is', null)
    .execute();
  return new Map(rows.map((row) => [row.name, row]));
}

/** Records a capability; a change closes the former row, so that history stays. Returns true when it changed. */
export async function setCapability(
  tx: Db,
  tenantId: string,
  name: string,
  value: CapabilityState,
  now: number,
): Promise<boolean> {
  const current = await tx
    .selectFrom('capability')
    .select(['state', 'reason'])
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .where('to_at', 'is', null)
    .executeTakeFirst();
  if (current && current.state === value.state && current.reason === value.reason) return false;
  if (current) {
    await tx
      .updateTable('capability')
      .set({ to_at: now })
      .where('tenant_id', '=', tenantId)
      .where('name', '=', name)
      .where('to_at', 'is', null)
      .execute();
  }
  const row = { ...value, to_at: null };
  await tx
    .insertInto('capability')
    .values({ tenant_id: tenantId, name, from_at: now, ...row })
    .onConflict((c) => c.columns(['tenant_id', 'name', 'from_at']).doUpdateSet(row))
    .execute();
  return true;
}

/** Spans of [from, to) in which a capability was in this state, with the reason, in order; UTC epoch ms. */
export async function capabilitySpans(
  db: Db,
  tenantId: string,
  name: string,
  state: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<{ from: number; to: number; reason: string | null }[]> {
  const rows = await db
    .selectFrom('capability')
    .select(['from_at', 'to_at', 'reason'])
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .where('state', '=', state)
    .where('from_at', '<', to)
    .where((eb) => eb.or([eb('to_at', 'is', null), eb('to_at', '>', from)]))
    .orderBy('from_at')
    .execute();
  return rows.map((row) => ({ from: row.from_at, to: row.to_at ?? to, reason: row.reason }));
}

/** Records those capabilities that differ from what is known, each as `setCapability` does; how many changed. */
export async function saveCapabilities(
  tx: Db,
  tenantId: string,
  found: ReadonlyMap<string, CapabilityState>,
  now: number,
): Promise<number> {
  const known = await currentCapabilities(tx, tenantId);
  let changed = 0;
  for (const [name, value] of found) {
    const before = known.get(name);
    if (before?.state === value.state && before.reason === value.reason) continue;
    if (await setCapability(tx, tenantId, name, value, now)) changed += 1;
  }
  return changed;
}
