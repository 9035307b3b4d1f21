import { ManualClock } from '../../../src/clock.ts';
import type { LogCollector } from '../../../src/collectors/index.ts';
import { GraphError } from '../../../src/errors.ts';
import { collectLog } from '../../../src/jobs/collect-log.ts';
import type { CollectContext } from '../../../src/jobs/collect.ts';
import type { Graph } from '../../../src/microsoft/index.ts';
import type { Database } from '../../../src/store/database.ts';
import { lateBetween } from '../../../src/store/lateness.ts';
import { collectorOf, settingsOf } from './collector.ts';
import { TENANT, withDatabase } from './database.ts';
import type { Feed } from './feed.ts';
import { instants, type Outcome } from './rules.ts';
import { DAY, START } from './trace.ts';

export interface OurOutcome extends Outcome {
  /** Records that the ledger counted as later than L. */
  readonly beyond: number;
  /** Rows of the ledger at the end. */
  readonly windows: number;
}

/** Replays a trace against the product: plan, ledger, pages and SQLite as they are; only what answers is replaced. */
export function runOurs(feed: Feed, options: { readonly deep: boolean }): Promise<OurOutcome> {
  return withDatabase((database) => replay(database, feed, options.deep));
}

async function replay(database: Database, feed: Feed, deep: boolean): Promise<OurOutcome> {
  const { source, end } = feed.trace;
  const clock = new ManualClock(START);
  const collector = collectorOf(feed, clock, settingsOf(source, deep));
  const context: CollectContext = {
    database,
    // The collector below never asks it.
    graph: {} as Graph,
    tenant: TENANT,
    clock,
    signal: new AbortController().signal,
    signInsApi: 'beta',
  };
  for (const now of instants(feed.trace)) {
    clock.advanceTo(now);
    await collectOnce(context, collector);
  }
  const late = await lateBetween(database.db, TENANT.id, source.name, START, end + DAY);
  return {
    rule: 'tenantwatch',
    stored: await storedIn(database),
    requests: feed.requests,
    beyond: late.get('beyond')?.records ?? 0,
    windows: await countWindows(database),
  };
}

async function collectOnce(context: CollectContext, collector: LogCollector): Promise<void> {
  const counts = { read: 0, added: 0, changed: 0, rejected: 0 };
  try {
    await collectLog(context, collector, { hasP1: true }, counts);
  } catch (error) {
    // As one source's trouble is none of the next one's: the next round tries again.
    if (!(error instanceof GraphError)) throw error;
  }
  if (counts.rejected > 0) throw new Error('bench collection: the parser refused a record of the trace');
}

async function storedIn(database: Database): Promise<Map<string, number>> {
  const rows = await database.db.selectFrom('event').select(['native_id', 'ingested_at']).execute();
  return new Map(rows.map((row) => [row.native_id, row.ingested_at]));
}

async function countWindows(database: Database): Promise<number> {
  return (await database.db.selectFrom('window').select('id').execute()).length;
}
