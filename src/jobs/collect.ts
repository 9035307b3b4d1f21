import {
  collectors as allCollectors,
  FAILED_RETRY_MS,
  intervalOf,
  REFUSED_RETRY_MS,
  type Collector,
} from '../collectors/index.ts';
import { CredentialError, GraphError } from '../errors.ts';
import type { Licence } from '../model/licence.ts';
import type { RunOutcome } from '../model/outcome.ts';
import { currentCapabilities } from '../store/capabilities.ts';
import { sourceStates, type SourceStateRow } from '../store/reads.ts';
import { enrol } from '../store/tenants.ts';
import type { CollectContext, CollectOptions, Counts } from './collect-context.ts';
import { knowsLicence, outcomeOf } from './collect-outcome.ts';
import { collectAudit } from './collect-audit.ts';
import { collectState } from './collect-state.ts';
import { probeCapabilities } from './probe-capabilities.ts';
import { recordRun } from './record-run.ts';

export type * from './collect-context.ts';

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
  whole: CollectContext,
  options: CollectOptions = {},
): Promise<SourceResult[]> {
  const context = { ...whole, licences: new Map<Licence, boolean | null>() };
  const { database, tenant, clock } = context;
  await database.transaction((tx) => enrol(tx, tenant.id, clock.now()));
  const states = new Map((await sourceStates(database.db, tenant.id)).map((row) => [row.source, row]));
  const known = await currentCapabilities(database.db, tenant.id);
  const results: SourceResult[] = [];
  let refused = standingRefusal(context, options);
  for (const collector of allCollectors) {
    if (!isDue(collector, states.get(collector.source), options, clock.now())) continue;
    context.signal.throwIfAborted();
    const result: FinishedSource = refused
      ? failedWith(collector, refused)
      : await runSource(context, collector, options);
    if (result.error instanceof CredentialError && result.error.permanent) {
      refused = result.error;
      context.memory?.refuse(tenant.id, refused, clock.now());
    }
    results.push({ source: result.source, outcome: result.outcome, counts: result.counts });
    const before = {
      state: states.get(collector.source) ?? null,
      capability: known.get(`source:${collector.source}`),
    };
    await recordRun(context, collector, result, before);
    // What comes after must see the licences that were just read.
    if (collector.source === 'subscribed-skus') context.licences.clear();
  }
  await probeCapabilities(context, results, refused);
  return results;
}

/** Whoever asks by hand is answered at once: the secret may have just been mended. */
function standingRefusal(context: CollectContext, options: CollectOptions): CredentialError | null {
  if (options.force === true || options.full === true) return null;
  return context.memory?.refusalOf(context.tenant.id, context.clock.now()) ?? null;
}

export interface FinishedSource extends SourceResult {
  readonly startedAt: number;
  readonly requests: number;
  readonly throttled: number;
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
  const interval = intervalOf(collector);
  if (lastStatus === 'skipped') return REFUSED_RETRY_MS;
  return lastStatus === 'failed' ? Math.min(interval, FAILED_RETRY_MS) : interval;
}

async function runSource(
  context: CollectContext,
  collector: Collector,
  options: CollectOptions,
): Promise<FinishedSource> {
  const startedAt = context.clock.now();
  const before = { requests: context.graph.requests(), throttled: context.graph.throttled() };
  const counts: Counts = { read: 0, added: 0, changed: 0, rejected: 0 };
  const finish = (outcome: RunOutcome, error: unknown): FinishedSource => ({
    source: collector.source,
    outcome,
    counts,
    startedAt,
    requests: context.graph.requests() - before.requests,
    throttled: context.graph.throttled() - before.throttled,
    error,
  });
  try {
    const hasP1 = await knowsLicence(context, 'p1');
    const outcome =
      collector.kind === 'log'
        ? await collectAudit(context, collector, { ...options, hasP1 }, counts)
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
  return {
    source: collector.source,
    outcome,
    counts,
    startedAt: NaN,
    requests: 0,
    throttled: 0,
    error: null,
  };
}
