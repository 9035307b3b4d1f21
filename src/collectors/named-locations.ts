import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** Places that Conditional Access knows by name. https://learn.microsoft.com/graph/api/conditionalaccessroot-list-namedlocations */
export const namedLocations = snapshot({
  source: 'named-locations',
  kind: 'named_location',
  path: '/identity/conditionalAccess/namedLocations',
  what: 'read the named locations',
  quota: 'identity_protection',
  needs: { permission: 'Policy.Read.All', licence: 'p1' },
  intervalMs: stateIntervals.policies,
});
