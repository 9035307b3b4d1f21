import type {
  DirectoryCollection,
  IdentityData,
  LogRecord,
  Raw,
  SimulatedTenant,
  StateObject,
  World,
} from '../world.ts';
import type { ExchangeRules } from './exchange-admin/rules.ts';
import type { Subscription } from './management/subscriptions.ts';
import type { AuditQueryEntry, AuditSearchRules } from './routes/audit-queries.ts';

/** One state of an object. `order` counts changes made through the control API; what the world brought has 0. */
export interface Version {
  readonly from: number;
  readonly order: number;
  readonly value: Raw | null;
  /** With `value: null`: deleted for good at once instead of going through the recycle bin. */
  readonly permanent?: boolean;
}

export interface LiveObject {
  readonly id: string;
  readonly versions: Version[];
}

/** A moment between two changes: virtual time alone cannot tell changes of the same ms apart. */
export interface Moment {
  readonly at: number;
  readonly order: number;
}

export interface AppState {
  readonly clientId: string;
  secret: { value: string; state: 'valid' | 'expired' | 'removed' };
  readonly certificates: string[];
  roles: string[];
  app: 'present' | 'missing';
  servicePrincipal: 'present' | 'missing' | 'disabled';
}

/** A tenant that tests may change while it is being read. */
export interface TenantState {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  licence: 'free' | 'p1' | 'p2';
  /** True once the control API set the licence: then the SKUs follow it. */
  licenceChanged: boolean;
  readonly app: AppState;
  readonly organization: Raw;
  readonly subscribedSkus: readonly Raw[];
  readonly roleDefinitions: readonly Raw[];
  readonly users: Map<string, LiveObject>;
  readonly roleAssignments: Map<string, LiveObject>;
  readonly messageRules: Map<string, Map<string, LiveObject>>;
  readonly directory: Readonly<Record<DirectoryCollection, Map<string, LiveObject>>>;
  readonly signIns: LogRecord[];
  readonly directoryAudits: LogRecord[];
  /** Records of the unified audit log that no other log shows. */
  readonly unifiedAudits: LogRecord[];
  /** Sign-ins that only a filter by type shows. */
  readonly otherSignIns: LogRecord[];
  readonly riskDetections: LogRecord[];
  readonly principalRiskDetections: LogRecord[];
  readonly riskyUsers: Map<string, LiveObject>;
  readonly riskyPrincipals: Map<string, LiveObject>;
  /** Microsoft Entra Workload ID Premium. */
  workloadId: boolean;
  readonly defenderAlerts: LogRecord[];
  readonly defenderIncidents: LogRecord[];
  /** Onboarded to Microsoft Defender. */
  defender: boolean;
  /** Has an Intune licence. */
  intune: boolean;
  auditing: 'on' | 'off';
  /** By app and content type. */
  readonly subscriptions: Map<string, Subscription>;
  /** What the app may do in Exchange by its role there, and what its answers tell. */
  exchange: ExchangeRules;
  /** Searches of the audit log by id. */
  readonly auditQueries: Map<string, AuditQueryEntry>;
  auditSearch: AuditSearchRules;
  /** ms from the start of a subscription to its first content; null = as drawn, up to 12 h. */
  firstContentMs: number | null;
}

export function createTenants(world: World): Map<string, TenantState> {
  return new Map(world.tenants.map((tenant) => [tenant.id, createTenant(tenant)]));
}

function createTenant(tenant: SimulatedTenant): TenantState {
  const { app } = tenant;
  return {
    id: tenant.id,
    name: tenant.name,
    domain: tenant.defaultDomain,
    licence: tenant.licence,
    licenceChanged: false,
    app: {
      clientId: app.clientId,
      secret: { value: app.secret, state: 'valid' },
      certificates: [...app.certificates],
      roles: [...app.roles],
      app: 'present',
      servicePrincipal: 'present',
    },
    organization: tenant.organization,
    subscribedSkus: tenant.subscribedSkus,
    roleDefinitions: tenant.roleDefinitions,
    users: liveObjects(tenant.users),
    roleAssignments: liveObjects(tenant.roleAssignments),
    messageRules: new Map([...tenant.messageRules].map(([user, rules]) => [user, liveObjects(rules)])),
    directory: liveDirectory(tenant.directory ?? {}),
    signIns: [...tenant.signIns],
    directoryAudits: [...tenant.directoryAudits],
    unifiedAudits: [...(tenant.unifiedAudits ?? [])],
    ...identityState(tenant.identity),
    defenderAlerts: [...(tenant.defender?.alerts ?? [])],
    defenderIncidents: [...(tenant.defender?.incidents ?? [])],
    defender: tenant.defender !== undefined,
    intune: tenant.intune ?? false,
    auditing: 'on',
    subscriptions: new Map(),
    exchange: { role_group: 'none', tells: 'everything' },
    auditQueries: new Map(),
    auditSearch: { runs_ms: null, ends: 'succeeded', most_records: 1_000_000, beta_only: false },
    firstContentMs: null,
  };
}

function identityState(identity: IdentityData | undefined) {
  return {
    otherSignIns: [...(identity?.otherSignIns ?? [])],
    riskDetections: [...(identity?.riskDetections ?? [])],
    principalRiskDetections: [...(identity?.principalRiskDetections ?? [])],
    riskyUsers: liveObjects(identity?.riskyUsers ?? []),
    riskyPrincipals: liveObjects(identity?.riskyPrincipals ?? []),
    workloadId: false,
  };
}

function liveDirectory(directory: NonNullable<SimulatedTenant['directory']>): TenantState['directory'] {
  const of = (collection: DirectoryCollection) => liveObjects(directory[collection] ?? []);
  return {
    applications: of('applications'),
    servicePrincipals: of('servicePrincipals'),
    oauth2Grants: of('oauth2Grants'),
    appRoleAssignments: of('appRoleAssignments'),
    groups: of('groups'),
    roleEligibility: of('roleEligibility'),
    roleAssignmentSchedules: of('roleAssignmentSchedules'),
    conditionalAccessPolicies: of('conditionalAccessPolicies'),
    namedLocations: of('namedLocations'),
    singletons: of('singletons'),
    crossTenantPartners: of('crossTenantPartners'),
    domains: of('domains'),
    devices: of('devices'),
    managedDevices: of('managedDevices'),
    authenticationMethods: of('authenticationMethods'),
    secureScores: of('secureScores'),
    mailboxSettings: of('mailboxSettings'),
    exchangeMailboxes: of('exchangeMailboxes'),
  };
}

function liveObjects(objects: readonly StateObject[]): Map<string, LiveObject> {
  return new Map(
    objects.map(({ id, versions }) => [
      id,
      { id, versions: versions.map((version) => ({ ...version, order: 0 })) },
    ]),
  );
}

/** The version in force at a moment; undefined before the object existed. */
export function versionAt(object: LiveObject, moment: Moment): Version | undefined {
  return object.versions.findLast(({ from, order }) => from <= moment.at && order <= moment.order);
}

/** The object as it is now, null when it does not exist (yet, or any more). */
export function valueNow(object: LiveObject | undefined, now: number): Raw | null {
  if (!object) return null;
  return versionAt(object, { at: now, order: Infinity })?.value ?? null;
}

/** All objects that exist now, in the order in which they were added. */
export function valuesNow(objects: Iterable<LiveObject>, now: number): Raw[] {
  return [...objects].map((object) => valueNow(object, now)).filter((value) => value !== null);
}

/** Adds a version; versions of the future that the world already holds stay behind it. */
export function addVersion(objects: Map<string, LiveObject>, id: string, version: Version): void {
  const object = objects.get(id) ?? { id, versions: [] };
  objects.set(id, object);
  const place = object.versions.findLastIndex(({ from }) => from <= version.from) + 1;
  object.versions.splice(place, 0, version);
}

/** A log record as it can be read now: null before it is available, else its latest available form. */
export function recordNow(log: LogRecord, now: number): Raw | null {
  if (log.availableAt > now) return null;
  return log.revisions?.findLast(({ availableAt }) => availableAt <= now)?.record ?? log.record;
}
