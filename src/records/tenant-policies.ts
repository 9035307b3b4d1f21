import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, objects, own, sorted, text, type Raw } from './property.ts';
import { idsOf, settingsOf } from './settings-list.ts';

// Policies of which a tenant has one.

/** authenticationMethodsPolicy: by which methods people may sign in. */
export function parseAuthenticationMethodsPolicy(raw: unknown): Parsed<EntityRecord> {
  const policy = object(raw);
  if (policy === null || text(own(policy, 'id')) === null)
    return refused('the authentication methods policy has no id');
  const campaign = object(
    own(object(own(policy, 'registrationEnforcement')), 'authenticationMethodsRegistrationCampaign'),
  );
  const methods = objects(own(policy, 'authenticationMethodConfigurations'));
  const json = {
    migration_state: text(own(policy, 'policyMigrationState')),
    campaign: text(own(campaign, 'state')),
    methods_on: methodsThat(methods, 'enabled'),
    methods_off: methodsThat(methods, 'disabled'),
    settings: settingsOf(policy, ['description', 'policyVersion', 'policyMigrationState']),
  };
  return accepted({
    kind: 'authentication_methods_policy',
    id: 'authenticationMethodsPolicy',
    json,
    scalars: {},
  });
}

function methodsThat(methods: readonly Raw[], state: string): string[] {
  const those = methods.filter((method) => text(own(method, 'state'))?.toLowerCase() === state);
  return sorted(those.map((method) => text(own(method, 'id'))).filter((id) => id !== null));
}

/** authorizationPolicy: what people and guests may do by themselves. */
export function parseAuthorizationPolicy(raw: unknown): Parsed<EntityRecord> {
  const policy = object(raw);
  if (policy === null || text(own(policy, 'id')) === null)
    return refused('the authorization policy has no id');
  const defaults = object(own(policy, 'defaultUserRolePermissions'));
  const json = {
    invites_from: text(own(policy, 'allowInvitesFrom')),
    guest_role_id: objectId(own(policy, 'guestUserRoleId')),
    self_service_reset: flag(own(policy, 'allowedToUseSSPR')),
    email_join: flag(own(policy, 'allowEmailVerifiedUsersToJoinOrganization')),
    email_subscriptions: flag(own(policy, 'allowedToSignUpEmailBasedSubscriptions')),
    risky_app_consent: flag(own(policy, 'allowUserConsentForRiskyApps')),
    msol_blocked: flag(own(policy, 'blockMsolPowerShell')),
    users_create_apps: flag(own(defaults, 'allowedToCreateApps')),
    users_create_groups: flag(own(defaults, 'allowedToCreateSecurityGroups')),
    users_create_tenants: flag(own(defaults, 'allowedToCreateTenants')),
    users_read_others: flag(own(defaults, 'allowedToReadOtherUsers')),
    consent_policies: idsOf(
      // beta has them at the policy itself.
      own(defaults, 'permissionGrantPoliciesAssigned') ??
        own(policy, 'permissionGrantPolicyIdsAssignedToDefaultUserRole'),
    ),
    settings: settingsOf(policy, ['description']),
  };
  return accepted({ kind: 'authorization_policy', id: 'authorizationPolicy', json, scalars: {} });
}

/** identitySecurityDefaultsEnforcementPolicy. */
export function parseSecurityDefaults(raw: unknown): Parsed<EntityRecord> {
  const policy = object(raw);
  const enabled = flag(own(policy, 'isEnabled'));
  if (enabled === null) return refused('the security defaults do not say whether they are on');
  return accepted({ kind: 'security_defaults', id: 'securityDefaults', json: { enabled }, scalars: {} });
}

/** settings of tenantAdmin/sharepoint: who may share what with whom. */
export function parseSharePointSettings(raw: unknown): Parsed<EntityRecord> {
  const settings = object(raw);
  if (settings === null || Object.keys(settings).length === 0)
    return refused('the SharePoint settings are empty');
  const json = {
    sharing: text(own(settings, 'sharingCapability')),
    domain_mode: text(own(settings, 'sharingDomainRestrictionMode')),
    allowed_domains: idsOf(own(settings, 'sharingAllowedDomainList')),
    blocked_domains: idsOf(own(settings, 'sharingBlockedDomainList')),
    guests_reshare: flag(own(settings, 'isResharingByExternalUsersEnabled')),
    guests_must_match: flag(own(settings, 'isRequireAcceptingUserToMatchInvitedUserEnabled')),
    legacy_auth: flag(own(settings, 'isLegacyAuthProtocolsEnabled')),
    unmanaged_sync_blocked: flag(own(settings, 'isUnmanagedSyncAppForTenantRestricted')),
    idle_sign_out: flag(own(object(own(settings, 'idleSessionSignOut')), 'isEnabled')),
    settings: settingsOf(settings),
  };
  return accepted({ kind: 'sharepoint_settings', id: 'sharepoint', json, scalars: {} });
}
