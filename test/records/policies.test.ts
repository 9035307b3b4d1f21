import { describe, expect, it } from 'vitest';
import { entityKinds } from '../../src/records/index.ts';
import {
  A,
  B,
  POLICY,
  METHODS_POLICY,
  PARTNER,
  LOCATION,
  SHAREPOINT,
  AUTHORIZATION,
  DETAILS,
  METHODS,
  SCORE,
  DEVICE,
  MAIL,
  FEDERATION,
  DOMAIN,
} from './policy-wire.ts';

type Json = Record<string, unknown>;

function parse(kind: string, raw: unknown): Json {
  const answer = entityKinds.get(kind)?.parse(raw);
  if (answer?.ok !== true) throw new Error(`${kind}: ${answer?.reason ?? 'no parser'}`);
  expect(answer.value.kind).toBe(kind);
  return answer.value.json;
}

const WHOLE: readonly (readonly [string, Json])[] = [
  ['conditional_access_policy', POLICY],
  ['named_location', LOCATION],
  ['authentication_methods_policy', METHODS_POLICY],
  ['authorization_policy', AUTHORIZATION],
  ['cross_tenant_access', PARTNER],
  ['domain', DOMAIN],
  ['domain_federation', FEDERATION],
  ['sharepoint_settings', SHAREPOINT],
  ['registration_details', DETAILS],
  ['authentication_methods', METHODS],
  ['secure_score', SCORE],
  ['device', DEVICE],
  ['mail_domain', MAIL],
];

/** The same JSON with every list the other way round, and the keys of every object as well. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned).reverse();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, turned(inner)]),
  );
}

describe('what Microsoft moves by itself', () => {
  it.each(WHOLE)('%s: another order of lists and keys is the same entity', (kind, raw) => {
    expect(JSON.stringify(parse(kind, turned(raw)))).toBe(JSON.stringify(parse(kind, raw)));
  });

  const volatile: readonly (readonly [string, Json, Json])[] = [
    ['conditional_access_policy', POLICY, { modifiedDateTime: '2026-11-01T00:00:00Z' }],
    ['conditional_access_policy', POLICY, { '@odata.etag': 'W/1', templateId: null, description: '' }],
    ['named_location', LOCATION, { modifiedDateTime: '2026-11-01T00:00:00Z' }],
    ['authentication_methods_policy', METHODS_POLICY, { lastModifiedDateTime: '2026-11-01T00:00:00Z' }],
    ['registration_details', DETAILS, { lastUpdatedDateTime: '2026-11-01T00:00:00Z' }],
    ['secure_score', SCORE, { id: `${A}_2026-11-01`, createdDateTime: '2026-11-01T02:00:00Z' }],
    ['secure_score', SCORE, { activeUserCount: 7, averageComparativeScores: [] }],
    ['device', DEVICE, { approximateLastSignInDateTime: '2026-11-01T00:00:00Z' }],
    ['device', DEVICE, { operatingSystemVersion: '10.0.22631.4460' }],
    ['domain', DOMAIN, { state: { status: 'PendingDeletion' }, availabilityStatus: 'AvailableImmediately' }],
    ['sharepoint_settings', SHAREPOINT, { '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#x' }],
  ];
  it.each(volatile)('%s does not change with %3$o', (kind, raw, change) => {
    expect(parse(kind, { ...raw, ...change })).toEqual(parse(kind, raw));
  });

  it('the renewal of a federation that nobody looks at is no change, its certificate is one', () => {
    const read = (change: Json) =>
      parse('domain_federation', {
        ...FEDERATION,
        configuration: { ...FEDERATION.configuration, ...change },
      });
    expect(read({ signingCertificateUpdateStatus: null })).toEqual(parse('domain_federation', FEDERATION));
    expect(read({ signingCertificate: 'AAAA' })).not.toEqual(parse('domain_federation', FEDERATION));
  });
});

describe('a Conditional Access policy', () => {
  it('has its parts by name', () => {
    expect(parse('conditional_access_policy', POLICY)).toMatchObject({
      name: 'Require MFA',
      state: 'enabled',
      include_users: ['All'],
      exclude_users: [B, A].sort(),
      include_guests: ['b2bCollaborationGuest', 'internalGuest'],
      include_apps: ['All', 'Office365'],
      exclude_locations: ['AllTrusted'],
      device_filter: 'exclude: device.isCompliant -eq True',
      transfer_methods: ['authenticationTransfer', 'deviceCodeFlow'],
      insider_risk: ['elevated', 'minor'],
      grant_controls: ['compliantDevice', 'mfa'],
      authentication_strength: 'Phishing-resistant',
      sign_in_frequency: '4 hours',
      persistent_browser: null,
    });
  });

  it.each([
    [{ isEnabled: true, frequencyInterval: 'everyTime', value: null }, 'everyTime'],
    [{ isEnabled: false, value: 4, type: 'hours' }, null],
    [null, null],
  ])('asks again as %o says: %s', (signInFrequency, told) => {
    const raw = { ...POLICY, sessionControls: { signInFrequency } };
    expect(parse('conditional_access_policy', raw)['sign_in_frequency']).toBe(told);
  });

  it('shows what nobody reads by name among its settings, and null, absent and empty alike', () => {
    const settings = parse('conditional_access_policy', POLICY)['settings'] as string[];
    expect(settings).toContain('sessionControls.secureSignInSession.isEnabled=true');
    expect(settings).toContain(`conditions.users.includeGuestsOrExternalUsers.externalTenants.members=${B}`);
    const empty = {
      ...POLICY,
      conditions: { ...POLICY.conditions, platforms: null, clientApplications: {} },
    };
    expect(parse('conditional_access_policy', empty)).toEqual(parse('conditional_access_policy', POLICY));
  });
});

describe('settings and posture', () => {
  const values: readonly (readonly [string, Json, Json])[] = [
    [
      'named_location',
      LOCATION,
      { kind: 'ip', trusted: true, ranges: ['198.51.100.0/24', '203.0.113.10/32'] },
    ],
    [
      'named_location',
      { id: A, '@odata.type': '#microsoft.graph.countryNamedLocation', countriesAndRegions: ['de', 'AT'] },
      { kind: 'country', trusted: null, countries: ['AT', 'DE'] },
    ],
    [
      'named_location',
      { id: A, '@odata.type': '#microsoft.graph.compliantNetworkNamedLocation' },
      { kind: 'compliantNetworkNamedLocation' },
    ],
    [
      'authentication_methods_policy',
      METHODS_POLICY,
      {
        methods_on: ['Fido2'],
        methods_off: ['Sms'],
        campaign: 'enabled',
        migration_state: 'migrationComplete',
      },
    ],
    [
      'authorization_policy',
      AUTHORIZATION,
      {
        invites_from: 'everyone',
        users_create_apps: true,
        users_read_others: null,
        consent_policies: ['ManagePermissionGrantsForSelf.a', 'ManagePermissionGrantsForSelf.b'],
      },
    ],
    ['security_defaults', { id: 'x', isEnabled: false }, { enabled: false }],
    [
      'cross_tenant_access',
      PARTNER,
      {
        partner_id: B,
        trust_mfa: null,
        collaboration_in: 'blocked',
        collaboration_out: null,
        consent_inbound: true,
      },
    ],
    [
      'sharepoint_settings',
      SHAREPOINT,
      {
        sharing: 'externalUserAndGuestSharing',
        allowed_domains: ['a.example', 'b.example'],
        guests_reshare: true,
        legacy_auth: null,
      },
    ],
    [
      'domain',
      DOMAIN,
      {
        authentication: 'Managed',
        verified: true,
        is_default: null,
        services: ['Email', 'OfficeCommunicationsOnline'],
      },
    ],
    [
      'registration_details',
      DETAILS,
      {
        admin: true,
        mfa_registered: true,
        mfa_capable: null,
        preferred: 'push',
        system_preferred: ['a', 'b'],
      },
    ],
    [
      'authentication_methods',
      METHODS,
      {
        mfa_registered: true,
        methods: ['email', 'microsoftAuthenticatorPush', 'mobilePhone'],
        devices: ['email:e', 'microsoftAuthenticatorPush:1', 'microsoftAuthenticatorPush:2', 'mobilePhone:m'],
      },
    ],
    [
      'authentication_methods',
      { userId: A, methods: METHODS.methods.slice(4) },
      { mfa_registered: false, methods: ['email'] },
    ],
    [
      'secure_score',
      SCORE,
      { score: 387, max_score: 697, percent: 55.5, controls: ['AdminMFAV2=10', 'MFARegistrationV2=9'] },
    ],
    ['device', DEVICE, { device_id: B, compliant: null, os_version: '10.0.22631', synced: false }],
    [
      'mail_domain',
      MAIL,
      {
        mx: ['10 b.mx.example', '5 a.mx.example'],
        spf_all: '-all',
        dmarc_policy: 'quarantine',
        dmarc_subdomains: 'none',
        dmarc_percent: '50',
        dmarc_reports: ['mailto:a@x.example', 'mailto:b@x.example'],
        dkim: ['selector1=a.example', 'selector2=b.example'],
      },
    ],
  ];
  it.each(values)('%s of %o has %o', (kind, raw, wanted) => {
    expect(parse(kind, raw)).toMatchObject(wanted);
  });
});

describe('what is no such object', () => {
  it.each([
    ['conditional_access_policy', { displayName: 'x' }],
    ['named_location', null],
    ['authentication_methods_policy', {}],
    ['authorization_policy', []],
    ['security_defaults', { id: 'x' }],
    ['cross_tenant_access', { inboundTrust: {} }],
    ['domain', { name: 'x' }],
    ['domain_federation', { domain: 'x', configuration: {} }],
    ['sharepoint_settings', {}],
    ['registration_details', { isAdmin: true }],
    ['authentication_methods', { userId: A }],
    ['secure_score', { id: 'x', currentScore: 'many' }],
    ['device', { deviceId: B }],
    ['mail_domain', { mx: [] }],
  ])('%s: %j is refused with a reason', (kind, raw) => {
    expect(entityKinds.get(kind)?.parse(raw)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^the /),
    });
  });

  it.each(WHOLE)('%s: values of another type are as good as absent', (kind, raw) => {
    const id = raw['id'] ?? raw['userId'] ?? raw['domain'] ?? raw['tenantId'];
    const odd = Object.fromEntries(Object.keys(raw).map((key) => [key, raw[key] === id ? id : 17]));
    expect(() => entityKinds.get(kind)?.parse(odd)).not.toThrow();
  });
});
