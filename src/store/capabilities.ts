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
  const current = (await currentCapabilities(tx, tenantId)).get(name);
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
