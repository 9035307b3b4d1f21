/**
 * What the simulated Microsoft 365 holds: facts with the time from which they are true.
 * The generator (generate/) makes a World from a seed; the server (server/) answers from it and knows no story.
 * Raw objects are in Graph's wire shape; sign-ins in the full beta shape (the server drops what v1.0 lacks).
 * Times are UTC epoch ms on the virtual clock.
 */

export type Raw = Record<string, unknown>;

/** One directory object over time. `value: null` = deleted from then on. Versions are sorted by `from`. */
export interface StateObject {
  readonly id: string;
  readonly versions: readonly { readonly from: number; readonly value: Raw | null }[];
}

/** Collections of directory objects besides users and role assignments. */
export type DirectoryCollection =
  | 'applications'
  | 'servicePrincipals'
  | 'oauth2Grants'
  | 'appRoleAssignments'
  | 'groups'
  | 'roleEligibility'
  | 'roleAssignmentSchedules'
  | SettingsCollection;

/** Policies, settings and posture. */
export type SettingsCollection =
  | 'conditionalAccessPolicies'
  | 'namedLocations'
  | 'singletons'
  | 'crossTenantPartners'
  | 'domains'
  | 'devices'
  | 'managedDevices'
  | 'authenticationMethods'
  | 'secureScores'
  | 'mailboxSettings'
  | 'exchangeMailboxes';

/** One log record. It can be read from `availableAt` on (delivery takes minutes), and may be revised later. */
export interface LogRecord {
  readonly id: string;
  /** Event time as in the record itself. */
  readonly at: number;
  readonly availableAt: number;
  readonly record: Raw;
  /** Of a sign-in whose record is made when it is asked for: what is asked of every one of them. */
  readonly known?: KnownOfSignIn;
  /** Later forms of the same record (late risk, late MFA result), sorted by time. */
  readonly revisions?: readonly { readonly availableAt: number; readonly record: Raw }[];
}

export interface KnownOfSignIn {
  readonly userId: string;
  readonly errorCode: number;
  readonly signInEventTypes: readonly string[];
}

export interface SimulatedApp {
  readonly clientId: string;
  readonly secret: string;
  /** PEM certificates (public part) that may sign assertions; registered through the control API in tests. */
  readonly certificates: string[];
  /** Application permission names granted and admin-consented, e.g. `AuditLog.Read.All`. */
  readonly roles: string[];
}

export interface SimulatedTenant {
  readonly id: string;
  readonly name: string;
  readonly defaultDomain: string;
  /** `free` has no Entra ID P1: sign-ins refuse as the real service does. */
  readonly licence: 'free' | 'p1' | 'p2';
  readonly app: SimulatedApp;
  readonly organization: Raw;
  readonly subscribedSkus: readonly Raw[];
  readonly roleDefinitions: readonly Raw[];
  readonly users: readonly StateObject[];
  readonly roleAssignments: readonly StateObject[];
  /**
   * By collection; one that is left out is empty. Raw objects in Graph's shape, and beside it what only routes of their own
   * tell: `owners` (ids) and `federatedIdentityCredentials` of applications, `members` (ids) of groups,
   * `federationConfiguration` of domains. `singletons` are policies of which a tenant has one, by a name of ours;
   * `authenticationMethods` are `{id, methods}` of a user, `mailboxSettings` are those of a user by the user's id,
   * and so are `exchangeMailboxes`: what is set in Exchange, with `folderPermissions` by path.
   */
  readonly directory?: Readonly<Partial<Record<DirectoryCollection, readonly StateObject[]>>>;
  /** By user id; a user that is no key here has no cloud mailbox (404 MailboxNotEnabledForRESTAPI). */
  readonly messageRules: ReadonlyMap<string, readonly StateObject[]>;
  /** Interactive user sign-ins, sorted by `at`. */
  readonly signIns: readonly LogRecord[];
  readonly directoryAudits: readonly LogRecord[];
  /**
   * Records of the unified audit log that no other log shows (what is done in Exchange), sorted by `at`. The sign-ins and
   * directory audits in that log are made from the lists above, so that ids and times agree.
   */
  readonly unifiedAudits?: readonly LogRecord[];
  /** Sign-ins that have to be asked for and Entra ID Protection; absent = none of it. */
  readonly identity?: IdentityData;
  /** Microsoft Defender XDR; absent = the tenant was never onboarded. */
  readonly defender?: DefenderData;
  /** Has an Intune licence; its devices are the collection `managedDevices`. */
  readonly intune?: boolean;
}

export interface IdentityData {
  /** Non-interactive sign-ins, and those of service principals and managed identities, sorted by `at`. */
  readonly otherSignIns: readonly LogRecord[];
  /** As a tenant with P2 sees them; the server hides what P1 does not show. `at` is the activity's time. */
  readonly riskDetections: readonly LogRecord[];
  readonly principalRiskDetections: readonly LogRecord[];
  readonly riskyUsers: readonly StateObject[];
  readonly riskyPrincipals: readonly StateObject[];
}

/** `at` is when an alert or incident was created; it is revised for as long as somebody works on it. */
export interface DefenderData {
  readonly alerts: readonly LogRecord[];
  readonly incidents: readonly LogRecord[];
}

/** A labelled story, as the stories file says it. */
export interface Story {
  readonly story: string;
  readonly tenant: string;
  readonly steps: readonly {
    /** ISO 8601, UTC. */
    readonly at: string;
    /** Id of the log record or state object that shows the step. */
    readonly record_id: string;
    /** Catalogue ids that ought to fire. */
    readonly expect: readonly string[];
    /** Seconds after `at` within which it ought to be told. */
    readonly by_s: number;
  }[];
}

export interface World {
  readonly seed: number;
  /** First and last instant for which data exists. */
  readonly from: number;
  readonly to: number;
  readonly tenants: readonly SimulatedTenant[];
  readonly stories: readonly Story[];
}

export interface WorldOptions {
  readonly seed: number;
  /** Days of history before `to`. */
  readonly days: number;
  /** The end of the data (`--now`). */
  readonly to: number;
  /** One more tenant, of so many accounts. */
  readonly users?: number;
}

/** Implemented by generate/index.ts: `generateWorld(options: WorldOptions): World`, deterministic per seed. */
export type GenerateWorld = (options: WorldOptions) => World;
