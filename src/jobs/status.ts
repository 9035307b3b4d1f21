import { collectors, intervalOf, type Collector } from '../collectors/index.ts';
import type { Database } from '../store/database.ts';
import { currentCapabilities } from '../store/capabilities.ts';
import { detectionStatuses, licensedIn, seen, type DetectionStatus } from './sight-status.ts';
import { countEvents } from '../store/events.ts';
import { lagBetween, lateBetween, type FoundBy, type Lag } from '../store/lateness.ts';
import { ledgersOf } from '../store/ledger.ts';
import { sourceStates, sumSince, type SourceStateRow } from '../store/reads.ts';
import { countRejected } from '../store/rejected.ts';
import { listTenants, tenantTitle } from '../store/tenants.ts';
import { pendingWindows } from '../store/windows.ts';

export interface SourceStatus {
  readonly source: string;
  readonly status: 'ok' | 'skipped' | 'failed' | 'never';
  readonly reason: string | null;
  readonly detail: string | null;
  /** What can be seen of it in this tenant; `unknown` = it was never answered. */
  readonly sees: 'full' | 'reduced' | 'off' | 'unknown';
  /** Why it is not seen whole, in words; null where it is. */
  readonly why: string | null;
  /** UTC epoch ms; null = never. */
  readonly lastOkAt: number | null;
  readonly lastRunAt: number | null;
  /** Windows of a log source still to be read. */
  readonly pending: number;
  readonly rejected: number;
  /** Requests sent to Microsoft in the last 24 hours; a batch is one. */
  readonly requests: number;
  /** Not read for longer than four intervals (at least an hour) although it is not refused. */
  readonly overdue: boolean;
  /** How long new records took from the event to our store in the last seven days; null without any, and for a state. */
  readonly lag: Lag | null;
  /** The same from when Microsoft made them readable, where it says when that was. */
  readonly readableLag: Lag | null;
  /** Up to here coverage of a log has no hole that is still to be read, UTC epoch ms. */
  readonly watermark: number | null;
  /** Records of the last seven days that came after their span had been read, by what found them. */
  readonly late: Readonly<Partial<Record<FoundBy, number>>>;
}

export interface TenantStatus {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly enrolledAt: number | null;
  readonly sources: readonly SourceStatus[];
  /** What every detection can do here. */
  readonly detections: readonly DetectionStatus[];
  /** Requests sent to Microsoft in the last 24 hours, all sources together. */
  readonly requests: number;
  readonly events: readonly { readonly feed: string; readonly count: number; readonly newest: number }[];
  readonly openAlerts: number;
  readonly mailsWaiting: number;
  readonly mailsFailed: number;
  /** Plain sentences; empty = everything that may be read was read in time. */
  readonly problems: readonly string[];
}

const HOUR = 3_600_000;

/** How each tenant stands: what was read when, what waits, what was refused. */
export async function tenantStatuses(database: Database, now: number): Promise<TenantStatus[]> {
  const tenants = await listTenants(database.db);
  return Promise.all(tenants.map((tenant) => statusOf(database, tenant, now)));
}

type TenantRow = Awaited<ReturnType<typeof listTenants>>[number];

async function statusOf(database: Database, tenant: TenantRow, now: number): Promise<TenantStatus> {
  const { db } = database;
  const id = tenant.tenant_id;
  const capabilities = await currentCapabilities(db, id);
  const sources = await sourceStatuses(database, id, capabilities, now);
  const mails = await mailCounts(database, id);
  const open = await db
    .selectFrom('alert')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', id)
    .where('state', '=', 'open')
    .where('merged_into', 'is', null)
    .executeTakeFirstOrThrow();
  const base = {
    id,
    name: await tenantTitle(db, { id, name: tenant.name }),
    state: tenant.state,
    enrolledAt: tenant.enrolled_at,
    sources,
    detections: await detectionStatuses(db, id, licensedIn(capabilities)),
    requests: sources.reduce((sum, source) => sum + source.requests, 0),
    events: await countEvents(db, id),
    openAlerts: Number(open.count),
    ...mails,
  };
  return { ...base, problems: tenant.state === 'active' ? problemsOf(base) : [] };
}

type Capabilities = Awaited<ReturnType<typeof currentCapabilities>>;

async function sourceStatuses(
  database: Database,
  tenantId: string,
  capabilities: Capabilities,
  now: number,
): Promise<SourceStatus[]> {
  const states = new Map((await sourceStates(database.db, tenantId)).map((row) => [row.source, row]));
  const rejected = await countRejected(database.db, tenantId);
  const pending = await pendingWindows(database.db, tenantId);
  const ledgers = await ledgersOf(database.db, tenantId);
  const requests = await sumSince(database.db, tenantId, 'requests', now - 24 * HOUR);
  const arrivals = new Map<string, Arrivals>();
  for (const source of ledgers.keys())
    arrivals.set(source, await arrivalsOf(database, tenantId, source, now));
  return collectors.map((collector) => {
    const { source } = collector;
    const state = states.get(source) ?? null;
    const refused = capabilities.get(`source:${source}`)?.state === 'off';
    return {
      source,
      ...lastRun(state),
      ...seen(source, capabilities),
      pending: pending.get(source) ?? 0,
      rejected: rejected.get(source) ?? 0,
      requests: requests.get(source) ?? 0,
      overdue: !refused && isOverdue(collector, state, now),
      watermark: ledgers.get(source)?.watermark ?? null,
      ...(arrivals.get(source) ?? NO_ARRIVALS),
    };
  });
}

type Arrivals = Pick<SourceStatus, 'lag' | 'readableLag' | 'late'>;

const NO_ARRIVALS: Arrivals = { lag: null, readableLag: null, late: {} };

async function arrivalsOf(
  { db }: Database,
  tenantId: string,
  source: string,
  now: number,
): Promise<Arrivals> {
  const from = now - 7 * 24 * HOUR;
  const late = await lateBetween(db, tenantId, source, from, now);
  return {
    lag: await lagBetween(db, tenantId, source, 'event', from, now),
    readableLag: await lagBetween(db, tenantId, source, 'readable', from, now),
    late: Object.fromEntries([...late].map(([foundBy, { records }]) => [foundBy, records])),
  };
}

type LastRun = Pick<SourceStatus, 'status' | 'reason' | 'detail' | 'lastOkAt' | 'lastRunAt'>;

function lastRun(state: SourceStateRow | null): LastRun {
  if (state === null) return { status: 'never', reason: null, detail: null, lastOkAt: null, lastRunAt: null };
  return {
    status: (state.last_status ?? 'never') as SourceStatus['status'],
    reason: state.last_reason,
    detail: state.last_error,
    lastOkAt: state.last_ok_at,
    lastRunAt: state.last_run_at,
  };
}

/** Four intervals, and at least an hour: one failed round is no news. */
function isOverdue(collector: Collector, state: SourceStateRow | null, now: number): boolean {
  return now - (state?.last_ok_at ?? 0) > Math.max(4 * intervalOf(collector), HOUR);
}

async function mailCounts(
  database: Database,
  tenantId: string,
): Promise<{ mailsWaiting: number; mailsFailed: number }> {
  const rows = await database.db
    .selectFrom('outbox')
    .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
    .where('tenant_id', '=', tenantId)
    .groupBy('status')
    .execute();
  const of = (...states: string[]) =>
    rows.filter((row) => states.includes(row.status)).reduce((sum, row) => sum + Number(row.count), 0);
  return { mailsWaiting: of('queued', 'claimed'), mailsFailed: of('failed') };
}

function problemsOf(tenant: Omit<TenantStatus, 'problems'>): string[] {
  const problems: string[] = [];
  for (const source of tenant.sources) {
    if (source.status === 'never')
      problems.push(`${source.source} was never read; run 'tenantwatch collect'.`);
    else if (source.status !== 'failed' && source.overdue)
      problems.push(`${source.source} was not read in time.`);
  }
  problems.push(...failuresOf(tenant.sources));
  if (tenant.mailsFailed > 0) {
    const mails = tenant.mailsFailed === 1 ? '1 mail was' : `${tenant.mailsFailed} mails were`;
    problems.push(`${mails} refused for good; see 'tenantwatch deliver'.`);
  }
  return problems;
}

/** What stops several sources, such as a wrong secret, is one problem and names them all. */
function failuresOf(sources: readonly SourceStatus[]): string[] {
  const byDetail = new Map<string, string[]>();
  for (const { source, status, detail } of sources) {
    if (status !== 'failed') continue;
    const reason = detail ?? 'no reason given';
    byDetail.set(reason, [...(byDetail.get(reason) ?? []), source]);
  }
  return [...byDetail].map(([reason, names]) => `${names.join(', ')} failed: ${reason}.`);
}
