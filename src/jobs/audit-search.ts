import { failureBackoffMs, searching, searchRequest } from '../collectors/index.ts';
import { CredentialError, GraphError } from '../errors.ts';
import type { AuditQuery } from '../microsoft/index.ts';
import {
  BACKLOG,
  claimQuery,
  planQueries,
  queryInFlight,
  removeQuery,
  updateQuery,
  type AuditQueryRow,
  type NewQuery,
} from '../store/audit-queries.ts';
import type { CollectContext, Counts } from './collect-context.ts';
import { abandonBacklog } from './finish-backlog.ts';
import { readSearch } from './read-search.ts';

/**
 * Asks for a span, where the tenant has no search under way: true when Microsoft has taken it. Its id is stored, so that
 * any later run picks it up. Throws GraphError or CredentialError; the place is free again then.
 */
export async function askSearch(context: CollectContext, query: NewQuery): Promise<boolean> {
  const { database, tenant, clock, graph, signal } = context;
  // The place is taken first: of two runs one asks. A crash before the answer is seen by a claim that stays without an id.
  const claimed = await database.transaction((tx) => claimQuery(tx, tenant.id, query, clock.now()));
  if (!claimed) return false;
  const row = await queryInFlight(database.db, tenant.id);
  if (row === null) return false;
  try {
    const name = `tenantwatch ${row.id}`;
    const made = await graph.auditQueries.create(query.fromAt, query.toAt, name, searchRequest(signal));
    await database.transaction((tx) => updateQuery(tx, row, { query_id: made.id, api: made.api }));
    return true;
  } catch (error) {
    if (!(error instanceof GraphError) && !(error instanceof CredentialError)) throw error;
    if (row.kind === BACKLOG) await failSearch(context, row, error.message);
    else await database.transaction((tx) => removeQuery(tx, row));
    throw error;
  }
}

/**
 * Takes the tenant's search a step further: asks how it stands, or reads some of its pages. True while it goes on; never
 * waits for Microsoft to finish. Throws GraphError or CredentialError.
 */
export async function stepSearch(context: CollectContext, counts: Counts): Promise<boolean> {
  const row = await queryInFlight(context.database.db, context.tenant.id);
  if (row === null) return false;
  const made = madeQuery(row);
  if (made === null) return await freeClaim(context, row);
  if (row.status === 'asked' && !(await hasSucceeded(context, row, made))) {
    return (await queryInFlight(context.database.db, context.tenant.id)) !== null;
  }
  return !(await readCounted(context, row, made, counts));
}

/** What fails while it is read is tried again by a later run, but not for ever. */
async function readCounted(
  context: CollectContext,
  row: AuditQueryRow,
  made: AuditQuery,
  counts: Counts,
): Promise<boolean> {
  try {
    return await readSearch(context, row.id, made, counts);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const attempts = row.attempts + 1;
    if (attempts >= searching.tries) await failSearch(context, row, error.message);
    else await context.database.transaction((tx) => updateQuery(tx, row, { attempts }));
    throw error;
  }
}

function madeQuery({ query_id: id, api }: AuditQueryRow): AuditQuery | null {
  return id === null ? null : { id, api: api === 'beta' ? 'beta' : 'v1.0' };
}

/** A claim without an id is another run that is asking right now, or one that crashed while it did. */
async function freeClaim(context: CollectContext, row: AuditQueryRow): Promise<boolean> {
  if (context.clock.now() - (row.asked_at ?? 0) < searching.claimMs) return true;
  await failSearch(context, row, 'a run ended before Microsoft answered');
  return false;
}

/** Asks how a search stands, at most once a minute. Marks what failed, what hangs and what holds too much. */
async function hasSucceeded(context: CollectContext, row: AuditQueryRow, made: AuditQuery): Promise<boolean> {
  const { database, clock, graph, signal } = context;
  const now = clock.now();
  if (now - (row.polled_at ?? 0) < searching.pollEveryMs) return false;
  const state = await graph.auditQueries.state(made, searchRequest(signal));
  await database.transaction((tx) => updateQuery(tx, row, { polled_at: now }));
  if (state.status === 'running') {
    if (now - (row.asked_at ?? 0) >= searching.stuckMs)
      await failSearch(context, row, 'Microsoft was still searching after 4 hours');
    return false;
  }
  if (state.status !== 'succeeded') {
    const word = state.status === 'gone' ? 'is not known to Microsoft any more' : `ended: ${state.word}`;
    await failSearch(context, row, `the search ${word.slice(0, 100)}`);
    return false;
  }
  if (state.incomplete) {
    await halveSearch(context, row);
    return false;
  }
  await database.transaction((tx) => updateQuery(tx, row, { status: 'reading' }));
  return true;
}

/** Puts a span of the backlog back for later; for a window the failure is kept, so that its source hears of it. */
async function failSearch(context: CollectContext, row: AuditQueryRow, reason: string): Promise<void> {
  const { database, clock } = context;
  const now = clock.now();
  await database.transaction(async (tx) => {
    if (row.kind !== BACKLOG) return updateQuery(tx, row, { status: 'failed', finished_at: now, reason });
    if (row.attempts + 1 >= searching.tries)
      return abandonBacklog(tx, row, `given up after ${searching.tries} tries: ${reason}`, now);
    return updateQuery(tx, row, { status: 'planned', query_id: null, ...later(row, reason, now) });
  });
}

function later(row: AuditQueryRow, reason: string, now: number): Partial<AuditQueryRow> {
  const attempts = row.attempts + 1;
  return { attempts, next_try_at: now + failureBackoffMs(attempts), reason };
}

const TOO_MUCH = 'more records than a search returns';

/** A span that holds too much is asked for in halves; a window's are made by its source. */
async function halveSearch(context: CollectContext, row: AuditQueryRow): Promise<void> {
  const { database, clock } = context;
  const now = clock.now();
  const { from_at: from, to_at: to } = row;
  await database.transaction(async (tx) => {
    if (row.kind !== BACKLOG)
      return updateQuery(tx, row, { status: 'over', finished_at: now, reason: TOO_MUCH });
    if (to - from < searching.smallestMs * 2) return abandonBacklog(tx, row, TOO_MUCH, now);
    const middle = Math.floor((from + to) / 2);
    await removeQuery(tx, row);
    const halves = [
      { kind: BACKLOG, fromAt: middle, toAt: to },
      { kind: BACKLOG, fromAt: from, toAt: middle },
    ];
    return planQueries(tx, row.tenant_id, halves, now);
  });
}
