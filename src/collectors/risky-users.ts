import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/**
 * Accounts as Microsoft judges them, those that were dismissed or remediated included. Read whole: whoever is no longer in
 * the list is no longer at risk. No delta exists. https://learn.microsoft.com/graph/api/riskyuser-list
 */
export const riskyUsers = snapshot({
  source: 'risky-users',
  kind: 'risky_user',
  path: '/identityProtection/riskyUsers',
  query: { $top: '500' },
  quota: 'identity_protection',
  what: 'read the risky users',
  needs: { permission: 'IdentityRiskyUser.Read.All', licence: 'p2' },
  intervalMs: stateIntervals.risky,
});
