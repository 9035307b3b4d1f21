import { auditCollector } from './audit-log.ts';
import { auditIntervals } from './settings.ts';

/** What is done to mailboxes and to Exchange: rules, forwarding, permissions. */
export const auditExchange = auditCollector({
  source: 'audit-exchange',
  contentType: 'Audit.Exchange',
  what: 'read the audit log of Exchange',
  intervalMs: auditIntervals.identity,
});
