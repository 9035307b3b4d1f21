import type { StateCollector, StatePart } from '../collectors/index.ts';
import { skipReason } from '../collectors/index.ts';
import type { EntityRecord } from '../model/entity.ts';
import type { EntityChange } from '../model/event.ts';
import type { RunOutcome, SkipReason } from '../model/outcome.ts';
import { changeEvent, entityKinds, hasHistory } from '../records/index.ts';
import type { Db } from '../store/database.ts';
import { applyStage, clearStage, stageObjects, type StageKey } from '../store/entities.ts';
import { ingestEvents } from '../store/events.ts';
import { lastOkReads, saveRead, saveSourceState, sourceState } from '../store/reads.ts';
import { keepRejected, type RejectedRecord } from '../store/rejected.ts';
import { mailboxUsers, watchedGroups } from '../store/tenant-facts.ts';
import type { CollectContext, CollectOptions, Counts } from './collect.ts';
import { mailDns, usersInTurn } from './state-inputs.ts';

interface StateRun {
  readonly context: CollectContext;
  readonly collector: StateCollector;
  readonly counts: Counts;
  readonly readId: string;
  readonly startedAt: number;
  readonly lastReads: ReadonlyMap<string, number>;
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
  const run: StateRun = { context, collector, counts, readId, startedAt, lastReads, unread };
  await database.transaction((tx) => clearStage(tx, tenant.id, collector.source));
  const state = await sourceState(database.db, tenant.id, collector.source);
  const parts = collector.read(context.graph, {
    signal: context.signal,
    deltaLink: options.full === true ? null : (state?.delta_link ?? null),
    lastReads,
    mailboxes: collector.source === 'mailbox-rules' ? await mailboxesOf(context, lastReads) : [],
    groups: collector.source === 'groups' ? await watchedGroups(database.db, tenant.id) : [],
    now: startedAt,
    hasP1: options.hasP1,
    users:
      collector.source === 'registration-details' ? await usersInTurn(database.db, tenant.id, lastReads) : [],
    dns:
      collector.source === 'mail-domains-dns'
        ? await mailDns(database.db, tenant.id, context.dns ?? null)
        : null,
  });
  try {
    for await (const part of parts) await takePart(run, part);
  } catch (error) {
    await recordUnread(run, '*', skipReason(error, null) ? 'skipped' : 'failed', messageOf(error));
    throw error;
  }
  return outcome(run);
}

/** Mailboxes with a plan that is on; those read longest ago first, so that an interrupted round loses none for ever. */
async function mailboxesOf(
  context: CollectContext,
  lastReads: ReadonlyMap<string, number>,
): Promise<string[]> {
  const withMailbox = await mailboxUsers(context.database.db, context.tenant.id);
  return withMailbox.sort((a, b) => (lastReads.get(a) ?? 0) - (lastReads.get(b) ?? 0) || (a < b ? -1 : 1));
}

async function takePart(run: StateRun, part: StatePart): Promise<void> {
  if (part.type === 'page') return stagePage(run, part);
  if (part.type === 'done') return applyScope(run, part);
  run.unread[part.status] += 1;
  run.unread.detail ??= part.detail;
  run.unread.reason ??= part.reason;
  await recordUnread(run, part.scope, part.status, part.detail);
}

function stageKey(run: StateRun): StageKey {
  return { tenantId: run.context.tenant.id, source: run.collector.source, readId: run.readId };
}

async function stagePage(run: StateRun, part: StatePart & { type: 'page' }): Promise<void> {
  const { database, tenant, clock } = run.context;
  const rejected = part.unreadable.map((raw) => reject(run, raw, 'the object has no id'));
  await database.transaction(async (tx) => {
    await stageObjects(tx, stageKey(run), part.objects);
    await keepRejected(tx, tenant.id, run.collector.source, rejected, clock.now());
  });
  run.counts.read += part.objects.length + part.unreadable.length;
  run.counts.rejected += rejected.length;
}

function reject(run: StateRun, raw: unknown, reason: string): RejectedRecord {
  return { origin: `${run.collector.source}/v1.0`, reason, rawText: JSON.stringify(raw) };
}

async function applyScope(run: StateRun, part: StatePart & { type: 'done' }): Promise<void> {
  const { database, tenant, clock } = run.context;
  const rejected: RejectedRecord[] = [];
  const previousStartedAt = run.lastReads.get(part.scope) ?? null;
  const changes = await database.transaction(async (tx) => {
    const found = await applyStage(tx, {
      ...stageKey(run),
      completeFor: part.completeFor,
      keepRaw: part.deltaLink !== undefined,
      idPrefix: part.idPrefix,
      startedAt: run.startedAt,
      previousStartedAt,
      parse: (kind, raw) => parseEntity(run, kind, raw, rejected),
      hasHistory,
    });
    await storeChanges(run, tx, found);
    await keepRejected(tx, tenant.id, run.collector.source, rejected, clock.now());
    await saveRead(tx, readRow(run, part.scope, 'ok', null, found.length));
    if (part.deltaLink !== undefined) {
      await saveSourceState(tx, tenant.id, run.collector.source, { delta_link: part.deltaLink });
    }
    return found;
  });
  run.unread.done += 1;
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

async function recordUnread(
  run: StateRun,
  scope: string,
  status: 'skipped' | 'failed',
  detail: string,
): Promise<void> {
  await run.context.database.transaction((tx) => saveRead(tx, readRow(run, scope, status, detail, 0)));
}

function readRow(run: StateRun, scope: string, status: string, reason: string | null, records: number) {
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
