import { isPermissionRefusal, type BatchAnswer, type Graph } from '../microsoft/index.ts';
import { applicationSelect } from '../records/index.ts';
import {
  toObjects,
  type RawObject,
  type StateCollector,
  type StateOptions,
  type StatePart,
} from './collector.ts';
import { firstKnown } from './first-known.ts';
import { isUnsupportedQuery, skipReason } from './refusal.ts';
import { stateIntervals } from './settings.ts';

/** 20 is the documented maximum of a batch. */
const CHUNK = 20;

/** `$expand` on directory objects gives at most 20 [graph-facts 5]: with so many there may be more. */
const EXPANDED = 20;

/** A scope of its own: federated credentials need Application.Read.All, where Directory.Read.All does for the rest. */
const FEDERATED = 'federated-credentials';

/**
 * Applications registered here, with owners and credentials, and the tokens of other systems that they accept. Read whole
 * once an hour: a delta brings neither owners nor federated credentials.
 * https://learn.microsoft.com/graph/api/application-list
 */
export const applications: StateCollector = {
  kind: 'state',
  source: 'applications',
  needs: { permission: 'Application.Read.All', licence: null },
  intervalMs: stateIntervals.directory,
  kinds: ['application', 'federated_credential'],
  read: readApplications,
};

async function* readApplications(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  const query = { $select: applicationSelect.join(','), $top: '999' };
  const ask = (more: Record<string, string>) => () =>
    graph.pages('/applications', { ...request(options), query: { ...query, ...more } });
  const ids: string[] = [];
  for await (const page of firstKnown([ask({ $expand: 'owners($select=id)' }), ask({})])) {
    const { objects, unreadable } = toObjects('application', page.records);
    ids.push(...objects.map((app) => app.id));
    yield { type: 'page', scope: '*', objects: await withAllOwners(graph, options, objects), unreadable };
  }
  yield { type: 'done', scope: '*', completeFor: ['application'] };
  yield* readFederated(graph, options, ids);
}

function request(options: StateOptions) {
  return { what: 'read applications', needs: applications.needs.permission, signal: options.signal };
}

async function withAllOwners(
  graph: Graph,
  options: StateOptions,
  apps: readonly RawObject[],
): Promise<RawObject[]> {
  const cut = [...new Set(apps.filter(({ raw }) => lengthOf(raw['owners']) >= EXPANDED).map(({ id }) => id))];
  if (cut.length === 0) return [...apps];
  const owners = new Map<string, unknown>();
  for (let at = 0; at < cut.length; at += CHUNK) {
    const ids = cut.slice(at, at + CHUNK);
    const parts = ids.map((id) => ({
      id,
      path: `/applications/${encodeURIComponent(id)}/owners`,
      query: { $select: 'id', $top: '999' },
    }));
    const answers = await graph.batch(parts, request(options));
    for (const id of ids) owners.set(id, valueOf(answers.get(id)));
  }
  return apps.map((app) =>
    owners.has(app.id) ? { ...app, raw: { ...app.raw, owners: owners.get(app.id) } } : app,
  );
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

/** The records of a part. Throws what refused it, so that nothing half read is taken for the whole. */
function valueOf(answer: BatchAnswer | undefined): unknown[] {
  if (answer === undefined) throw new Error('read applications: the batch had no answer for one of them');
  if (!answer.ok) throw answer.error;
  const { value } = answer.body;
  return Array.isArray(value) ? (value as unknown[]) : [];
}

async function* readFederated(
  graph: Graph,
  options: StateOptions,
  all: readonly string[],
): AsyncGenerator<StatePart> {
  const objects: RawObject[] = [];
  const unreadable: unknown[] = [];
  try {
    // A page may repeat an object, and a batch takes each id once.
    const ids = [...new Set(await withFederation(graph, options, all))];
    for (let at = 0; at < ids.length; at += CHUNK) {
      const chunk = ids.slice(at, at + CHUNK);
      const found = await credentialsOf(graph, options, chunk);
      objects.push(...found.objects);
      unreadable.push(...found.unreadable);
    }
  } catch (error) {
    if (!isPermissionRefusal(error)) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    yield { type: 'unread', scope: FEDERATED, status: 'skipped', reason: skipReason(error, null), detail };
    return;
  }
  yield { type: 'page', scope: FEDERATED, objects, unreadable };
  yield { type: 'done', scope: FEDERATED, completeFor: ['federated_credential'] };
}

/** Most applications have none. Where the filter is not understood, every application is asked. */
async function withFederation(
  graph: Graph,
  options: StateOptions,
  all: readonly string[],
): Promise<readonly string[]> {
  const query = {
    $filter: 'federatedIdentityCredentials/$count ne 0',
    $count: 'true',
    $select: 'id',
    $top: '999',
  };
  const headers = { ConsistencyLevel: 'eventual' };
  try {
    const ids: string[] = [];
    for await (const page of graph.pages('/applications', { ...request(options), query, headers })) {
      ids.push(...toObjects('application', page.records).objects.map((app) => app.id));
    }
    return ids;
  } catch (error) {
    if (isUnsupportedQuery(error)) return all;
    throw error;
  }
}

async function credentialsOf(
  graph: Graph,
  options: StateOptions,
  ids: readonly string[],
): Promise<{ objects: RawObject[]; unreadable: unknown[] }> {
  const parts = ids.map((id) => ({
    id,
    path: `/applications/${encodeURIComponent(id)}/federatedIdentityCredentials`,
  }));
  const answers = await graph.batch(parts, { ...request(options), what: 'read federated credentials' });
  const objects: RawObject[] = [];
  const unreadable: unknown[] = [];
  for (const applicationId of ids) {
    const answer = answers.get(applicationId);
    // Deleted since the list was read: it has none any more.
    if (answer?.ok === false && answer.error.status === 404) continue;
    const found = toObjects('federated_credential', valueOf(answer));
    unreadable.push(...found.unreadable);
    for (const { id, raw } of found.objects) {
      objects.push({
        kind: 'federated_credential',
        id: `${applicationId}/${id}`,
        removed: false,
        raw: { applicationId, credential: raw },
      });
    }
  }
  return { objects, unreadable };
}
