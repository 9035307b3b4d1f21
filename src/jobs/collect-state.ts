import type { StateCollector, StatePart } from '../collectors/index.ts';
import { skipReason } from '../collectors/index.ts';
import type { EntityRecord } from '../model/entity.ts';
import type { EntityChange } from '../model/event.ts';
import type { RunOutcome, SkipReason } from '../model/outcome.ts';
import { changeEvent, entityKinds, hasHistory } from '../records/index.ts';
import type { Db } from '../store/database.ts';
import { applyStage, clearStage, stageObjects, type StagedObject, type StageKey } from '../store/entities.ts';
import { ingestEvents } from '../store/events.ts';
import { lastOkReads, saveReads, saveSourceState, sourceState, type ReadRow } from '../store/reads.ts';
import { keepRejected, type RejectedRecord } from '../store/rejected.ts';
import type { CollectContext, CollectOptions, Counts } from './collect.ts';
import { contentOf } from './read-memory.ts';
import { stateInputs } from './state-inputs.ts';

interface StateRun {
  readonly context: CollectContext;
  readonly collector: StateCollector;
  readonly counts: Counts;
  readonly readId: string;
  readonly startedAt: number;
  readonly lastReads: ReadonlyMap<string, number>;
  /** What was read of the scope under way and is not staged; none once it was too much to hold. */
  held: StagedObject[];
  staged: boolean;
  /** Whether the scope under way brought objects without an id: each may be any of those we know. */
  blurred: boolean;
  /** Scopes that ended and changed nothing, with the hash of what they held: stored together. */
  readonly ended: Map<string, { readonly row: ReadRow; readonly hash: string | null }>;
  readonly unread: {
    skipped: number;
    failed: number;
    done: number;
    reason: SkipReason | null;
    detail: string | null;
  };
}

/**
 * Reads one state source: pages are staged, and each scope is compared and applied in one transaction after its last
 * page. A read that fails leaves what we knew untouched and its own row that says so.
 */
export async function collectState(
  context: CollectContext,
  collector: StateCollector,
  options: CollectOptions & { readonly hasP1: boolean | null },
  counts: Counts,
): Promise<RunOutcome> {
  const { database, tenant, clock } = context;
  const startedAt = clock.now();
  const lastReads = await lastOkReads(database.db, tenant.id, collector.source);
  const unread = { skipped: 0, failed: 0, done: 0, reason: null, detail: null };
  const readId = `${collector.source}-${startedAt}`;
  const progress = { held: [], staged: false, blurred: false, ended: new Map() };
  const run: StateRun = { context, collector, counts, readId, startedAt, lastReads, unread, ...progress };
  const state = await sourceState(database.db, tenant.id, collector.source);
  const parts = collector.read(context.graph, {
    signal: context.signal,
    deltaLink: options.full === true ? null : (state?.delta_link ?? null),
    lastReads,
    now: startedAt,
    hasP1: options.hasP1,
    ...(await stateInputs({
      db: database.db,
      tenantId: tenant.id,
      collector,
      lastReads,
      dns: context.dns ?? null,
      now: startedAt,
      everything: options.force === true || options.full === true,
    })),
  });
  try {
    for await (const part of parts) await takePart(run, part);
  } catch (error) {
    const row = readRow(run, '*', skipReason(error, null) ? 'skipped' : 'failed', messageOf(error), 0);
    await endScope(run, row, null);
    await storeEnded(run);
    throw error;
  }
  await storeEnded(run);
  return outcome(run);
}

async function takePart(run: StateRun, part: StatePart): Promise<void> {
  if (part.type === 'page') return takePage(run, part);
  if (part.type === 'done') return finishScope(run, part);
  run.unread[part.status] += 1;
  run.unread.detail ??= part.detail;
  run.unread.reason ??= part.reason;
  await endScope(run, readRow(run, part.scope, part.status, part.detail, 0), null);
}

function stageKey(run: StateRun): StageKey {
  return { tenantId: run.context.tenant.id, source: run.collector.source, readId: run.readId };
}

/** Objects of one scope that are held in memory; more are staged page by page, so that memory stays the same. */
const HELD = 1000;

async function takePage(run: StateRun, part: StatePart & { type: 'page' }): Promise<void> {
  const { database, tenant, clock } = run.context;
  const rejected = part.unreadable.map((raw) => reject(run, raw, 'the object has no id'));
  if (rejected.length > 0)
    await database.transaction((tx) =>
      keepRejected(tx, tenant.id, run.collector.source, rejected, clock.now()),
    );
  run.blurred ||= part.unreadable.length > 0;
  run.held.push(...part.objects);
  run.counts.read += part.objects.length + part.unreadable.length;
  run.counts.rejected += rejected.length;
  if (run.staged || run.held.length > HELD) await stageHeld(run);
}

async function stageHeld(run: StateRun): Promise<void> {
  const { database, tenant } = run.context;
  const held = run.held;
  await database.transaction(async (tx) => {
    if (!run.staged) await clearStage(tx, tenant.id, run.collector.source);
    await stageObjects(tx, stageKey(run), held);
  });
  run.held = [];
  run.staged = true;
}

/** A scope was read to its end: nothing to do where it holds what it held, else it is compared and applied. */
async function finishScope(run: StateRun, part: StatePart & { type: 'done' }): Promise<void> {
  const hash = run.staged || run.blurred || part.completeFor === null ? null : contentOf(run.held);
  if (hash !== null && holdsTheSame(run, part.scope, hash)) {
    run.held = [];
    await endScope(run, readRow(run, part.scope, 'ok', null, 0), hash);
  } else await applyScope(run, part, hash);
  run.blurred = false;
  run.unread.done += 1;
}

function holdsTheSame(run: StateRun, scope: string, hash: string): boolean {
  if (run.collector.datesItsRows === true) return false;
  return run.context.memory?.isSame(memoryKey(run, scope), hash, run.lastReads.get(scope)) ?? false;
}

function memoryKey(run: StateRun, scope: string): string {
  return `${run.context.tenant.id} ${run.collector.source} ${scope}`;
}

/** Rows of reads that are stored together: ten batches of mailboxes. */
const ENDED = 200;

async function endScope(run: StateRun, row: ReadRow, hash: string | null): Promise<void> {
  run.ended.set(row.scope, { row, hash });
  if (run.ended.size >= ENDED) await storeEnded(run);
}

async function storeEnded(run: StateRun): Promise<void> {
  if (run.ended.size === 0) return;
  const ended = [...run.ended.values()];
  await run.context.database.transaction((tx) =>
    saveReads(
      tx,
      ended.map(({ row }) => row),
    ),
  );
  for (const { row, hash } of ended) remember(run, row, hash);
  run.ended.clear();
}

function remember(run: StateRun, { scope }: ReadRow, hash: string | null): void {
  if (hash === null) run.context.memory?.forget(memoryKey(run, scope));
  else run.context.memory?.remember(memoryKey(run, scope), hash, run.startedAt);
}

function reject(run: StateRun, raw: unknown, reason: string): RejectedRecord {
  return { origin: `${run.collector.source}/v1.0`, reason, rawText: JSON.stringify(raw) };
}

async function applyScope(
  run: StateRun,
  part: StatePart & { type: 'done' },
  hash: string | null,
): Promise<void> {
  const { database, tenant, clock } = run.context;
  const rejected: RejectedRecord[] = [];
  const previousStartedAt = run.lastReads.get(part.scope) ?? null;
  const { row, changes } = await database.transaction(async (tx) => {
    const found = await applyStage(tx, {
      ...stageKey(run),
      ...(run.staged ? {} : { held: run.held }),
      // As with objects that do not parse: nothing is taken away on such a read.
      completeFor: run.blurred && part.completeFor !== null ? [] : part.completeFor,
      keepRaw: part.deltaLink !== undefined,
      idPrefix: part.idPrefix,
      startedAt: run.startedAt,
      previousStartedAt,
      parse: (kind, raw) => parseEntity(run, kind, raw, rejected),
      hasHistory,
    });
    await storeChanges(run, tx, found);
    await keepRejected(tx, tenant.id, run.collector.source, rejected, clock.now());
    const ended = readRow(run, part.scope, 'ok', null, found.length);
    await saveReads(tx, [ended]);
    if (part.deltaLink !== undefined) {
      await saveSourceState(tx, tenant.id, run.collector.source, { delta_link: part.deltaLink });
    }
    return { row: ended, changes: found };
  });
  run.held = [];
  run.staged = false;
  // What did not parse is kept aside anew at each read: it is never taken for known.
  remember(run, row, rejected.length > 0 ? null : hash);
  run.counts.rejected += rejected.length;
  run.counts.added += changes.filter((change) => change.op === 'added').length;
  run.counts.changed += changes.filter((change) => change.op !== 'added').length;
}

function parseEntity(
  run: StateRun,
  kind: string,
  raw: Record<string, unknown>,
  rejected: RejectedRecord[],
): EntityRecord | null {
  const source = entityKinds.get(kind);
  if (source === undefined) throw new Error(`collect ${run.collector.source}: no parser for kind ${kind}`);
  const parsed = source.parse(raw);
  if (parsed.ok) return parsed.value;
  rejected.push(reject(run, raw, parsed.reason));
  return null;
}

async function storeChanges(run: StateRun, tx: Db, changes: readonly EntityChange[]): Promise<void> {
  await ingestEvents(run.context.database, tx, {
    tenantId: run.context.tenant.id,
    records: changes.map(changeEvent),
    readStartedAt: run.startedAt,
    now: run.context.clock.now(),
  });
}

function readRow(
  run: StateRun,
  scope: string,
  status: string,
  reason: string | null,
  records: number,
): ReadRow {
  return {
    tenant_id: run.context.tenant.id,
    source: run.collector.source,
    read_id: run.readId,
    scope,
    status,
    reason,
    capability: status === 'ok' ? 'full' : 'none',
    records,
    started_at: run.startedAt,
    finished_at: run.context.clock.now(),
  };
}

/** A source of many scopes is ok when every scope was read or has nothing to read (a user without a mailbox). */
function outcome(run: StateRun): RunOutcome {
  const { failed, skipped, done, reason, detail } = run.unread;
  if (failed > 0)
    return { status: 'failed', error: `${detail ?? ''} (${failed} of ${failed + skipped + done} not read)` };
  if (done === 0 && reason !== null) return { status: 'skipped', reason, detail: detail ?? '' };
  return { status: 'ok' };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
