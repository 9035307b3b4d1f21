import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** Conditional Access policies; Policy.Read.ConditionalAccess does not do. https://learn.microsoft.com/graph/api/conditionalaccessroot-list-policies */
export const conditionalAccessPolicies = snapshot({
  source: 'conditional-access-policies',
  kind: 'conditional_access_policy',
  path: '/identity/conditionalAccess/policies',
  what: 'read the Conditional Access policies',
  quota: 'identity_protection',
  needs: { permission: 'Policy.Read.All', licence: 'p1' },
  intervalMs: stateIntervals.policies,
});
