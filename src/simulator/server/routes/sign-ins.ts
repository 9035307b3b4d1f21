import type { LogRecord, Raw } from '../../world.ts';
import { badRequest, nonPremium } from '../errors.ts';
import { checkFilter, on, parseFilter } from '../filter.ts';
import type { Filter, FilterRules } from '../filter.ts';
import { readSelect, unknownProperty } from '../query.ts';
import { keep, pick } from '../route.ts';
import type { Route, RouteCall } from '../route.ts';
import { logPage, mentions } from './logs.ts';

/** All properties of v1.0 (msgraph-metadata CSDL signIn, graph-facts 1). */
const V1_PROPERTIES: readonly string[] = [
  ...['id', 'createdDateTime', 'userDisplayName', 'userPrincipalName', 'userId', 'appId', 'appDisplayName'],
  ...['ipAddress', 'clientAppUsed', 'userAgent', 'correlationId', 'conditionalAccessStatus', 'isInteractive'],
  ...['riskDetail', 'riskLevelAggregated', 'riskLevelDuringSignIn', 'riskState', 'riskEventTypes'],
  ...['riskEventTypes_v2', 'resourceDisplayName', 'resourceId', 'resourceTenantId', 'homeTenantId'],
  ...['servicePrincipalId', 'servicePrincipalName', 'status', 'deviceDetail', 'location'],
  ...['appliedConditionalAccessPolicies', 'authenticationAppDeviceDetails'],
];

const V1_COMPLEX: Readonly<Record<string, readonly string[]>> = {
  status: ['errorCode', 'failureReason', 'additionalDetails'],
  deviceDetail: [
    'deviceId',
    'displayName',
    'operatingSystem',
    'browser',
    'isCompliant',
    'isManaged',
    'trustType',
  ],
  location: ['city', 'state', 'countryOrRegion', 'geoCoordinates'],
};

const V1_POLICY = ['id', 'displayName', 'enforcedGrantControls', 'enforcedSessionControls', 'result'];

/** Without P2 these read `hidden` (PT:resources/signin.md). */
const RISK_PROPERTIES = ['riskDetail', 'riskLevelAggregated', 'riskLevelDuringSignIn'];

const text = on('string', 'eq');
const searchable = on('string', 'eq', 'startswith');

/** Filterable properties: PT:api-reference/v1.0/resources/signin.md. createdDateTime takes no gt and lt. */
const FILTERS: FilterRules = {
  id: text,
  createdDateTime: on('datetime', 'eq', 'ge', 'le'),
  appDisplayName: searchable,
  ipAddress: searchable,
  userDisplayName: searchable,
  userPrincipalName: searchable,
  resourceDisplayName: searchable,
  appId: text,
  userId: text,
  correlationId: text,
  clientAppUsed: text,
  conditionalAccessStatus: text,
  resourceId: text,
  riskDetail: text,
  riskLevelAggregated: text,
  riskLevelDuringSignIn: text,
  riskState: text,
  servicePrincipalId: text,
  servicePrincipalName: text,
  'status/errorCode': on('number', 'eq'),
  'deviceDetail/browser': searchable,
  'deviceDetail/operatingSystem': searchable,
  'location/city': searchable,
  'location/state': searchable,
  'location/countryOrRegion': searchable,
};

const BETA_FILTERS: FilterRules = { ...FILTERS, 'signInEventTypes/any': text };

/** `GET /auditLogs/signIns`: licence P1 or P2. */
export const signIns: Route = {
  pattern: 'auditLogs/signIns',
  permissions: ['AuditLog.Read.All'],
  bucket: 'reports',
  options: ['$filter', '$top', '$select', '$orderby', '$skiptoken'],
  answer(call) {
    if (call.tenant.licence === 'free') throw nonPremium();
    const filter = readFilter(call);
    const select = readSelect(call.query, 'microsoft.graph.signIn', selectable(call));
    // Without a filter on the type, beta too returns interactive sign-ins only (MES).
    const everyType = filter !== null && mentions(filter, 'signInEventTypes');
    return logPage(call, {
      context: 'auditLogs/signIns',
      time: 'createdDateTime',
      logs: everyType ? [...call.tenant.signIns, ...call.tenant.otherSignIns] : call.tenant.signIns,
      filter,
      accepts: (record) => everyType || isInteractive(record),
      shape: (record) => shape(call, record, select),
      // Third-party figures say 30 days for P1 and P2 alike (reference-reports-data-retention.md).
      keptMs: 30 * 86_400_000,
    });
  },
};

function readFilter(call: RouteCall): Filter | null {
  const given = call.query.get('$filter');
  if (given === undefined) return null;
  const filter = parseFilter(given);
  if (call.version === 'v1.0' && mentions(filter, 'signInEventTypes')) {
    throw unknownProperty('signInEventTypes', 'microsoft.graph.signIn');
  }
  checkFilter(filter, call.version === 'beta' ? BETA_FILTERS : FILTERS, (path) =>
    badRequest(`Invalid filter clause: property '${path}' does not support this operator.`),
  );
  return filter;
}

function selectable(call: RouteCall): ReadonlySet<string> | null {
  return call.version === 'v1.0' ? new Set(V1_PROPERTIES) : null;
}

export function isInteractive(record: Raw): boolean {
  const types = record['signInEventTypes'];
  return Array.isArray(types) ? types.includes('interactiveUser') : record['isInteractive'] !== false;
}

function shape(call: RouteCall, record: Raw, select: readonly string[] | null): Raw {
  const visible = hidePolicies(call, hideRisk(call, record));
  const versioned = call.version === 'v1.0' ? v1Shape(visible) : visible;
  return select ? pick(versioned, ['id', ...select]) : versioned;
}

function hideRisk(call: RouteCall, record: Raw): Raw {
  if (call.tenant.licence === 'p2') return record;
  return {
    ...record,
    ...Object.fromEntries(RISK_PROPERTIES.filter((n) => n in record).map((n) => [n, 'hidden'])),
  };
}

/** Details of applied policies need the right to read policies (CON:includes/signins-roles-for-ca-data.md). */
function hidePolicies(call: RouteCall, record: Raw): Raw {
  if (
    call.claims.roles.some((role) => role === 'Policy.Read.All' || role === 'Policy.Read.ConditionalAccess')
  ) {
    return record;
  }
  const { appliedConditionalAccessPolicies: _hidden, ...rest } = record;
  return rest;
}

function v1Shape(record: Raw): Raw {
  const kept: Record<string, unknown> = keep(record, V1_PROPERTIES);
  for (const [name, properties] of Object.entries(V1_COMPLEX)) {
    if (isRaw(kept[name])) kept[name] = keep(kept[name], properties);
  }
  const policies = kept['appliedConditionalAccessPolicies'];
  if (Array.isArray(policies)) {
    kept['appliedConditionalAccessPolicies'] = policies
      .filter(isRaw)
      .map((policy) => keep(policy, V1_POLICY));
  }
  return kept;
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Log records of sign-ins are added in order of their time. */
export function signInTime(record: Raw, now: number): LogRecord['at'] {
  const at = Date.parse(String(record['createdDateTime']));
  return Number.isNaN(at) ? now : at;
}
