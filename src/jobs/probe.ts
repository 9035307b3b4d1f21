import { CredentialError, GraphError } from '../errors.ts';
import type { Graph, RequestOptions } from '../microsoft/index.ts';

/** One assumption of docs/assumptions.md and what this tenant answered. Counts, statuses and words only: no names, no ids. */
export interface ProbeAnswer {
  readonly assumption: string;
  readonly answer: string;
}

interface Probe {
  readonly assumption: string;
  ask(graph: Graph, signal: AbortSignal): Promise<string>;
}

type Raw = Record<string, unknown>;

const UPDATED = { $filter: 'lastUpdateDateTime ge 2020-01-01T00:00:00Z' };

const PROBES: readonly Probe[] = [
  {
    assumption: 'directoryAudits accepts $top=1000',
    ask: (graph, signal) =>
      firstPage(graph, '/auditLogs/directoryAudits', { $top: '1000' }, 'reports', signal),
  },
  {
    assumption: 'signIns (v1.0) accepts $select',
    ask: (graph, signal) =>
      firstPage(graph, '/auditLogs/signIns', { $top: '1', $select: 'id' }, 'reports', signal),
  },
  {
    assumption: 'signIns (beta) answers app-only',
    ask: (graph, signal) => firstPage(graph, '/auditLogs/signIns', { $top: '1' }, 'reports', signal, 'beta'),
  },
  {
    assumption: 'signIns (beta) of service principals answer to their type',
    ask: (graph, signal) => signInsOf('servicePrincipal', graph, signal),
  },
  {
    assumption: 'signIns (beta) of managed identities answer to their type',
    ask: (graph, signal) => signInsOf('managedIdentity', graph, signal),
  },
  {
    assumption: 'riskDetections can be filtered by lastUpdatedDateTime',
    ask: (graph, signal) => {
      const query = { $filter: 'lastUpdatedDateTime ge 2020-01-01T00:00:00Z' };
      return firstPage(graph, '/identityProtection/riskDetections', query, 'identity_protection', signal);
    },
  },
  {
    assumption: 'riskyUsers accepts $top=500',
    ask: (graph, signal) =>
      firstPage(graph, '/identityProtection/riskyUsers', { $top: '500' }, 'identity_protection', signal),
  },
  {
    assumption: 'what servicePrincipalRiskDetections answers without Workload ID Premium',
    ask: (graph, signal) =>
      firstPage(
        graph,
        '/identityProtection/servicePrincipalRiskDetections',
        {},
        'identity_protection',
        signal,
      ),
  },
  {
    assumption: 'alerts_v2 can be filtered by lastUpdateDateTime',
    ask: (graph, signal) => firstPage(graph, '/security/alerts_v2', UPDATED, 'security', signal),
  },
  {
    assumption: 'incidents can be filtered by lastUpdateDateTime and take $top=50',
    ask: (graph, signal) =>
      firstPage(graph, '/security/incidents', { ...UPDATED, $top: '50' }, 'security', signal),
  },
  {
    assumption: 'managedDevices takes $select',
    ask: (graph, signal) =>
      firstPage(graph, '/deviceManagement/managedDevices', { $select: 'id,jailBroken' }, 'directory', signal),
  },
  {
    assumption: 'users/delta accepts employeeLeaveDateTime',
    ask: (graph, signal) =>
      firstPage(graph, '/users/delta', { $select: 'id,employeeLeaveDateTime' }, 'directory', signal),
  },
  {
    assumption: 'Conditional Access policies can be listed without P1',
    ask: (graph, signal) =>
      firstPage(graph, '/identity/conditionalAccess/policies', {}, 'identity_protection', signal),
  },
  {
    assumption: '/users takes 500 at a time with signInActivity',
    ask: (graph, signal) =>
      firstPage(graph, '/users', { $select: 'id,signInActivity', $top: '500' }, 'directory', signal),
  },
  { assumption: 'signInActivity is left out for whoever never signed in', ask: activityForms },
  { assumption: "a built-in role's id equals its template id", ask: roleIds },
  {
    assumption: 'modifiedProperties name the role by Role.TemplateId or Role.DisplayName',
    ask: roleProperties,
  },
  { assumption: 'the order of keys in a log record does not change between reads', ask: keyOrder },
];

/** Asks a real tenant what documentation leaves open. Reads only; stores nothing. */
export async function probeTenant(graph: Graph, signal: AbortSignal): Promise<ProbeAnswer[]> {
  const answers: ProbeAnswer[] = [];
  for (const probe of PROBES)
    answers.push({ assumption: probe.assumption, answer: await answerOf(probe, graph, signal) });
  return answers;
}

async function answerOf(probe: Probe, graph: Graph, signal: AbortSignal): Promise<string> {
  try {
    return await probe.ask(graph, signal);
  } catch (error) {
    if (error instanceof GraphError) return `${error.status} ${error.code}`;
    if (error instanceof CredentialError) return `no token: AADSTS${error.aadsts}`;
    throw error;
  }
}

function signInsOf(type: string, graph: Graph, signal: AbortSignal): Promise<string> {
  const query = { $filter: `signInEventTypes/any(t: t eq '${type}')`, $top: '1' };
  return firstPage(graph, '/auditLogs/signIns', query, 'reports', signal, 'beta');
}

async function firstPage(
  graph: Graph,
  path: string,
  query: Record<string, string>,
  quota: NonNullable<RequestOptions['quota']>,
  signal: AbortSignal,
  version: 'v1.0' | 'beta' = 'v1.0',
): Promise<string> {
  for await (const page of graph.pages(path, { version, query, quota, signal, what: `probe ${path}` })) {
    const keys = isRaw(page.records[0]) ? Object.keys(page.records[0]).length : 0;
    return `200, ${page.records.length} records${page.nextLink === null ? '' : ' and more'}, ${keys} keys in the first`;
  }
  return '200, no page';
}

async function records(
  graph: Graph,
  path: string,
  query: Record<string, string>,
  signal: AbortSignal,
): Promise<Raw[]> {
  const quota = path.startsWith('/auditLogs') ? 'reports' : 'directory';
  for await (const page of graph.pages(path, { query, quota, signal, what: `probe ${path}` })) {
    return page.records.filter(isRaw);
  }
  return [];
}

async function roleIds(graph: Graph, signal: AbortSignal): Promise<string> {
  const roles = (await records(graph, '/roleManagement/directory/roleDefinitions', {}, signal)).filter(
    (role) => role['isBuiltIn'] === true,
  );
  const equal = roles.filter((role) => role['id'] === role['templateId']).length;
  return `${equal} of ${roles.length} built-in roles`;
}

/** How the first 120 users carry it, and whether successful sign-ins are named. */
async function activityForms(graph: Graph, signal: AbortSignal): Promise<string> {
  const users = await records(graph, '/users', { $select: 'id,signInActivity', $top: '120' }, signal);
  const given = users.map((user) => user['signInActivity']);
  const successes = given.filter(
    (one) => isRaw(one) && typeof one['lastSuccessfulSignInDateTime'] === 'string',
  );
  const absent = given.filter((one) => one === undefined).length;
  const empty = given.filter((one) => one === null).length;
  return `${users.length} users: ${absent} without, ${empty} null, ${successes.length} with a successful sign-in`;
}

async function roleProperties(graph: Graph, signal: AbortSignal): Promise<string> {
  const query = { $filter: "activityDisplayName eq 'Add member to role'", $top: '5' };
  const audits = await records(graph, '/auditLogs/directoryAudits', query, signal);
  const names = audits.flatMap((audit) =>
    list(audit['targetResources']).flatMap((target) => list(target['modifiedProperties'])),
  );
  const found = [...new Set(names.map((property) => String(property['displayName'])))].filter((name) =>
    name.startsWith('Role.'),
  );
  return audits.length === 0
    ? 'no such audit within retention'
    : `${audits.length} audits: ${found.join(', ')}`;
}

async function keyOrder(graph: Graph, signal: AbortSignal): Promise<string> {
  const texts: string[] = [];
  for (let time = 0; time < 2; time += 1) {
    const [first] = await records(graph, '/auditLogs/directoryAudits', { $top: '1' }, signal);
    texts.push(JSON.stringify(first ?? null));
  }
  return texts[0] === texts[1] ? 'the same text twice' : 'another text';
}

function list(value: unknown): Raw[] {
  return Array.isArray(value) ? value.filter(isRaw) : [];
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
