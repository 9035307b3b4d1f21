/** A service plan inside a SKU. `service` is the value of assignedPlans.service. */
export interface ServicePlan {
  readonly id: string;
  readonly name: string;
  readonly service: string;
}

export interface Sku {
  readonly skuId: string;
  readonly partNumber: string;
  readonly plans: readonly ServicePlan[];
}

/*
 * Ids: KelvinTegelaar/CIPP-API Config/ConversionTable.csv @adf3242 (2026-07-29), a copy of Microsoft's "Product names and
 * service plan identifiers for licensing". Only the plans that a security monitor asks for. `service` values: exchange, SCO and
 * SharePoint as in Graph's organization example; the others are the plan's own name (docs/assumptions.md).
 */
const AAD_PREMIUM = plan('41781fb2-bc02-4b7c-bd55-b576c07bb09d', 'AAD_PREMIUM', 'AADPremiumService');
const EXCHANGE_S_STANDARD = plan('9aaf7827-d63c-4b61-89c3-182f06f82e5c', 'EXCHANGE_S_STANDARD', 'exchange');
const SHAREPOINTSTANDARD = plan('c7699d2e-19aa-44de-8edf-1736da088ca1', 'SHAREPOINTSTANDARD', 'SharePoint');
const TEAMS1 = plan('57ff2da0-773e-42df-b2af-ffb7a2317929', 'TEAMS1', 'TeamspaceAPI');
const INTUNE_A = plan('c1ec4a95-1f05-45b3-a911-aa3fa01094f5', 'INTUNE_A', 'SCO');
const INTUNE_O365 = plan('882e1d05-acd1-4ccb-8708-6ee03664b117', 'INTUNE_O365', 'SCO');
const ATP_ENTERPRISE = plan('f20fedf3-f3c3-43c3-8267-2bfdd51c0939', 'ATP_ENTERPRISE', 'exchange');
const MDE_SMB = plan('bfc1bbd9-981b-4f71-9b82-17c35fd0e2a4', 'MDE_SMB', 'WindowsDefenderATP');

/** Microsoft 365 Business Premium: contains Entra ID P1. */
export const BUSINESS_PREMIUM: Sku = {
  skuId: 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46',
  partNumber: 'SPB',
  plans: [
    AAD_PREMIUM,
    EXCHANGE_S_STANDARD,
    SHAREPOINTSTANDARD,
    TEAMS1,
    INTUNE_A,
    INTUNE_O365,
    ATP_ENTERPRISE,
    MDE_SMB,
  ],
};

/** Microsoft 365 E3: contains Entra ID P1. For more than the 300 people to whom the Business licences go. */
export const ENTERPRISE_E3: Sku = {
  skuId: '05e9a617-0261-4cee-bb44-138d3ef5d965',
  partNumber: 'SPE_E3',
  plans: [
    AAD_PREMIUM,
    plan('efb87545-963c-4e0d-99df-69c6916d9eb0', 'EXCHANGE_S_ENTERPRISE', 'exchange'),
    plan('5dbe027f-2339-4123-9542-606e4d348a72', 'SHAREPOINTENTERPRISE', 'SharePoint'),
    TEAMS1,
    INTUNE_A,
    INTUNE_O365,
    ATP_ENTERPRISE,
  ],
};

/** Microsoft 365 Business Standard: no Entra ID P1. */
export const BUSINESS_STANDARD: Sku = {
  skuId: 'f245ecc8-75af-4f8e-b61f-27d8114de5f3',
  partNumber: 'O365_BUSINESS_PREMIUM',
  plans: [EXCHANGE_S_STANDARD, SHAREPOINTSTANDARD, TEAMS1, INTUNE_O365],
};

/** Microsoft 365 Business Basic. */
export const BUSINESS_BASIC: Sku = {
  skuId: '3b555118-da6a-4418-894f-7df1e2096870',
  partNumber: 'O365_BUSINESS_ESSENTIALS',
  plans: [EXCHANGE_S_STANDARD, SHAREPOINTSTANDARD, TEAMS1],
};

function plan(id: string, name: string, service: string): ServicePlan {
  return { id, name, service };
}
