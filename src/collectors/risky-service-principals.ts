import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** Applications as Microsoft judges them. https://learn.microsoft.com/graph/api/identityprotectionroot-list-riskyserviceprincipals */
export const riskyServicePrincipals = snapshot({
  source: 'risky-service-principals',
  kind: 'risky_service_principal',
  path: '/identityProtection/riskyServicePrincipals',
  query: { $top: '500' },
  quota: 'identity_protection',
  what: 'read the risky service principals',
  needs: { permission: 'IdentityRiskyServicePrincipal.Read.All', licence: 'workload_id' },
  intervalMs: stateIntervals.risky,
});
