import type { Route } from '../route.ts';
import { applicationOwners, applications, federatedCredentials } from './applications.ts';
import { groupMembers, groupOwners, groups, groupsDelta, groupTransitiveMembers } from './groups.ts';
import { roleAssignmentSchedules, roleEligibility } from './privileged-identity.ts';
import {
  appRoleAssignedTo,
  appRoleAssignments,
  oauth2PermissionGrants,
  servicePrincipal,
  servicePrincipals,
} from './service-principals.ts';

/** Applications, groups and PIM. */
export const directoryRoutes: readonly Route[] = [
  roleEligibility,
  roleAssignmentSchedules,
  applications,
  applicationOwners,
  federatedCredentials,
  servicePrincipals,
  servicePrincipal,
  appRoleAssignedTo,
  appRoleAssignments,
  oauth2PermissionGrants,
  groups,
  groupsDelta,
  groupMembers,
  groupOwners,
  groupTransitiveMembers,
];
