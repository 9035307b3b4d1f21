import { isoSeconds, MINUTE, SECOND, type LocalDay } from './calendar.ts';
import { EXCHANGE, GRAPH, type App } from './data/apps.ts';
import { deliveryDelay } from './delivery.ts';
import type { TenantDraft } from './draft.ts';
import { watchingApp } from './organization.ts';
import { officePlace, type Place } from './places.ts';
import type { Random } from './random.ts';
import type { LogRecord, Raw } from '../world.ts';

/** A program that signs in as itself, at the same hours every day. */
interface Program {
  readonly appId: string;
  readonly name: string;
  readonly resource: App;
  readonly type: 'servicePrincipal' | 'managedIdentity';
  /** Value of clientCredentialType. */
  readonly credential: 'clientSecret' | 'certificate' | 'managedIdentity';
  /** Local hours of the day. */
  readonly hours: readonly number[];
  readonly onWorkingDays: boolean;
}

/** Id and name: merill/microsoft-info, as in data/apps.ts. */
const AZURE_MANAGEMENT: App = {
  appId: '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  name: 'Azure Resource Manager',
};

/** Adds the daily runs of every program of the tenant. Microsoft groups their sign-ins, so one record a run. */
export function addProgramSignIns(draft: TenantDraft): void {
  for (const program of programsOf(draft)) {
    for (const day of draft.days) {
      if (program.onWorkingDays && !day.working) continue;
      for (const hour of program.hours) addRun(draft, program, day, hour);
    }
  }
}

function programsOf(draft: TenantDraft): Program[] {
  const own = (name: string) => ({
    name,
    appId: draft.random.fork('program', name).guid(),
    type: 'servicePrincipal' as const,
  });
  const programs: Program[] = [
    {
      ...own('Mailarchiv'),
      resource: EXCHANGE,
      credential: 'certificate',
      hours: [2],
      onWorkingDays: false,
    },
    {
      ...own('Personalabgleich'),
      resource: GRAPH,
      credential: 'clientSecret',
      hours: [6, 10, 14, 18],
      onWorkingDays: true,
    },
    {
      ...own('tenantwatch'),
      appId: watchingApp(draft).clientId,
      resource: GRAPH,
      credential: 'clientSecret',
      hours: [0, 6, 12, 18],
      onWorkingDays: false,
    },
  ];
  return draft.cast.key === 'sonnhof' ? [...programs, automation(draft)] : programs;
}

/** The clinics keep their backups with an automation account of Azure. */
function automation(draft: TenantDraft): Program {
  const name = `${draft.cast.key}-automation`;
  return {
    name,
    appId: draft.random.fork('program', name).guid(),
    type: 'managedIdentity',
    credential: 'managedIdentity',
    resource: AZURE_MANAGEMENT,
    hours: [1, 13],
    onWorkingDays: false,
  };
}

function addRun(draft: TenantDraft, program: Program, day: LocalDay, hour: number): void {
  const draw = draft.random.fork('run', program.name, day.date, hour);
  const at = day.at(hour) + draw.int(0, 4) * MINUTE + draw.int(0, 59) * SECOND;
  const { office } = draft.cast;
  const record = runRecord(draft, program, at, officePlace(office.ipAddress, office.city), draw);
  const id = String(record['id']);
  const entry: LogRecord = { id, at, availableAt: at + deliveryDelay(draw), record };
  draft.identity.otherSignIns.push(entry);
}

function runRecord(draft: TenantDraft, program: Program, at: number, place: Place, draw: Random): Raw {
  const inAzure = program.type === 'managedIdentity';
  return {
    ...NO_USER,
    id: `${draw.guid().slice(0, -2)}00`,
    createdDateTime: isoSeconds(at),
    signInEventTypes: [program.type],
    appId: program.appId,
    appDisplayName: program.name,
    servicePrincipalId: draft.random.fork('service principal', program.appId).guid(),
    servicePrincipalName: program.name,
    servicePrincipalCredentialKeyId: inAzure ? '' : draft.random.fork('key', program.appId).guid(),
    servicePrincipalCredentialThumbprint: '',
    clientCredentialType: program.credential,
    // Inside Azure the log has no address.
    ipAddress: inAzure ? '' : place.ipAddress,
    autonomousSystemNumber: inAzure ? null : place.asn,
    location: inAzure ? { city: '', state: '', countryOrRegion: '', geoCoordinates: null } : placeOf(place),
    correlationId: draw.guid(),
    resourceDisplayName: program.resource.name,
    resourceId: program.resource.appId,
    resourceServicePrincipalId: draft.random.fork('service principal', program.resource.appId).guid(),
    resourceTenantId: draft.id,
    homeTenantId: draft.id,
    uniqueTokenIdentifier: draw.text(22, TOKEN_ALPHABET),
    processingTimeInMilliseconds: draw.int(20, 200),
  };
}

function placeOf({ city }: Place): Raw {
  return {
    city: city.city,
    state: city.state,
    countryOrRegion: city.country,
    geoCoordinates: { altitude: null, latitude: city.latitude, longitude: city.longitude },
  };
}

const TOKEN_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** What the record of a program has without content: there is no user, no device and no second factor. */
const NO_USER: Raw = {
  userId: '',
  userDisplayName: '',
  userPrincipalName: '',
  userType: 'member',
  userAgent: '',
  clientAppUsed: '',
  isInteractive: false,
  authenticationProtocol: 'none',
  authenticationRequirement: 'singleFactorAuthentication',
  authenticationDetails: [],
  authenticationMethodsUsed: [],
  authenticationProcessingDetails: [],
  appliedConditionalAccessPolicies: [],
  conditionalAccessStatus: 'notApplied',
  federatedCredentialId: '',
  incomingTokenType: 'none',
  managedServiceIdentity: null,
  mfaDetail: null,
  riskDetail: 'none',
  riskLevelAggregated: 'none',
  riskLevelDuringSignIn: 'none',
  riskState: 'none',
  riskEventTypes: [],
  riskEventTypes_v2: [],
  deviceDetail: { deviceId: '', displayName: '', operatingSystem: '', browser: '', trustType: null },
  status: { errorCode: 0, failureReason: 'Other.', additionalDetails: null },
};
