import type { DirectoryCollection, Raw } from '../../world.ts';
import { badRequest, GraphFailure } from '../errors.ts';
import { readSelect, readTop } from '../query.ts';
import { notFound, pageOf, pick } from '../route.ts';
import type { Route, RouteCall } from '../route.ts';
import { valueNow } from '../state.ts';
import { objectsNow } from './directory-objects.ts';

const HOUR_MS = 3_600_000;

/** Page size of these lists; not documented, our choice, so that next links occur. */
const PAGE = { default: 100, max: 999 };

/** OData options of Conditional Access lists (graph-facts 9). */
const LIST_OPTIONS = ['$select', '$top', '$skiptoken', '$count'];

/**
 * Conditional Access without P1: a 200 with nothing in it, as was observed; some code expects a 403 (graph-facts B,
 * UNVERIFIED). The limit is that of Identity Protection.
 */
function conditionalAccess(pattern: string, collection: DirectoryCollection): Route {
  return {
    pattern,
    permissions: ['Policy.Read.All'],
    bucket: 'identity-protection',
    options: LIST_OPTIONS,
    answer: (call) =>
      settingsList(call, pattern, () => (call.tenant.licence === 'free' ? [] : objectsNow(call, collection))),
  };
}

/** `GET /identity/conditionalAccess/policies` */
const conditionalAccessPolicies = conditionalAccess(
  'identity/conditionalAccess/policies',
  'conditionalAccessPolicies',
);

/** `GET /identity/conditionalAccess/namedLocations` */
const namedLocations = conditionalAccess('identity/conditionalAccess/namedLocations', 'namedLocations');

export function settingsList(call: RouteCall, context: string, all: () => readonly Raw[]): Raw {
  const names = readSelect(call.query, context, null);
  return pageOf(call, {
    context,
    size: readTop(call.query, PAGE.max, PAGE.default),
    once: false,
    lifeMs: HOUR_MS,
    invalidToken: () => badRequest('Badly formed token.'),
    items: () => (names ? all().map((item) => pick(item, ['id', ...names])) : all()),
  });
}

/** One object of which a tenant has one; `id` is its key among the world's singletons, told or not. */
function single(
  pattern: string,
  id: string,
  permissions: readonly string[],
  hidden: readonly string[] = [],
): Route {
  return {
    pattern,
    permissions,
    options: ['$select'],
    answer(call) {
      const value = valueNow(call.tenant.directory.singletons.get(id), call.now);
      if (!value) throw notFound(id);
      const told = Object.fromEntries(Object.entries(value).filter(([name]) => !hidden.includes(name)));
      const names = readSelect(call.query, pattern, null);
      return {
        '@odata.context': `${call.simulation.origins.graph}/${call.version}/$metadata#${pattern}/$entity`,
        ...(names ? pick(told, names) : told),
      };
    },
  };
}

/** `GET /policies/authenticationMethodsPolicy` */
const authenticationMethodsPolicy = single(
  'policies/authenticationMethodsPolicy',
  'authenticationMethodsPolicy',
  ['Policy.Read.AuthenticationMethod', 'Policy.ReadWrite.AuthenticationMethod', 'Policy.Read.All'],
);

/** `GET /policies/authorizationPolicy` */
const authorizationPolicy = single('policies/authorizationPolicy', 'authorizationPolicy', [
  'Policy.Read.All',
  'Policy.ReadWrite.Authorization',
]);

/** `GET /policies/identitySecurityDefaultsEnforcementPolicy` */
const securityDefaults = single('policies/identitySecurityDefaultsEnforcementPolicy', 'securityDefaults', [
  'Policy.Read.All',
]);

const READ_CROSS_TENANT = ['Policy.Read.All', 'Policy.ReadWrite.CrossTenantAccess'];

/** `GET /policies/crossTenantAccessPolicy/default`: an object without an id. */
const crossTenantDefault = single(
  'policies/crossTenantAccessPolicy/default',
  'crossTenantDefault',
  READ_CROSS_TENANT,
  ['id'],
);

/** `GET /policies/crossTenantAccessPolicy/partners`: known by `tenantId`, without an id. */
const crossTenantPartners: Route = {
  pattern: 'policies/crossTenantAccessPolicy/partners',
  permissions: READ_CROSS_TENANT,
  options: ['$select', '$skiptoken'],
  answer: (call) =>
    settingsList(call, 'policies/crossTenantAccessPolicy/partners', () =>
      objectsNow(call, 'crossTenantPartners').map(({ id: _id, ...partner }) => partner),
    ),
};

/** `GET /admin/sharepoint/settings` (CSDL: sharepointSettings has no id in what it tells). */
const sharePointSettings = single(
  'admin/sharepoint/settings',
  'sharePointSettings',
  ['SharePointTenantSettings.Read.All', 'SharePointTenantSettings.ReadWrite.All'],
  ['id'],
);

const READ_DOMAINS = [
  'Domain.Read.All',
  'Domain.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];

/** `GET /domains`: all at once. */
const domains: Route = {
  pattern: 'domains',
  permissions: READ_DOMAINS,
  options: ['$select', '$skiptoken'],
  answer: (call) =>
    settingsList(call, 'domains', () =>
      objectsNow(call, 'domains').map(({ federationConfiguration: _federation, ...domain }) => domain),
    ),
};

/** `GET /domains/{id}/federationConfiguration`: that of a managed domain is an empty list here (UNVERIFIED). */
const federationConfiguration: Route = {
  pattern: 'domains/{id}/federationConfiguration',
  permissions: ['Domain-InternalFederation.Read.All', 'Domain-InternalFederation.ReadWrite.All'],
  options: ['$select', '$skiptoken'],
  answer(call) {
    const id = (call.params[0] ?? '').toLowerCase();
    const domain = objectsNow(call, 'domains').find((one) => String(one['id']).toLowerCase() === id);
    if (!domain) throw new GraphFailure(404, 'Request_ResourceNotFound', `Resource '${id}' does not exist.`);
    const { federationConfiguration: configurations } = domain;
    return settingsList(call, `domains('${id}')/federationConfiguration`, () =>
      Array.isArray(configurations) ? (configurations as Raw[]) : [],
    );
  },
};

export const policyRoutes: readonly Route[] = [
  conditionalAccessPolicies,
  namedLocations,
  authenticationMethodsPolicy,
  authorizationPolicy,
  securityDefaults,
  crossTenantDefault,
  crossTenantPartners,
  sharePointSettings,
  domains,
  federationConfiguration,
];
