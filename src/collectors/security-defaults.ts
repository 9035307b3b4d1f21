import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** Whether Microsoft's security defaults are on. https://learn.microsoft.com/graph/api/identitysecuritydefaultsenforcementpolicy-get */
export const securityDefaults = snapshot({
  source: 'security-defaults',
  kind: 'security_defaults',
  path: '/policies/identitySecurityDefaultsEnforcementPolicy',
  one: 'securityDefaults',
  what: 'read the security defaults',
  needs: { permission: 'Policy.Read.All', licence: null },
  intervalMs: stateIntervals.policies,
});
