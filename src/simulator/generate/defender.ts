import { DAY, HOUR, MINUTE } from './calendar.ts';
import type { TenantDraft } from './draft.ts';
import type { Person } from './people.ts';
import { createRandom } from './random.ts';
import type { LogRecord, Raw, SimulatedTenant, StateObject } from '../world.ts';

/** Plans with which a tenant has Defender and Intune (data/skus.ts). */
const DEFENDER_PLANS = ['ATP_ENTERPRISE', 'MDE_SMB'];
const INTUNE_PLAN = 'INTUNE_A';

/** One kind of alert that a quiet tenant sees now and then, closed by itself or as expected. */
interface Ordinary {
  readonly title: string;
  readonly severity: 'informational' | 'low';
  readonly category: string;
  readonly serviceSource: string;
  readonly detectionSource: string;
  readonly techniques: readonly string[];
  readonly evidence: (draft: TenantDraft, person: Person, at: number, id: string) => Raw[];
}

/**
 * Names, severities and categories of default alert policies [Microsoft Learn: defender-office-365/alert-policies], and the
 * form of what antivirus stopped.
 */
const ORDINARY: readonly Ordinary[] = [
  {
    title: 'Email reported by user as malware or phish',
    severity: 'low',
    category: 'InitialAccess',
    serviceSource: 'microsoftDefenderForOffice365',
    detectionSource: 'microsoftDefenderForOffice365',
    techniques: ['T1566'],
    evidence: reportedMail,
  },
  {
    title: 'Email messages containing malicious URL removed after delivery',
    severity: 'informational',
    category: 'InitialAccess',
    serviceSource: 'microsoftDefenderForOffice365',
    detectionSource: 'microsoftDefenderForOffice365',
    techniques: ['T1566.002'],
    evidence: reportedMail,
  },
  {
    title: "'EICAR_Test_File' malware was prevented",
    severity: 'informational',
    category: 'Malware',
    serviceSource: 'microsoftDefenderForEndpoint',
    detectionSource: 'antivirus',
    techniques: [],
    evidence: stoppedFile,
  },
];

/** Alerts of a working day: one in five has one. */
const A_DAY = 0.2;

/** Defender and Intune of a tenant whose licences hold them; nothing of them else. */
export function defenderOf(
  draft: TenantDraft,
  inSpan: (records: readonly LogRecord[]) => LogRecord[],
): Pick<SimulatedTenant, 'defender' | 'intune'> {
  const intune = hasPlan(draft, [INTUNE_PLAN]);
  if (!hasPlan(draft, DEFENDER_PLANS)) return { intune };
  const cases = draft.days.filter((day) => day.working).flatMap((day) => caseOf(draft, day.date, day.at(9)));
  return {
    intune,
    defender: {
      alerts: inSpan(cases.map(({ alert }) => alert)),
      incidents: inSpan(cases.map(({ incident }) => incident)),
    },
  };
}

function hasPlan(draft: TenantDraft, names: readonly string[]): boolean {
  return draft.people.some(({ sku }) => sku?.plans.some(({ name }) => names.includes(name)));
}

function caseOf(draft: TenantDraft, date: string, from: number): { alert: LogRecord; incident: LogRecord }[] {
  const random = draft.random.fork('defender', date);
  const people = draft.people.filter(
    ({ kind, presentFrom, presentTo }) => kind === 'staff' && presentFrom <= from && presentTo > from + DAY,
  );
  if (people.length === 0 || !random.chance(A_DAY)) return [];
  const kind = random.pick(ORDINARY);
  const person = random.pick(people);
  const at = from + random.int(0, 7 * 60) * MINUTE;
  const incidentId = String(random.int(100, 999_999));
  const closedAt = at + random.int(2, 30) * HOUR;
  return [
    {
      alert: alertOf(draft, kind, { person, at, closedAt, incidentId }),
      incident: incidentOf(draft, kind, { at, closedAt, incidentId }),
    },
  ];
}

interface Times {
  readonly at: number;
  readonly closedAt: number;
  readonly incidentId: string;
}

/** In the shape of the reference's example (security-list-alerts_v2), with 7 decimals. */
function alertOf(draft: TenantDraft, kind: Ordinary, facts: Times & { readonly person: Person }): LogRecord {
  const { at, closedAt, incidentId, person } = facts;
  const random = createRandom(`defender alert ${draft.id} ${incidentId}`);
  const id = `da${random.guid()}_1`;
  const record: Raw = {
    '@odata.type': '#microsoft.graph.security.alert',
    id,
    providerAlertId: id,
    incidentId,
    status: 'new',
    severity: kind.severity,
    classification: 'unknown',
    determination: 'unknown',
    serviceSource: kind.serviceSource,
    detectionSource: kind.detectionSource,
    detectorId: random.guid(),
    tenantId: draft.id,
    title: kind.title,
    description: '',
    recommendedActions: '',
    category: kind.category,
    assignedTo: null,
    alertWebUrl: `https://security.microsoft.com/alerts/${id}?tid=${draft.id}`,
    incidentWebUrl: `https://security.microsoft.com/incidents/${incidentId}?tid=${draft.id}`,
    actorDisplayName: null,
    threatDisplayName: null,
    threatFamilyName: null,
    mitreTechniques: kind.techniques,
    createdDateTime: isoTicks(at),
    lastUpdateDateTime: isoTicks(at + 30_000),
    resolvedDateTime: null,
    firstActivityDateTime: isoTicks(at - 10 * MINUTE),
    lastActivityDateTime: isoTicks(at - 10 * MINUTE),
    comments: [],
    evidence: kind.evidence(draft, person, at, id),
    systemTags: [],
  };
  const closed = {
    ...record,
    status: 'resolved',
    classification: 'informationalExpectedActivity',
    determination: 'confirmedActivity',
    resolvedDateTime: isoTicks(closedAt),
    lastUpdateDateTime: isoTicks(closedAt),
  };
  return revised(id, record, closed, facts);
}

function incidentOf(draft: TenantDraft, kind: Ordinary, facts: Times): LogRecord {
  const { at, closedAt, incidentId: id } = facts;
  const record: Raw = {
    '@odata.type': '#microsoft.graph.security.incident',
    id,
    incidentWebUrl: `https://security.microsoft.com/incidents/${id}?tid=${draft.id}`,
    redirectIncidentId: null,
    tenantId: draft.id,
    displayName: kind.title,
    description: null,
    createdDateTime: isoTicks(at),
    lastUpdateDateTime: isoTicks(at + 30_000),
    assignedTo: null,
    classification: 'unknown',
    determination: 'unknown',
    status: 'active',
    severity: kind.severity,
    customTags: [],
    systemTags: [],
    comments: [],
  };
  const closed = {
    ...record,
    status: 'resolved',
    classification: 'informationalExpectedActivity',
    determination: 'confirmedUserActivity',
    lastUpdateDateTime: isoTicks(closedAt),
  };
  return revised(id, record, closed, facts);
}

/** Readable a minute or two after it was written (ours: nothing is promised). */
function revised(id: string, record: Raw, closed: Raw, { at, closedAt }: Times): LogRecord {
  const revisions = [{ availableAt: closedAt + MINUTE, record: closed }];
  return { id, at, availableAt: at + 2 * MINUTE, record, revisions };
}

function piece(type: string, at: number, roles: readonly string[], more: Raw): Raw {
  return {
    '@odata.type': `#microsoft.graph.security.${type}Evidence`,
    createdDateTime: isoTicks(at),
    verdict: 'unknown',
    remediationStatus: 'none',
    remediationStatusDetails: null,
    roles,
    detailedRoles: [],
    tags: [],
    ...more,
  };
}

function accountOf({ upn, id, displayName }: Person): Raw {
  return {
    accountName: upn.split('@')[0] ?? upn,
    domainName: null,
    userSid: null,
    azureAdUserId: id,
    userPrincipalName: upn,
    displayName,
  };
}

function reportedMail(_draft: TenantDraft, person: Person, at: number, id: string): Raw[] {
  const random = createRandom(`mail ${id}`);
  const mail = {
    networkMessageId: random.guid(),
    internetMessageId: `<${random.guid()}@mail.example>`,
    subject: 'Rechnung',
    language: 'de',
    senderIp: '198.51.100.77',
    recipientEmailAddress: person.mail ?? person.upn,
    antiSpamDirection: 'inbound',
    deliveryAction: 'delivered',
    deliveryLocation: 'inbox',
    threats: [],
    threatDetectionMethods: [],
    urls: [],
    urlCount: 0,
    attachmentsCount: 0,
    receivedDateTime: isoTicks(at - 10 * MINUTE),
  };
  const mailbox = {
    displayName: person.displayName,
    primaryAddress: person.mail ?? person.upn,
    upn: person.upn,
    userAccount: accountOf(person),
  };
  return [piece('analyzedMessage', at, [], mail), piece('mailbox', at, [], mailbox)];
}

function stoppedFile(_draft: TenantDraft, person: Person, at: number, id: string): Raw[] {
  const { laptop } = person;
  const mdeDeviceId = createRandom(`machine ${laptop.deviceId}`).text(40, '0123456789abcdef');
  const device = {
    firstSeenDateTime: isoTicks(person.createdAt),
    mdeDeviceId,
    azureAdDeviceId: laptop.deviceId,
    deviceDnsName: laptop.displayName,
    osPlatform: 'Windows11',
    version: '24H2',
    healthStatus: 'active',
    riskScore: 'none',
    onboardingStatus: 'onboarded',
    defenderAvStatus: 'updated',
    loggedOnUsers: [{ accountName: person.upn.split('@')[0] ?? '', domainName: 'AzureAD' }],
  };
  const details = {
    sha1: createRandom(`file ${id}`).text(40, '0123456789abcdef'),
    fileName: 'eicar.com',
    filePath: 'C:\\Users\\Public\\Downloads',
    fileSize: 68,
  };
  return [
    piece('device', at, [], device),
    piece('file', at, [], { detectionStatus: 'prevented', mdeDeviceId, fileDetails: details }),
    piece('user', at, [], { userAccount: accountOf(person) }),
  ];
}

/** The company's computers as Intune knows them; where there is no Intune, none. */
export function managedDevices(draft: TenantDraft): StateObject[] {
  if (!hasPlan(draft, [INTUNE_PLAN])) return [];
  const found = new Map<string, StateObject>();
  for (const person of draft.people) {
    const { laptop } = person;
    if (person.kind !== 'staff' || !laptop.managed || found.has(laptop.deviceId)) continue;
    const id = createRandom(`intune ${laptop.deviceId}`).guid();
    const from = Math.max(person.createdAt, Date.parse(draft.cast.founded)) + 3 * HOUR;
    found.set(laptop.deviceId, { id, versions: [{ from, value: managedDevice(draft, person, id, from) }] });
  }
  return [...found.values()];
}

function managedDevice(draft: TenantDraft, person: Person, id: string, enrolledAt: number): Raw {
  return {
    id,
    userId: person.id,
    deviceName: person.laptop.displayName,
    managedDeviceOwnerType: 'company',
    enrolledDateTime: isoTicks(enrolledAt),
    lastSyncDateTime: isoTicks(Math.max(enrolledAt, draft.from)),
    operatingSystem: 'Windows',
    complianceState: 'compliant',
    jailBroken: 'Unknown',
    managementAgent: 'mdm',
    osVersion: '10.0.26100.4061',
    azureADRegistered: true,
    deviceEnrollmentType: 'windowsAzureADJoin',
    emailAddress: person.mail,
    azureADDeviceId: person.laptop.deviceId,
    deviceRegistrationState: 'registered',
    isSupervised: false,
    isEncrypted: true,
    userPrincipalName: person.upn,
    userDisplayName: person.displayName,
    model: '21HM',
    manufacturer: 'LENOVO',
    partnerReportedThreatState: 'unknown',
  };
}

/** `2021-04-27T12:19:27.7211305Z` */
function isoTicks(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '0000Z');
}
