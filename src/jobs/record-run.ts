import { randomUUID } from 'node:crypto';
import type { Collector } from '../collectors/index.ts';
import { GraphError } from '../errors.ts';
import { setCapability } from '../store/capabilities.ts';
import { saveRun, saveSourceState, type RunRow } from '../store/reads.ts';
import { sightAfter, type KnownSource } from './capability.ts';
import type { CollectContext, FinishedSource } from './collect.ts';

/** One row per run, the source's state, and its capability with history: all in one transaction. */
export async function recordRun(
  context: CollectContext,
  collector: Collector,
  result: FinishedSource,
  known: KnownSource,
): Promise<void> {
  const now = context.clock.now();
  const startedAt = Number.isNaN(result.startedAt) ? now : result.startedAt;
  const outcome = result.outcome;
  const reason = outcome.status === 'skipped' ? outcome.reason : null;
  const words =
    outcome.status === 'ok' ? null : outcome.status === 'skipped' ? outcome.detail : outcome.error;
  // Asked before the transaction: the token may have to be fetched.
  const sight = await sightAfter(context, collector, outcome, known);
  await context.database.transaction(async (tx) => {
    await saveRun(tx, runRow(context, result, startedAt, now, reason, words));
    await saveSourceState(tx, context.tenant.id, result.source, {
      last_run_at: startedAt,
      last_status: outcome.status,
      last_reason: reason,
      last_error: words,
      ...(outcome.status === 'ok' ? { last_ok_at: startedAt } : {}),
    });
    if (sight !== null) await setCapability(tx, context.tenant.id, `source:${result.source}`, sight, now);
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
    throttled: result.throttled,
  };
}
