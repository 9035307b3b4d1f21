import type { Case } from '../../src/detection/case-file.ts';
import { ingestRecords, makeTenant } from '../../src/detection/case-tenant.ts';
import { loadCatalogue, type Catalogue } from '../../src/detection/catalogue.ts';
import type { Alert } from '../../src/model/alert.ts';
import { logSources } from '../../src/records/index.ts';
import { listAlerts } from '../../src/store/alerts.ts';
import type { Database } from '../../src/store/database.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Tuesday, some time before noon; nothing depends on which day it is. */
export const NOW = Date.UTC(2026, 10, 17, 9, 42);
export const ANNA = '1a000000-1111-4222-8333-000000000001';
export const BERT = '1b000000-1111-4222-8333-000000000002';
export const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';

const EMPTY: Case = {
  name: 'world',
  written_from: 'simulator',
  tenant: {},
  capability: {},
  reads: [],
  records: [],
  line: 1,
};

/** The shipped detections with the given catalogue ids. */
export async function shipped(...ids: string[]): Promise<Catalogue> {
  const all = await loadCatalogue();
  const detections = all.detections.filter((one) => ids.includes(one.catalogue));
  return { ...all, detections, byId: new Map(detections.map((one) => [one.id, one])) };
}

/** A tenant that allows Germany, enrolled long before NOW unless said. */
export async function germanTenant(
  database: Database,
  tenantId: string,
  enrolledAt = NOW - 90 * DAY,
): Promise<void> {
  const tenant = { allowed_countries: ['DE'], domains: ['muster.example'] };
  await makeTenant(database, tenantId, { ...EMPTY, tenant }, enrolledAt);
}

/** A sign-in with what the rules read. */
export function signIn(id: string, at: number, changes: Record<string, unknown> = {}) {
  return {
    id,
    createdDateTime: new Date(at).toISOString(),
    userId: ANNA,
    userPrincipalName: 'anna@muster.example',
    appDisplayName: 'Outlook',
    ipAddress: '198.51.100.7',
    clientAppUsed: 'Browser',
    status: { errorCode: 0 },
    location: { countryOrRegion: 'NG' },
    ...changes,
  };
}

/** A directory audit about the role Global Administrator. */
export function roleAudit(
  id: string,
  at: number,
  activity: 'Add member to role' | 'Remove member from role',
) {
  const name = activity === 'Add member to role' ? 'newValue' : 'oldValue';
  const property = (displayName: string, value: string) => ({ displayName, [name]: JSON.stringify(value) });
  return {
    id,
    activityDateTime: new Date(at).toISOString(),
    activityDisplayName: activity,
    category: 'RoleManagement',
    result: 'success',
    initiatedBy: { user: { id: BERT, userPrincipalName: 'bert@muster.example' }, app: null },
    targetResources: [
      {
        type: 'User',
        id: ANNA,
        userPrincipalName: 'anna@muster.example',
        modifiedProperties: [
          property('Role.TemplateId', GLOBAL_ADMINISTRATOR),
          property('Role.DisplayName', 'Global Administrator'),
        ],
      },
    ],
  };
}

/** Parses and stores raw records as a collector would, one page each. */
export async function store(
  database: Database,
  tenantId: string,
  feed: string,
  raw: readonly Record<string, unknown>[],
  options: { api?: 'v1.0' | 'beta'; readAt?: number } = {},
): Promise<void> {
  const records = raw.map((one) => {
    const parsed = logSources.get(feed)?.parse(one, options.api ?? 'v1.0');
    if (parsed?.ok !== true) throw new Error(`the test's record does not parse: ${parsed?.reason ?? feed}`);
    return parsed.value;
  });
  await ingestRecords(database, tenantId, records, options.readAt ?? NOW);
}

/** What tests compare: never ids. */
export function identity(alert: Alert): readonly unknown[] {
  return [alert.detectionId, alert.subject, alert.cause, alert.occurrenceStart];
}

export async function identities(database: Database, tenantId: string): Promise<string[]> {
  const alerts = await listAlerts(database.db, { tenantId });
  return alerts
    .filter((one) => !one.withdrawn)
    .map((one) => JSON.stringify(identity(one)))
    .sort();
}
