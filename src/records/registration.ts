import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, objects, own, sorted, text, texts, type Raw } from './property.ts';

/** userRegistrationDetails: what Microsoft's report says of one user. When the report was made is left out. */
export function parseRegistrationDetails(raw: unknown): Parsed<EntityRecord> {
  const details = object(raw);
  const id = objectId(own(details, 'id'));
  if (details === null || id === null) return refused('the registration details have no id');
  const json = {
    kind: text(own(details, 'userType')),
    admin: flag(own(details, 'isAdmin')),
    mfa_registered: flag(own(details, 'isMfaRegistered')),
    mfa_capable: flag(own(details, 'isMfaCapable')),
    passwordless: flag(own(details, 'isPasswordlessCapable')),
    reset_registered: flag(own(details, 'isSsprRegistered')),
    reset_enabled: flag(own(details, 'isSsprEnabled')),
    reset_capable: flag(own(details, 'isSsprCapable')),
    methods: sorted(texts(own(details, 'methodsRegistered'))),
    preferred: preferred(details),
    system_preferred: sorted(texts(own(details, 'systemPreferredAuthenticationMethods'))),
  };
  return accepted({ kind: 'registration_details', id, json, scalars: {} });
}

/** Three names in the life of one property. */
function preferred(details: Raw): string | null {
  const names = ['userPreferredMethodForSecondaryAuthentication', 'defaultMfaMethod', 'defaultMethod'];
  const found = names.map((name) => text(own(details, name))).find((value) => value !== null);
  return found === undefined || found === 'none' ? null : found;
}

/** How the collector hands over one user's methods: Graph's list does not name the user. */
export interface AuthenticationMethodsInput {
  readonly userId: string;
  readonly methods: readonly unknown[];
}

/** The report's word for each kind of method, and whether it is a second factor. A password is neither. */
const METHODS: ReadonlyMap<string, { readonly name: string; readonly factor: boolean }> = new Map([
  ['microsoftauthenticator', { name: 'microsoftAuthenticatorPush', factor: true }],
  ['passwordlessmicrosoftauthenticator', { name: 'microsoftAuthenticatorPasswordless', factor: true }],
  ['softwareoath', { name: 'softwareOneTimePasscode', factor: true }],
  ['hardwareoath', { name: 'hardwareOneTimePasscode', factor: true }],
  ['fido2', { name: 'fido2SecurityKey', factor: true }],
  ['windowshelloforbusiness', { name: 'windowsHelloForBusiness', factor: true }],
  ['x509certificate', { name: 'x509Certificate', factor: true }],
  ['temporaryaccesspass', { name: 'temporaryAccessPass', factor: false }],
  ['email', { name: 'email', factor: false }],
]);

const PHONES: ReadonlyMap<string, string> = new Map([
  ['mobile', 'mobilePhone'],
  ['alternatemobile', 'alternateMobilePhone'],
  ['office', 'officePhone'],
]);

/**
 * The authentication methods of one user, read one by one where there is no report. What the report alone says (reset,
 * preferred method, what the policy lets count) is not here. `devices` tells two of a kind apart.
 */
export function parseAuthenticationMethods(raw: unknown): Parsed<EntityRecord> {
  const input = object(raw);
  const id = objectId(own(input, 'userId'));
  if (id === null || !Array.isArray(own(input, 'methods')))
    return refused('the authentication methods name no user');
  const found = objects(own(input, 'methods'))
    .map(methodOf)
    .filter((method) => method !== null);
  const json = {
    mfa_registered: found.some((method) => method.factor),
    methods: sorted(found.map((method) => method.name)),
    devices: sorted(found.map((method) => `${method.name}:${method.id}`)),
  };
  return accepted({ kind: 'authentication_methods', id, json, scalars: {} });
}

/** Null for the password, which everybody has. A method of a kind that is new to us keeps its own name and is no factor. */
function methodOf(method: Raw): { name: string; factor: boolean; id: string } | null {
  const short = kindOf(method);
  const id = text(own(method, 'id')) ?? '';
  if (short === 'password') return null;
  if (short === 'phone') return { name: phoneOf(method), factor: true, id };
  const known = METHODS.get(short.toLowerCase());
  return { name: short, factor: false, ...known, id };
}

function phoneOf(method: Raw): string {
  return PHONES.get(text(own(method, 'phoneType'))?.toLowerCase() ?? '') ?? 'phone';
}

/** `#microsoft.graph.fido2AuthenticationMethod` is `fido2`. */
function kindOf(method: Raw): string {
  const type = text(own(method, '@odata.type'))?.split('.').at(-1) ?? 'unknown';
  return type.replace(/AuthenticationMethod$/, '');
}
