import { isoSeconds } from './calendar.ts';
import type { Sku } from './data/skus.ts';
import type { TenantDraft } from './draft.ts';
import type { Raw, SimulatedApp } from '../world.ts';

/** The answer of GET /organization for this tenant. */
export function organization(draft: TenantDraft): Raw {
  const { cast } = draft;
  const skus = skusInUse(draft);
  const plans = skus.flatMap((sku) => sku.plans);
  return {
    id: draft.id,
    deletedDateTime: null,
    businessPhones: [],
    city: null,
    country: null,
    countryLetterCode: 'DE',
    createdDateTime: isoSeconds(Date.parse(cast.founded)),
    displayName: cast.name,
    onPremisesLastSyncDateTime: cast.synced ? isoSeconds(draft.to) : null,
    onPremisesSyncEnabled: cast.synced ? true : null,
    partnerTenantType: null,
    preferredLanguage: 'de',
    securityComplianceNotificationMails: [],
    technicalNotificationMails: [`it@${cast.domain}`],
    tenantType: 'AAD',
    assignedPlans: plans.map(({ id, service }) => ({
      assignedDateTime: cast.founded,
      capabilityStatus: 'Enabled',
      service,
      servicePlanId: id,
    })),
    verifiedDomains: [
      verifiedDomain(cast.domain, true, false),
      verifiedDomain(cast.initialDomain, false, true),
    ],
  };
}

/** The answer of GET /subscribedSkus. */
export function subscribedSkus(draft: TenantDraft): Raw[] {
  return skusInUse(draft).map((sku) => {
    const consumed = draft.people.filter((person) => person.sku === sku).length;
    return {
      id: `${draft.id}_${sku.skuId}`,
      accountId: draft.id,
      accountName: draft.cast.initialDomain.split('.')[0],
      appliesTo: 'User',
      capabilityStatus: 'Enabled',
      consumedUnits: consumed,
      prepaidUnits: { enabled: consumed + 2, suspended: 0, warning: 0, lockedOut: 0 },
      skuId: sku.skuId,
      skuPartNumber: sku.partNumber,
      subscriptionIds: [draft.random.fork('subscription', sku.skuId).guid()],
      servicePlans: sku.plans.map(({ id, name }) => servicePlan(id, name)),
    };
  });
}

/** Every permission that a full set-up asks for. */
export const WATCHING_ROLES = [
  'ActivityFeed.Read',
  'Application.Read.All',
  'AuditLog.Read.All',
  'Device.Read.All',
  'DeviceManagementManagedDevices.Read.All',
  'Directory.Read.All',
  'Domain-InternalFederation.Read.All',
  'Domain.Read.All',
  'Group.Read.All',
  'IdentityRiskEvent.Read.All',
  'IdentityRiskyServicePrincipal.Read.All',
  'IdentityRiskyUser.Read.All',
  'LicenseAssignment.Read.All',
  'MailboxSettings.Read',
  'Organization.Read.All',
  'Policy.Read.All',
  'RoleManagement.Read.Directory',
  'SecurityAlert.Read.All',
  'SecurityEvents.Read.All',
  'SecurityIncident.Read.All',
  'SharePointTenantSettings.Read.All',
  'User-LifeCycleInfo.Read.All',
  'User.Read.All',
  'UserAuthenticationMethod.Read.All',
] as const;

/** The registration of the watching application, with the permissions that a full set-up asks for. */
export function watchingApp(draft: TenantDraft): SimulatedApp {
  const random = draft.random.fork('app');
  return {
    clientId: random.guid(),
    secret: random.text(40, SECRET_ALPHABET),
    certificates: [],
    roles: [...WATCHING_ROLES],
  };
}

const SECRET_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~_-';

function skusInUse(draft: TenantDraft): Sku[] {
  return [...new Set(draft.people.flatMap((person) => (person.sku ? [person.sku] : [])))];
}

function servicePlan(servicePlanId: string, servicePlanName: string): Raw {
  return { servicePlanId, servicePlanName, provisioningStatus: 'Success', appliesTo: 'User' };
}

function verifiedDomain(name: string, isDefault: boolean, isInitial: boolean): Raw {
  return { capabilities: 'Email, OfficeCommunicationsOnline', isDefault, isInitial, name, type: 'Managed' };
}
