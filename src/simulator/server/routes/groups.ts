import type { Raw } from '../../world.ts';
import { badRequest } from '../errors.ts';
import { on } from '../filter.ts';
import type { Route, RouteCall } from '../route.ts';
import { valueNow } from '../state.ts';
import { DELTA_OPTIONS, deltaPage } from './delta.ts';
import {
  directoryObjects,
  LIST_OPTIONS,
  objectList,
  objectsNow,
  oneObject,
  selected,
} from './directory-objects.ts';

/** graph-facts A: members may be read with less than the delta. */
const READ_GROUPS = [
  'Group.ReadBasic.All',
  'Group.Read.All',
  'Group.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];
const READ_MEMBERS = [
  ...READ_GROUPS,
  'GroupMember.ReadBasic.All',
  'GroupMember.Read.All',
  'GroupMember.ReadWrite.All',
];

/** Properties of `group` in the v1.0 CSDL that a monitor may ask for. */
const PROPERTIES: ReadonlySet<string> = new Set([
  ...[
    'id',
    'displayName',
    'description',
    'groupTypes',
    'securityEnabled',
    'mailEnabled',
    'mail',
    'mailNickname',
  ],
  ...[
    'isAssignableToRole',
    'membershipRule',
    'membershipRuleProcessingState',
    'visibility',
    'createdDateTime',
  ],
  ...['onPremisesSyncEnabled', 'renewedDateTime', 'classification', 'deletedDateTime'],
]);

/** Members and owners are relations: here their ids, told by the routes below only. */
const RELATIONS = { members: () => [], owners: () => [] };

/** `GET /groups` */
export const groups: Route = {
  pattern: 'groups',
  permissions: [...READ_GROUPS, 'GroupMember.Read.All'],
  options: LIST_OPTIONS,
  answer: (call) =>
    objectList(call, {
      context: 'groups',
      type: 'microsoft.graph.group',
      items: () => objectsNow(call, 'groups'),
      properties: PROPERTIES,
      filters: {
        id: on('string', 'eq'),
        displayName: on('string', 'eq', 'startswith'),
        securityEnabled: on('boolean', 'eq'),
        mailEnabled: on('boolean', 'eq'),
        'groupTypes/any': on('string', 'eq'),
        isAssignableToRole: on('boolean', 'eq'),
      },
      relations: RELATIONS,
    }),
};

/** `GET /groups/delta`, without `members`: that they are asked for one by one is told in the fact sheet as well. */
export const groupsDelta: Route = {
  pattern: 'groups/delta',
  permissions: READ_GROUPS,
  options: DELTA_OPTIONS,
  answer: (call) =>
    deltaPage(call, {
      collection: 'groups',
      type: 'microsoft.graph.group',
      properties: PROPERTIES,
      defaults: [...PROPERTIES],
      objects: ({ tenant }) => tenant.directory.groups.values(),
      unsupportedFilter: (path) =>
        badRequest(
          `Unsupported or invalid query filter clause specified for property '${path}' of resource 'Group'.`,
          'Request_UnsupportedQuery',
        ),
    }),
};

/** `GET /groups/{id}/members` */
export const groupMembers: Route = membership('members', (_call, group) => idsOf(group));

/** `GET /groups/{id}/owners` */
export const groupOwners: Route = membership('owners', (_call, group) => idsOf(group, 'owners'));

/** `GET /groups/{id}/transitiveMembers`: members of nested groups too, and the groups themselves. */
export const groupTransitiveMembers: Route = membership('transitiveMembers', (call, group) => {
  const seen = new Set<string>();
  const open = idsOf(group);
  for (let id = open.shift(); id !== undefined; id = open.shift()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const nested = valueNow(call.tenant.directory.groups.get(id), call.now);
    if (nested) open.push(...idsOf(nested));
  }
  return [...seen];
});

function membership(name: string, ids: (call: RouteCall, group: Raw) => readonly string[]): Route {
  return {
    pattern: `groups/{id}/${name}`,
    permissions: READ_MEMBERS,
    options: ['$select', '$top', '$skiptoken', '$count'],
    answer(call) {
      const group = oneObject(call, 'groups');
      const names = call.query.get('$select')?.split(',') ?? null;
      return objectList(
        { ...call, query: new Map([...call.query].filter(([key]) => key !== '$select')) },
        {
          context: 'directoryObjects',
          type: 'microsoft.graph.directoryObject',
          items: () => directoryObjects(call, ids(call, group)).map((one) => selected(one, names)),
          properties: null,
          filters: {},
        },
      );
    },
  };
}

function idsOf(group: Raw, relation: 'members' | 'owners' = 'members'): string[] {
  const ids = group[relation];
  return Array.isArray(ids) ? ids.map(String) : [];
}
