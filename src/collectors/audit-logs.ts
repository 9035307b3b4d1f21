import { auditAzureAd } from './audit-azure-ad.ts';
import { auditExchange } from './audit-exchange.ts';
import { auditGeneral } from './audit-general.ts';
import { auditSharePoint } from './audit-sharepoint.ts';
import type { LogCollector } from './collector.ts';

/** The unified audit log, one source for each kind of content. */
export const auditLogSources: readonly LogCollector[] = [
  auditAzureAd,
  auditExchange,
  auditSharePoint,
  auditGeneral,
];
