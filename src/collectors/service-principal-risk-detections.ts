import { riskLog } from './risk-log.ts';
import { principalRiskLogs } from './settings.ts';

/**
 * Microsoft's verdicts about applications. The reference names $filter and $select only, so the page size is left to the
 * service. https://learn.microsoft.com/graph/api/identityprotectionroot-list-serviceprincipalriskdetections
 */
export const servicePrincipalRiskDetections = riskLog({
  source: 'service-principal-risk-detections',
  path: '/identityProtection/servicePrincipalRiskDetections',
  what: 'read risk detections of service principals',
  needs: { permission: 'IdentityRiskEvent.Read.All', licence: 'workload_id' },
  settings: principalRiskLogs,
});
