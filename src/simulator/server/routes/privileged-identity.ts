import type { Raw } from '../../world.ts';
import { GraphFailure } from '../errors.ts';
import type { Route, RouteCall } from '../route.ts';
import { valueNow, valuesNow } from '../state.ts';
import { objectsNow } from './directory-objects.ts';
import { expanded, readExpand, roleList, ROLE_FILTERS } from './roles.ts';

/** graph-facts A. */
const READ_ANY = [
  'RoleManagement.Read.Directory',
  'RoleManagement.ReadWrite.Directory',
  'RoleManagement.Read.All',
];

/** `GET /roleManagement/directory/roleEligibilityScheduleInstances` */
export const roleEligibility: Route = instances(
  'roleEligibilityScheduleInstances',
  ['RoleEligibilitySchedule.Read.Directory', 'RoleEligibilitySchedule.ReadWrite.Directory'],
  (call) => objectsNow(call, 'roleEligibility'),
);

/** `GET /roleManagement/directory/roleAssignmentScheduleInstances`: every role that is held has one. */
export const roleAssignmentSchedules: Route = instances(
  'roleAssignmentScheduleInstances',
  ['RoleAssignmentSchedule.Read.Directory', 'RoleAssignmentSchedule.ReadWrite.Directory'],
  (call) =>
    valuesNow(call.tenant.roleAssignments.values(), call.now).map((held) => ({
      ...standing(held),
      ...valueNow(call.tenant.directory.roleAssignmentSchedules.get(String(held['id'])), call.now),
    })),
);

function instances(name: string, permissions: readonly string[], all: (call: RouteCall) => Raw[]): Route {
  return {
    pattern: `roleManagement/directory/${name}`,
    permissions: [...permissions, ...READ_ANY],
    options: ['$select', '$filter', '$expand', '$top', '$skiptoken'],
    answer(call) {
      // graph-facts B: 400, not 403.
      if (call.tenant.licence !== 'p2') {
        throw new GraphFailure(
          400,
          'AadPremiumLicenseRequired',
          'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.',
        );
      }
      const expand = readExpand(call);
      return roleList(call, name, () => all(call).map((raw) => expanded(call, raw, expand)), ROLE_FILTERS);
    },
  };
}

/** An assignment without end that nobody had to switch on. */
function standing({ id, principalId, roleDefinitionId, directoryScopeId }: Raw): Raw {
  return {
    id,
    principalId,
    roleDefinitionId,
    directoryScopeId,
    appScopeId: null,
    startDateTime: null,
    endDateTime: null,
    memberType: 'Direct',
    assignmentType: 'Assigned',
    roleAssignmentOriginId: id,
    roleAssignmentScheduleId: id,
  };
}
