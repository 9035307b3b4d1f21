import type { LogRecord, Raw } from '../../world.ts';
import { badRequest, insufficientPrivileges } from '../errors.ts';
import { checkFilter, matches, on, parseFilter, readPath } from '../filter.ts';
import type { FilterRules } from '../filter.ts';
import { readSelect, readTop } from '../query.ts';
import { pageOf, pick } from '../route.ts';
import type { Route, RouteCall } from '../route.ts';
import { recordNow } from '../state.ts';
import { objectsNow } from './directory-objects.ts';

const text = on('string', 'eq', 'ne');
/** The reference shows `eq` only; a monitor needs the others for times (UNVERIFIED). */
const time = on('datetime', 'eq', 'ge', 'le', 'gt', 'lt');

/** "The following properties support $filter" (security-list-incidents); alerts have `serviceSource` as well. */
const INCIDENT_FILTERS: FilterRules = {
  assignedTo: text,
  classification: text,
  determination: text,
  createdDateTime: time,
  lastUpdateDateTime: time,
  severity: text,
  status: text,
};
const ALERT_FILTERS: FilterRules = { ...INCIDENT_FILTERS, serviceSource: text };

/** Alerts: 2,000 at most is said (graph-facts 14, UNVERIFIED); the default is ours. Incidents: at most 50 (wire-facts). */
const ALERT_PAGE = { default: 50, maximum: 2000 };
const INCIDENT_PAGE = { default: 50, maximum: 50 };
/** Devices of a page; not documented, ours. */
const DEVICE_PAGE = { default: 100, maximum: 1000 };
/** Ours: the reference says nothing about how long a page token lives. */
const CURSOR_LIFE_MS = 60 * 60_000;
/** "Microsoft Defender XDR: 180 days" (UNVERIFIED). */
const KEPT_MS = 180 * 86_400_000;

/** `GET /security/alerts_v2` */
const alerts: Route = {
  pattern: 'security/alerts_v2',
  permissions: ['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All'],
  bucket: 'security',
  options: ['$count', '$filter', '$skip', '$top', '$skiptoken'],
  answer: (call) => listed(call, 'alerts_v2', call.tenant.defenderAlerts, ALERT_FILTERS, ALERT_PAGE),
};

/** `GET /security/incidents`; the simulated ones are never expanded by their alerts. */
const incidents: Route = {
  pattern: 'security/incidents',
  permissions: ['SecurityIncident.Read.All', 'SecurityIncident.ReadWrite.All'],
  bucket: 'security',
  options: ['$count', '$filter', '$skip', '$top', '$skiptoken'],
  answer: (call) => listed(call, 'incidents', call.tenant.defenderIncidents, INCIDENT_FILTERS, INCIDENT_PAGE),
};

/** A tenant that was never onboarded gets what an app without the permission gets (graph-facts B, clientst0r#143). */
function listed(
  call: RouteCall,
  name: string,
  logs: readonly LogRecord[],
  rules: FilterRules,
  sizes: { readonly default: number; readonly maximum: number },
): Raw {
  if (!call.tenant.defender) throw insufficientPrivileges();
  const wanted = readFilter(call, rules);
  const skip = readSkip(call);
  return pageOf(call, {
    context: `security/${name}`,
    size: readTop(call.query, sizes.maximum, sizes.default),
    once: false,
    lifeMs: CURSOR_LIFE_MS,
    invalidToken: () => badRequest('Invalid skip token.'),
    items: () =>
      logs
        .map((log) => recordNow(log, call.now))
        .filter((record) => record !== null)
        .filter((record) => timeOf(record) > call.now - KEPT_MS && wanted(record))
        .sort((a, b) => timeOf(b) - timeOf(a))
        .slice(skip),
  });
}

function timeOf(record: Raw): number {
  return Date.parse(String(record['createdDateTime']));
}

function readSkip({ query }: RouteCall): number {
  const given = query.get('$skip') ?? '0';
  if (!/^\d+$/.test(given)) throw badRequest(`Invalid value '${given}' for $skip query option found.`);
  return Number(given);
}

function readFilter({ query }: RouteCall, rules: FilterRules): (record: Raw) => boolean {
  const given = query.get('$filter');
  if (given === undefined) return () => true;
  const filter = parseFilter(given);
  checkFilter(filter, rules, (path) =>
    badRequest(`Invalid filter clause: property '${path}' does not support this operator.`),
  );
  return (record) => matches(filter, (path) => readPath(record, path.split('/')));
}

/** `GET /deviceManagement/managedDevices`; without a licence the answer of graph-facts B. */
const managedDevices: Route = {
  pattern: 'deviceManagement/managedDevices',
  permissions: ['DeviceManagementManagedDevices.Read.All', 'DeviceManagementManagedDevices.ReadWrite.All'],
  options: ['$select', '$top', '$skiptoken'],
  answer(call) {
    if (!call.tenant.intune) throw badRequest('Request not applicable to target tenant.');
    const select = readSelect(call.query, 'microsoft.graph.managedDevice', null);
    return pageOf(call, {
      context: 'deviceManagement/managedDevices',
      size: readTop(call.query, DEVICE_PAGE.maximum, DEVICE_PAGE.default),
      once: false,
      lifeMs: CURSOR_LIFE_MS,
      invalidToken: () => badRequest('Invalid skip token.'),
      items: () => {
        const all = objectsNow(call, 'managedDevices');
        return select ? all.map((device) => pick(device, ['id', ...select])) : all;
      },
    });
  },
};

/** What Microsoft Defender and Intune show. */
export const defenderRoutes: readonly Route[] = [alerts, incidents, managedDevices];
