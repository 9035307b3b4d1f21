import { isoSeconds } from './calendar.ts';
import type { TenantDraft } from './draft.ts';
import type { Person } from './people.ts';
import type { DirectoryCollection, Raw, SimulatedTenant, StateObject } from '../world.ts';

type Directory = NonNullable<SimulatedTenant['directory']>;

/** What the tenant allows and demands, the same from its first day on. */
export function policyObjects(draft: TenantDraft): Directory {
  const licensed = draft.cast.licence !== 'free';
  return {
    conditionalAccessPolicies: licensed ? objectsOf(draft, accessPolicies(draft)) : [],
    namedLocations: licensed ? objectsOf(draft, locations(draft)) : [],
    singletons: objectsOf(draft, singletons(draft)),
    crossTenantPartners: [],
    domains: objectsOf(draft, domains(draft)),
  } satisfies Partial<Record<DirectoryCollection, readonly StateObject[]>>;
}

function objectsOf(draft: TenantDraft, values: readonly Raw[]): StateObject[] {
  return values.map((value) => ({
    id: String(value['id']),
    versions: [{ from: Date.parse(draft.cast.founded), value }],
  }));
}

/** Whom no policy may lock out: the emergency account, and accounts of machines, which cannot answer. */
function exempt(draft: TenantDraft): string[] {
  const kinds = new Set<Person['kind']>(['break_glass', 'service']);
  return draft.people.filter((person) => kinds.has(person.kind)).map(({ id }) => id);
}

function accessPolicies(draft: TenantDraft): Raw[] {
  const everybody = { includeUsers: ['All'], excludeUsers: exempt(draft) };
  const block = { operator: 'OR', builtInControls: ['block'] };
  return [
    accessPolicy(draft, draft.mfaPolicy.displayName, draft.mfaPolicy.id, {
      users: everybody,
      grant: { operator: 'OR', builtInControls: ['mfa'] },
    }),
    // Told only: that mail by an old protocol still gets through is what a story shows.
    accessPolicy(draft, 'Block legacy authentication', draft.random.fork('legacy policy').guid(), {
      users: everybody,
      clientAppTypes: ['exchangeActiveSync', 'other'],
      state: 'enabledForReportingButNotEnforced',
      grant: block,
    }),
  ];
}

interface PolicyParts {
  readonly users: Raw;
  readonly clientAppTypes?: readonly string[];
  readonly state?: string;
  readonly grant: Raw;
}

function accessPolicy(draft: TenantDraft, displayName: string, id: string, parts: PolicyParts): Raw {
  const none = { includeGroups: [], excludeGroups: [], includeRoles: [], excludeRoles: [] };
  return {
    id,
    templateId: null,
    displayName,
    createdDateTime: isoSeconds(Date.parse(draft.cast.founded)),
    modifiedDateTime: isoSeconds(Date.parse(draft.cast.founded)),
    deletedDateTime: null,
    state: parts.state ?? 'enabled',
    sessionControls: null,
    conditions: {
      userRiskLevels: [],
      signInRiskLevels: [],
      clientAppTypes: parts.clientAppTypes ?? ['all'],
      servicePrincipalRiskLevels: [],
      insiderRiskLevels: null,
      platforms: null,
      locations: null,
      devices: null,
      clientApplications: null,
      authenticationFlows: null,
      applications: {
        includeApplications: ['All'],
        excludeApplications: [],
        includeUserActions: [],
        includeAuthenticationContextClassReferences: [],
        applicationFilter: null,
      },
      users: {
        ...none,
        includeGuestsOrExternalUsers: null,
        excludeGuestsOrExternalUsers: null,
        ...parts.users,
      },
    },
    grantControls: {
      customAuthenticationFactors: [],
      termsOfUse: [],
      authenticationStrength: null,
      ...parts.grant,
    },
  };
}

function locations(draft: TenantDraft): Raw[] {
  const founded = isoSeconds(Date.parse(draft.cast.founded));
  const times = { createdDateTime: founded, modifiedDateTime: founded, deletedDateTime: null };
  return [
    {
      '@odata.type': '#microsoft.graph.ipNamedLocation',
      id: draft.random.fork('office location').guid(),
      displayName: 'Office',
      ...times,
      isTrusted: true,
      ipRanges: [
        { '@odata.type': '#microsoft.graph.iPv4CidrRange', cidrAddress: `${draft.cast.office.ipAddress}/32` },
      ],
    },
    {
      '@odata.type': '#microsoft.graph.countryNamedLocation',
      id: draft.random.fork('country location').guid(),
      displayName: 'Countries in which we work',
      ...times,
      countriesAndRegions: ['DE', 'AT', 'CH'],
      includeUnknownCountriesAndRegions: false,
      countryLookupMethod: 'clientIpAddress',
    },
  ];
}

function singletons(draft: TenantDraft): Raw[] {
  return [
    methodsPolicy(draft),
    {
      id: 'authorizationPolicy',
      displayName: 'Authorization Policy',
      description: 'Used to manage authorization related settings across the company.',
      deletedDateTime: null,
      allowInvitesFrom: 'adminsAndGuestInviters',
      allowedToSignUpEmailBasedSubscriptions: true,
      allowedToUseSSPR: true,
      allowEmailVerifiedUsersToJoinOrganization: false,
      allowUserConsentForRiskyApps: null,
      blockMsolPowerShell: false,
      // "Limited access", the default for guests [Microsoft Learn: graph/api/resources/authorizationpolicy].
      guestUserRoleId: '10dae51f-b6af-4016-8d66-8c2a99b929b3',
      defaultUserRolePermissions: {
        allowedToCreateApps: false,
        allowedToCreateSecurityGroups: false,
        allowedToCreateTenants: false,
        allowedToReadBitlockerKeysForOwnedDevice: true,
        allowedToReadOtherUsers: true,
        permissionGrantPoliciesAssigned: ['ManagePermissionGrantsForSelf.microsoft-user-default-recommended'],
      },
    },
    { id: 'securityDefaults', displayName: 'Security Defaults', isEnabled: draft.cast.licence === 'free' },
    crossTenantDefault(),
    sharePointSettings(),
  ];
}

function methodsPolicy(draft: TenantDraft): Raw {
  const everybody = [{ targetType: 'group', id: 'all_users', isRegistrationRequired: false }];
  const method = (id: string, type: string, state: string): Raw => ({
    '@odata.type': `#microsoft.graph.${type}AuthenticationMethodConfiguration`,
    id,
    state,
    excludeTargets: [],
    includeTargets: everybody,
  });
  return {
    id: 'authenticationMethodsPolicy',
    displayName: 'Authentication Methods Policy',
    description: 'The tenant-wide policy that controls which authentication methods are allowed.',
    lastModifiedDateTime: isoSeconds(Date.parse(draft.cast.founded)),
    policyVersion: '1.5',
    policyMigrationState: 'migrationComplete',
    registrationEnforcement: {
      authenticationMethodsRegistrationCampaign: {
        snoozeDurationInDays: 1,
        state: 'default',
        excludeTargets: [],
        includeTargets: [
          { id: 'all_users', targetType: 'group', targetedAuthenticationMethod: 'microsoftAuthenticator' },
        ],
      },
    },
    authenticationMethodConfigurations: [
      method('Fido2', 'fido2', 'enabled'),
      method('MicrosoftAuthenticator', 'microsoftAuthenticator', 'enabled'),
      method('Sms', 'sms', 'enabled'),
      method('TemporaryAccessPass', 'temporaryAccessPass', 'enabled'),
      method('SoftwareOath', 'softwareOath', 'disabled'),
      method('Voice', 'voice', 'disabled'),
      method('Email', 'email', 'disabled'),
    ],
  };
}

/** Microsoft's own default, as a reference example shows it. */
function crossTenantDefault(): Raw {
  const targets = (accessType: string): Raw => ({
    usersAndGroups: { accessType, targets: [{ target: 'AllUsers', targetType: 'user' }] },
    applications: { accessType, targets: [{ target: 'AllApplications', targetType: 'application' }] },
  });
  return {
    id: 'crossTenantDefault',
    isServiceDefault: true,
    inboundTrust: {
      isMfaAccepted: false,
      isCompliantDeviceAccepted: false,
      isHybridAzureADJoinedDeviceAccepted: false,
    },
    b2bCollaborationOutbound: targets('allowed'),
    b2bCollaborationInbound: targets('allowed'),
    b2bDirectConnectOutbound: targets('blocked'),
    b2bDirectConnectInbound: targets('blocked'),
  };
}

function sharePointSettings(): Raw {
  return {
    id: 'sharePointSettings',
    allowedDomainGuidsForSyncApp: [],
    availableManagedPathsForSiteCreation: ['/sites/', '/teams/'],
    deletedUserPersonalSiteRetentionPeriodInDays: 30,
    excludedFileExtensionsForSyncApp: [],
    idleSessionSignOut: { isEnabled: false, warnAfterInSeconds: 0, signOutAfterInSeconds: 0 },
    isLegacyAuthProtocolsEnabled: false,
    isMacSyncAppEnabled: true,
    isRequireAcceptingUserToMatchInvitedUserEnabled: true,
    isResharingByExternalUsersEnabled: false,
    isUnmanagedSyncAppForTenantRestricted: false,
    sharingAllowedDomainList: [],
    sharingBlockedDomainList: [],
    sharingCapability: 'externalUserSharingOnly',
    sharingDomainRestrictionMode: 'none',
    tenantDefaultTimezone: '(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna',
  };
}

function domains({ cast }: TenantDraft): Raw[] {
  const domain = (id: string, isDefault: boolean): Raw => ({
    id,
    authenticationType: 'Managed',
    availabilityStatus: null,
    isAdminManaged: true,
    isDefault,
    isInitial: !isDefault,
    isRoot: true,
    isVerified: true,
    supportedServices: ['Email', 'OfficeCommunicationsOnline'],
    passwordValidityPeriodInDays: 2147483647,
    passwordNotificationWindowInDays: 14,
    state: null,
  });
  return [domain(cast.domain, true), domain(cast.initialDomain, false)];
}
