import { failureBackoffMs, type LogCollector, type LogPage, type Span } from '../collectors/index.ts';
import { CredentialError, GraphError } from '../errors.ts';
import type { EventRecord } from '../model/event.ts';
import type { RunOutcome } from '../model/outcome.ts';
import { logSources, type LogSource } from '../records/index.ts';
import { ingestEvents } from '../store/events.ts';
import { keepRejected, type RejectedRecord } from '../store/rejected.ts';
import {
  advanceWindow,
  dueWindows,
  finishWindow,
  planWindows,
  rereadWindows,
  startWindow,
  type NewWindow,
  type WindowRow,
} from '../store/windows.ts';
import type { CollectContext, CollectOptions, Counts } from './collect.ts';
import { outcomeOf } from './collect.ts';
import { planLog } from './plan-log.ts';

interface LogRun {
  readonly context: CollectContext;
  readonly collector: LogCollector;
  readonly records: LogSource;
  readonly counts: Counts;
}

/**
 * Plans the windows of one log source and reads those that are due, newest first. The first that cannot be read is
 * marked and ends the run: throws the GraphError or CredentialError that stopped it.
 */
export async function collectLog(
  context: CollectContext,
  collector: LogCollector,
  options: CollectOptions & { readonly hasP1: boolean | null },
  counts: Counts,
): Promise<RunOutcome> {
  const records = logSources.get(collector.feed);
  if (records === undefined)
    throw new Error(`collect ${collector.source}: no parser for feed ${collector.feed}`);
  const { database, tenant, clock } = context;
  const retention = collector.settings.retentionMs[options.hasP1 === true ? 'p1' : 'free'];
  await database.transaction(async (tx) => {
    if (options.full === true) await rereadWindows(tx, tenant.id, collector.source);
    await planLog(tx, tenant.id, collector.source, collector.settings, retention, clock.now());
  });
  await readDue({ context, collector, records, counts });
  return { status: 'ok' };
}

async function readDue(run: LogRun): Promise<void> {
  const { database, tenant, clock } = run.context;
  let done = 0;
  const tried = new Set<string>();
  for (;;) {
    const due = (await dueWindows(database.db, tenant.id, run.collector.source, clock.now())).filter(
      (window) => !tried.has(window.id),
    );
    const window = due[0];
    if (window === undefined) return;
    tried.add(window.id);
    run.context.signal.throwIfAborted();
    // A refusal holds for every window of the source; a failure is most likely to repeat now: the others wait.
    await readWindow(run, window);
    done += 1;
    run.context.onProgress?.({
      source: run.collector.source,
      records: run.counts.read,
      windowsDone: done,
      windowsPlanned: done + due.length - 1,
    });
  }
}

async function readWindow(run: LogRun, window: WindowRow): Promise<void> {
  const { context } = run;
  const { database, clock } = context;
  await database.transaction((tx) => startWindow(tx, window, clock.now()));
  try {
    await readPages(run, window);
  } catch (error) {
    if (!(error instanceof GraphError) && !(error instanceof CredentialError)) throw error;
    const outcome = await outcomeOf(context, error);
    const attempts = window.attempts + 1;
    const refused = outcome.status === 'skipped';
    await database.transaction((tx) =>
      finishWindow(tx, window, {
        status: 'failed',
        reason: refused ? outcome.reason : error.message,
        nextTryAt: refused ? clock.now() : clock.now() + failureBackoffMs(attempts),
        now: clock.now(),
      }),
    );
    throw error;
  }
}

async function readPages(run: LogRun, window: WindowRow): Promise<void> {
  const { context, collector } = run;
  const span: Span = { from: window.from_at, to: window.to_at };
  const options = { signal: context.signal, signInsApi: context.signInsApi };
  let pages = 0;
  let records = 0;
  for await (const page of collector.pages(context.graph, span, options)) {
    pages += 1;
    records += page.records.length;
    const last = page.nextLink === null;
    const tooLarge = !last && pages >= collector.settings.maximumPages && canHalve(collector, span);
    await storePage(run, window, page, { pages, records, last, split: tooLarge });
    if (tooLarge) return;
  }
}

function canHalve(collector: LogCollector, span: Span): boolean {
  return span.to - span.from >= 2 * collector.settings.minimumSpanMs;
}

interface Progress {
  readonly pages: number;
  readonly records: number;
  readonly last: boolean;
  readonly split: boolean;
}

/** One page whole with the window's progress in one transaction; the last page completes the window. */
async function storePage(run: LogRun, window: WindowRow, page: LogPage, progress: Progress): Promise<void> {
  const { context, collector, counts } = run;
  const now = context.clock.now();
  const { parsed, rejected } = parsePage(run.records, page);
  const stored = await context.database.transaction(async (tx) => {
    const result = await ingestEvents(context.database, tx, {
      tenantId: context.tenant.id,
      records: parsed,
      readStartedAt: page.startedAt,
      now,
    });
    await keepRejected(tx, context.tenant.id, collector.source, rejected, now);
    await advanceWindow(tx, window, progress.pages, progress.records);
    if (progress.split) await splitWindow(tx, window, now);
    if (progress.last)
      await finishWindow(tx, window, { status: 'complete', reason: null, nextTryAt: null, now });
    return result;
  });
  counts.read += page.records.length;
  counts.added += stored.added;
  counts.changed += stored.changed;
  counts.rejected += rejected.length;
}

function parsePage(records: LogSource, page: LogPage): { parsed: EventRecord[]; rejected: RejectedRecord[] } {
  const parsed: EventRecord[] = [];
  const rejected: RejectedRecord[] = [];
  for (const raw of page.records) {
    const result = records.parse(raw, page.api);
    if (result.ok) parsed.push(result.value);
    else
      rejected.push({
        origin: `${records.feed}/${page.api}`,
        reason: result.reason,
        rawText: JSON.stringify(raw),
      });
  }
  return { parsed, rejected };
}

async function splitWindow(
  tx: Parameters<typeof planWindows>[0],
  window: WindowRow,
  now: number,
): Promise<void> {
  const middle = Math.floor((window.from_at + window.to_at) / 2);
  const halves: NewWindow[] = [
    { kind: 'half', fromAt: window.from_at, toAt: middle },
    { kind: 'half', fromAt: middle, toAt: window.to_at },
  ];
  await finishWindow(tx, window, {
    status: 'split',
    reason: 'more pages than one window may hold',
    nextTryAt: null,
    now,
  });
  await planWindows(tx, window.tenant_id, window.source, halves, now);
}
