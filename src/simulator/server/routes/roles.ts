import type { Raw } from '../../world.ts';
import { badRequest } from '../errors.ts';
import { checkFilter, matches, on, parseFilter, readPath } from '../filter.ts';
import type { FilterRules } from '../filter.ts';
import { readSelect, readTop } from '../query.ts';
import { keep, pageOf, pick } from '../route.ts';
import type { Route, RouteCall } from '../route.ts';
import { valuesNow } from '../state.ts';
import { directoryObject } from './directory-objects.ts';

const READ_ROLES = [
  'RoleManagement.Read.Directory',
  'RoleManagement.ReadWrite.Directory',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];

/** What assignments and PIM's instances of them can be filtered by. */
export const ROLE_FILTERS: FilterRules = {
  id: on('string', 'eq'),
  principalId: on('string', 'eq'),
  roleDefinitionId: on('string', 'eq'),
};

/** Page size of the role lists; not documented, our choice, so that next links occur. */
const PAGE = { default: 100, max: 999 };
const HOUR_MS = 3_600_000;

/** `GET /roleManagement/directory/roleDefinitions` */
export const roleDefinitions: Route = {
  pattern: 'roleManagement/directory/roleDefinitions',
  permissions: [...READ_ROLES, 'RoleManagement.Read.All'],
  options: ['$select', '$filter', '$top', '$skiptoken'],
  answer: (call) =>
    roleList(call, 'roleDefinitions', () => call.tenant.roleDefinitions, {
      id: on('string', 'eq'),
      displayName: on('string', 'eq', 'startswith'),
      isBuiltIn: on('boolean', 'eq'),
      templateId: on('string', 'eq'),
    }),
};

/** `GET /roleManagement/directory/roleAssignments`: unfiltered works (MAE, CIPP), whatever the page says. */
export const roleAssignments: Route = {
  pattern: 'roleManagement/directory/roleAssignments',
  permissions: READ_ROLES,
  options: ['$select', '$filter', '$expand', '$top', '$skiptoken'],
  answer(call) {
    const expand = readExpand(call);
    return roleList(
      call,
      'roleAssignments',
      () =>
        valuesNow(call.tenant.roleAssignments.values(), call.now).map((raw) => expanded(call, raw, expand)),
      ROLE_FILTERS,
    );
  },
};

/** Relations to expand, each with the properties that a `$select` of its own leaves; null = all. */
export type Expansions = ReadonlyMap<string, readonly string[] | null>;

/** `principal,roleDefinition($select=displayName)` */
export function readExpand(call: RouteCall): Expansions {
  const text = call.query.get('$expand');
  const found = new Map<string, readonly string[] | null>();
  for (const part of text === undefined ? [] : text.split(/,(?![^(]*\))/)) {
    const [, name = part, select] =
      /^(principal|roleDefinition)(?:\(\$select=([\w,]+)\))?$/.exec(part.trim()) ?? [];
    if (name !== 'principal' && name !== 'roleDefinition') {
      throw badRequest(
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.unifiedRoleAssignment'.`,
      );
    }
    found.set(name, select?.split(',') ?? null);
  }
  return found;
}

export function roleList(call: RouteCall, name: string, all: () => readonly Raw[], rules: FilterRules): Raw {
  const select = readSelect(call.query, name, null);
  const text = call.query.get('$filter');
  return pageOf(call, {
    context: `roleManagement/directory/${name}`,
    size: readTop(call.query, PAGE.max, PAGE.default),
    once: false,
    lifeMs: HOUR_MS,
    invalidToken: () => badRequest('Badly formed token.'),
    items() {
      const found = text === undefined ? all() : filtered(all(), text, rules);
      return select ? found.map((item) => pick(item, select)) : found;
    },
  });
}

function filtered(items: readonly Raw[], text: string, rules: FilterRules): Raw[] {
  const filter = parseFilter(text);
  checkFilter(filter, rules, (path) =>
    badRequest(`The property '${path}' is not supported in $filter.`, 'Request_UnsupportedQuery'),
  );
  return items.filter((item) => matches(filter, (path) => readPath(item, path.split('/'))));
}

export function expanded(call: RouteCall, assignment: Raw, expand: Expansions): Raw {
  const { principal, ...rest } = assignment;
  const related = {
    principal: () => (isRaw(principal) ? principal : principalOf(call, assignment)),
    roleDefinition: () => definitionOf(call, assignment),
  };
  const shown = Object.entries(related).flatMap(([name, read]): [string, Raw | null][] => {
    const names = expand.get(name);
    const value = names === undefined ? null : read();
    if (names === undefined) return [];
    return [[name, names && value ? keep(value, ['@odata.type', ...names]) : value]];
  });
  return { ...rest, ...Object.fromEntries(shown) };
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null;
}

function principalOf(call: RouteCall, assignment: Raw): Raw | null {
  return directoryObject(call, String(assignment['principalId']));
}

function definitionOf(call: RouteCall, assignment: Raw): Raw | null {
  return call.tenant.roleDefinitions.find(({ id }) => id === assignment['roleDefinitionId']) ?? null;
}
