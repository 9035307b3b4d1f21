import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/**
 * Who may switch a role on for a while (PIM). Without Microsoft Entra ID P2 or Governance Microsoft answers 400
 * AadPremiumLicenseRequired [graph-facts B]; who holds a role is then known from `role-assignments`.
 * https://learn.microsoft.com/graph/api/rbacapplication-list-roleeligibilityscheduleinstances
 */
export const roleEligibility = snapshot({
  source: 'role-eligibility',
  kind: 'role_eligibility',
  path: '/roleManagement/directory/roleEligibilityScheduleInstances',
  query: { $expand: 'principal' },
  what: 'read who may switch a role on',
  needs: { permission: 'RoleEligibilitySchedule.Read.Directory', licence: 'p2' },
  intervalMs: stateIntervals.roles,
});
