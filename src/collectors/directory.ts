import { appRoleAssignments } from './app-role-assignments.ts';
import { applications } from './applications.ts';
import type { StateCollector } from './collector.ts';
import { groups } from './groups.ts';
import { oauth2Grants } from './oauth2-grants.ts';
import { servicePrincipals } from './service-principals.ts';

/** Groups and applications. After roles and policies: the groups that those name are watched. */
export const directoryStates: readonly StateCollector[] = [
  groups,
  applications,
  servicePrincipals,
  oauth2Grants,
  appRoleAssignments,
];
