import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** Who holds which directory role. No delta exists. https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments */
export const roleAssignments = snapshot({
  source: 'role-assignments',
  kind: 'role_assignment',
  path: '/roleManagement/directory/roleAssignments',
  query: { $expand: 'principal' },
  what: 'read the role assignments',
  needs: { permission: 'RoleManagement.Read.Directory', licence: null },
  intervalMs: stateIntervals.roles,
});
