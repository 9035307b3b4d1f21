/* Policies, settings and posture as Microsoft and the DNS tell them. */

export const A = '8f6b2c1e-1111-4222-8333-944455556666';
export const B = '0d3c0d3c-2222-4222-8222-222222222222';
const target = (id: string) => ({ id, targetType: 'group' });

export const POLICY = {
  id: A,
  displayName: 'Require MFA',
  state: 'enabled',
  createdDateTime: '2024-01-01T00:00:00Z',
  modifiedDateTime: '2024-02-01T00:00:00Z',
  conditions: {
    clientAppTypes: ['mobileAppsAndDesktopClients', 'browser'],
    users: {
      includeUsers: ['All'],
      excludeUsers: [B.toUpperCase(), A],
      includeGuestsOrExternalUsers: {
        guestOrExternalUserTypes: 'internalGuest,b2bCollaborationGuest',
        externalTenants: { membershipKind: 'enumerated', members: [B] },
      },
    },
    applications: { includeApplications: ['Office365', 'All'], includeUserActions: [] },
    locations: { includeLocations: ['All'], excludeLocations: ['AllTrusted'] },
    devices: { deviceFilter: { mode: 'exclude', rule: 'device.isCompliant -eq True' } },
    authenticationFlows: { transferMethods: 'deviceCodeFlow,authenticationTransfer' },
    insiderRiskLevels: 'minor,elevated',
  },
  grantControls: {
    operator: 'OR',
    builtInControls: ['mfa', 'compliantDevice'],
    authenticationStrength: {
      id: 'x',
      displayName: 'Phishing-resistant',
      allowedCombinations: ['fido2', 'x509'],
    },
  },
  sessionControls: {
    signInFrequency: { isEnabled: true, value: 4, type: 'hours' },
    persistentBrowser: { isEnabled: false, mode: 'never' },
    // Of beta, or of next year: nobody reads it by name.
    secureSignInSession: { isEnabled: true },
  },
};

export const METHODS_POLICY = {
  id: 'authenticationMethodsPolicy',
  lastModifiedDateTime: '2026-01-01T00:00:00Z',
  policyMigrationState: 'migrationComplete',
  registrationEnforcement: {
    authenticationMethodsRegistrationCampaign: { state: 'enabled', includeTargets: [target(A), target(B)] },
  },
  authenticationMethodConfigurations: [
    { id: 'Sms', state: 'disabled', includeTargets: [target('all_users')] },
    { id: 'Fido2', state: 'enabled', keyRestrictions: { aaGuids: [B, A] }, excludeTargets: [target(A)] },
  ],
};

export const PARTNER = {
  tenantId: B,
  inboundTrust: null,
  isServiceProvider: true,
  automaticUserConsentSettings: { inboundAllowed: true, outboundAllowed: null },
  b2bCollaborationInbound: {
    usersAndGroups: { accessType: 'blocked', targets: [{ target: A }, { target: B }] },
    applications: { accessType: 'allowed', targets: [{ target: 'Office365' }] },
  },
};

export const LOCATION = {
  '@odata.type': '#microsoft.graph.ipNamedLocation',
  id: A,
  displayName: 'Office',
  modifiedDateTime: '2026-01-01T00:00:00Z',
  isTrusted: true,
  ipRanges: [{ cidrAddress: '198.51.100.0/24' }, { cidrAddress: '203.0.113.10/32' }],
};

export const SHAREPOINT = {
  sharingCapability: 'externalUserAndGuestSharing',
  sharingDomainRestrictionMode: 'allowList',
  sharingAllowedDomainList: ['b.example', 'a.example'],
  isResharingByExternalUsersEnabled: true,
  isLoopEnabled: true,
  excludedFileExtensionsForSyncApp: ['.md', '.git'],
};

export const AUTHORIZATION = {
  id: 'authorizationPolicy',
  allowInvitesFrom: 'everyone',
  guestUserRoleId: '10dae51f-b6af-4016-8d66-8c2a99b929b3',
  defaultUserRolePermissions: {
    allowedToCreateApps: true,
    permissionGrantPoliciesAssigned: ['ManagePermissionGrantsForSelf.b', 'ManagePermissionGrantsForSelf.a'],
  },
};

export const DETAILS = {
  id: A,
  userPrincipalName: 'a@muster.example',
  userType: 'member',
  isAdmin: true,
  isMfaRegistered: true,
  methodsRegistered: ['softwareOneTimePasscode', 'microsoftAuthenticatorPush'],
  systemPreferredAuthenticationMethods: ['b', 'a'],
  userPreferredMethodForSecondaryAuthentication: 'push',
  lastUpdatedDateTime: '2026-01-01T00:00:00Z',
};

export const METHODS = {
  userId: A,
  methods: [
    { '@odata.type': '#microsoft.graph.passwordAuthenticationMethod', id: 'p' },
    {
      '@odata.type': '#microsoft.graph.phoneAuthenticationMethod',
      id: 'm',
      phoneType: 'mobile',
      phoneNumber: '+49 1',
    },
    { '@odata.type': '#microsoft.graph.microsoftAuthenticatorAuthenticationMethod', id: '2' },
    { '@odata.type': '#microsoft.graph.microsoftAuthenticatorAuthenticationMethod', id: '1' },
    { '@odata.type': '#microsoft.graph.emailAuthenticationMethod', id: 'e' },
  ],
};

export const SCORE = {
  id: `${A}_2026-01-01`,
  createdDateTime: '2026-01-01T02:00:00Z',
  currentScore: 387,
  maxScore: 697,
  activeUserCount: 5,
  licensedUserCount: 9,
  enabledServices: ['HasSharePoint', 'HasExchange'],
  averageComparativeScores: [{ basis: 'AllTenants', averageScore: 37 }],
  controlScores: [
    { controlName: 'MFARegistrationV2', score: 9, description: 'x' },
    { controlName: 'AdminMFAV2', score: 10 },
  ],
};

export const DEVICE = {
  id: A,
  deviceId: B,
  displayName: 'PC',
  accountEnabled: true,
  isCompliant: null,
  operatingSystem: 'Windows',
  operatingSystemVersion: '10.0.22631.4317',
  approximateLastSignInDateTime: '2026-01-01T00:00:00Z',
};

export const MAIL = {
  domain: 'Muster.Example',
  mx: [
    { exchange: 'b.mx.example.', priority: 10 },
    { exchange: 'A.mx.example', priority: 5 },
  ],
  txt: ['MS=ms1', 'v=spf1 include:spf.protection.outlook.com -all'],
  dmarc: ['v=DMARC1; p=Quarantine; sp=none; pct=50; rua=mailto:b@x.example, mailto:a@x.example'],
  dkim: [
    { selector: 'selector2', target: 'b.example' },
    { selector: 'selector1', target: 'a.example' },
  ],
};

export const FEDERATION = {
  domain: 'Muster.example',
  configuration: {
    id: 'C1',
    issuerUri: 'http://muster.example/adfs',
    signingCertificate: Buffer.from('certificate').toString('base64'),
    nextSigningCertificate: null,
    federatedIdpMfaBehavior: 'acceptIfMfaDoneByFederatedIdp',
    signingCertificateUpdateStatus: { lastRunDateTime: '2026-01-01T00:00:00Z' },
  },
};

export const DOMAIN = {
  id: 'Muster.Example',
  authenticationType: 'Managed',
  isVerified: true,
  supportedServices: ['OfficeCommunicationsOnline', 'Email'],
  availabilityStatus: null,
};
