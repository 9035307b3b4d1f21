import { plainRecord, searching, searchRequest, type LogPage } from '../collectors/index.ts';
import { GraphError } from '../errors.ts';
import type { AuditQuery, GraphPage } from '../microsoft/index.ts';
import type { EventRecord } from '../model/event.ts';
import { logSources, type LogSource } from '../records/index.ts';
import { BACKLOG, queryInFlight, updateQuery, type AuditQueryRow } from '../store/audit-queries.ts';
import { ingestEvents } from '../store/events.ts';
import { keepRejected } from '../store/rejected.ts';
import type { CollectContext, Counts } from './collect-context.ts';
import { parsePage } from './collect-log.ts';
import { countBySource } from './count-search.ts';
import { completeBacklog } from './finish-backlog.ts';

/**
 * Reads pages of a search that has succeeded, from where the last run stopped: each is stored in one transaction with the
 * link to the next. True when it has been read to its end; false when a later run goes on with it.
 */
export async function readSearch(
  context: CollectContext,
  id: string,
  made: AuditQuery,
  counts: Counts,
): Promise<boolean> {
  const { database, tenant, graph, signal } = context;
  const row = await queryInFlight(database.db, tenant.id);
  if (row === null || row.id !== id) return true;
  let pages = 0;
  try {
    for await (const page of graph.auditQueries.pages(made, row.next_link, searchRequest(signal))) {
      pages += 1;
      await storePage(context, row, page, pages, counts);
      if (page.nextLink === null) return true;
      signal.throwIfAborted();
      if (pages >= searching.pagesPerRun) return false;
    }
    return true;
  } catch (error) {
    if (pages > 0 || row.next_link === null || !isLostLink(error)) throw error;
    // A link that does not live for ever: the search is read from its start again, and what is stored is met by key.
    await database.transaction((tx) => updateQuery(tx, row, { next_link: null, pages: 0, records: 0 }));
    return false;
  }
}

function isLostLink(error: unknown): boolean {
  return error instanceof GraphError && [400, 404, 410].includes(error.status);
}

async function storePage(
  context: CollectContext,
  row: AuditQueryRow,
  page: GraphPage,
  pages: number,
  counts: Counts,
): Promise<void> {
  const { database, clock, tenant } = context;
  const now = clock.now();
  const log: LogPage = {
    ...page,
    records: page.records.map((record) => plainRecord(record)),
    // The search found what was there when it ran, however long it waits to be read.
    startedAt: row.asked_at ?? page.startedAt,
    // The records are those of the Management API, whichever interface brings them.
    api: 'management',
  };
  const { parsed, rejected } = parsePage(unifiedAudit(), log);
  let added: readonly EventRecord[] = [];
  const stored = await database.transaction(async (tx) => {
    const result = await ingestEvents(database, tx, {
      tenantId: tenant.id,
      records: parsed,
      readStartedAt: log.startedAt,
      now,
      onAdded: (records) => (added = records),
    });
    await countBySource(tx, row, log, added, now);
    await keepRejected(tx, tenant.id, 'audit-general', rejected, now);
    const progress = { pages: row.pages + pages, records: row.records + page.records.length };
    await updateQuery(tx, row, { ...progress, next_link: page.nextLink });
    if (page.nextLink !== null) return result;
    await updateQuery(tx, row, { status: 'read', finished_at: now, reason: null });
    if (row.kind === BACKLOG) await completeBacklog(tx, row, now);
    return result;
  });
  counts.read += page.records.length;
  counts.added += stored.added;
  counts.changed += stored.changed;
  counts.rejected += rejected.length;
}

function unifiedAudit(): LogSource {
  const source = logSources.get('unified-audit');
  if (source === undefined) throw new Error('read a search: no parser for feed unified-audit');
  return source;
}
