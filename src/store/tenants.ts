import type { Selectable } from 'kysely';
import type { TenantConfig } from '../model/tenant.ts';
import type { Db } from './database.ts';
import { replaceDomains } from './scalars.ts';
import type { TenantTable } from './schema.ts';

export type TenantRow = Readonly<Selectable<TenantTable>>;

/** Where configured tenants come from; moving one from the environment to the file, or back, keeps all it has. */
const CONFIGURED = ['env', 'yaml'] as const;

/**
 * Reads the configured tenants into rows; one taken out is paused, never deleted.
 * Settings that rules read as context are rows too, with their origin.
 */
export async function syncTenants(
  tx: Db,
  tenants: readonly TenantConfig[],
  origin: (typeof CONFIGURED)[number],
  now: number,
): Promise<void> {
  for (const tenant of tenants) {
    const row = {
      name: tenant.name,
      domain: tenant.domain ?? null,
      cloud: tenant.cloud,
      timezone: tenant.timezone,
      origin,
      state: 'active',
      updated_at: now,
    };
    await tx
      .insertInto('tenant')
      .values({ tenant_id: tenant.id, enrolled_at: null, created_at: now, ...row })
      .onConflict((c) => c.column('tenant_id').doUpdateSet(row))
      .execute();
    await replaceSettings(tx, tenant, origin);
    await replaceDomains(tx, tenant.id, 'configuration', tenant.ownDomains);
  }
  const ids = tenants.map((tenant) => tenant.id);
  const others = tx
    .updateTable('tenant')
    .set({ state: 'paused', updated_at: now })
    .where('origin', 'in', CONFIGURED);
  await (ids.length === 0 ? others : others.where('tenant_id', 'not in', ids))
    .where('state', '!=', 'paused')
    .execute();
}

async function replaceSettings(tx: Db, tenant: TenantConfig, origin: string): Promise<void> {
  await tx
    .deleteFrom('setting')
    .where('tenant_id', '=', tenant.id)
    .where('origin', 'in', CONFIGURED)
    .execute();
  const lists = Object.entries(settingsIn(tenant))
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => [name, values.join(',')] as const);
  const placeholders = [...(tenant.placeholders ?? [])];
  // JSON, since a placeholder's values are texts of any kind, with commas too.
  if (placeholders.length > 0) lists.push(['placeholders', JSON.stringify(placeholders)]);
  const rows = lists.map(([name, value]) => ({ tenant_id: tenant.id, name, value, origin }));
  if (rows.length > 0) await tx.insertInto('setting').values(rows).execute();
}

/** Lists, joined by commas, under the names that detection reads. */
function settingsIn(tenant: TenantConfig): Readonly<Record<string, readonly string[]>> {
  return {
    allowed_countries: tenant.allowedCountries,
    trusted_networks: (tenant.trustedNetworks ?? []).map(({ cidr }) => cidr),
    break_glass: tenant.breakGlass ?? [],
    vips: tenant.vips ?? [],
    watched_groups: tenant.watchedGroups ?? [],
  };
}

/** All tenant rows by name. */
export async function listTenants(db: Db): Promise<TenantRow[]> {
  return db.selectFrom('tenant').selectAll().orderBy('name').orderBy('tenant_id').execute();
}

export async function findTenant(db: Db, tenantId: string): Promise<TenantRow | null> {
  const row = await db.selectFrom('tenant').selectAll().where('tenant_id', '=', tenantId).executeTakeFirst();
  return row ?? null;
}

/** The id under which a configured domain is known from an earlier start, so that no start needs the network for it. */
export async function tenantIdOfDomain(db: Db, domain: string): Promise<string | null> {
  const row = await db
    .selectFrom('tenant')
    .select('tenant_id')
    .where('domain', '=', domain)
    .where('origin', 'in', CONFIGURED)
    .orderBy('updated_at', 'desc')
    .executeTakeFirst();
  return row?.tenant_id ?? null;
}

/** Enrolment is the moment of the first collection: what happened before it is history, not news. */
export async function enrol(tx: Db, tenantId: string, now: number): Promise<void> {
  await tx
    .updateTable('tenant')
    .set({ enrolled_at: now, updated_at: now })
    .where('tenant_id', '=', tenantId)
    .where('enrolled_at', 'is', null)
    .execute();
}

/** Name/value settings of a tenant. */
export async function settingsOf(db: Db, tenantId: string): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('setting')
    .select(['name', 'value'])
    .where('tenant_id', '=', tenantId)
    .execute();
  return new Map(rows.map((row) => [row.name, row.value]));
}

/** The tenant's values of the placeholders of imported rules; empty when it gives none. */
export function placeholdersIn(settings: ReadonlyMap<string, string>): Map<string, readonly string[]> {
  const json = settings.get('placeholders');
  return new Map(json === undefined ? [] : (JSON.parse(json) as [string, string[]][]));
}

/**
 * What a reader calls the tenant: its configured name, or, where that is only the id, the name or domain that the
 * organization itself has.
 */
export async function tenantTitle(
  db: Db,
  tenant: { readonly id: string; readonly name: string },
): Promise<string> {
  if (tenant.name !== tenant.id) return tenant.name;
  const row = await db
    .selectFrom('entity')
    .select('json')
    .where('tenant_id', '=', tenant.id)
    .where('kind', '=', 'organization')
    .executeTakeFirst();
  if (row === undefined) return tenant.name;
  const { name, default_domain: domain } = JSON.parse(row.json) as {
    name?: unknown;
    default_domain?: unknown;
  };
  const own = [name, domain].find((text) => typeof text === 'string' && text !== '');
  return typeof own === 'string' ? own : tenant.name;
}
