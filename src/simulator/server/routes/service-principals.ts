import type { Raw } from '../../world.ts';
import { on } from '../filter.ts';
import { readSelect } from '../query.ts';
import { pick } from '../route.ts';
import type { Route, RouteCall } from '../route.ts';
import { APP_FILTERS, READ_APPLICATIONS } from './applications.ts';
import { LIST_OPTIONS, objectList, objectsNow, oneObject } from './directory-objects.ts';

/** Properties of `servicePrincipal` in the v1.0 CSDL that a monitor may ask for; createdDateTime: graph-facts 8. */
const PROPERTIES: ReadonlySet<string> = new Set([
  ...['id', 'appId', 'displayName', 'appDisplayName', 'servicePrincipalType', 'appOwnerOrganizationId'],
  ...['accountEnabled', 'signInAudience', 'appRoleAssignmentRequired', 'tags', 'replyUrls', 'homepage'],
  ...['verifiedPublisher', 'passwordCredentials', 'keyCredentials', 'createdDateTime', 'appRoles'],
  ...[
    'oauth2PermissionScopes',
    'servicePrincipalNames',
    'alternativeNames',
    'info',
    'notes',
    'deletedDateTime',
  ],
]);

/** keyCredentials come only where they are selected (graph-facts 8). */
const ONLY_SELECTED = ['keyCredentials'];

/** `GET /servicePrincipals` */
export const servicePrincipals: Route = {
  pattern: 'servicePrincipals',
  permissions: READ_APPLICATIONS,
  options: LIST_OPTIONS,
  answer: (call) =>
    objectList(call, {
      context: 'servicePrincipals',
      type: 'microsoft.graph.servicePrincipal',
      items: () => withAppRoles(call, objectsNow(call, 'servicePrincipals')),
      properties: PROPERTIES,
      filters: { ...APP_FILTERS, 'tags/any': on('string', 'eq') },
      onlyWhenSelected: ONLY_SELECTED,
      relations: { appRoleAssignments: (roles) => (Array.isArray(roles) ? (roles as Raw[]) : []) },
    }),
};

/** `$expand=appRoleAssignments`: the roles that each was given. */
function withAppRoles(call: RouteCall, principals: readonly Raw[]): readonly Raw[] {
  if (!call.query.has('$expand')) return principals;
  const held = Object.groupBy(objectsNow(call, 'appRoleAssignments'), (one) => String(one['principalId']));
  return principals.map((one) => ({ ...one, appRoleAssignments: held[String(one['id'])] ?? [] }));
}

/** `GET /servicePrincipals/{id}` */
export const servicePrincipal: Route = {
  pattern: 'servicePrincipals/{id}',
  permissions: READ_APPLICATIONS,
  options: ['$select'],
  answer(call) {
    const found = oneObject(call, 'servicePrincipals');
    const names = readSelect(call.query, 'microsoft.graph.servicePrincipal', PROPERTIES);
    const whole = Object.entries(found).filter(([name]) => !ONLY_SELECTED.includes(name));
    return {
      '@odata.context': `${call.simulation.origins.graph}/${call.version}/$metadata#servicePrincipals/$entity`,
      ...(names ? pick(found, ['id', ...names]) : Object.fromEntries(whole)),
    };
  },
};

/** `GET /servicePrincipals/{id}/appRoleAssignedTo`: who was given a role of this API. */
export const appRoleAssignedTo: Route = appRoles('appRoleAssignedTo', 'resourceId');

/** `GET /servicePrincipals/{id}/appRoleAssignments`: the roles that this app was given. */
export const appRoleAssignments: Route = appRoles('appRoleAssignments', 'principalId');

function appRoles(name: string, side: 'resourceId' | 'principalId'): Route {
  return {
    pattern: `servicePrincipals/{id}/${name}`,
    permissions: READ_APPLICATIONS,
    options: ['$select', '$filter', '$top', '$skiptoken', '$count'],
    answer(call) {
      const { id } = oneObject(call, 'servicePrincipals');
      return objectList(call, {
        context: `servicePrincipals('${String(id)}')/${name}`,
        type: 'microsoft.graph.appRoleAssignment',
        items: () => objectsNow(call, 'appRoleAssignments').filter((one) => one[side] === id),
        properties: null,
        filters: { resourceId: on('string', 'eq'), principalId: on('string', 'eq') },
      });
    },
  };
}

/** `GET /oauth2PermissionGrants`: no smaller permission than Directory.Read.All (graph-facts A). */
export const oauth2PermissionGrants: Route = {
  pattern: 'oauth2PermissionGrants',
  permissions: ['Directory.Read.All', 'Directory.ReadWrite.All', 'DelegatedPermissionGrant.ReadWrite.All'],
  options: ['$select', '$filter', '$top', '$skiptoken'],
  answer: (call) =>
    objectList(call, {
      context: 'oauth2PermissionGrants',
      type: 'microsoft.graph.oAuth2PermissionGrant',
      items: () => objectsNow(call, 'oauth2Grants'),
      properties: null,
      filters: {
        id: on('string', 'eq'),
        clientId: on('string', 'eq'),
        consentType: on('string', 'eq'),
        principalId: on('string', 'eq'),
        resourceId: on('string', 'eq'),
      },
    }),
};
