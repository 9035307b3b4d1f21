import { auditCollector } from './audit-log.ts';
import { auditIntervals } from './settings.ts';

/** What is done to files and sites, in OneDrive too. */
export const auditSharePoint = auditCollector({
  source: 'audit-sharepoint',
  contentType: 'Audit.SharePoint',
  what: 'read the audit log of SharePoint',
  intervalMs: auditIntervals.content,
});
