import { isoSeconds, MINUTE } from './calendar.ts';
import type { App } from './data/apps.ts';
import { MFA_BY_CLAIM, MFA_COMPLETED, MFA_RUNNING, SIGN_IN_STATUS } from './data/sign-in-errors.ts';
import { deliveryDelay } from './delivery.ts';
import type { Device } from './devices.ts';
import type { TenantDraft } from './draft.ts';
import type { Person } from './people.ts';
import type { Place } from './places.ts';
import type { Random } from './random.ts';
import { authenticationSteps, mfaDetail } from './sign-in-steps.ts';
import type { LogRecord, Raw } from '../world.ts';

/** How the second factor was met: not asked, carried by a token, prompted and approved, or asked and not given. */
export type Mfa = 'none' | 'claim' | 'prompt' | 'missing';

/** What happened, from which the record is made. */
export interface SignInFacts {
  /** UTC epoch ms, whole seconds. */
  readonly at: number;
  readonly person: Person;
  readonly app: App;
  readonly resource: App;
  readonly client: string;
  readonly device: Device;
  readonly place: Place;
  readonly code: number;
  readonly mfa: Mfa;
  readonly correlationId: string;
  /** "" where no session came about. */
  readonly sessionId: string;
  /** `ropc` for name and password without a browser, `deviceCode`; oAuth2 where not said. */
  readonly protocol?: string;
  /** ms; drawn where not said. */
  readonly delay?: number;
}

/** Adds the record of one interactive sign-in and returns it. `draw` gives what the facts leave open. */
export function addSignIn(draft: TenantDraft, facts: SignInFacts, draw: Random): LogRecord {
  const record = signInRecord(draft, facts, draw);
  const availableAt = facts.at + (facts.delay ?? deliveryDelay(draw));
  const base = { id: String(record.id), at: facts.at, availableAt };
  // An MFA result can reach the record after the record reached us (graph-facts 1).
  const late = facts.delay === undefined && facts.code === 0 && facts.mfa === 'prompt' && draw.chance(0.2);
  const entry: LogRecord = late
    ? {
        ...base,
        record: beforeMfa(record),
        revisions: [{ availableAt: availableAt + draw.int(5, 60) * MINUTE, record }],
      }
    : { ...base, record };
  draft.signIns.push(entry);
  return entry;
}

/** The full beta shape of one record (graph-facts 1, wire-facts). */
export function signInRecord(draft: TenantDraft, facts: SignInFacts, draw: Random): Raw {
  return {
    ...identityPart(draft, facts, draw),
    ...outcomePart(draft, facts),
    ...betaPart(draft, facts, draw),
  };
}

function identityPart(draft: TenantDraft, facts: SignInFacts, draw: Random): Raw {
  const { person, app, resource, device, place } = facts;
  return {
    id: `${draw.guid().slice(0, -2)}00`,
    createdDateTime: isoSeconds(facts.at),
    userDisplayName: person.displayName,
    userPrincipalName: person.kind === 'guest' ? (person.mail ?? '') : person.upn,
    userId: person.id,
    appId: app.appId,
    appDisplayName: app.name,
    ipAddress: place.ipAddress,
    clientAppUsed: facts.client,
    userAgent: device.userAgent,
    correlationId: facts.correlationId,
    isInteractive: true,
    resourceDisplayName: resource.name,
    resourceId: resource.appId,
    resourceTenantId: draft.id,
    homeTenantId: person.homeTenantId,
    servicePrincipalId: '',
    servicePrincipalName: '',
    deviceDetail: deviceDetail(device),
    location: locationOf(place),
    authenticationAppDeviceDetails: null,
  };
}

function outcomePart(draft: TenantDraft, facts: SignInFacts): Raw {
  const enforced = draft.cast.licence !== 'free' && facts.protocol !== 'ropc';
  const met = facts.mfa === 'claim' || facts.mfa === 'prompt';
  const result = !enforced || facts.mfa === 'none' ? 'notApplied' : met ? 'success' : 'failure';
  const policy = { ...draft.mfaPolicy, enforcedGrantControls: ['Mfa'], enforcedSessionControls: [], result };
  return {
    conditionalAccessStatus: result,
    appliedConditionalAccessPolicies: draft.cast.licence === 'free' ? [] : [policy],
    status: statusOf(facts),
    ...riskPart(),
  };
}

/** Without P2 the risk fields say `hidden`; state and event types have no such value (graph-facts 1). */
function riskPart(): Raw {
  return {
    riskDetail: 'hidden',
    riskLevelAggregated: 'hidden',
    riskLevelDuringSignIn: 'hidden',
    riskState: 'none',
    riskEventTypes: [],
    riskEventTypes_v2: [],
  };
}

function betaPart(draft: TenantDraft, facts: SignInFacts, draw: Random): Raw {
  const { person, device } = facts;
  const guest = person.kind === 'guest';
  const byToken = facts.mfa === 'claim';
  return {
    ...emptyBetaPart(),
    signInEventTypes: ['interactiveUser'],
    authenticationProtocol: facts.protocol ?? 'oAuth2',
    authenticationRequirement:
      facts.mfa === 'none' ? 'singleFactorAuthentication' : 'multiFactorAuthentication',
    authenticationRequirementPolicies: requirementPolicies(draft, facts),
    authenticationDetails: authenticationSteps(facts.at, facts.code, facts.mfa),
    authenticationMethodsUsed: [],
    mfaDetail: mfaDetail(facts.code, facts.mfa),
    sessionId: facts.sessionId,
    uniqueTokenIdentifier: draw.text(22, TOKEN_ALPHABET),
    autonomousSystemNumber: facts.place.asn,
    incomingTokenType: byToken ? (device.managed ? 'primaryRefreshToken' : 'refreshToken') : 'none',
    crossTenantAccessType: guest ? 'b2bCollaboration' : 'none',
    userType: guest ? 'guest' : 'member',
    processingTimeInMilliseconds: draw.int(60, 900),
    originalRequestId: '',
    tokenIssuerType: 'AzureAD',
    resourceServicePrincipalId: draft.random.fork('service principal', facts.resource.appId).guid(),
    signInIdentifier: facts.code === 0 ? '' : person.upn.toLowerCase(),
    authenticationProcessingDetails: [
      { key: 'Legacy TLS (TLS 1.0, 1.1, 3DES)', value: 'False' },
      { key: 'Is CAE Token', value: 'False' },
    ],
  };
}

/** Properties that an interactive user sign-in carries without content. */
function emptyBetaPart(): Raw {
  return {
    agent: null,
    appOwnerTenantId: null,
    appTokenProtectionStatus: null,
    authenticationContextClassReferences: [],
    azureResourceId: null,
    clientCredentialType: 'none',
    conditionalAccessAudiences: [],
    federatedCredentialId: '',
    flaggedForReview: false,
    globalSecureAccessIpAddress: null,
    homeTenantName: '',
    ipAddressFromResourceProvider: null,
    isTenantRestricted: false,
    isThroughGlobalSecureAccess: false,
    managedServiceIdentity: null,
    networkLocationDetails: [],
    originalTransferMethod: 'none',
    privateLinkDetails: { policyId: '', policyName: '', resourceId: '', policyTenantId: '' },
    resourceOwnerTenantId: null,
    servicePrincipalCredentialKeyId: '',
    servicePrincipalCredentialThumbprint: '',
    sessionLifetimePolicies: [],
    signInIdentifierType: null,
    signInTokenProtectionStatus: 'none',
    tokenIssuerName: '',
    tokenProtectionStatusDetails: null,
  };
}

const TOKEN_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function statusOf(facts: SignInFacts): Raw {
  const status = SIGN_IN_STATUS[facts.code];
  if (!status)
    throw new Error(`write a sign-in: no text for code ${facts.code}; add it to data/sign-in-errors.ts`);
  const success = { claim: MFA_BY_CLAIM, prompt: MFA_COMPLETED, none: null, missing: null }[facts.mfa];
  return { errorCode: facts.code, ...status, ...(facts.code === 0 ? { additionalDetails: success } : {}) };
}

function requirementPolicies(draft: TenantDraft, facts: SignInFacts): Raw[] {
  if (facts.mfa === 'none') return [];
  const free = draft.cast.licence === 'free';
  return [
    free
      ? { requirementProvider: 'securityDefaults', detail: 'Security Defaults' }
      : { requirementProvider: 'multiConditionalAccess', detail: 'Conditional Access' },
  ];
}

function deviceDetail(device: Device): Raw {
  return {
    deviceId: device.deviceId,
    displayName: device.displayName,
    operatingSystem: device.operatingSystem,
    browser: device.browser,
    isCompliant: device.managed,
    isManaged: device.managed,
    trustType: device.trustType,
  };
}

function locationOf({ city }: Place): Raw {
  return {
    city: city.city,
    state: city.state,
    countryOrRegion: city.country,
    geoCoordinates: { altitude: null, latitude: city.latitude, longitude: city.longitude },
  };
}

/** The record as first readable, its MFA step still open. */
function beforeMfa(record: Raw): Raw {
  const steps = record.authenticationDetails as Raw[];
  const open = { succeeded: false, authenticationStepResultDetail: MFA_RUNNING };
  return {
    ...record,
    status: { ...(record.status as Raw), additionalDetails: MFA_RUNNING },
    mfaDetail: null,
    authenticationDetails: steps.map((step, i) => (i === steps.length - 1 ? { ...step, ...open } : step)),
  };
}
