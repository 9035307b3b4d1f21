import { DAY } from './calendar.ts';
import type { Device } from './devices.ts';
import { foreignComputer, managedLaptop, ownPhone } from './devices.ts';
import type { CityName } from './places.ts';
import type { Sku } from './data/skus.ts';
import type { Random } from './random.ts';

/**
 * staff = licensed person · admin = cloud-only account for administration · guest · shared = shared mailbox (sign-in off)
 * · service = account of a machine · break_glass = emergency account, never used · former = left long ago, off and unlicensed
 */
export type PersonKind = 'staff' | 'admin' | 'guest' | 'shared' | 'service' | 'break_glass' | 'former';

/** One line of a cast. */
export interface Role {
  /** Stable name in this file; forks of randomness hang on it. */
  readonly key: string;
  readonly kind: PersonKind;
  readonly given: string;
  readonly surname: string;
  readonly department: string;
  readonly title: string;
  readonly home: CityName;
  readonly sku?: Sku;
  /** Template ids of directory roles held from the beginning. */
  readonly roles?: readonly string[];
  /** Comes from the company's own Active Directory. */
  readonly synced?: boolean;
  /** Sells abroad: is away from Tuesday to Thursday in every fourth week. */
  readonly travels?: boolean;
  /** A guest's own domain. */
  readonly domain?: string;
  /** For admin accounts: key of the person whose computer they are used from. */
  readonly owner?: string;
}

export interface Person extends Role {
  readonly id: string;
  readonly displayName: string;
  readonly upn: string;
  readonly mail: string | null;
  readonly homeTenantId: string;
  readonly random: Random;
  readonly laptop: Device;
  readonly phone: Device;
  /** First hour at work, local wall clock. */
  readonly startsAt: number;
  readonly worksHours: number;
  readonly homeOfficeDays: readonly number[];
  /** UTC epoch ms; later for who joins inside the data. */
  createdAt: number;
  /** Signs in only inside [presentFrom, presentTo); joining, leaving and stories shorten it. UTC epoch ms. */
  presentFrom: number;
  presentTo: number;
}

/** The names under which a tenant's people are written. */
export interface Naming {
  readonly tenantId: string;
  readonly domain: string;
  readonly initialDomain: string;
  /** Prefix of computer names. */
  readonly devicePrefix: string;
  /** Start of the tenant's life, UTC epoch ms. */
  readonly founded: number;
}

/** Makes the people of a cast. Depends on the seed and the key only, so that a new line changes nobody else. */
export function hire(cast: readonly Role[], naming: Naming, random: Random): Person[] {
  const people = cast.map((role) => makePerson(role, naming, random.fork('person', role.key)));
  return people.map((person) =>
    person.owner ? { ...person, laptop: laptopOf(people, person.owner) } : person,
  );
}

function makePerson(role: Role, naming: Naming, random: Random): Person {
  const habits = random.fork('habits');
  const guest = role.kind === 'guest';
  return {
    ...role,
    id: random.fork('id').guid(),
    displayName: displayName(role),
    upn: upnOf(role, naming),
    mail: mailOf(role, naming),
    createdAt: naming.founded + random.fork('created').int(1, 900) * DAY,
    homeTenantId: guest ? random.fork('home tenant').guid() : naming.tenantId,
    random,
    laptop: guest ? foreignComputer() : managedLaptop(random, laptopName(naming, random)),
    phone: ownPhone(random),
    startsAt: habits.int(13, 18) / 2,
    worksHours: habits.int(16, 19) / 2,
    homeOfficeDays: [1, 2, 3, 4, 5].filter(() => habits.chance(0.3)),
    presentFrom: Number.NEGATIVE_INFINITY,
    presentTo: Number.POSITIVE_INFINITY,
  };
}

function laptopOf(people: readonly Person[], key: string): Device {
  const owner = people.find((person) => person.key === key);
  if (!owner)
    throw new Error(`hire a cast: owner ${key} of an admin account is not in it; name a key of the cast`);
  return owner.laptop;
}

function laptopName(naming: Naming, random: Random): string {
  return `${naming.devicePrefix}-NB-${random.fork('laptop name').int(100, 999)}`;
}

function displayName(role: Role): string {
  const name = [role.given, role.surname].filter(Boolean).join(' ');
  return role.kind === 'admin' ? `${name} (Admin)` : name;
}

function upnOf(role: Role, naming: Naming): string {
  const local = ascii([role.given, role.surname].filter(Boolean).join('.'));
  if (role.kind === 'admin') return `adm.${ascii(role.surname)}@${naming.initialDomain}`;
  if (role.kind === 'guest') return `${local}_${role.domain ?? ''}#EXT#@${naming.initialDomain}`;
  if (role.kind === 'break_glass' || role.kind === 'service') return `${local}@${naming.initialDomain}`;
  return `${local}@${naming.domain}`;
}

function mailOf(role: Role, naming: Naming): string | null {
  const local = ascii([role.given, role.surname].filter(Boolean).join('.'));
  if (role.kind === 'guest') return `${local}@${role.domain ?? ''}`;
  return role.kind === 'staff' || role.kind === 'shared' ? `${local}@${naming.domain}` : null;
}

/** Lower case, German letters written out, so that addresses are plain. */
function ascii(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss');
  return plain.replaceAll(' ', '-');
}
