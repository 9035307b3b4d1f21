import type { LogRecord, Raw, SimulatedTenant, World } from '../../../src/simulator/world.ts';

/** Virtual now of the fixture: the end of its data. */
export const NOW = Date.parse('2026-11-24T08:00:00Z');
export const MINUTE = 60_000;
export const DAY = 86_400_000;

/** Application permissions of the fixture's apps. */
export const ROLES = [
  'AuditLog.Read.All',
  'Directory.Read.All',
  'Policy.Read.All',
  'RoleManagement.Read.Directory',
  'MailboxSettings.Read',
  'Mail.ReadBasic.All',
  'Organization.Read.All',
  'ActivityFeed.Read',
];

/** A GUID that ends in a number. */
export function guid(kind: number, n: number): string {
  return `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

export const PREMIUM = guid(1, 1);
export const FREE = guid(1, 2);

/** User `n` of a tenant. */
export function userId(n: number): string {
  return guid(2, n);
}

function user(n: number): Raw {
  return {
    id: userId(n),
    displayName: `Person ${n}`,
    givenName: 'Person',
    surname: String(n),
    userPrincipalName: `person${n}@muster.example`,
    mail: n % 2 === 0 ? `person${n}@muster.example` : null,
    businessPhones: [],
    accountEnabled: n !== 3,
    userType: n === 4 ? 'Guest' : 'Member',
    createdDateTime: '2025-01-01T00:00:00Z',
    assignedLicenses: [{ skuId: guid(7, 1), disabledPlans: [] }],
  };
}

/** A sign-in in full beta shape, delivered two minutes after it happened. */
export function signIn(n: number, at: number, more: Raw = {}): LogRecord {
  const record: Raw = {
    id: guid(3, n),
    createdDateTime: `${new Date(at).toISOString().slice(0, 19)}Z`,
    userId: userId(n % 7),
    userPrincipalName: `person${n % 7}@muster.example`,
    userDisplayName: `Person ${n % 7}`,
    appId: guid(4, 1),
    appDisplayName: 'Office 365 Exchange Online',
    ipAddress: '198.51.100.7',
    clientAppUsed: 'Browser',
    isInteractive: true,
    riskDetail: 'none',
    riskLevelAggregated: 'none',
    riskLevelDuringSignIn: 'none',
    riskState: 'none',
    riskEventTypes: [],
    riskEventTypes_v2: [],
    status: { errorCode: n % 10 === 0 ? 50126 : 0, failureReason: 'Other.', additionalDetails: null },
    deviceDetail: {
      deviceId: '',
      displayName: '',
      operatingSystem: 'Windows10',
      browser: 'Edge 130',
      trustType: null,
    },
    location: { city: 'Hamburg', state: 'Hamburg', countryOrRegion: 'DE', geoCoordinates: null },
    appliedConditionalAccessPolicies: [
      { id: guid(5, 1), displayName: 'MFA', result: 'success', conditionsSatisfied: 'x' },
    ],
    signInEventTypes: ['interactiveUser'],
    authenticationProtocol: 'none',
    sessionId: guid(6, n),
    autonomousSystemNumber: 3320,
    userType: 'member',
    ...more,
  };
  return { id: String(record['id']), at, availableAt: at + 2 * MINUTE, record };
}

export function audit(n: number, at: number, more: Raw = {}): LogRecord {
  const id = `Directory_${guid(8, n)}_ABCDE_${n}`;
  const record: Raw = {
    id,
    category: 'RoleManagement',
    correlationId: guid(8, n),
    result: 'success',
    activityDisplayName: n % 2 === 0 ? 'Add member to role' : 'Update user',
    activityDateTime: new Date(at).toISOString().replace('Z', '1234Z'),
    loggedByService: 'Core Directory',
    initiatedBy: { user: { id: userId(1), userPrincipalName: 'person1@muster.example' }, app: null },
    targetResources: [{ id: userId(n % 7), displayName: `Person ${n % 7}`, type: 'User' }],
    additionalDetails: [],
    userAgent: 'beta only',
    ...more,
  };
  return { id, at, availableAt: at + MINUTE, record };
}

function tenant(id: string, licence: SimulatedTenant['licence']): SimulatedTenant {
  return {
    id,
    name: `Tenant ${licence}`,
    defaultDomain: `${licence}.example`,
    licence,
    app: { clientId: guid(9, 1), secret: `secret~${licence}+&=`, certificates: [], roles: ROLES },
    organization: { id, displayName: `Tenant ${licence}`, verifiedDomains: [] },
    subscribedSkus: [
      { id: `${id}_x`, skuId: guid(7, 1), skuPartNumber: 'EXCHANGESTANDARD', servicePlans: [] },
    ],
    roleDefinitions: [
      { id: guid(10, 1), displayName: 'Global Administrator', isBuiltIn: true, templateId: guid(10, 1) },
      { id: guid(10, 2), displayName: 'User Administrator', isBuiltIn: true, templateId: guid(10, 2) },
    ],
    users: Array.from({ length: 250 }, (_none, n) => ({
      id: userId(n),
      versions: [{ from: NOW - 30 * DAY, value: user(n) }],
    })),
    roleAssignments: [
      {
        id: 'assignment-1',
        versions: [
          {
            from: NOW - 30 * DAY,
            value: {
              id: 'assignment-1',
              principalId: userId(1),
              roleDefinitionId: guid(10, 1),
              directoryScopeId: '/',
            },
          },
        ],
      },
    ],
    messageRules: new Map([
      [userId(0), []],
      [
        userId(1),
        [
          {
            id: 'rule-1',
            versions: [{ from: NOW - DAY, value: { id: 'rule-1', displayName: '..', sequence: 1 } }],
          },
        ],
      ],
    ]),
    signIns: Array.from({ length: 2500 }, (_none, n) => signIn(n, NOW - 2500 * MINUTE + n * MINUTE)),
    directoryAudits: Array.from({ length: 60 }, (_none, n) => audit(n, NOW - 10 * DAY + n * 4 * 3_600_000)),
  };
}

/** Two tenants: one with P1, one without. */
export function smallWorld(): World {
  return {
    seed: 7,
    from: NOW - 30 * DAY,
    to: NOW,
    tenants: [tenant(PREMIUM, 'p1'), tenant(FREE, 'free')],
    stories: [{ story: 'phished', tenant: PREMIUM, steps: [] }],
  };
}
