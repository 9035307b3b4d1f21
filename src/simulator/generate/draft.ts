import { localDays } from './calendar.ts';
import type { LocalDay } from './calendar.ts';
import { hire } from './people.ts';
import type { Person } from './people.ts';
import type { Random } from './random.ts';
import type { Cast } from './rosters/cast.ts';
import type { DirectoryCollection, LogRecord, Raw, SettingsCollection, StateObject } from '../world.ts';

/** Something that becomes true of an object at a time: some properties change, or (null) the object is gone. */
export interface Patch {
  readonly from: number;
  readonly change: Raw | null;
}

/** A Conditional Access policy as sign-ins name it. */
export interface AccessPolicy {
  readonly id: string;
  readonly displayName: string;
}

/** Ids of group and person; UTC epoch ms. */
export interface Membership {
  readonly at: number;
  readonly group: string;
  readonly person: string;
  readonly joins: boolean;
}

/** A tenant while it is being made: habits and stories add to the lists. Times are UTC epoch ms. */
export interface TenantDraft {
  readonly cast: Cast;
  readonly id: string;
  readonly random: Random;
  readonly from: number;
  readonly to: number;
  readonly days: readonly LocalDay[];
  readonly people: readonly Person[];
  readonly mfaPolicy: AccessPolicy;
  readonly signIns: LogRecord[];
  readonly directoryAudits: LogRecord[];
  /** What the unified audit log alone shows. */
  readonly unifiedAudits: LogRecord[];
  readonly identity: {
    readonly otherSignIns: LogRecord[];
    readonly riskDetections: LogRecord[];
    readonly riskyUsers: StateObject[];
  };
  readonly userPatches: Map<string, Patch[]>;
  readonly roleAssignments: StateObject[];
  readonly messageRules: Map<string, StateObject[]>;
  readonly directory: Readonly<Record<Exclude<DirectoryCollection, SettingsCollection>, StateObject[]>>;
  /** Who was put into a group or taken out of it, as the audits tell. */
  readonly memberships: Membership[];
}

/** An empty tenant with its people. */
export function draftTenant(cast: Cast, from: number, to: number, world: Random): TenantDraft {
  const random = world.fork(cast.key);
  const id = random.fork('tenant id').guid();
  const naming = { ...cast, tenantId: id, founded: Date.parse(cast.founded) };
  return {
    cast,
    id,
    random,
    from,
    to,
    days: localDays(from, to, cast.zone),
    people: hire(cast.people, naming, random),
    mfaPolicy: { id: random.fork('mfa policy').guid(), displayName: 'Require MFA for all users' },
    signIns: [],
    directoryAudits: [],
    unifiedAudits: [],
    identity: { otherSignIns: [], riskDetections: [], riskyUsers: [] },
    userPatches: new Map(),
    roleAssignments: [],
    messageRules: new Map(),
    directory: {
      applications: [],
      servicePrincipals: [],
      oauth2Grants: [],
      appRoleAssignments: [],
      groups: [],
      roleEligibility: [],
      roleAssignmentSchedules: [],
    },
    memberships: [],
  };
}

/** The person of the cast with this key; throws when a habit or story names one who is not there. */
export function personOf(draft: TenantDraft, key: string): Person {
  const person = draft.people.find((candidate) => candidate.key === key);
  if (!person)
    throw new Error(`find person ${key}: not in the cast of ${draft.cast.name}; add it to the roster`);
  return person;
}

export function patchUser(draft: TenantDraft, person: Person, from: number, change: Raw | null): void {
  const patches = draft.userPatches.get(person.id) ?? [];
  draft.userPatches.set(person.id, [...patches, { from, change }]);
}

/** Folds patches over a first version, in order of time; what is not later than the first belongs to it. */
export function versionsOf(
  first: { from: number; value: Raw },
  patches: readonly Patch[],
): StateObject['versions'] {
  const versions: { from: number; value: Raw | null }[] = [];
  let current: Raw = first.value;
  for (const { from, change } of [{ from: first.from, change: {} }, ...patches].toSorted(
    (a, b) => a.from - b.from,
  )) {
    if (change) current = { ...current, ...change };
    if (from < first.from) continue;
    if (versions.at(-1)?.from === from) versions.pop();
    versions.push({ from, value: change ? current : null });
  }
  return versions;
}
