import type { Graph } from '../microsoft/index.ts';
import { appPermission, permissionApis } from '../records/index.ts';
import {
  toObjects,
  type RawObject,
  type StateCollector,
  type StateOptions,
  type StatePart,
} from './collector.ts';
import { stateIntervals } from './settings.ts';

/** `in` takes at most 15 values [graph-facts 5]. */
const IN_VALUES = 15;

/** Assigned without a role: it stands for no permission. */
const DEFAULT_ROLE = '00000000-0000-0000-0000-000000000000';

/**
 * What apps may do by themselves (application permissions), of Microsoft Graph and the other APIs of Microsoft that matter.
 * Asked at the API (appRoleAssignedTo): one question each, instead of one for each app.
 * https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignedto
 */
export const appRoleAssignments: StateCollector = {
  kind: 'state',
  source: 'app-role-assignments',
  needs: { permission: 'Application.Read.All', licence: null },
  intervalMs: stateIntervals.directory,
  kinds: ['app_role_assignment'],
  read: readAssignments,
};

function request(options: StateOptions) {
  return {
    what: 'read permissions of applications',
    needs: appRoleAssignments.needs.permission,
    signal: options.signal,
  };
}

async function* readAssignments(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  const apis = await apisHere(graph, options);
  const parts = [...apis.keys()].map((id) => ({
    id,
    path: `/servicePrincipals/${encodeURIComponent(id)}/appRoleAssignedTo`,
    query: { $top: '999' },
  }));
  const answers = parts.length === 0 ? new Map<string, never>() : await graph.batch(parts, request(options));
  for (const [id, appId] of apis) {
    const answer = answers.get(id);
    if (answer === undefined)
      throw new Error('read permissions of applications: the batch had no answer for an API');
    if (!answer.ok) throw answer.error;
    const records = Array.isArray(answer.body['value']) ? (answer.body['value'] as unknown[]) : [];
    const { objects, unreadable } = toObjects('app_role_assignment', records);
    const names = await newNames(graph, options, id, appId, objects);
    yield {
      type: 'page',
      scope: '*',
      objects: objects.map((one) => named(one, appId, names)),
      unreadable,
    };
  }
  yield { type: 'done', scope: '*', completeFor: ['app_role_assignment'] };
}

/** Service principals of the APIs in this tenant: appId by object id. An API that nobody used yet has none. */
async function apisHere(graph: Graph, options: StateOptions): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let at = 0; at < permissionApis.length; at += IN_VALUES) {
    const values = permissionApis.slice(at, at + IN_VALUES).map((appId) => `'${appId}'`);
    const query = { $filter: `appId in (${values.join(',')})`, $select: 'id,appId' };
    for await (const page of graph.pages('/servicePrincipals', { ...request(options), query })) {
      for (const { id, raw } of toObjects('service_principal', page.records).objects)
        found.set(id, String(raw['appId']).toLowerCase());
    }
  }
  return found;
}

/** Names of permissions that are newer than our list, from the API itself. */
async function newNames(
  graph: Graph,
  options: StateOptions,
  id: string,
  appId: string,
  assignments: readonly RawObject[],
): Promise<ReadonlyMap<string, unknown>> {
  const unknown = assignments.some(({ raw }) => {
    const role = String(raw['appRoleId']).toLowerCase();
    return role !== DEFAULT_ROLE && appPermission(appId, role) === undefined;
  });
  if (!unknown) return new Map();
  const path = `/servicePrincipals/${encodeURIComponent(id)}`;
  const { body } = await graph.get(path, { ...request(options), query: { $select: 'id,appRoles' } });
  const roles = Array.isArray(body['appRoles']) ? (body['appRoles'] as unknown[]) : [];
  const { objects } = toObjects('app_role', roles);
  return new Map(objects.map((role) => [role.id.toLowerCase(), role.raw['value']]));
}

function named(one: RawObject, resourceAppId: string, names: ReadonlyMap<string, unknown>): RawObject {
  const appRoleValue = names.get(String(one.raw['appRoleId']).toLowerCase()) ?? null;
  return { ...one, raw: { ...one.raw, resourceAppId, appRoleValue } };
}
