import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** Directory roles, custom ones included. https://learn.microsoft.com/graph/api/rbacapplication-list-roledefinitions */
export const roleDefinitions = snapshot({
  source: 'role-definitions',
  kind: 'role_definition',
  path: '/roleManagement/directory/roleDefinitions',
  what: 'read the role definitions',
  needs: { permission: 'RoleManagement.Read.Directory', licence: null },
  intervalMs: stateIntervals.roles,
});
