import { DAY, isoSeconds } from './calendar.ts';
import * as known from './data/apps.ts';
import type { App } from './data/apps.ts';
import { APP_ROLES } from './data/permissions.ts';
import type { TenantDraft } from './draft.ts';
import type { Raw } from '../world.ts';

/** Owner of Microsoft's own applications: merill/microsoft-info, MicrosoftApps.json @43b8a5d (AppOwnerOrganizationId). */
export const MICROSOFT_SERVICES = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a';

/** Application and service principal in one: registered here, or elsewhere and only present. */
export interface AppFacts {
  readonly name: string;
  readonly id: string;
  readonly appId: string;
  readonly from: number;
  readonly ownerTenant: string;
  readonly publisher?: string;
}

/** Adds one object from a time on. */
export function addObject(
  draft: TenantDraft,
  collection: keyof TenantDraft['directory'],
  from: number,
  value: Raw & { readonly id: string },
): void {
  draft.directory[collection].push({ id: value.id, versions: [{ from, value }] });
}

/** Microsoft's applications, the watching app, and those that a company has: state that agrees with the audits. */
export function addApplications(draft: TenantDraft, watching: { clientId: string; roles: string[] }): void {
  addMicrosoftApps(draft);
  addWatchingApp(draft, watching);
  addPrograms(draft);
  if (draft.cast.key === 'muster-bau') addWebsite(draft);
}

function founded(draft: TenantDraft): number {
  return Date.parse(draft.cast.founded);
}

function addMicrosoftApps(draft: TenantDraft): void {
  const apps = new Map(
    Object.values(known)
      .filter((value): value is App => typeof value === 'object' && 'appId' in value)
      .map((app) => [app.appId, app.name]),
  );
  for (const [appId, name] of apps) {
    const facts = { name, appId, id: principalId(draft, appId), from: founded(draft) };
    addPrincipal(draft, { ...facts, ownerTenant: MICROSOFT_SERVICES });
  }
  // The audits name these by their service's name (audit.ts).
  for (const [name, appId] of [
    [known.SUBSTRATE_MANAGEMENT, '98db8bd6-0cc0-4e67-9de5-f187f1cd1b41'],
    [known.DEVICE_REGISTRATION, '01cb2876-7ebd-4aa4-9cc9-d28bd4d359a9'],
  ] as const) {
    const id = draft.random.fork('service principal', name).guid();
    addPrincipal(draft, { name, appId, id, from: founded(draft), ownerTenant: MICROSOFT_SERVICES });
  }
}

/** Object id of an application's service principal in this tenant. */
export function principalId(draft: TenantDraft, appId: string): string {
  return draft.random.fork('service principal', appId).guid();
}

/** An application as it is present here. */
export function addPrincipal(draft: TenantDraft, facts: AppFacts): void {
  const microsoft = facts.ownerTenant === MICROSOFT_SERVICES;
  const roles = APP_ROLES[facts.appId] ?? [];
  addObject(draft, 'servicePrincipals', facts.from, {
    id: facts.id,
    deletedDateTime: null,
    accountEnabled: true,
    appId: facts.appId,
    appDisplayName: facts.name,
    displayName: facts.name,
    appOwnerOrganizationId: facts.ownerTenant,
    appRoleAssignmentRequired: false,
    createdDateTime: isoSeconds(facts.from),
    servicePrincipalType: 'Application',
    signInAudience: facts.ownerTenant === draft.id ? 'AzureADMyOrg' : 'AzureADMultipleOrgs',
    servicePrincipalNames: [facts.appId],
    tags: microsoft ? [] : ['WindowsAzureActiveDirectoryIntegratedApp'],
    replyUrls: [],
    verifiedPublisher: verified(facts.publisher, facts.from),
    passwordCredentials: [],
    keyCredentials: [],
    oauth2PermissionScopes: [],
    appRoles: roles.map(([value, id]) => ({
      id,
      value,
      displayName: value,
      description: value,
      isEnabled: true,
      origin: 'Application',
      allowedMemberTypes: ['Application'],
    })),
  });
}

function verified(name: string | undefined, at: number): Raw {
  const nobody = { displayName: null, verifiedPublisherId: null, addedDateTime: null };
  return name === undefined
    ? nobody
    : {
        displayName: name,
        verifiedPublisherId: String(name.length).padStart(7, '4'),
        addedDateTime: isoSeconds(at),
      };
}

/** An application that was registered in this tenant, with its service principal. */
function register(draft: TenantDraft, name: string, from: number, more: Raw): { id: string; appId: string } {
  const random = draft.random.fork('application', name);
  const appId = String(more['appId'] ?? programId(draft, name));
  const id = random.fork('object').guid();
  const first = {
    id,
    deletedDateTime: null,
    appId,
    displayName: name,
    createdDateTime: isoSeconds(from),
    signInAudience: 'AzureADMyOrg',
    publisherDomain: draft.cast.domain,
    verifiedPublisher: verified(undefined, from),
    identifierUris: [],
    passwordCredentials: [],
    keyCredentials: [],
    requiredResourceAccess: [],
    web: { redirectUris: [], homePageUrl: null, logoutUrl: null },
    spa: { redirectUris: [] },
    publicClient: { redirectUris: [] },
    tags: [],
    owners: [],
    federatedIdentityCredentials: [],
    ...more,
  };
  addObject(draft, 'applications', from, first);
  addPrincipal(draft, { name, id: principalId(draft, appId), appId, from, ownerTenant: draft.id });
  return { id, appId };
}

/** Gives an application a permission of an API; the ids are Microsoft's. */
function permit(draft: TenantDraft, appId: string, api: App, permission: string, from: number): void {
  const role = APP_ROLES[api.appId]?.find(([name]) => name === permission);
  if (!role) return;
  const id = draft.random.fork('app role', appId, api.appId, permission).text(43, ID_ALPHABET);
  const principal = draft.directory.servicePrincipals.find(
    ({ id: one }) => one === principalId(draft, appId),
  );
  addObject(draft, 'appRoleAssignments', from, {
    id,
    deletedDateTime: null,
    appRoleId: role[1],
    createdDateTime: isoSeconds(from),
    principalDisplayName: principal?.versions[0]?.value?.['displayName'] ?? null,
    principalId: principalId(draft, appId),
    principalType: 'ServicePrincipal',
    resourceDisplayName: api.name,
    resourceId: principalId(draft, api.appId),
  });
}

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Our own registration: what it may do stands in the tenant like any other app's. */
function addWatchingApp(draft: TenantDraft, watching: { clientId: string; roles: string[] }): void {
  const from = draft.from - 2 * DAY;
  register(draft, 'tenantwatch', from, {
    appId: watching.clientId,
    passwordCredentials: [
      {
        ...secret(draft, 'watching', 'tenantwatch', from, from + 180 * DAY),
        keyId: draft.random.fork('key', watching.clientId).guid(),
      },
    ],
  });
  for (const role of watching.roles) {
    for (const api of [known.GRAPH, known.MANAGEMENT]) permit(draft, watching.clientId, api, role, from);
  }
}

function secret(draft: TenantDraft, key: string, displayName: string, from: number, to: number): Raw {
  const random = draft.random.fork('secret', key);
  return {
    customKeyIdentifier: null,
    displayName,
    startDateTime: isoSeconds(from),
    endDateTime: isoSeconds(to),
    hint: random.text(3, ID_ALPHABET),
    keyId: random.guid(),
    secretText: null,
  };
}

/** appId of a program of the company; it signs in by itself under this one (principal-sign-ins.ts). */
function programId(draft: TenantDraft, name: string): string {
  return draft.random.fork('program', name).guid();
}

/** Two programs that work at night: an archive of mail with a certificate, and one with a secret that compares people. */
function addPrograms(draft: TenantDraft): void {
  const from = founded(draft) + 400 * DAY;
  const end = draft.to + 300 * DAY;
  const owner = draft.people.find((person) => person.key === draft.cast.operator);
  const owners = owner ? [owner.id] : [];
  const certificate = {
    customKeyIdentifier: draft.random.fork('thumbprint').text(27, ID_ALPHABET),
    displayName: 'CN=mailarchiv',
    endDateTime: isoSeconds(end),
    key: null,
    keyId: keyId(draft, 'Mailarchiv'),
    startDateTime: isoSeconds(from),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
  };
  const archive = register(draft, 'Mailarchiv', from, { keyCredentials: [certificate], owners });
  permit(draft, archive.appId, known.EXCHANGE, 'full_access_as_app', from);
  const password = {
    ...secret(draft, 'people', 'Abgleich', from, end),
    keyId: keyId(draft, 'Personalabgleich'),
  };
  const people = register(draft, 'Personalabgleich', from, {
    passwordCredentials: [password],
    owners,
    requiredResourceAccess: [
      { resourceAppId: known.GRAPH.appId, resourceAccess: [{ id: roleId('User.Read.All'), type: 'Role' }] },
    ],
  });
  permit(draft, people.appId, known.GRAPH, 'User.Read.All', from);
}

/** The key that the program's sign-ins name. */
function keyId(draft: TenantDraft, name: string): string {
  return draft.random.fork('key', programId(draft, name)).guid();
}

function roleId(name: string): string {
  return APP_ROLES[known.GRAPH.appId]?.find(([one]) => one === name)?.[1] ?? '';
}

/**
 * The website publishes itself from GitHub without a secret of its own; the secret of its contact form was replaced shortly
 * before the data begin, and the old one still works for some days.
 */
function addWebsite(draft: TenantDraft): void {
  const renewedAt = draft.from - 3 * DAY;
  register(draft, 'Website', founded(draft) + 800 * DAY, {
    passwordCredentials: [
      secret(draft, 'form 2', 'Kontaktformular', renewedAt, renewedAt + 365 * DAY),
      secret(draft, 'form 1', 'Kontaktformular', renewedAt - 350 * DAY, renewedAt + 15 * DAY),
    ],
    web: { redirectUris: [`https://www.${draft.cast.domain}/auth`], homePageUrl: null, logoutUrl: null },
    federatedIdentityCredentials: [
      {
        id: draft.random.fork('federated').guid(),
        name: 'github-main',
        issuer: 'https://token.actions.githubusercontent.com',
        subject: `repo:${draft.cast.key}/website:ref:refs/heads/main`,
        description: null,
        audiences: ['api://AzureADTokenExchange'],
      },
    ],
  });
}
