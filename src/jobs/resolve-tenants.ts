import type { Config } from '../config/config.ts';
import { ConfigError, CredentialError } from '../errors.ts';
import { resolveTenantId } from '../microsoft/index.ts';
import type { TenantByDomain, TenantConfig } from '../model/tenant.ts';
import type { Database } from '../store/database.ts';
import { tenantIdOfDomain } from '../store/tenants.ts';

/**
 * Gives tenants that are named by their domain alone their ids: from an earlier start, else from the sign-in service.
 * All that fail are told in one ConfigError, for a tenant without an id can neither be stored nor asked.
 */
export async function resolveTenants(
  config: Config,
  database: Database,
  signal: AbortSignal,
): Promise<Config> {
  if (config.tenantsByDomain.length === 0) return config;
  const problems: string[] = [];
  const tenants = [...config.tenants];
  for (const { domain, ...rest } of config.tenantsByDomain) {
    const id = await idOf({ domain, ...rest }, config, database, signal).catch((error: unknown) => {
      if (!(error instanceof CredentialError)) throw error;
      problems.push(`${error.message}.`);
      return null;
    });
    if (id === null) continue;
    problems.push(...twin(tenants, id, domain));
    tenants.push({ id, domain, ...rest });
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...config, tenants, tenantsByDomain: [] };
}

async function idOf(
  { domain, hosts, cloud }: TenantByDomain,
  { caPem }: Config,
  database: Database,
  signal: AbortSignal,
): Promise<string> {
  const known = await tenantIdOfDomain(database.db, domain);
  return known ?? (await resolveTenantId(domain, hosts, { caPem, custom: cloud === 'custom', signal }));
}

function twin(tenants: readonly TenantConfig[], id: string, domain: string): string[] {
  const other = tenants.find((tenant) => tenant.id === id);
  return other
    ? [`The domain ${domain} is that of the tenant ${other.name} (${id}); remove one of the two.`]
    : [];
}
