import {
  failureBackoffMs,
  GIVE_UP_AFTER,
  HEAD_BACKOFF_MS,
  type LogCollector,
  type LogPage,
  type Span,
} from '../collectors/index.ts';
import { CredentialError, GraphError } from '../errors.ts';
import type { EventRecord } from '../model/event.ts';
import type { RunOutcome } from '../model/outcome.ts';
import { logSources, type LogSource } from '../records/index.ts';
import { ingestEvents } from '../store/events.ts';
import { foldWindows } from '../store/fold-windows.ts';
import { advanceWatermark, ledgerOf, type LedgerRow } from '../store/ledger.ts';
import { keepRejected, type RejectedRecord } from '../store/rejected.ts';
import {
  advanceWindow,
  coveredSpans,
  dueWindows,
  finishWindow,
  startWindow,
  type WindowRow,
} from '../store/windows.ts';
import { beginLog, endLog, keepPart, partsKnown } from './begin-log.ts';
import { outcomeOf, type CollectContext, type CollectOptions, type Counts } from './collect-outcome.ts';
import { countArrivals } from './count-arrivals.ts';
import { partsFor, planLog, splitWindow } from './plan-log.ts';

interface LogRun {
  readonly context: CollectContext;
  readonly collector: LogCollector;
  readonly records: LogSource;
  readonly counts: Counts;
  readonly ledger: LedgerRow;
  /** Pieces that were read before are read again. */
  readonly full: boolean;
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
  const since = await beginLog(context, collector);
  const kept = collector.settings.retentionMs[options.hasP1 === true ? 'p1' : 'free'];
  // Of a log that Microsoft gathers on demand there is nothing from before.
  const retention = since === null ? kept : Math.min(kept, Math.max(0, clock.now() - since));
  const { source, settings } = collector;
  await database.transaction((tx) =>
    planLog(tx, tenant.id, source, settings, retention, clock.now(), options),
  );
  const ledger = await ledgerOf(database.db, tenant.id, source);
  if (ledger === null) throw new Error(`collect ${source}: the plan left no ledger; report this`);
  const stopped = await whatStopped(() =>
    readDue({ context, collector, records, counts, ledger, full: options.full === true }),
  );
  await database.transaction(async (tx) => {
    await foldWindows(tx, await advanceWatermark(tx, ledger), clock.now());
  });
  await endLog(context, collector, stopped);
  if (stopped === null) return { status: 'ok' };
  throw stopped;
}

/** What Microsoft said that ended the reading, so that the ledger is brought up to date first; null when nothing did. */
async function whatStopped(read: () => Promise<void>): Promise<GraphError | CredentialError | null> {
  try {
    await read();
    return null;
  } catch (error) {
    if (error instanceof GraphError || error instanceof CredentialError) return error;
    throw error;
  }
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
  const progress = { pages: 0 };
  try {
    await readPages(run, window, progress);
  } catch (error) {
    if (!(error instanceof GraphError) && !(error instanceof CredentialError)) throw error;
    const outcome = await outcomeOf(context, run.collector, error);
    const refused = outcome.status === 'skipped';
    const end = failedEnd(window, refused ? outcome.reason : error.message, {
      refused,
      pages: progress.pages,
      now: clock.now(),
    });
    await database.transaction((tx) => finishWindow(tx, window, { ...end, now: clock.now() }));
    throw error;
  }
}

type WindowEnd = Omit<Parameters<typeof finishWindow>[2], 'now'>;

/** How a read that failed leaves its window: waiting for its next try, or given up by name. */
function failedEnd(
  window: WindowRow,
  reason: string,
  { refused, pages, now }: { refused: boolean; pages: number; now: number },
): WindowEnd {
  const attempts = window.attempts + 1;
  // The newest is read first and a failure ends the run: so the source answered otherwise each time that this failed.
  if (!refused && window.kind !== 'head' && attempts >= GIVE_UP_AFTER)
    return { status: 'abandoned', reason: `given up after ${attempts} tries: ${reason}`, nextTryAt: null };
  const status = pages > 0 ? 'partial' : 'failed';
  if (refused) return { status, reason, nextTryAt: now };
  const wait = failureBackoffMs(attempts);
  return {
    status,
    reason,
    nextTryAt: now + (window.kind === 'head' ? Math.min(wait, HEAD_BACKOFF_MS) : wait),
  };
}

/** `progress` counts what was stored, also when it throws. */
async function readPages(run: LogRun, window: WindowRow, progress: { pages: number }): Promise<void> {
  const { context, collector } = run;
  const span: Span = { from: window.from_at, to: window.to_at };
  const options = {
    signal: context.signal,
    signInsApi: context.signInsApi,
    ...partsKnown(context, collector, run.full),
  };
  const { database, tenant } = context;
  const seenBefore = await coveredSpans(database.db, tenant.id, collector.source, span.from, span.to);
  let pages = 0;
  let records = 0;
  let oldest = span.to;
  for await (const page of collector.pages(context.graph, span, options)) {
    pages += 1;
    records += page.records.length;
    const last = page.nextLink === null;
    const tooLarge = !last && pages >= collector.settings.maximumPages && canHalve(collector, span);
    oldest = await storePage(run, window, page, {
      pages,
      records,
      last,
      oldest,
      split: tooLarge,
      seenBefore,
    });
    progress.pages = pages;
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
  /** Time of the oldest record of the pages before, by which the window is one; UTC epoch ms. */
  readonly oldest: number;
  readonly split: boolean;
  /** What of the window's span had been read completely before this read. */
  readonly seenBefore: readonly Span[];
}

/**
 * One page whole with the window's progress in one transaction; the last page completes the window. Returns the time of the
 * oldest record of the window so far.
 */
async function storePage(run: LogRun, window: WindowRow, page: LogPage, progress: Progress): Promise<number> {
  const { context, collector, counts } = run;
  const now = context.clock.now();
  const { parsed, rejected } = parsePage(run.records, page);
  const oldest = Math.min(progress.oldest, ...parsed.map((record) => windowTime(page, record)));
  let added: readonly EventRecord[] = [];
  const stored = await context.database.transaction(async (tx) => {
    const result = await ingestEvents(context.database, tx, {
      tenantId: context.tenant.id,
      records: parsed,
      readStartedAt: page.startedAt,
      now,
      onAdded: (records) => (added = records),
    });
    await countArrivals(tx, {
      ledger: run.ledger,
      window,
      page,
      added,
      seenBefore: progress.seenBefore,
      now,
    });
    await keepPart(tx, context, collector, page, now);
    await keepRejected(tx, context.tenant.id, collector.source, rejected, now);
    await advanceWindow(tx, window, progress.pages, progress.records);
    if (progress.split) await splitWindow(tx, window, now, partsOf(run, window, oldest));
    if (progress.last)
      await finishWindow(tx, window, { status: 'complete', reason: null, nextTryAt: null, now });
    return result;
  });
  counts.read += page.records.length;
  counts.added += stored.added;
  counts.changed += stored.changed;
  counts.rejected += rejected.length;
  return oldest;
}

function windowTime(page: LogPage, record: EventRecord): number {
  return page.readableAt ?? page.windowTimeOf?.(record) ?? record.occurredAt;
}

function partsOf({ collector }: LogRun, { from_at: from, to_at: to }: WindowRow, oldest: number): number {
  return partsFor({ from, to }, oldest, collector.settings.minimumSpanMs);
}

export function parsePage(
  records: LogSource,
  page: LogPage,
): { parsed: EventRecord[]; rejected: RejectedRecord[] } {
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
