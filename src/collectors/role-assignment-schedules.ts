import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/**
 * Roles held now, with their end and whether they were switched on for a while (PIM). Refused without P2 or Governance like
 * `role-eligibility`. https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignmentscheduleinstances
 */
export const roleAssignmentSchedules = snapshot({
  source: 'role-assignment-schedules',
  kind: 'role_assignment_schedule',
  path: '/roleManagement/directory/roleAssignmentScheduleInstances',
  query: { $expand: 'principal' },
  what: 'read until when roles are held',
  needs: { permission: 'RoleAssignmentSchedule.Read.Directory', licence: 'p2' },
  intervalMs: stateIntervals.roles,
});
