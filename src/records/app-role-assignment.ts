import type { EntityRecord } from '../model/entity.ts';
import { APP_PERMISSIONS, PERMISSION_APIS, type PermissionRisk } from './data/app-permissions.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objectId, own, text } from './property.ts';
import { instant } from './time.ts';

interface Permission {
  readonly name: string;
  readonly risk: PermissionRisk;
}

const byApi = new Map(
  Object.entries(APP_PERMISSIONS).map(([api, rows]) => [
    api,
    new Map(rows.map(([id, name, risk]): [string, Permission] => [id, { name, risk }])),
  ]),
);

/** The application permission with this id of this API; undefined for one that is newer than our list. */
export function appPermission(apiAppId: string, roleId: string): Permission | undefined {
  return byApi.get(apiAppId.toLowerCase())?.get(roleId.toLowerCase());
}

/** appIds of the APIs whose application permissions are worth knowing. */
export const permissionApis: readonly string[] = Object.keys(PERMISSION_APIS);

const PRINCIPAL_KINDS: ReadonlyMap<string, string> = new Map([
  ['user', 'user'],
  ['serviceprincipal', 'sp'],
  ['group', 'group'],
]);

/**
 * appRoleAssignment: what an app may do by itself, without a person. The collector adds two properties that Graph does not
 * send with it: `resourceAppId` (the API's) and, for a permission that our list does not know, `appRoleValue`.
 */
export function parseAppRoleAssignment(raw: unknown): Parsed<EntityRecord> {
  const assignment = object(raw);
  const id = text(own(assignment, 'id'));
  if (assignment === null || id === null) return refused('the app role assignment has no id');
  const principal = objectId(own(assignment, 'principalId'));
  if (principal === null) return refused('the app role assignment has no principalId');
  // All zeros is a role too: the default one, which says no more than "assigned".
  const role = text(own(assignment, 'appRoleId'))?.toLowerCase() ?? null;
  const api = objectId(own(assignment, 'resourceAppId'));
  const json = {
    principal_id: principal,
    principal_kind: PRINCIPAL_KINDS.get(text(own(assignment, 'principalType'))?.toLowerCase() ?? '') ?? null,
    principal_name: text(own(assignment, 'principalDisplayName')),
    resource_id: objectId(own(assignment, 'resourceId')),
    resource_app_id: api,
    resource_name: text(own(assignment, 'resourceDisplayName')),
    role_id: role,
    ...permissionOf(api, role, text(own(assignment, 'appRoleValue'))),
    // v1.0 says createdDateTime, beta creationTimestamp.
    created_at: instant(own(assignment, 'createdDateTime') ?? own(assignment, 'creationTimestamp')),
  };
  return accepted({ kind: 'app_role_assignment', id, json, scalars: {} });
}

/** By our list; the name that the API itself gives where the permission is newer. */
function permissionOf(
  api: string | null,
  role: string | null,
  given: string | null,
): { permission: string | null; risk: PermissionRisk | null } {
  const known = api === null || role === null ? undefined : appPermission(api, role);
  return { permission: known?.name ?? given, risk: known?.risk ?? null };
}
