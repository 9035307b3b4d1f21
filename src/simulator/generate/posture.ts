import { DAY, HOUR, isoSeconds } from './calendar.ts';
import type { TenantDraft } from './draft.ts';
import { managedDevices } from './defender.ts';
import { mailboxSettings } from './mailbox-settings.ts';
import type { Person } from './people.ts';
import { policyObjects } from './policies.ts';
import type { Raw, SimulatedTenant, StateObject } from '../world.ts';

/** What the tenant allows and demands, and how well it stands: computers, second factors, score. */
export function settingsObjects(draft: TenantDraft): NonNullable<SimulatedTenant['directory']> {
  return {
    ...policyObjects(draft),
    devices: devices(draft),
    managedDevices: managedDevices(draft),
    authenticationMethods: draft.people.map((person) => methodsOf(draft, person)),
    secureScores: scores(draft),
    mailboxSettings: mailboxSettings(draft),
  };
}

/** The company's computers, each once: an administrator's second account works at the same one. */
function devices(draft: TenantDraft): StateObject[] {
  const found = new Map<string, StateObject>();
  for (const person of draft.people) {
    const { laptop } = person;
    if (person.kind !== 'staff' || !laptop.managed || found.has(laptop.objectId)) continue;
    const from = Math.max(person.createdAt, Date.parse(draft.cast.founded)) + 2 * HOUR;
    const value = {
      id: laptop.objectId,
      deletedDateTime: null,
      deviceId: laptop.deviceId,
      displayName: laptop.displayName,
      accountEnabled: true,
      approximateLastSignInDateTime: isoSeconds(Math.max(from, draft.from)),
      isCompliant: true,
      isManaged: true,
      trustType: 'AzureAd',
      operatingSystem: 'Windows',
      operatingSystemVersion: '10.0.26100.4061',
      registrationDateTime: isoSeconds(from),
      onPremisesSyncEnabled: null,
      manufacturer: 'LENOVO',
      model: '21HM',
      profileType: 'RegisteredDevice',
    };
    found.set(laptop.objectId, { id: laptop.objectId, versions: [{ from, value }] });
  }
  return [...found.values()];
}

/** Everybody has a password; people also a second factor, the emergency account a key. Accounts of machines have none. */
function methodsOf(draft: TenantDraft, person: Person): StateObject {
  const draw = person.random.fork('methods');
  const method = (type: string, more: Raw): Raw => ({
    '@odata.type': `#microsoft.graph.${type}AuthenticationMethod`,
    ...more,
  });
  const at = isoSeconds(person.createdAt + DAY);
  // The id of everybody's password is the same [Microsoft Learn: graph/api/resources/passwordauthenticationmethod].
  const password = method('password', {
    id: '28c10230-6103-485e-b985-444c60001490',
    password: null,
    createdDateTime: at,
  });
  const app = method('microsoftAuthenticator', {
    id: draw.fork('app').guid(),
    displayName: person.phone.operatingSystem.startsWith('Ios') ? 'iPhone' : 'Android',
    deviceTag: 'SoftwareTokenActivated',
    phoneAppVersion: '6.8.31',
    createdDateTime: at,
  });
  const phone = method('phone', {
    // The id of the mobile phone is the same for everybody (as in Microsoft's examples).
    id: '3179e48a-750b-4051-897c-87b9720928f7',
    phoneNumber: `+49 1510000${draw.fork('number').int(1000, 9999)}`,
    phoneType: 'mobile',
    smsSignInState: 'notAllowedByPolicy',
  });
  const key = method('fido2', {
    id: draw.fork('key').text(22, KEY_ALPHABET),
    displayName: 'Key',
    createdDateTime: at,
  });
  const begun = person.presentFrom < draft.to;
  const held: Readonly<Record<Person['kind'], readonly Raw[]>> = {
    staff: begun ? [password, app, ...(draw.fork('phone').chance(0.3) ? [phone] : [])] : [password],
    admin: [password, app, key],
    break_glass: [password, key],
    guest: [],
    shared: [password],
    service: [password],
    former: [password],
  };
  return {
    id: person.id,
    versions: [
      { from: Date.parse(draft.cast.founded), value: { id: person.id, methods: held[person.kind] } },
    ],
  };
}

const KEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

/** One a day, made in the small hours; how many were active differs each day, the score does not. */
function scores(draft: TenantDraft): StateObject[] {
  const draw = draft.random.fork('secure score');
  const max = 120;
  const current = draw.int(50, 90);
  const first = Math.floor(draft.from / DAY) * DAY;
  const days = Math.ceil((draft.to - first) / DAY);
  return Array.from({ length: days + 1 }, (_, day) => {
    const from = first + day * DAY + 2 * HOUR;
    const id = `${draft.id}_${isoSeconds(from).slice(0, 10)}`;
    const value = {
      id,
      azureTenantId: draft.id,
      activeUserCount: draw.fork(day).int(5, draft.people.length),
      createdDateTime: isoSeconds(from),
      currentScore: current,
      enabledServices: ['HasExchange', 'HasSharePoint'],
      licensedUserCount: draft.people.filter((person) => person.sku).length,
      maxScore: max,
      averageComparativeScores: [
        { basis: 'AllTenants', averageScore: 40 + draw.fork('average', day).int(0, 9) / 10 },
      ],
      controlScores: [
        { controlCategory: 'Identity', controlName: 'MFARegistrationV2', description: '', score: 9 },
        { controlCategory: 'Identity', controlName: 'BlockLegacyAuthentication', description: '', score: 0 },
      ],
    };
    return { id, versions: [{ from, value }] };
  });
}
