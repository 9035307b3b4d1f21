import type { EntityRecord } from '../model/entity.ts';
import { parseAppRoleAssignment } from './app-role-assignment.ts';
import { parseApplication, parseFederatedCredential } from './application.ts';
import { parseGroup, parseGroupMember } from './group.ts';
import { parseOauth2Grant } from './oauth2-grant.ts';
import type { Parsed } from './parsed.ts';
import { parseRoleAssignment } from './role-assignment.ts';
import { parseRoleDefinition } from './role-definition.ts';
import { parseRoleAssignmentSchedule, parseRoleEligibility } from './role-schedule.ts';
import { parseServicePrincipal } from './service-principal.ts';
import { parseUser } from './user.ts';

/** People, roles and who holds them, groups, applications and what they may do. */
export const directoryKinds: readonly {
  readonly kind: string;
  parse(raw: unknown): Parsed<EntityRecord>;
}[] = [
  { kind: 'user', parse: parseUser },
  { kind: 'role_definition', parse: parseRoleDefinition },
  { kind: 'role_assignment', parse: parseRoleAssignment },
  { kind: 'application', parse: parseApplication },
  { kind: 'federated_credential', parse: parseFederatedCredential },
  { kind: 'service_principal', parse: parseServicePrincipal },
  { kind: 'oauth2_grant', parse: parseOauth2Grant },
  { kind: 'app_role_assignment', parse: parseAppRoleAssignment },
  { kind: 'group', parse: parseGroup },
  { kind: 'group_member', parse: parseGroupMember },
  { kind: 'role_eligibility', parse: parseRoleEligibility },
  { kind: 'role_assignment_schedule', parse: parseRoleAssignmentSchedule },
];
