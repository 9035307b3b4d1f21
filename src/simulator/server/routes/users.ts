import type { Raw } from '../../world.ts';
import { badRequest, expiredPageToken, GraphFailure, insufficientPrivileges, nonPremium } from '../errors.ts';
import { checkFilter, matches, on, parseFilter, readPath } from '../filter.ts';
import type { FilterRules } from '../filter.ts';
import { readSelect, readTop } from '../query.ts';
import { notFound, pageOf } from '../route.ts';
import type { Route, RouteCall } from '../route.ts';
import { signInActivities } from './sign-in-activity.ts';
import { valueNow, valuesNow } from '../state.ts';

/** What `/users` returns where nothing is selected (graph-facts 5). */
export const DEFAULT_USER_PROPERTIES: readonly string[] = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
];

/** Selectable properties: msgraph-metadata v1.0 CSDL `user`, those that a monitor may ask for (graph-facts 5). */
export const USER_PROPERTIES: ReadonlySet<string> = new Set([
  ...DEFAULT_USER_PROPERTIES,
  ...['accountEnabled', 'ageGroup', 'assignedLicenses', 'assignedPlans', 'city', 'companyName', 'country'],
  ...['createdDateTime', 'creationType', 'deletedDateTime', 'department', 'employeeHireDate', 'employeeId'],
  ...['employeeLeaveDateTime', 'employeeType', 'externalUserState', 'externalUserStateChangeDateTime'],
  ...['faxNumber', 'identities', 'imAddresses', 'isManagementRestricted', 'isResourceAccount'],
  ...['lastPasswordChangeDateTime', 'licenseAssignmentStates', 'mailNickname', 'onPremisesDistinguishedName'],
  ...[
    'onPremisesDomainName',
    'onPremisesImmutableId',
    'onPremisesLastSyncDateTime',
    'onPremisesSamAccountName',
  ],
  ...['onPremisesSecurityIdentifier', 'onPremisesSyncEnabled', 'onPremisesUserPrincipalName', 'otherMails'],
  ...['passwordPolicies', 'postalCode', 'proxyAddresses', 'securityIdentifier', 'showInAddressList'],
  ...[
    'signInActivity',
    'signInSessionsValidFromDateTime',
    'state',
    'streetAddress',
    'usageLocation',
    'userType',
  ],
]);

const LISTS = new Set(
  'assignedLicenses assignedPlans businessPhones identities imAddresses licenseAssignmentStates otherMails proxyAddresses'.split(
    ' ',
  ),
);

/** Selecting one of these in a collection is 501 (PT:resources/user.md). */
const NOT_IN_COLLECTIONS = new Set([
  'mailboxSettings',
  'aboutMe',
  'birthday',
  'hireDate',
  'interests',
  'skills',
]);

const FILTERS: FilterRules = {
  id: on('string', 'eq'),
  accountEnabled: on('boolean', 'eq'),
  userType: on('string', 'eq'),
  userPrincipalName: on('string', 'eq', 'startswith'),
  displayName: on('string', 'eq', 'startswith'),
  mail: on('string', 'eq', 'startswith'),
  createdDateTime: on('datetime', 'eq', 'ge', 'le'),
};

const HOUR_MS = 3_600_000;

/** $top of `/users`: default 100, at most 999, and 500 with signInActivity (graph-facts 5). */
const PAGE = { default: 100, max: 999, withActivity: 500 };

export const READ_USERS = [
  'User.ReadBasic.All',
  'User.Read.All',
  'User.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
  'AgentIdUser.ReadWrite.All',
  'AgentIdUser.ReadWrite.IdentityParentedBy',
  'DeviceManagementApps.Read.All',
  'DeviceManagementApps.ReadWrite.All',
  'DeviceManagementConfiguration.Read.All',
  'DeviceManagementConfiguration.ReadWrite.All',
  'DeviceManagementManagedDevices.Read.All',
];

/** `GET /users` */
export const users: Route = {
  pattern: 'users',
  permissions: READ_USERS,
  options: ['$select', '$filter', '$top', '$skiptoken', '$count', '$orderby'],
  answer(call) {
    const names = selectedUserProperties(call);
    const size = readTop(call.query, PAGE.max, PAGE.default);
    if (names.includes('signInActivity') && size > PAGE.withActivity) {
      throw badRequest(`Cannot query data for more than ${PAGE.withActivity} users at a time.`);
    }
    return pageOf(call, {
      context: call.query.has('$select') ? `users(${names.join(',')})` : 'users',
      size,
      once: false,
      lifeMs: HOUR_MS,
      invalidToken: expiredPageToken,
      items: () => projectAll(call, listUsers(call), names),
      first: () => countOf(call),
    });
  },
};

/** `GET /users/{id or userPrincipalName}` */
export const user: Route = {
  pattern: 'users/{id}',
  permissions: READ_USERS,
  options: ['$select'],
  answer(call) {
    const names = selectedUserProperties(call);
    const found = findUser(call, call.params[0] ?? '');
    if (!found) throw notFound(call.params[0] ?? '');
    return {
      '@odata.context': `${call.simulation.origins.graph}/${call.version}/$metadata#users/$entity`,
      ...projectAll(call, [found], names)[0],
    };
  },
};

export function findUser(call: RouteCall, idOrName: string): Raw | null {
  const name = idOrName.toLowerCase();
  const known = call.tenant.users.get(name);
  if (known) return valueNow(known, call.now);
  const all = valuesNow(call.tenant.users.values(), call.now);
  return all.find((u) => u['id'] === name || String(u['userPrincipalName']).toLowerCase() === name) ?? null;
}

function listUsers(call: RouteCall): Raw[] {
  const all = valuesNow(call.tenant.users.values(), call.now);
  const text = call.query.get('$filter');
  const found = text === undefined ? all : filterUsers(all, text);
  const order = call.query.get('$orderby');
  if (order === undefined) return found;
  if (text !== undefined || !['displayName', 'userPrincipalName'].includes(order)) {
    throw badRequest('Sorting not supported for current query.', 'Request_UnsupportedQuery');
  }
  return found.toSorted((a, b) => String(a[order]).localeCompare(String(b[order]), 'en'));
}

function filterUsers(all: readonly Raw[], text: string): Raw[] {
  const filter = parseFilter(text);
  checkFilter(filter, FILTERS, unsupportedUserFilter);
  return all.filter((candidate) => matches(filter, (path) => readPath(candidate, path.split('/'))));
}

export function unsupportedUserFilter(path: string): GraphFailure {
  return badRequest(
    `Unsupported or invalid query filter clause specified for property '${path}' of resource 'User'.`,
    'Request_UnsupportedQuery',
  );
}

/** $count is an advanced query: without `ConsistencyLevel: eventual` it is ignored (aad-advanced-queries.md); the count is in the first page only (query-parameters.md). */
function countOf(call: RouteCall): Raw {
  if (call.query.get('$count') !== 'true' || call.header('consistencylevel') !== 'eventual') return {};
  return { '@odata.count': listUsers(call).length };
}

/** The properties to return; throws what the real service answers for those that the tenant or the app may not have. */
function selectedUserProperties(call: RouteCall): readonly string[] {
  const barred = call.query
    .get('$select')
    ?.split(',')
    .find((name) => NOT_IN_COLLECTIONS.has(name.trim()));
  if (barred) throw new GraphFailure(501, 'NotImplemented', `Selecting '${barred.trim()}' is not supported.`);
  const names = readSelect(call.query, 'microsoft.graph.user', USER_PROPERTIES);
  if (names?.includes('signInActivity')) {
    if (!call.claims.roles.includes('AuditLog.Read.All')) throw insufficientPrivileges();
    if (call.tenant.licence === 'free') throw nonPremium();
  }
  return names ?? DEFAULT_USER_PROPERTIES;
}

function projectAll(call: RouteCall, found: readonly Raw[], names: readonly string[]): Raw[] {
  if (!names.includes('signInActivity')) return found.map((one) => project(call, one, names));
  const activityOf = signInActivities(call);
  return found.map((one) => {
    const signInActivity = activityOf(one);
    const others = names.filter((name) => name !== 'signInActivity');
    return { ...project(call, one, others), ...(signInActivity === undefined ? {} : { signInActivity }) };
  });
}

function project(call: RouteCall, user: Raw, names: readonly string[]): Raw {
  const visible = hideLeaveDate(call, user);
  return Object.fromEntries(
    [...new Set([...names, 'id'])].map((name) => [name, visible[name] ?? (LISTS.has(name) ? [] : null)]),
  );
}

/** employeeLeaveDateTime needs its own permission (graph-facts 5, UNVERIFIED); without it the value reads null here. */
export function hideLeaveDate(call: RouteCall, user: Raw): Raw {
  const allowed = call.claims.roles.some((role) => role.startsWith('User-LifeCycleInfo.Read'));
  return allowed ? user : { ...user, employeeLeaveDateTime: null };
}
