import type { LogRecord, Raw } from '../../world.ts';
import { badRequest, GraphFailure } from '../errors.ts';
import { checkFilter, matches, on, parseFilter, readPath } from '../filter.ts';
import type { Filter, FilterRules } from '../filter.ts';
import { readSelect, readTop } from '../query.ts';
import { pageOf, pick } from '../route.ts';
import type { Route, RouteCall } from '../route.ts';
import { recordNow, valuesNow } from '../state.ts';

const text = on('string', 'eq', 'ne');
const time = on('datetime', 'eq', 'ge', 'le', 'gt', 'lt');

/** The reference says that $filter is supported and for no property how; times with all comparisons are ours. */
const RISK_FILTERS: FilterRules = {
  id: text,
  requestId: text,
  correlationId: text,
  riskEventType: text,
  riskState: text,
  riskLevel: text,
  riskDetail: text,
  detectionTimingType: text,
  activity: text,
  ipAddress: text,
  activityDateTime: time,
  detectedDateTime: time,
  lastUpdatedDateTime: time,
};

const USER_RISK_FILTERS: FilterRules = { ...RISK_FILTERS, userId: text, userPrincipalName: text };
const PRINCIPAL_RISK_FILTERS: FilterRules = { ...RISK_FILTERS, servicePrincipalId: text, appId: text };

const RISKY_FILTERS: FilterRules = {
  id: text,
  riskLevel: text,
  riskState: text,
  riskDetail: text,
  riskLastUpdatedDateTime: time,
};

/** "The default page size is 20 objects while the maximum with $top is 500" (riskdetection-list). */
const PAGE = { default: 20, maximum: 500 };
/** Ours: the reference says nothing about how long a skip token lives. */
const CURSOR_LIFE_MS = 15 * 60_000;
const DAY_MS = 86_400_000;
/** Free, P1, P2 (reference-reports-data-retention.md); of the detection itself, by when it was made. */
const KEPT_DAYS = { free: 7, p1: 30, p2: 90 } as const;

/** graph-facts B: the same text for users and, as far as is known, for service principals. */
function unlicensed(): GraphFailure {
  return new GraphFailure(403, 'Forbidden', 'Your tenant is not licensed for this feature.');
}

/** Shown as they are without P2 (risk-event-types: premium false); every other one reads `generic` (riskdetection.md). */
const PLAIN_TYPES = new Set([
  'generic',
  'adminConfirmedUserCompromised',
  'anonymizedIPAddress',
  'investigationsThreatIntelligence',
  'leakedCredentials',
]);

/** `GET /identityProtection/riskDetections`: P1 or P2, premium details with P2 only. */
export const riskDetections: Route = {
  pattern: 'identityProtection/riskDetections',
  permissions: ['IdentityRiskEvent.Read.All', 'IdentityRiskEvent.ReadWrite.All'],
  bucket: 'identity-protection',
  options: ['$filter', '$select', '$top', '$skiptoken'],
  answer(call) {
    if (call.tenant.licence === 'free') throw unlicensed();
    return detections(call, 'riskDetections', call.tenant.riskDetections, USER_RISK_FILTERS, (record) =>
      call.tenant.licence === 'p2' || PLAIN_TYPES.has(String(record['riskEventType']))
        ? record
        : masked(record),
    );
  },
};

/** `GET /identityProtection/servicePrincipalRiskDetections`: "You must have a Microsoft Entra Workload ID Premium license". */
export const servicePrincipalRiskDetections: Route = {
  pattern: 'identityProtection/servicePrincipalRiskDetections',
  permissions: ['IdentityRiskEvent.Read.All', 'IdentityRiskEvent.ReadWrite.All'],
  bucket: 'identity-protection',
  options: ['$filter', '$select', '$skiptoken'],
  answer(call) {
    if (!call.tenant.workloadId) throw unlicensed();
    const { principalRiskDetections } = call.tenant;
    return detections(
      call,
      'servicePrincipalRiskDetections',
      principalRiskDetections,
      PRINCIPAL_RISK_FILTERS,
      (record) => record,
    );
  },
};

/** `GET /identityProtection/riskyUsers`: P2 only. */
export const riskyUsers: Route = {
  pattern: 'identityProtection/riskyUsers',
  permissions: ['IdentityRiskyUser.Read.All', 'IdentityRiskyUser.ReadWrite.All'],
  bucket: 'identity-protection',
  options: ['$filter', '$select', '$top', '$orderby', '$skip', '$count', '$skiptoken'],
  answer(call) {
    if (call.tenant.licence !== 'p2') throw unlicensed();
    return risky(call, 'riskyUsers', valuesNow(call.tenant.riskyUsers.values(), call.now));
  },
};

/** `GET /identityProtection/riskyServicePrincipals`: Workload ID Premium. */
export const riskyServicePrincipals: Route = {
  pattern: 'identityProtection/riskyServicePrincipals',
  permissions: ['IdentityRiskyServicePrincipal.Read.All', 'IdentityRiskyServicePrincipal.ReadWrite.All'],
  bucket: 'identity-protection',
  options: ['$filter', '$select', '$top', '$count', '$skiptoken'],
  answer(call) {
    if (!call.tenant.workloadId) throw unlicensed();
    return risky(call, 'riskyServicePrincipals', valuesNow(call.tenant.riskyPrincipals.values(), call.now));
  },
};

function masked(record: Raw): Raw {
  return {
    ...record,
    riskEventType: 'generic',
    riskLevel: 'hidden',
    riskDetail: 'hidden',
    additionalInfo: null,
  };
}

function detections(
  call: RouteCall,
  name: string,
  logs: readonly LogRecord[],
  rules: FilterRules,
  show: (record: Raw) => Raw,
): Raw {
  const filter = readFilter(call, rules);
  const oldest = call.now - KEPT_DAYS[call.tenant.licence] * DAY_MS;
  return page(call, name, () =>
    logs
      .map((log) => recordNow(log, call.now))
      .filter((record) => record !== null)
      .filter((record) => Date.parse(String(record['detectedDateTime'])) >= oldest)
      .map(show)
      .filter((record) => isWanted(record, filter))
      .sort((a, b) => compareTimes(b, a)),
  );
}

function compareTimes(a: Raw, b: Raw): number {
  return Date.parse(String(a['activityDateTime'])) - Date.parse(String(b['activityDateTime']));
}

function risky(call: RouteCall, name: string, objects: readonly Raw[]): Raw {
  const filter = readFilter(call, RISKY_FILTERS);
  return page(call, name, () => objects.filter((record) => isWanted(record, filter)));
}

function page(call: RouteCall, name: string, items: () => Raw[]): Raw {
  const select = readSelect(call.query, `microsoft.graph.${name.replace(/s$/, '')}`, null);
  return pageOf(call, {
    context: `identityProtection/${name}`,
    size: readTop(call.query, PAGE.maximum, PAGE.default),
    once: true,
    lifeMs: CURSOR_LIFE_MS,
    invalidToken: () => badRequest('Invalid skip token.'),
    items: () => (select ? items().map((item) => pick(item, ['id', ...select])) : items()),
  });
}

function readFilter(call: RouteCall, rules: FilterRules): Filter | null {
  const given = call.query.get('$filter');
  if (given === undefined) return null;
  const filter = parseFilter(given);
  checkFilter(filter, rules, (path) =>
    badRequest(`Invalid filter clause: property '${path}' does not support this operator.`),
  );
  return filter;
}

function isWanted(record: Raw, filter: Filter | null): boolean {
  return filter === null || matches(filter, (path) => readPath(record, path.split('/')));
}
