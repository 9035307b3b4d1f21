import type { BatchAnswer, Graph } from '../microsoft/index.ts';
import { groupSelect } from '../records/index.ts';
import {
  toObjects,
  type RawObject,
  type StateCollector,
  type StateOptions,
  type StatePart,
} from './collector.ts';
import { goOn, readRound } from './delta.ts';
import { firstKnown } from './first-known.ts';
import { stateIntervals } from './settings.ts';
import { unreadScope } from './unread.ts';

/** 20 is the documented maximum of a batch. */
const CHUNK = 20;

/** Not every list of group properties has it, and a group that can hold roles is known by its assignments too. */
const groupSelectPlain = groupSelect.filter((name) => name !== 'isAssignableToRole');

/**
 * Groups by delta, and the members of those that matter: groups that can hold roles, that hold one, that a Conditional
 * Access policy names, or that the operator watches. Members are read whole, nested ones included, each group a scope of
 * its own: the delta would bring those of every group. https://learn.microsoft.com/graph/api/group-delta
 */
export const groups: StateCollector = {
  kind: 'state',
  source: 'groups',
  needs: { permission: 'Group.Read.All', licence: null },
  intervalMs: stateIntervals.groups,
  kinds: ['group', 'group_member'],
  read: readGroups,
};

function request(options: StateOptions) {
  return { what: 'read groups', needs: groups.needs.permission, signal: options.signal };
}

async function* readGroups(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  const watched = new Set(options.groups);
  const gone = new Set<string>();
  for await (const part of readList(graph, options)) {
    if (part.type === 'page') for (const group of part.objects) note(group, watched, gone);
    yield part;
  }
  for (const group of gone) {
    watched.delete(group);
    // Its members left with it; only a group whose members we know needs to be told.
    if (options.lastReads.has(group)) yield* membersOf(group, []);
  }
  const ids = [...watched].sort();
  for (let at = 0; at < ids.length; at += CHUNK) {
    const chunk = ids.slice(at, at + CHUNK);
    const answers = await graph.batch(chunk.map(question), { ...request(options), what: 'read members' });
    for (const id of chunk) yield* answered(id, answers.get(id));
  }
}

function note(group: RawObject, watched: Set<string>, gone: Set<string>): void {
  const id = group.id.toLowerCase();
  if (group.removed) gone.add(id);
  else gone.delete(id);
  if (group.raw['isAssignableToRole'] === true) watched.add(id);
}

/** One round of the delta, from the start where there is no token or it is gone. */
function readList(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  const asked = request(options);
  const round = { kind: 'group', what: asked.what };
  const ask = (select: readonly string[]) => () =>
    graph.pages('/groups/delta', { ...asked, query: { $select: select.join(',') } });
  return goOn(round, graph, options, asked, () =>
    readRound(round, firstKnown([ask(groupSelect), ask(groupSelectPlain)]), ['group']),
  );
}

function question(id: string) {
  return {
    id,
    path: `/groups/${encodeURIComponent(id)}/transitiveMembers`,
    query: { $select: 'id,displayName,userPrincipalName', $top: '999' },
  };
}

function* answered(group: string, answer: BatchAnswer | undefined): Generator<StatePart> {
  if (answer?.ok === true) {
    const { value } = answer.body;
    yield* membersOf(group, Array.isArray(value) ? (value as unknown[]) : []);
    return;
  }
  // A policy may still name a group that is gone.
  if (answer?.error.status === 404) {
    yield* membersOf(group, []);
    return;
  }
  yield unreadScope(group, answer, 'read members: the batch had no answer for this group');
}

function* membersOf(groupId: string, records: readonly unknown[]): Generator<StatePart> {
  const { objects, unreadable } = toObjects('group_member', records);
  yield {
    type: 'page',
    scope: groupId,
    objects: objects.map(({ kind, id, raw }) => ({
      kind,
      id: `${groupId}/${id}`,
      removed: false,
      raw: { groupId, member: raw },
    })),
    unreadable,
  };
  yield { type: 'done', scope: groupId, completeFor: ['group_member'], idPrefix: `${groupId}/` };
}
