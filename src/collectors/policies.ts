import { authenticationMethodsPolicy } from './authentication-methods-policy.ts';
import { authorizationPolicy } from './authorization-policy.ts';
import type { StateCollector } from './collector.ts';
import { conditionalAccessPolicies } from './conditional-access-policies.ts';
import { crossTenantAccess } from './cross-tenant-access.ts';
import { domainFederation } from './domain-federation.ts';
import { domains } from './domains.ts';
import { namedLocations } from './named-locations.ts';
import { securityDefaults } from './security-defaults.ts';

/** What the tenant allows and demands. */
export const policyStates: readonly StateCollector[] = [
  conditionalAccessPolicies,
  namedLocations,
  authenticationMethodsPolicy,
  authorizationPolicy,
  securityDefaults,
  crossTenantAccess,
  domains,
  domainFederation,
];
