import {
  maySearch,
  REFUSED_RETRY_MS,
  searching,
  skipReason,
  type LogCollector,
} from '../collectors/index.ts';
import { GraphError } from '../errors.ts';
import { CONTENT_KEPT_MS, isAuditingOff, isTransient } from '../microsoft/index.ts';
import type { RunOutcome, SkipReason } from '../model/outcome.ts';
import { subscriptionStart } from '../store/audit-content.ts';
import {
  BACKLOG,
  fallbackOf,
  pruneQueries,
  queriesOf,
  queryInFlight,
  removeFallback,
  saveFallback,
} from '../store/audit-queries.ts';
import { askSearch, stepSearch } from './audit-search.ts';
import type { CollectContext, CollectOptions, Counts } from './collect-context.ts';
import { collectLog } from './collect-log.ts';
import { followBySearch, SPEAKS_FOR_MS } from './follow-search.ts';
import { planBacklog } from './plan-backlog.ts';

type LogOptions = CollectOptions & { readonly hasP1: boolean | null };

/**
 * Reads a log source. One of the audit log is read by searches where the Management API refuses it and the app may search;
 * the Management API is asked again each hour. What it no longer keeps is searched for where somebody asked for it.
 */
export async function collectAudit(
  context: CollectContext,
  collector: LogCollector,
  options: LogOptions,
  counts: Counts,
): Promise<RunOutcome> {
  if (collector.searchable !== true) return collectLog(context, collector, options, counts);
  const outcome = await readEitherWay(context, collector, options, counts);
  if (options.backfill === true) await planOlder(context, collector, options.since);
  await workOnBacklog(context, collector.source, counts);
  return outcome;
}

async function readEitherWay(
  context: CollectContext,
  collector: LogCollector,
  options: LogOptions,
  counts: Counts,
): Promise<RunOutcome> {
  const { database, tenant, clock } = context;
  const { source } = collector;
  const turned = await fallbackOf(database.db, tenant.id, source);
  const early = turned !== null && clock.now() - turned.tried_at < REFUSED_RETRY_MS;
  if (early && options.force !== true) return followBySearch(context, collector, options, counts);
  try {
    const outcome = await collectLog(context, collector, options, counts);
    if (turned !== null) await returnToContent(context, source, turned.since_at);
    return outcome;
  } catch (error) {
    if (!(error instanceof GraphError) || !(await isForSearch(context, source, error))) throw error;
    await database.transaction((tx) => saveFallback(tx, tenant.id, source, error.message, clock.now()));
    return followInstead(context, collector, options, counts, error);
  }
}

/** The search in the Management API's place: if it is refused too, its refusal is the one that is told. */
async function followInstead(
  context: CollectContext,
  collector: LogCollector,
  options: LogOptions,
  counts: Counts,
  refusal: GraphError,
): Promise<RunOutcome> {
  try {
    return await followBySearch(context, collector, options, counts);
  } catch (error) {
    if (skipReason(error, null) === null || isAuditingOff(error)) throw error;
    throw refusal;
  }
}

const REFUSALS: ReadonlySet<SkipReason | null> = new Set<SkipReason | null>([
  'no_permission',
  'no_licence',
  'unsupported_cloud',
]);

/** The Management API will not give it, by refusal or because the subscription cannot be started, and the app may search. */
async function isForSearch(context: CollectContext, source: string, error: GraphError): Promise<boolean> {
  if (isAuditingOff(error) || isTransient(error)) return false;
  const { database, tenant, graph } = context;
  const refused = REFUSALS.has(skipReason(error, null));
  const started = (await subscriptionStart(database.db, tenant.id, source)) !== null;
  // Without a subscription the error is that of its start.
  const answered = error.status >= 400 && error.status !== 401;
  if (!refused && (started || !answered)) return false;
  return maySearch(graph);
}

/** What lies between the last window of a search and the beginning of the subscription is searched for. */
async function returnToContent(context: CollectContext, source: string, since: number): Promise<void> {
  const { database, tenant, clock } = context;
  const startedAt = (await subscriptionStart(database.db, tenant.id, source)) ?? clock.now();
  await database.transaction(async (tx) => {
    await removeFallback(tx, tenant.id, source);
    const from = Math.max(since, clock.now() - searching.keptMs);
    await planBacklog(tx, tenant.id, source, { from, to: startedAt }, clock.now());
  });
}

/** What the Management API does not keep, as far back as somebody asks: to be searched for, if the app may. */
async function planOlder(context: CollectContext, collector: LogCollector, since?: number): Promise<void> {
  const { database, tenant, clock, graph } = context;
  if (!(await maySearch(graph))) return;
  const now = clock.now();
  const started = await subscriptionStart(database.db, tenant.id, collector.source);
  const turned = await fallbackOf(database.db, tenant.id, collector.source);
  const content = turned === null ? (started ?? now) : 0;
  const to = Math.max(now - CONTENT_KEPT_MS, content);
  const from = Math.max(now - searching.keptMs, since ?? 0);
  await database.transaction((tx) => planBacklog(tx, tenant.id, collector.source, { from, to }, now));
}

/**
 * Takes the tenant's search a step further, and makes the next one of the backlog. A failure stays with its span: it is tried
 * again later. Also ends a search that was made for a window whose source has gone back to the Management API.
 */
async function workOnBacklog(context: CollectContext, source: string, counts: Counts): Promise<void> {
  const { database, tenant, clock } = context;
  const { db } = database;
  await database.transaction((tx) => pruneQueries(tx, tenant.id, clock.now() - SPEAKS_FOR_MS));
  const unfinished = (await queriesOf(db, tenant.id)).filter(({ finished_at: at }) => at === null);
  if (unfinished.length === 0) return;
  const running = await queryInFlight(db, tenant.id);
  // A source that follows by searches has just looked after its own.
  if (running !== null && running.kind !== BACKLOG && (await fallbackOf(db, tenant.id, source)) !== null)
    return;
  try {
    if (!(await stepSearch(context, counts))) await askForBacklog(context);
  } catch (error) {
    // What is older than the source's own windows must not make them look unread; the span says why it waits.
    if (!(error instanceof GraphError)) throw error;
  }
}

async function askForBacklog(context: CollectContext): Promise<void> {
  const { database, tenant, clock, graph } = context;
  const next = (await queriesOf(database.db, tenant.id)).find(
    (one) => one.status === 'planned' && (one.next_try_at ?? 0) <= clock.now(),
  );
  if (next === undefined || !(await maySearch(graph))) return;
  await askSearch(context, { kind: BACKLOG, fromAt: next.from_at, toAt: next.to_at });
}
