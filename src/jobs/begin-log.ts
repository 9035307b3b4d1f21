import type { LogCollector, LogOptions, LogPage } from '../collectors/index.ts';
import { CONTENT_KEPT_MS, isUnsubscribed } from '../microsoft/index.ts';
import {
  contentRead,
  forgetSubscription,
  pruneContent,
  saveContent,
  saveSubscription,
  subscriptionStart,
} from '../store/audit-content.ts';
import type { Db } from '../store/database.ts';
import type { CollectContext } from './collect.ts';

/** Pieces are remembered a day longer than Microsoft lists them. */
const REMEMBERED_MS = CONTENT_KEPT_MS + 24 * 3_600_000;

/**
 * Starts a source that Microsoft gathers only once it is asked to, and returns since when there can be anything of it (UTC
 * epoch ms); null for a source that needs no start. Throws what `begin` throws.
 */
export async function beginLog(context: CollectContext, collector: LogCollector): Promise<number | null> {
  if (collector.begin === undefined) return null;
  const { database, tenant, clock } = context;
  const { source } = collector;
  const known = await subscriptionStart(database.db, tenant.id, source);
  if (known !== null) return known;
  const how = await collector.begin(context.graph, context.signal);
  // Where it was started before us, content of all the days that Microsoft keeps may be there.
  const startedAt = how === 'started' ? clock.now() : clock.now() - CONTENT_KEPT_MS;
  await database.transaction((tx) => saveSubscription(tx, tenant.id, source, startedAt));
  return startedAt;
}

/** After a refusal because nobody is subscribed (any more): the next run starts the source anew. */
export async function endLog(
  { database, tenant }: CollectContext,
  collector: LogCollector,
  error: unknown,
): Promise<void> {
  if (!isUnsubscribed(error)) return;
  await database.transaction((tx) => forgetSubscription(tx, tenant.id, collector.source));
}

/** Tells a collector which pieces need not be read again; with `full` everything is. */
export function partsKnown(
  { database, tenant }: CollectContext,
  collector: LogCollector,
  full: boolean,
): Pick<LogOptions, 'partsRead'> {
  if (full || collector.begin === undefined) return {};
  return { partsRead: (ids) => contentRead(database.db, tenant.id, collector.source, ids) };
}

/** Notes the piece that a page was, in the transaction that stores its records. */
export async function keepPart(
  tx: Db,
  { tenant }: CollectContext,
  { source }: LogCollector,
  page: LogPage,
  now: number,
): Promise<void> {
  if (page.part === undefined) return;
  await saveContent(tx, tenant.id, source, { ...page.part, records: page.records.length }, now);
  await pruneContent(tx, tenant.id, source, now - REMEMBERED_MS);
}
