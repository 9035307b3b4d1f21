import { randomUUID } from 'node:crypto';
import {
  collectors as allCollectors,
  FAILED_RETRY_MS,
  REFUSED_RETRY_MS,
  skipReason,
  type Collector,
  type StateOptions,
} from '../collectors/index.ts';
import { CredentialError, GraphError } from '../errors.ts';
import type { Graph } from '../microsoft/index.ts';
import type { Clock } from '../clock.ts';
import type { RunOutcome } from '../model/outcome.ts';
import type { TenantConfig } from '../model/tenant.ts';
import type { Database } from '../store/database.ts';
import { currentCapabilities, setCapability } from '../store/capabilities.ts';
import { saveRun, saveSourceState, sourceStates, type RunRow, type SourceStateRow } from '../store/reads.ts';
import { hasLicence } from '../store/tenant-facts.ts';
import { enrol } from '../store/tenants.ts';
import { collectLog } from './collect-log.ts';
import { collectState } from './collect-state.ts';

export interface CollectContext {
  readonly database: Database;
  readonly graph: Graph;
  readonly tenant: TenantConfig;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly signInsApi: 'auto' | 'beta' | 'v1.0';
  /** The DNS, where the operator allows to ask it about mail domains. */
  readonly dns?: NonNullable<StateOptions['dns']>['resolver'] | null;
  readonly onProgress?: (progress: CollectProgress) => void;
}

export interface CollectProgress {
  readonly source: string;
  /** Records stored or met again so far in this run of the source. */
  readonly records: number;
  readonly windowsDone: number;
  readonly windowsPlanned: number;
}

export interface CollectOptions {
  /** Reads every source whether or not its interval has passed. */
  readonly force?: boolean;
  /** Reads everything again that logs still keep, and starts every delta anew. */
  readonly full?: boolean;
  /** Reads, of logs, what is kept and was given up or never read. */
  readonly backfill?: boolean;
  /** How far back `full` and `backfill` go at most, UTC epoch ms. */
  readonly since?: number;
}

/** What one run of a source brought. */
export interface Counts {
  read: number;
  added: number;
  changed: number;
  rejected: number;
}

export interface SourceResult {
  readonly source: string;
  readonly outcome: RunOutcome;
  readonly counts: Readonly<Counts>;
}

/**
 * Reads one tenant's sources that are due. One source's trouble never stops another; a credential that is refused
 * for good stops the tenant's calls, and every source says so. Safe to run twice.
 */
export async function collectTenant(
  context: CollectContext,
  options: CollectOptions = {},
): Promise<SourceResult[]> {
  const { database, tenant, clock } = context;
  await database.transaction((tx) => enrol(tx, tenant.id, clock.now()));
  const states = new Map((await sourceStates(database.db, tenant.id)).map((row) => [row.source, row]));
  const results: SourceResult[] = [];
  let refused: CredentialError | null = null;
  for (const collector of allCollectors) {
    if (!isDue(collector, states.get(collector.source), options, clock.now())) continue;
    context.signal.throwIfAborted();
    const result: FinishedSource = refused
      ? failedWith(collector, refused)
      : await runSource(context, collector, options);
    if (result.error instanceof CredentialError && result.error.permanent) refused = result.error;
    results.push({ source: result.source, outcome: result.outcome, counts: result.counts });
    await recordRun(context, result);
  }
  return results;
}

interface FinishedSource extends SourceResult {
  readonly startedAt: number;
  readonly requests: number;
  readonly error: unknown;
}

function isDue(
  collector: Collector,
  state: SourceStateRow | undefined,
  options: CollectOptions,
  now: number,
): boolean {
  if (options.backfill === true && collector.kind === 'log') return true;
  if (options.force === true || options.full === true || state?.last_run_at == null) return true;
  return now - state.last_run_at >= waitAfter(collector, state.last_status) - DUE_EARLY_MS;
}

/**
 * The service ticks each minute, and a source begins some seconds after its tick: what is due within half a tick is read
 * now, because an interval of two minutes would otherwise be three whenever a round is quicker than the last.
 */
const DUE_EARLY_MS = 30_000;

/** ms until a source is read again. One that was refused or failed is not left alone for a whole long interval. */
function waitAfter(collector: Collector, lastStatus: string | null): number {
  const interval = collector.kind === 'log' ? collector.settings.intervalMs : collector.intervalMs;
  if (lastStatus === 'skipped') return REFUSED_RETRY_MS;
  return lastStatus === 'failed' ? Math.min(interval, FAILED_RETRY_MS) : interval;
}

async function runSource(
  context: CollectContext,
  collector: Collector,
  options: CollectOptions,
): Promise<FinishedSource> {
  const startedAt = context.clock.now();
  const before = context.graph.requests();
  const counts: Counts = { read: 0, added: 0, changed: 0, rejected: 0 };
  const finish = (outcome: RunOutcome, error: unknown): FinishedSource => ({
    source: collector.source,
    outcome,
    counts,
    startedAt,
    requests: context.graph.requests() - before,
    error,
  });
  try {
    const hasP1 = await knowsLicence(context, 'p1');
    const outcome =
      collector.kind === 'log'
        ? await collectLog(context, collector, { ...options, hasP1 }, counts)
        : await collectState(context, collector, { ...options, hasP1 }, counts);
    return finish(outcome, null);
  } catch (error) {
    if (!(error instanceof GraphError) && !(error instanceof CredentialError)) throw error;
    return finish(await outcomeOf(context, collector, error), error);
  }
}

function failedWith(collector: Collector, error: CredentialError): FinishedSource {
  const counts = { read: 0, added: 0, changed: 0, rejected: 0 };
  const outcome: RunOutcome = { status: 'failed', error: error.message };
  return { source: collector.source, outcome, counts, startedAt: NaN, requests: 0, error: null };
}

/** Turns what Microsoft said into the run's outcome: a refusal for want of licence or permission is a skip. */
export async function outcomeOf(
  context: CollectContext,
  collector: Collector,
  error: GraphError | CredentialError,
): Promise<RunOutcome> {
  const reason = skipReason(error, await knowsLicence(context, collector.needs.licence ?? 'p1'));
  if (reason !== null) return { status: 'skipped', reason, detail: error.message };
  return { status: 'failed', error: error.message };
}

/** Whether the tenant has the licence; null while its licences have not been read. */
async function knowsLicence(
  { database, tenant }: CollectContext,
  licence: Parameters<typeof hasLicence>[2],
): Promise<boolean | null> {
  const known = await hasLicence(database.db, tenant.id, licence);
  if (known !== null) return known;
  const read = (await currentCapabilities(database.db, tenant.id)).get('source:subscribed-skus');
  return read?.state === 'full' ? false : null;
}

/** One row per run, the source's state, and its capability with history: all in one transaction. */
async function recordRun(context: CollectContext, result: FinishedSource): Promise<void> {
  const now = context.clock.now();
  const startedAt = Number.isNaN(result.startedAt) ? now : result.startedAt;
  const outcome = result.outcome;
  const reason = outcome.status === 'skipped' ? outcome.reason : null;
  const words =
    outcome.status === 'ok' ? null : outcome.status === 'skipped' ? outcome.detail : outcome.error;
  await context.database.transaction(async (tx) => {
    await saveRun(tx, runRow(context, result, startedAt, now, reason, words));
    await saveSourceState(tx, context.tenant.id, result.source, {
      last_run_at: startedAt,
      last_status: outcome.status,
      last_reason: reason,
      last_error: words,
      ...(outcome.status === 'ok' ? { last_ok_at: startedAt } : {}),
    });
    // A failure says nothing about what the tenant allows: only an answer changes the capability.
    if (outcome.status === 'failed') return;
    const state = outcome.status === 'ok' ? 'full' : 'off';
    await setCapability(
      tx,
      context.tenant.id,
      `source:${result.source}`,
      { state, reason, detail: words },
      now,
    );
  });
}

function runRow(
  context: CollectContext,
  result: FinishedSource,
  startedAt: number,
  now: number,
  reason: string | null,
  words: string | null,
): RunRow {
  return {
    tenant_id: context.tenant.id,
    id: randomUUID(),
    job: 'collect',
    source: result.source,
    status: result.outcome.status,
    reason,
    error: words,
    request_id: result.error instanceof GraphError ? result.error.requestId : null,
    started_at: startedAt,
    finished_at: now,
    requests: result.requests,
    records_read: result.counts.read,
    records_new: result.counts.added,
    records_changed: result.counts.changed,
    records_rejected: result.counts.rejected,
  };
}
