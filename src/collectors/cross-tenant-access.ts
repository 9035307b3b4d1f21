import { CROSS_TENANT_DEFAULT } from '../records/index.ts';
import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/**
 * What other tenants' people may do here and ours there: the default, and partners with a setting of their own.
 * https://learn.microsoft.com/graph/api/resources/crosstenantaccesspolicy-overview
 */
export const crossTenantAccess = snapshot({
  source: 'cross-tenant-access',
  kind: 'cross_tenant_access',
  path: '/policies/crossTenantAccessPolicy/default',
  one: CROSS_TENANT_DEFAULT,
  also: [{ path: '/policies/crossTenantAccessPolicy/partners', idProperty: 'tenantId' }],
  what: 'read the cross-tenant access settings',
  needs: { permission: 'Policy.Read.All', licence: null },
  intervalMs: stateIntervals.policies,
});
