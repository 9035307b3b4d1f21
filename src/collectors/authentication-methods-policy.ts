import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** By which methods people may sign in. https://learn.microsoft.com/graph/api/authenticationmethodspolicy-get */
export const authenticationMethodsPolicy = snapshot({
  source: 'authentication-methods-policy',
  kind: 'authentication_methods_policy',
  path: '/policies/authenticationMethodsPolicy',
  one: 'authenticationMethodsPolicy',
  what: 'read the authentication methods policy',
  needs: { permission: 'Policy.Read.All', licence: null },
  intervalMs: stateIntervals.policies,
});
