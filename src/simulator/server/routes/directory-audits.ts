import type { Raw } from '../../world.ts';
import { badRequest } from '../errors.ts';
import { checkFilter, on, parseFilter } from '../filter.ts';
import type { FilterRules } from '../filter.ts';
import { readSelect } from '../query.ts';
import { pick } from '../route.ts';
import type { Route, RouteCall } from '../route.ts';
import { logPage } from './logs.ts';

const text = on('string', 'eq');
const searchable = on('string', 'eq', 'startswith');

/** Filterable properties: PT:resources/directoryaudit.md, and category and result, which tools use. */
const FILTERS: FilterRules = {
  id: text,
  category: text,
  correlationId: text,
  result: text,
  activityDisplayName: searchable,
  activityDateTime: on('datetime', 'eq', 'ge', 'le'),
  loggedByService: text,
  'initiatedBy/user/id': text,
  'initiatedBy/user/displayName': text,
  'initiatedBy/user/userPrincipalName': searchable,
  'initiatedBy/app/appId': text,
  'initiatedBy/app/displayName': text,
  'targetResources/any/id': text,
  'targetResources/any/displayName': searchable,
};

/** Only beta has them (graph-facts 2). */
const BETA_ONLY = new Set(['performedBy', 'userAgent']);

const DAY_MS = 86_400_000;

/** `GET /auditLogs/directoryAudits`: works on Free, with 7 days instead of 30 (reference-reports-data-retention.md). */
export const directoryAudits: Route = {
  pattern: 'auditLogs/directoryAudits',
  permissions: ['AuditLog.Read.All', 'Directory.Read.All'],
  bucket: 'reports',
  options: ['$filter', '$top', '$select', '$orderby', '$skiptoken'],
  answer(call) {
    const given = call.query.get('$filter');
    const filter = given === undefined ? null : parseFilter(given);
    if (filter) {
      checkFilter(filter, FILTERS, (path) =>
        badRequest(`Invalid filter clause: property '${path}' does not support this operator.`),
      );
    }
    const select = readSelect(call.query, 'microsoft.graph.directoryAudit', null);
    return logPage(call, {
      context: 'auditLogs/directoryAudits',
      time: 'activityDateTime',
      logs: call.tenant.directoryAudits,
      filter,
      accepts: () => true,
      shape: (record) => shape(call, record, select),
      keptMs: (call.tenant.licence === 'free' ? 7 : 30) * DAY_MS,
    });
  },
};

function shape(call: RouteCall, record: Raw, select: readonly string[] | null): Raw {
  const entries = Object.entries(record).filter(([name]) => call.version === 'beta' || !BETA_ONLY.has(name));
  const versioned = Object.fromEntries(entries);
  return select ? pick(versioned, ['id', ...select]) : versioned;
}

/** Time of an audit record; `now` where it has none. */
export function auditTime(record: Raw, now: number): number {
  const at = Date.parse(String(record['activityDateTime']));
  return Number.isNaN(at) ? now : at;
}
