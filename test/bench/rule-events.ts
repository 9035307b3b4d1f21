import type { EventLogSource } from '../../src/sigma/index.ts';
import { Random } from './random.ts';
import type { Words } from './rule-words.ts';
import { makeWords } from './rule-words.ts';

export interface SourcedEvents {
  readonly name: string;
  readonly logsource: EventLogSource;
  /** As they come over the wire. */
  readonly texts: readonly string[];
}

/** Events of the words that `ruleTexts` takes for the same seed, so that a few of them match. */
export function eventTexts(count: number, seed = 1): SourcedEvents[] {
  const random = new Random(seed + 1000);
  const words = makeWords(seed);
  const make = (event: (random: Random, words: Words) => object): string[] =>
    Array.from({ length: count }, () => JSON.stringify(event(random, words)));
  return [
    { name: 'sign-ins', logsource: { product: 'azure', service: 'signinlogs' }, texts: make(signIn) },
    {
      name: 'processes',
      logsource: { product: 'windows', category: 'process_creation' },
      texts: make(processCreation),
    },
  ];
}

function instant(random: Random): string {
  return new Date(Date.UTC(2026, 10, 1) + random.below(2_000_000_000)).toISOString();
}

/** The properties of a sign-in of Graph's beta endpoint, at its usual size. */
function signIn(random: Random, words: Words): object {
  const user = random.pick(words.users);
  const failed = random.chance(0.15);
  const code = failed ? random.pick([50053, 50126, 53003, 50074]) : 0;
  return {
    id: random.uuid(),
    createdDateTime: instant(random),
    userDisplayName: user,
    userPrincipalName: `${user}@contoso.example`,
    userId: random.uuid(),
    appId: random.uuid(),
    appDisplayName: random.pick(words.applications),
    ipAddress: `${random.between(1, 223)}.${random.below(256)}.${random.below(256)}.${random.below(256)}`,
    clientAppUsed: 'Browser',
    userAgent: `${random.pick(words.agents)} ${random.pick(words.phrases)}`,
    correlationId: random.uuid(),
    conditionalAccessStatus: failed ? 'failure' : 'success',
    originalRequestId: '',
    isInteractive: true,
    tokenIssuerName: '',
    tokenIssuerType: 'AzureAD',
    authenticationRequirement: 'multiFactorAuthentication',
    authenticationProtocol: 'none',
    processingTimeInMilliseconds: random.below(900),
    riskDetail: 'none',
    riskLevelAggregated: 'none',
    riskState: 'none',
    riskEventTypes_v2: [],
    resourceDisplayName: random.pick(words.applications),
    resourceId: random.uuid(),
    resourceTenantId: random.uuid(),
    homeTenantId: random.uuid(),
    signInEventTypes: ['interactiveUser'],
    crossTenantAccessType: 'none',
    flaggedForReview: false,
    status: {
      errorCode: code,
      failureReason: failed ? random.pick(words.phrases) : 'Other.',
      additionalDetails: null,
    },
    ...signInParts(random, words, !failed),
    uniqueTokenIdentifier: random.hex(22),
    autonomousSystemNumber: random.below(60_000),
  };
}

/** The objects and lists of a sign-in. */
function signInParts(random: Random, words: Words, succeeded: boolean): object {
  return {
    deviceDetail: {
      deviceId: random.uuid(),
      displayName: `LAPTOP-${random.hex(8)}`,
      operatingSystem: 'Windows10',
      browser: 'Edge 140.0',
      isCompliant: random.chance(0.8),
      isManaged: true,
      trustType: 'Azure AD joined',
    },
    location: {
      city: 'Springfield',
      state: 'Somewhere',
      countryOrRegion: random.pick(words.countries),
      geoCoordinates: { altitude: null, latitude: 47.1, longitude: 9.5 },
    },
    mfaDetail: { authMethod: 'Mobile app notification', authDetail: null },
    networkLocationDetails: [{ networkType: 'namedNetwork', networkNames: [random.pick(words.phrases)] }],
    authenticationDetails: Array.from({ length: 2 }, (_, step) => ({
      authenticationStepDateTime: instant(random),
      authenticationMethod: step === 0 ? 'Password' : 'Mobile app notification',
      authenticationMethodDetail: 'Password Hash Sync',
      succeeded,
      authenticationStepResultDetail: 'MFA requirement satisfied',
      authenticationStepRequirement: 'Primary authentication',
    })),
    authenticationProcessingDetails: [
      { key: 'Login Hint Present', value: 'True' },
      { key: 'Is CAE Token', value: 'False' },
    ],
    appliedConditionalAccessPolicies: Array.from({ length: 6 }, () => ({
      id: random.uuid(),
      displayName: random.pick(words.phrases),
      enforcedGrantControls: ['Mfa'],
      enforcedSessionControls: [],
      result: 'notApplied',
      conditionsSatisfied: 'application,users',
      conditionsNotSatisfied: 'location',
    })),
    sessionLifetimePolicies: [],
  };
}

/** A process creation as Windows' Sysmon writes it, with its fields at the top. */
function processCreation(random: Random, words: Words): object {
  const tool = random.pickSkewed(words.tools);
  const parent = random.pickSkewed(words.tools);
  const run = (name: string): string =>
    `"C:\\Windows\\System32\\${name}" ${Array.from({ length: random.between(4, 24) }, () => (random.chance(0.5) ? random.pickSkewed(words.options) : random.pick(words.phrases))).join(' ')}`;
  return {
    EventID: 1,
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    Computer: `PC-${random.hex(6)}.contoso.example`,
    UtcTime: instant(random),
    RuleName: '-',
    ProcessGuid: `{${random.uuid()}}`,
    ProcessId: random.below(30_000),
    Image: `C:\\Windows\\System32\\${tool}`,
    FileVersion: '10.0.26100.1',
    Description: random.pick(words.phrases),
    Product: 'Windows',
    Company: 'Contoso',
    OriginalFileName: tool,
    CommandLine: run(tool),
    CurrentDirectory: random.pick(words.folders),
    User: `CONTOSO\\${random.pick(words.users)}`,
    LogonGuid: `{${random.uuid()}}`,
    LogonId: `0x${random.hex(6)}`,
    TerminalSessionId: 1,
    IntegrityLevel: random.pick(['Medium', 'Medium', 'High', 'System']),
    Hashes: `MD5=${random.hex(32)},SHA256=${random.hex(64)},IMPHASH=${random.hex(32)}`.toUpperCase(),
    ParentProcessGuid: `{${random.uuid()}}`,
    ParentProcessId: random.below(30_000),
    ParentImage: `C:\\Windows\\System32\\${parent}`,
    ParentCommandLine: run(parent),
    ParentUser: `CONTOSO\\${random.pick(words.users)}`,
  };
}
