import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** What people and guests may do by themselves. https://learn.microsoft.com/graph/api/authorizationpolicy-get */
export const authorizationPolicy = snapshot({
  source: 'authorization-policy',
  kind: 'authorization_policy',
  path: '/policies/authorizationPolicy',
  one: 'authorizationPolicy',
  what: 'read the authorization policy',
  needs: { permission: 'Policy.Read.All', licence: null },
  intervalMs: stateIntervals.policies,
});
