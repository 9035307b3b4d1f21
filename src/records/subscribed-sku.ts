import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objectId, objects, own, sorted, text, whole, type Raw } from './property.ts';

/** subscribedSku. Its entity id is the SKU id, which licences of users name; Graph's own id puts the tenant before it. */
export function parseSubscribedSku(raw: unknown): Parsed<EntityRecord> {
  const sku = object(raw);
  const id = objectId(own(sku, 'skuId'));
  if (sku === null || id === null) return refused('the subscription has no skuId');
  const name = text(own(sku, 'skuPartNumber')) ?? id;
  const enabled = whole(own(object(own(sku, 'prepaidUnits')), 'enabled'));
  const consumed = whole(own(sku, 'consumedUnits'));
  const json = {
    sku: name,
    state: text(own(sku, 'capabilityStatus')),
    enabled_units: enabled,
    consumed_units: consumed,
    plans: activePlans(sku),
  };
  const scalars = { subscribed_sku: [{ sku: name, consumed: consumed ?? 0, enabled: enabled ?? 0 }] };
  return accepted({ kind: 'subscribed_sku', id, json, scalars });
}

/** Names of the service plans that can be used (`AAD_PREMIUM`, `EXCHANGE_S_STANDARD`, …). */
function activePlans(sku: Raw): string[] {
  const plans = objects(own(sku, 'servicePlans')).filter(
    (plan) => text(own(plan, 'provisioningStatus'))?.toLowerCase() !== 'disabled',
  );
  return sorted(plans.map((plan) => text(own(plan, 'servicePlanName'))).filter((name) => name !== null));
}
