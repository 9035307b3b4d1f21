import type { Raw } from '../../world.ts';
import { readSelect } from '../query.ts';
import { pick } from '../route.ts';
import type { Route, RouteCall } from '../route.ts';
import type { TenantState } from '../state.ts';

const READ_ORGANIZATION = [
  'Organization.Read.All',
  'Organization.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];

/** `GET /organization` */
export const organization: Route = {
  pattern: 'organization',
  permissions: [
    ...READ_ORGANIZATION,
    'DeviceManagementServiceConfig.Read.All',
    'DeviceManagementServiceConfig.ReadWrite.All',
    'DeviceManagementConfiguration.Read.All',
    'DeviceManagementConfiguration.ReadWrite.All',
  ],
  options: ['$select'],
  answer: (call) => whole(call, 'organization', [call.tenant.organization]),
};

/** `GET /subscribedSkus`: neither $filter nor $top (graph-facts 15). */
export const subscribedSkus: Route = {
  pattern: 'subscribedSkus',
  permissions: [...READ_ORGANIZATION, 'LicenseAssignment.Read.All'],
  options: ['$select'],
  answer: (call) => whole(call, 'subscribedSkus', skusOf(call.tenant)),
};

function whole(call: RouteCall, context: string, items: readonly Raw[]): Raw {
  const names = readSelect(call.query, context, null);
  return {
    '@odata.context': `${call.simulation.origins.graph}/${call.version}/$metadata#${context}`,
    value: names ? items.map((item) => pick(item, names)) : items,
  };
}

interface PremiumPlan {
  readonly planId: string;
  readonly skuId: string;
  readonly name: string;
}

/** Plan ids: graph-facts B (maester); SKU ids: Microsoft's product names and service plan identifiers for licensing. */
const PREMIUM: Readonly<Record<'p1' | 'p2', PremiumPlan>> = {
  p1: {
    planId: '41781fb2-bc02-4b7c-bd55-b576c07bb09d',
    skuId: '078d2b04-f1bd-4111-bbd4-b4b1b354cef4',
    name: 'AAD_PREMIUM',
  },
  p2: {
    planId: 'eec0eb4f-6444-4f95-aba0-50c24d67f998',
    skuId: '84a661c4-e949-4bd2-a560-ed7766fcaf2b',
    name: 'AAD_PREMIUM_P2',
  },
};

/** Plan and SKU ids as above. */
const WORKLOAD_ID: PremiumPlan = {
  planId: '7dc0e92d-bf15-401d-907e-0884efe7c760',
  skuId: '52cdf00e-8303-4223-a749-ff69a13e2dd0',
  name: 'AAD_WRKLDID_P2',
};

function skusOf(tenant: TenantState): readonly Raw[] {
  const skus = entraSkus(tenant);
  return tenant.workloadId ? [...skus, premiumSku(tenant.id, WORKLOAD_ID)] : skus;
}

/** The SKUs of the world; once a test has set the licence, with exactly the premium plan that it stands for. */
function entraSkus(tenant: TenantState): readonly Raw[] {
  if (!tenant.licenceChanged) return tenant.subscribedSkus;
  const premium = new Set([PREMIUM.p1.planId, PREMIUM.p2.planId]);
  const plain = tenant.subscribedSkus.map((sku) => ({
    ...sku,
    servicePlans: plansOf(sku).filter((plan) => !premium.has(String(plan['servicePlanId']))),
  }));
  return tenant.licence === 'free' ? plain : [...plain, premiumSku(tenant.id, PREMIUM[tenant.licence])];
}

function plansOf(sku: Raw): readonly Raw[] {
  return Array.isArray(sku['servicePlans']) ? (sku['servicePlans'] as Raw[]) : [];
}

function premiumSku(tenant: string, plan: PremiumPlan): Raw {
  return {
    id: `${tenant}_${plan.skuId}`,
    skuId: plan.skuId,
    skuPartNumber: plan.name,
    appliesTo: 'User',
    capabilityStatus: 'Enabled',
    consumedUnits: 1,
    prepaidUnits: { enabled: 25, suspended: 0, warning: 0, lockedOut: 0 },
    servicePlans: [
      {
        servicePlanId: plan.planId,
        servicePlanName: plan.name,
        provisioningStatus: 'Success',
        appliesTo: 'User',
      },
    ],
    subscriptionIds: [],
  };
}
