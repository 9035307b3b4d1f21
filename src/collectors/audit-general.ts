import { auditCollector } from './audit-log.ts';
import { auditIntervals } from './settings.ts';

/** Everything else: Teams, compliance, Power Platform and the alerts of Microsoft 365. */
export const auditGeneral = auditCollector({
  source: 'audit-general',
  contentType: 'Audit.General',
  what: 'read the audit log of the other services',
  intervalMs: auditIntervals.content,
});
