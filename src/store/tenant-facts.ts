import type { Licence } from '../model/licence.ts';
import type { Db } from './database.ts';
import { eachEntity, entitiesOf } from './entities.ts';
import { settingsOf } from './tenants.ts';

/** Microsoft's service plans of each licence (Microsoft Learn: product names and service plan identifiers). */
const PLANS: Readonly<Record<Licence, readonly string[]>> = {
  p1: ['AAD_PREMIUM', 'AAD_PREMIUM_P2'],
  p2: ['AAD_PREMIUM_P2'],
  workload_id: ['AAD_WRKLDID_P1', 'AAD_WRKLDID_P2'],
  // Defender for Endpoint, Office 365, Identity and Cloud Apps. Without any of them alerts can still come, from Entra ID P2.
  defender: [
    ...['WINDEFATP', 'MDE_LITE', 'MDE_SMB'],
    ...['ATP_ENTERPRISE', 'ATP_ENTERPRISE_GOV', 'THREAT_INTELLIGENCE', 'THREAT_INTELLIGENCE_GOV'],
    ...['ATA', 'ADALLOM_S_STANDALONE'],
  ],
  // Not INTUNE_O365, which is the device management inside of Office 365.
  intune: ['INTUNE_A', 'INTUNE_A_GOV', 'INTUNE_A_VL', 'INTUNE_EDU', 'INTUNE_SMBIZ'],
};

/** Whether the tenant's licences hold this one; null while none are known. */
export async function hasLicence(db: Db, tenantId: string, licence: Licence): Promise<boolean | null> {
  const skus = [...(await entitiesOf(db, tenantId, 'subscribed_sku')).values()];
  if (skus.length === 0) return null;
  return skus.some(
    ({ plans }) => Array.isArray(plans) && plans.some((plan) => PLANS[licence].includes(String(plan))),
  );
}

/** Object ids of the users whose mailbox is in the cloud, in order. */
export async function mailboxUsers(db: Db, tenantId: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const [id, user] of eachEntity(db, tenantId, 'user'))
    if (user['exchange'] === true) ids.push(id);
  return ids;
}

/** Settings that name groups to watch: object ids with commas between them. */
const WATCHED_GROUPS = 'watched_groups';

/**
 * Object ids (lower case) of the groups whose members matter: those that can hold a role, that hold one or may switch one on,
 * that a Conditional Access policy names, and that the operator watches. In order, each once.
 */
export async function watchedGroups(db: Db, tenantId: string): Promise<string[]> {
  const ids = new Set<string>();
  for (const kind of ['role_assignment', 'role_eligibility']) {
    for (const held of (await entitiesOf(db, tenantId, kind)).values())
      if (held['principal_kind'] === 'group') ids.add(String(held['principal_id']));
  }
  for (const [id, group] of await entitiesOf(db, tenantId, 'group'))
    if (group['role_assignable'] === true) ids.add(id);
  for (const policy of (await entitiesOf(db, tenantId, 'conditional_access_policy')).values())
    for (const name of ['include_groups', 'exclude_groups'])
      for (const id of idsIn(policy[name])) ids.add(id);
  const settings = await settingsOf(db, tenantId);
  for (const id of (settings.get(WATCHED_GROUPS) ?? '').split(','))
    if (GUID.test(id.trim())) ids.add(id.trim().toLowerCase());
  return [...ids].sort();
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Policies also hold words such as `None`, which are no group. */
function idsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String).filter((id) => GUID.test(id)) : [];
}

/** Names of the service plans that are on in some licence of the tenant, as last read; in order. */
export async function servicePlans(db: Db, tenantId: string): Promise<string[]> {
  const skus = [...(await entitiesOf(db, tenantId, 'subscribed_sku')).values()];
  const plans = skus.flatMap(({ plans: own }) => (Array.isArray(own) ? own.map(String) : []));
  return [...new Set(plans)].sort();
}

/** Whether anybody has a mailbox in the cloud. */
export async function hasMailboxes(db: Db, tenantId: string): Promise<boolean> {
  const row = await db
    .selectFrom('entity')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', 'user')
    .where('json', 'like', '%"exchange":true%')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
