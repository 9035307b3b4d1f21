import type { StateOptions } from '../collectors/index.ts';
import type { DnsResolver } from '../network/dns.ts';
import type { Db } from '../store/database.ts';
import { entitiesOf } from '../store/entities.ts';

/**
 * Users who may sign in, in the order in which they are read one by one: those read longest ago first, and of those never
 * read whoever holds a role.
 */
export async function usersInTurn(
  db: Db,
  tenantId: string,
  lastReads: ReadonlyMap<string, number>,
): Promise<string[]> {
  const held = await entitiesOf(db, tenantId, 'role_assignment');
  const holders = new Set([...held.values()].map((assignment) => assignment['principal_id']));
  const all = await entitiesOf(db, tenantId, 'user');
  const ids = [...all].filter(([, user]) => user['enabled'] !== false).map(([id]) => id);
  const rank = (id: string) => lastReads.get(id) ?? (holders.has(id) ? -1 : 0);
  return ids.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** The DNS to ask, and the domains to ask about; null where the operator did not switch it on. */
export async function mailDns(
  db: Db,
  tenantId: string,
  resolver: DnsResolver | null,
): Promise<StateOptions['dns']> {
  return resolver === null ? null : { resolver, domains: await mailDomains(db, tenantId) };
}

/** Verified domains but the one that Microsoft gave (`….onmicrosoft.com`), whose records are Microsoft's own. */
async function mailDomains(db: Db, tenantId: string): Promise<string[]> {
  const domains = new Set<string>();
  for (const organization of (await entitiesOf(db, tenantId, 'organization')).values()) {
    for (const name of Array.isArray(organization['domains']) ? organization['domains'] : [])
      if (name !== organization['initial_domain']) domains.add(String(name));
  }
  return [...domains].filter((name) => !name.endsWith('.onmicrosoft.com')).sort();
}
