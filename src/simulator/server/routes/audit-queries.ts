import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Raw } from '../../world.ts';
import { badRequest, GraphFailure } from '../errors.ts';
import { searchableAt } from '../management/content.ts';
import { hashedFraction } from '../management/record-parts.ts';
import { readTop } from '../query.ts';
import { notFound, pageOf } from '../route.ts';
import type { Route, RouteCall } from '../route.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Any of them may search; those with a workload in their name see that one only (graph-facts A). */
const PERMISSIONS = [
  'AuditLogsQuery.Read.All',
  'AuditLogsQuery-Entra.Read.All',
  'AuditLogsQuery-Exchange.Read.All',
  'AuditLogsQuery-SharePoint.Read.All',
  'AuditLogsQuery-OneDrive.Read.All',
];

/** How searches go; tests change it through the control API. */
export const auditSearchRules = z.strictObject({
  /** ms until a search ends; null = as drawn, 2 to 12 minutes. */
  runs_ms: z.number().int().nonnegative().nullable(),
  ends: z.enum(['succeeded', 'failed', 'cancelled']),
  /** Records that one search returns at most (graph-facts 12: 1,000,000). */
  most_records: z.number().int().positive(),
  /** True: v1.0 does not know it (wire-facts). */
  beta_only: z.boolean(),
});
export type AuditSearchRules = z.infer<typeof auditSearchRules>;

/** A search as it was made. Times UTC epoch ms. */
export interface AuditQueryEntry {
  readonly id: string;
  readonly app: string;
  readonly displayName: string;
  readonly from: number;
  readonly to: number;
  readonly createdAt: number;
  readonly endsAt: number;
  readonly ends: AuditSearchRules['ends'];
  readonly records: readonly Raw[];
  readonly incomplete: boolean;
}

/** About ten at once in a tenant, then 429 on creation (graph-facts C). */
const AT_ONCE = 10;
/** Audit Standard keeps 180 days (graph-facts 12). */
const KEPT_MS = 180 * DAY;

const body = z.strictObject({
  '@odata.type': z.literal('#microsoft.graph.security.auditLogQuery').optional(),
  displayName: z.string().optional(),
  filterStartDateTime: z.iso.datetime({ offset: true }),
  filterEndDateTime: z.iso.datetime({ offset: true }),
  recordTypeFilters: z.array(z.string()).optional(),
  operationFilters: z.array(z.string()).optional(),
});

/** `POST /security/auditLog/queries` */
export const createAuditQuery: Route = {
  pattern: 'security/auditLog/queries',
  method: 'POST',
  status: 201,
  permissions: PERMISSIONS,
  options: [],
  answer(call) {
    assertVersion(call);
    assertAuditing(call);
    const { tenant, now } = call;
    const running = [...tenant.auditQueries.values()].filter((one) => one.endsAt > now);
    if (running.length >= AT_ONCE) throw new GraphFailure(429, 'TooManyRequests', 'Too many requests');
    const entry = search(call);
    tenant.auditQueries.set(entry.id, entry);
    return queryBody(call, entry);
  },
};

/** `GET /security/auditLog/queries/{id}` */
export const auditQuery: Route = {
  pattern: 'security/auditLog/queries/{id}',
  permissions: PERMISSIONS,
  options: ['$select'],
  answer: (call) => queryBody(call, entryOf(call)),
};

/** `GET /security/auditLog/queries/{id}/records` */
export const auditQueryRecords: Route = {
  pattern: 'security/auditLog/queries/{id}/records',
  permissions: PERMISSIONS,
  options: ['$top', '$skiptoken', '$filter'],
  answer(call) {
    const entry = entryOf(call);
    if (statusOf(entry, call.now) !== 'succeeded') throw badRequest('The query has not completed.');
    return pageOf(call, {
      context: `security/auditLog/queries('${entry.id}')/records`,
      size: readTop(call.query, 10_000, 150),
      once: false,
      lifeMs: DAY,
      invalidToken: () => badRequest('Skip token is invalid.'),
      items: () => entry.records,
    });
  },
};

function assertVersion({ tenant, version }: RouteCall): void {
  if (version === 'v1.0' && tenant.auditSearch.beta_only)
    throw badRequest("Resource not found for the segment 'auditLog'.");
}

/** The reason stands in JSON inside the message (graph-facts B). */
function assertAuditing({ tenant }: RouteCall): void {
  if (tenant.auditing === 'on') return;
  const inner = JSON.stringify({
    error: { Status: 'AuditingDisabledTenant', Message: 'Auditing is disabled.' },
  });
  throw badRequest(inner, 'UnknownError');
}

function search(call: RouteCall): AuditQueryEntry {
  const parsed = body.safeParse(parseJson(call.body));
  if (!parsed.success) throw badRequest('Invalid request body.');
  const { displayName = '', filterStartDateTime, filterEndDateTime } = parsed.data;
  const from = Date.parse(filterStartDateTime);
  const to = Date.parse(filterEndDateTime);
  if (from >= to) throw badRequest('filterEndDateTime must be later than filterStartDateTime.');
  const { tenant, now, claims } = call;
  const { runs_ms: runsMs, ends, most_records: most } = tenant.auditSearch;
  const id = randomUUID();
  const found = searchableAt(tenant, now).filter((record) => {
    const at = Date.parse(`${String(record['CreationTime'])}Z`);
    return at >= Math.max(from, now - KEPT_MS) && at < to && isVisible(record, claims.roles);
  });
  return {
    id,
    app: claims.appid,
    displayName,
    from,
    to,
    createdAt: now,
    endsAt: now + (runsMs ?? Math.round((2 + hashedFraction('search', id) * 10) * MINUTE)),
    ends,
    records: found.slice(0, most).map((record) => recordBody(record)),
    incomplete: found.length > most,
  };
}

function isVisible(record: Raw, roles: readonly string[]): boolean {
  if (roles.includes('AuditLogsQuery.Read.All')) return true;
  const suffix = record['Workload'] === 'AzureActiveDirectory' ? 'Entra' : String(record['Workload']);
  return roles.includes(`AuditLogsQuery-${suffix}.Read.All`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function entryOf(call: RouteCall): AuditQueryEntry {
  assertVersion(call);
  const id = call.params[0] ?? '';
  const entry = call.tenant.auditQueries.get(id);
  if (!entry || entry.app !== call.claims.appid) throw notFound(id);
  return entry;
}

function statusOf({ createdAt, endsAt, ends }: AuditQueryEntry, now: number): string {
  if (now >= endsAt) return ends;
  return now - createdAt < MINUTE / 2 ? 'notStarted' : 'running';
}

function queryBody({ simulation, version, now }: RouteCall, entry: AuditQueryEntry): Raw {
  const status = statusOf(entry, now);
  return {
    '@odata.context': `${simulation.origins.graph}/${version}/$metadata#security/auditLog/queries/$entity`,
    id: entry.id,
    displayName: entry.displayName,
    filterStartDateTime: new Date(entry.from).toISOString(),
    filterEndDateTime: new Date(entry.to).toISOString(),
    recordTypeFilters: [],
    operationFilters: [],
    status,
    ...(status === 'succeeded'
      ? {
          isRecordCountLimitExceeded: entry.incomplete,
          approximateReturnedRecordCount: entry.records.length,
          recordCountLimit: 1_000_000,
        }
      : {}),
  };
}

/** Names of record types in answers, capitalised (wire-facts; numbers: office-365-management-activity-api-schema). */
const TYPES: Readonly<Record<number, string>> = {
  1: 'ExchangeAdmin',
  2: 'ExchangeItem',
  6: 'SharePointFileOperation',
  8: 'AzureActiveDirectory',
  15: 'AzureActiveDirectoryStsLogon',
  25: 'MicrosoftTeams',
};

/** The envelope: no address, a list with an empty text, type annotations beside every list (wire-facts). */
function recordBody(record: Raw): Raw {
  return {
    id: record['Id'],
    createdDateTime: `${String(record['CreationTime'])}Z`,
    auditLogRecordType: TYPES[Number(record['RecordType'])] ?? 'UnknownFutureValue',
    operation: record['Operation'],
    organizationId: record['OrganizationId'],
    userType: 'Regular',
    userId: record['UserKey'],
    service: record['Workload'],
    objectId: record['ObjectId'] ?? null,
    userPrincipalName: record['UserId'],
    clientIp: null,
    administrativeUnits: [''],
    auditData: { '@odata.type': '#microsoft.graph.security.defaultAuditData', ...annotated(record) },
  };
}

function annotated(value: Raw): Raw {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]): [string, unknown][] => {
      if (!Array.isArray(one)) return [[key, one]];
      const items = one.map((item: unknown) =>
        typeof item === 'object' && item !== null && !Array.isArray(item) ? annotated(item as Raw) : item,
      );
      return [
        [`${key}@odata.type`, '#Collection(microsoft.graph.Json)'],
        [key, items],
      ];
    }),
  );
}
