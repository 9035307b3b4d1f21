import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** Licences bought: what the tenant can see at all. No $filter or $top there. https://learn.microsoft.com/graph/api/subscribedsku-list */
export const subscribedSkus = snapshot({
  source: 'subscribed-skus',
  kind: 'subscribed_sku',
  path: '/subscribedSkus',
  what: 'read the licences',
  needs: { permission: 'LicenseAssignment.Read.All', licence: null },
  intervalMs: stateIntervals.tenant,
});
