import { auditCollector } from './audit-log.ts';
import { auditIntervals } from './settings.ts';

/** Sign-ins and changes of the directory: on tenants without Entra ID P1 the only record of who signed in. */
export const auditAzureAd = auditCollector({
  source: 'audit-azure-ad',
  contentType: 'Audit.AzureActiveDirectory',
  what: 'read the audit log of Entra ID',
  intervalMs: auditIntervals.identity,
});
