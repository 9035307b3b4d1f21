import type { Db } from './database.ts';
import { entitiesOf } from './entities.ts';

/** Microsoft's service plans of Entra ID P1 and P2 (Microsoft Learn: product names and service plan identifiers). */
const P1_PLANS = ['AAD_PREMIUM', 'AAD_PREMIUM_P2'];

/** Whether the tenant's licences hold Entra ID P1; null while none are known. */
export async function hasP1Plan(db: Db, tenantId: string): Promise<boolean | null> {
  const skus = [...(await entitiesOf(db, tenantId, 'subscribed_sku')).values()];
  if (skus.length === 0) return null;
  return skus.some(
    ({ plans }) => Array.isArray(plans) && plans.some((plan) => P1_PLANS.includes(String(plan))),
  );
}

/** Object ids of the users whose mailbox is in the cloud, in order. */
export async function mailboxUsers(db: Db, tenantId: string): Promise<string[]> {
  const users = await entitiesOf(db, tenantId, 'user');
  return [...users].filter(([, user]) => user['exchange'] === true).map(([id]) => id);
}
