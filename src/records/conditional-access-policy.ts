import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, own, text, whole, type Raw } from './property.ts';
import { flagsOf, idsOf, settingsOf } from './settings-list.ts';
import { instant } from './time.ts';

/** conditionalAccessPolicy. When it was saved is left out: a portal saves what nobody changed. */
export function parseConditionalAccessPolicy(raw: unknown): Parsed<EntityRecord> {
  const policy = object(raw);
  const id = objectId(own(policy, 'id'));
  if (policy === null || id === null) return refused('the Conditional Access policy has no id');
  const conditions = object(own(policy, 'conditions'));
  const json = {
    name: text(own(policy, 'displayName')),
    state: text(own(policy, 'state')),
    created_at: instant(own(policy, 'createdDateTime')),
    template_id: objectId(own(policy, 'templateId')),
    ...people(object(own(conditions, 'users'))),
    ...applications(conditions),
    ...circumstances(conditions),
    ...grant(object(own(policy, 'grantControls'))),
    ...session(object(own(policy, 'sessionControls'))),
    settings: settingsOf(policy, ['state', 'templateId', 'description']),
  };
  return accepted({ kind: 'conditional_access_policy', id, json, scalars: {} });
}

function people(users: Raw | null) {
  return {
    include_users: idsOf(own(users, 'includeUsers')),
    exclude_users: idsOf(own(users, 'excludeUsers')),
    include_groups: idsOf(own(users, 'includeGroups')),
    exclude_groups: idsOf(own(users, 'excludeGroups')),
    include_roles: idsOf(own(users, 'includeRoles')),
    exclude_roles: idsOf(own(users, 'excludeRoles')),
    include_guests: guests(own(users, 'includeGuestsOrExternalUsers')),
    exclude_guests: guests(own(users, 'excludeGuestsOrExternalUsers')),
  };
}

/** Kinds of guests (`b2bCollaborationGuest`, …); of which tenants stands in the settings. */
function guests(value: unknown): string[] {
  return flagsOf(own(object(value), 'guestOrExternalUserTypes'));
}

function applications(conditions: Raw | null) {
  const apps = object(own(conditions, 'applications'));
  const clients = object(own(conditions, 'clientApplications'));
  return {
    include_apps: idsOf(own(apps, 'includeApplications')),
    exclude_apps: idsOf(own(apps, 'excludeApplications')),
    include_actions: idsOf(own(apps, 'includeUserActions')),
    include_contexts: idsOf(own(apps, 'includeAuthenticationContextClassReferences')),
    include_service_principals: idsOf(own(clients, 'includeServicePrincipals')),
    exclude_service_principals: idsOf(own(clients, 'excludeServicePrincipals')),
  };
}

function circumstances(conditions: Raw | null) {
  const locations = object(own(conditions, 'locations'));
  const platforms = object(own(conditions, 'platforms'));
  return {
    client_app_types: idsOf(own(conditions, 'clientAppTypes')),
    include_locations: idsOf(own(locations, 'includeLocations')),
    exclude_locations: idsOf(own(locations, 'excludeLocations')),
    include_platforms: idsOf(own(platforms, 'includePlatforms')),
    exclude_platforms: idsOf(own(platforms, 'excludePlatforms')),
    device_filter: deviceFilter(object(own(conditions, 'devices'))),
    transfer_methods: flagsOf(own(object(own(conditions, 'authenticationFlows')), 'transferMethods')),
    user_risk: idsOf(own(conditions, 'userRiskLevels')),
    sign_in_risk: idsOf(own(conditions, 'signInRiskLevels')),
    service_principal_risk: idsOf(own(conditions, 'servicePrincipalRiskLevels')),
    insider_risk: flagsOf(own(conditions, 'insiderRiskLevels')),
  };
}

function deviceFilter(devices: Raw | null): string | null {
  const filter = object(own(devices, 'deviceFilter'));
  const rule = text(own(filter, 'rule'));
  return rule === null ? null : `${text(own(filter, 'mode')) ?? 'include'}: ${rule}`;
}

function grant(controls: Raw | null) {
  const strength = object(own(controls, 'authenticationStrength'));
  return {
    grant_operator: text(own(controls, 'operator')),
    grant_controls: idsOf(own(controls, 'builtInControls')),
    terms_of_use: idsOf(own(controls, 'termsOfUse')),
    authentication_strength: text(own(strength, 'displayName')) ?? text(own(strength, 'id')),
    allowed_combinations: idsOf(own(strength, 'allowedCombinations')),
  };
}

function session(controls: Raw | null) {
  const browser = object(own(controls, 'persistentBrowser'));
  const cloudApps = object(own(controls, 'cloudAppSecurity'));
  return {
    sign_in_frequency: frequency(object(own(controls, 'signInFrequency'))),
    persistent_browser: on(browser) ? text(own(browser, 'mode')) : null,
    app_enforced: on(object(own(controls, 'applicationEnforcedRestrictions'))),
    cloud_app_security: on(cloudApps) ? text(own(cloudApps, 'cloudAppSecurityType')) : null,
    resilience_disabled: flag(own(controls, 'disableResilienceDefaults')) === true,
  };
}

function on(control: Raw | null): boolean {
  return flag(own(control, 'isEnabled')) === true;
}

/** `everyTime`, or a number and its unit: `4 hours`. */
function frequency(control: Raw | null): string | null {
  if (!on(control)) return null;
  const value = whole(own(control, 'value'));
  if (value === null) return text(own(control, 'frequencyInterval'));
  return `${value} ${text(own(control, 'type')) ?? ''}`.trim();
}
