import type { Raw } from '../../world.ts';
import { checkFilter, matches, on, parseFilter, readPath } from '../filter.ts';
import type { FilterRules } from '../filter.ts';
import { badRequest, nonPremium } from '../errors.ts';
import { readTop } from '../query.ts';
import { notFound, pageOf } from '../route.ts';
import type { Route, RouteCall } from '../route.ts';
import { valueNow, valuesNow } from '../state.ts';
import { DELTA_OPTIONS, deltaPage } from './delta.ts';
import { objectsNow } from './directory-objects.ts';
import { policyRoutes, settingsList } from './policies.ts';
import { findUser } from './users.ts';

const DAY_MS = 86_400_000;

/** Properties of `device` in the v1.0 CSDL that a monitor may ask for (graph-facts 17). */
const DEVICE_PROPERTIES: ReadonlySet<string> = new Set([
  ...['id', 'deviceId', 'displayName', 'accountEnabled', 'approximateLastSignInDateTime', 'isCompliant'],
  ...['isManaged', 'trustType', 'operatingSystem', 'operatingSystemVersion', 'registrationDateTime'],
  ...['onPremisesSyncEnabled', 'manufacturer', 'model', 'profileType', 'deviceVersion', 'createdDateTime'],
  ...['deletedDateTime', 'deviceOwnership', 'managementType', 'mdmAppId'],
]);

/** `GET /devices/delta` */
const devicesDelta: Route = {
  pattern: 'devices/delta',
  permissions: ['Device.Read.All'],
  options: DELTA_OPTIONS,
  answer: (call) =>
    deltaPage(call, {
      collection: 'devices',
      type: 'microsoft.graph.device',
      properties: DEVICE_PROPERTIES,
      defaults: [...DEVICE_PROPERTIES],
      objects: ({ tenant }) => tenant.directory.devices.values(),
      unsupportedFilter: (path) =>
        badRequest(
          `Unsupported or invalid query filter clause specified for property '${path}' of resource 'Device'.`,
          'Request_UnsupportedQuery',
        ),
    }),
};

/** Kept 90 days, the newest first; `$top` counts days (graph-facts 15). */
const SCORES_KEPT_MS = 90 * DAY_MS;

/** `GET /security/secureScores`: with `$top` a next link leads on to the older ones. */
const secureScores: Route = {
  pattern: 'security/secureScores',
  permissions: ['SecurityEvents.Read.All', 'SecurityEvents.ReadWrite.All'],
  bucket: 'security',
  options: ['$top', '$skiptoken'],
  answer: (call) =>
    pageOf(call, {
      context: 'security/secureScores',
      size: readTop(call.query, 999, 100),
      once: false,
      lifeMs: DAY_MS,
      invalidToken: () => badRequest('Badly formed token.'),
      items: () =>
        objectsNow(call, 'secureScores')
          .filter((score) => Date.parse(String(score['createdDateTime'])) > call.now - SCORES_KEPT_MS)
          .toReversed(),
    }),
};

const yesOrNo = on('boolean', 'eq');

/** authenticationmethodsroot-list-userregistrationdetails.md, as far as the CLI for Microsoft 365 asks for it. */
const REGISTRATION_FILTERS: FilterRules = {
  id: on('string', 'eq'),
  userPrincipalName: on('string', 'eq'),
  userType: on('string', 'eq'),
  isAdmin: yesOrNo,
  isMfaCapable: yesOrNo,
  isMfaRegistered: yesOrNo,
  isPasswordlessCapable: yesOrNo,
  'methodsRegistered/any': on('string', 'eq'),
};

/** `GET /reports/authenticationMethods/userRegistrationDetails`: P1; disabled users are left out (UNVERIFIED). */
const userRegistrationDetails: Route = {
  pattern: 'reports/authenticationMethods/userRegistrationDetails',
  permissions: ['AuditLog.Read.All'],
  bucket: 'reports',
  options: ['$filter', '$orderby', '$top', '$skiptoken'],
  answer(call) {
    if (call.tenant.licence === 'free') throw nonPremium();
    if (call.query.has('$orderby')) throw badRequest('Invalid filter clause');
    const text = call.query.get('$filter');
    const filter = text === undefined ? null : parseFilter(text);
    if (filter) checkFilter(filter, REGISTRATION_FILTERS, () => badRequest('Invalid filter clause'));
    return settingsList(call, 'reports/authenticationMethods/userRegistrationDetails', () => {
      const users = valuesNow(call.tenant.users.values(), call.now);
      const all = users.filter((user) => user['accountEnabled'] !== false);
      const found = all.map((user) => registration(call, user));
      return found.filter((one) => !filter || matches(filter, (path) => readPath(one, path.split('/'))));
    });
  },
};

/** `GET /users/{id}/authentication/methods` */
const authenticationMethods: Route = {
  pattern: 'users/{id}/authentication/methods',
  permissions: ['UserAuthenticationMethod.Read.All', 'UserAuthenticationMethod.ReadWrite.All'],
  options: ['$select', '$top', '$skiptoken'],
  answer(call) {
    const user = findUser(call, call.params[0] ?? '');
    if (!user) throw notFound(call.params[0] ?? '');
    const id = String(user['id']);
    return settingsList(call, `users('${id}')/authentication/methods`, () => methodsOf(call, id));
  },
};

function methodsOf(call: RouteCall, user: string): readonly Raw[] {
  const held = valueNow(call.tenant.directory.authenticationMethods.get(user), call.now)?.['methods'];
  return Array.isArray(held) ? (held as Raw[]) : [];
}

/** Words of the report by kind of method (graph-facts 10); a password is not registered. */
const REPORTED: Readonly<Record<string, string>> = {
  microsoftAuthenticatorAuthenticationMethod: 'microsoftAuthenticatorPush',
  softwareOathAuthenticationMethod: 'softwareOneTimePasscode',
  phoneAuthenticationMethod: 'mobilePhone',
  fido2AuthenticationMethod: 'fido2SecurityKey',
  windowsHelloForBusinessAuthenticationMethod: 'windowsHelloForBusiness',
  emailAuthenticationMethod: 'email',
};

function registration(call: RouteCall, user: Raw): Raw {
  const id = String(user['id']);
  const methods = methodsOf(call, id).flatMap((method) => {
    const type = String(method['@odata.type']).split('.').at(-1) ?? '';
    return REPORTED[type] === undefined ? [] : [REPORTED[type]];
  });
  const factor = methods.some((method) => method !== 'email');
  const passwordless = methods.some((method) =>
    ['fido2SecurityKey', 'windowsHelloForBusiness'].includes(method),
  );
  return {
    id,
    userPrincipalName: user['userPrincipalName'],
    userDisplayName: user['displayName'],
    userType: String(user['userType']).toLowerCase() === 'guest' ? 'guest' : 'member',
    isAdmin: valuesNow(call.tenant.roleAssignments.values(), call.now).some(
      (one) => one['principalId'] === id,
    ),
    isSsprRegistered: false,
    isSsprEnabled: false,
    isSsprCapable: false,
    isMfaRegistered: factor,
    isMfaCapable: factor,
    isPasswordlessCapable: passwordless,
    methodsRegistered: methods,
    isSystemPreferredAuthenticationMethodEnabled: true,
    systemPreferredAuthenticationMethods: methods.slice(0, 1),
    userPreferredMethodForSecondaryAuthentication: methods.includes('microsoftAuthenticatorPush')
      ? 'push'
      : 'none',
    // The report is made anew each day.
    lastUpdatedDateTime: new Date(Math.floor(call.now / DAY_MS) * DAY_MS).toISOString(),
  };
}

/** Policies, settings and posture. */
export const settingsRoutes: readonly Route[] = [
  ...policyRoutes,
  devicesDelta,
  secureScores,
  userRegistrationDetails,
  authenticationMethods,
];
