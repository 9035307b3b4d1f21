import { isGone, isPermissionRefusal, type Graph, type GraphPage } from '../microsoft/index.ts';
import { userSelect, userSelectPlain } from '../records/index.ts';
import { toObjects, type StateCollector, type StateOptions, type StatePart } from './collector.ts';
import { isUnsupportedQuery } from './refusal.ts';
import { stateIntervals } from './settings.ts';

/**
 * Users by delta: one full round, then only what changed. A token that is gone (410, or a refused sync state) starts
 * a full round again, which is compared with what we hold, so that a resync reports no change that did not happen.
 * https://learn.microsoft.com/graph/delta-query-overview
 */
export const users: StateCollector = {
  kind: 'state',
  source: 'users',
  needs: { permission: 'User.Read.All', licence: null },
  intervalMs: stateIntervals.users,
  kinds: ['user'],
  read: readUsers,
};

async function* readUsers(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  if (options.deltaLink !== null) {
    try {
      yield* readRound(graph.followDelta(options.deltaLink, request(options)), null);
      return;
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  yield* readFull(graph, options);
}

/** employeeLeaveDateTime may be refused without User-LifeCycleInfo.Read.All: then all the rest is read without it. */
async function* readFull(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  let seen = false;
  try {
    for await (const part of readRound(firstRound(graph, options, userSelect), ['user'])) {
      seen = true;
      yield part;
    }
  } catch (error) {
    const refused = isPermissionRefusal(error) || isUnsupportedQuery(error);
    if (seen || !refused) throw error;
    yield* readRound(firstRound(graph, options, userSelectPlain), ['user']);
  }
}

function firstRound(
  graph: Graph,
  options: StateOptions,
  select: readonly string[],
): AsyncGenerator<GraphPage> {
  return graph.pages('/users/delta', { ...request(options), query: { $select: select.join(',') } });
}

function request(options: StateOptions) {
  return { what: 'read users', needs: users.needs.permission, signal: options.signal };
}

async function* readRound(
  pages: AsyncGenerator<GraphPage>,
  completeFor: readonly string[] | null,
): AsyncGenerator<StatePart> {
  let deltaLink: string | undefined;
  for await (const page of pages) {
    deltaLink = page.deltaLink ?? undefined;
    yield { type: 'page', scope: '*', ...toObjects('user', page.records) };
  }
  if (deltaLink === undefined)
    throw new Error('read users: the last page has no delta link; the round is read again');
  yield { type: 'done', scope: '*', completeFor, deltaLink };
}
