import { riskLog } from './risk-log.ts';
import { riskLogs } from './settings.ts';

/** Microsoft's verdicts about sign-ins and users. With P1 premium ones say `generic`, and their details are hidden. */
export const riskDetections = riskLog({
  source: 'risk-detections',
  path: '/identityProtection/riskDetections',
  // "The default page size is 20 objects while the maximum with $top is 500" (riskdetection-list).
  pageSize: '500',
  what: 'read risk detections',
  needs: { permission: 'IdentityRiskEvent.Read.All', licence: 'p1' },
  settings: riskLogs,
});
