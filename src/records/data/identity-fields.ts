import { SIGN_IN_BETA } from './log-fields.ts';

/** A non-interactive sign-in of a user: everything an interactive one has in beta. */
export const NON_INTERACTIVE_SIGN_IN: readonly string[] = SIGN_IN_BETA;

/**
 * What sign-ins of service principals and of managed identities both carry: the columns of AADServicePrincipalSignInLogs
 * and AADManagedIdentitySignInLogs (Azure Monitor reference, 2024-07) in signIn's names. There is no user, client app,
 * device, second factor or risk; Graph has these properties in the type and leaves them empty.
 */
const PRINCIPAL_SIGN_IN: readonly string[] = [
  'id',
  'createdDateTime',
  'signInEventTypes',
  'isInteractive',
  'appId',
  'ipAddress',
  'correlationId',
  'conditionalAccessStatus',
  'appliedConditionalAccessPolicies.*',
  'authenticationContextClassReferences.*',
  'authenticationProcessingDetails.*',
  'federatedCredentialId',
  'processingTimeInMilliseconds',
  'resourceDisplayName',
  'resourceId',
  'resourceServicePrincipalId',
  'servicePrincipalId',
  'servicePrincipalName',
  'servicePrincipalCredentialKeyId',
  'servicePrincipalCredentialThumbprint',
  'uniqueTokenIdentifier',
  'status.errorCode',
  'status.failureReason',
  'status.additionalDetails',
  'location.city',
  'location.state',
  'location.countryOrRegion',
  'location.geoCoordinates.altitude',
  'location.geoCoordinates.latitude',
  'location.geoCoordinates.longitude',
];

/** The same reference of 2026 has these for service principals as well. */
export const SERVICE_PRINCIPAL_SIGN_IN: readonly string[] = [
  ...PRINCIPAL_SIGN_IN,
  'agent.*',
  'appOwnerTenantId',
  'autonomousSystemNumber',
  'clientCredentialType',
  'conditionalAccessAudiences.*',
];

export const MANAGED_IDENTITY_SIGN_IN: readonly string[] = [...PRINCIPAL_SIGN_IN, 'managedServiceIdentity.*'];

/** What riskDetection and servicePrincipalRiskDetection have in common (CSDL, v1.0, 2026-08). */
const RISK: readonly string[] = [
  'id',
  'requestId',
  'correlationId',
  'riskEventType',
  'riskState',
  'riskLevel',
  'riskDetail',
  'source',
  'detectionTimingType',
  'activity',
  'tokenIssuerType',
  'ipAddress',
  'location.city',
  'location.state',
  'location.countryOrRegion',
  'location.geoCoordinates.altitude',
  'location.geoCoordinates.latitude',
  'location.geoCoordinates.longitude',
  'activityDateTime',
  'detectedDateTime',
  'lastUpdatedDateTime',
  'additionalInfo',
];

/** riskDetection, v1.0; there is no `riskType` [wire-facts]. */
export const RISK_DETECTION: readonly string[] = [...RISK, 'userId', 'userDisplayName', 'userPrincipalName'];

/** servicePrincipalRiskDetection, v1.0. */
export const SERVICE_PRINCIPAL_RISK_DETECTION: readonly string[] = [
  ...RISK,
  'servicePrincipalId',
  'servicePrincipalDisplayName',
  'appId',
  'keyIds',
];
