import { collectors, type StateCollector } from '../../src/collectors/index.ts';
import { settingsStates } from '../../src/collectors/posture.ts';
import { GraphError } from '../../src/errors.ts';
import { collectState } from '../../src/jobs/collect-state.ts';
import { outcomeOf } from '../../src/jobs/collect-outcome.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import type { RunOutcome } from '../../src/model/outcome.ts';
import { type DnsResolver } from '../../src/network/dns.ts';
import { entitiesOf } from '../../src/store/entities.ts';
import { hasLicence } from '../../src/store/tenant-facts.ts';
import { DAY, startSimulated, type Simulated, type SimulatedTenant } from './simulated.ts';

export type Json = Record<string, unknown>;

/** Sources of policies, settings and posture that need the permission named. */
export const POLICIES = [
  'authentication-methods-policy',
  'authorization-policy',
  'conditional-access-policies',
  'cross-tenant-access',
  'named-locations',
  'security-defaults',
];

export let simulated: Simulated;
export let runtime: Runtime;
export let licensed: SimulatedTenant;
export let free: SimulatedTenant;

/** What the DNS says, by question; a test may change it. */
export const zone = new Map<string, readonly string[] | Error>();

async function answer(question: string): Promise<readonly string[]> {
  const found = zone.get(question) ?? [];
  if (found instanceof Error) throw found;
  return found;
}

const dns: DnsResolver = {
  mx: async (name) => (await answer(`mx ${name}`)).map((exchange) => ({ exchange, priority: 0 })),
  txt: (name) => answer(`txt ${name}`),
  cname: (name) => answer(`cname ${name}`),
};

/** What this file is about, and what it leans on. */
const WANTED = new Set([
  'organization',
  'subscribed-skus',
  'users',
  'role-assignments',
  ...settingsStates.map(({ source }) => source),
]);

export function contextOf(tenant: SimulatedTenant) {
  const { database, clock, signal, config } = runtime;
  const one = config.tenants.find(({ id }) => id === tenant.id);
  if (one === undefined) throw new Error('no such tenant');
  return {
    database,
    clock,
    signal,
    dns,
    graph: runtime.graph(one),
    tenant: one,
    signInsApi: 'auto' as const,
  };
}

/** Reads those sources now, whether or not they are due, and tells how the run of each ended. */
export async function collect(tenant: SimulatedTenant): Promise<ReadonlyMap<string, Json>> {
  const context = contextOf(tenant);
  const outcomes = new Map<string, Json>();
  await context.clock.sleep(1000);
  for (const collector of collectors) {
    if (collector.kind === 'state' && WANTED.has(collector.source))
      outcomes.set(collector.source, { ...(await readState(context, collector)) });
  }
  return outcomes;
}

async function readState(
  context: ReturnType<typeof contextOf>,
  collector: StateCollector,
): Promise<RunOutcome> {
  const hasP1 = await hasLicence(context.database.db, context.tenant.id, 'p1');
  const counts = { read: 0, added: 0, changed: 0, rejected: 0 };
  try {
    return await collectState(context, collector, { hasP1 }, counts);
  } catch (error) {
    if (error instanceof GraphError) return outcomeOf(context, collector, error);
    throw error;
  }
}

/** Changes since the last call, but for those of accounts and rules, which the simulated week goes on making. */
export async function newChanges(tenant: SimulatedTenant): Promise<Json[]> {
  const rows = await runtime.database.db
    .selectFrom('event')
    .select(['ingest_seq', 'raw'])
    .where('tenant_id', '=', tenant.id)
    .where('feed', '=', 'changes')
    .orderBy('ingest_seq')
    .execute();
  const known = told.get(tenant.id) ?? 0;
  const fresh = rows.filter((row) => row.ingest_seq > known);
  told.set(tenant.id, rows.at(-1)?.ingest_seq ?? known);
  const others = new Set(['user', 'inbox_rule', 'role_assignment', 'application', 'service_principal']);
  return fresh
    .map((row) => JSON.parse(String(row.raw)) as Json)
    .filter(({ kind }) => !others.has(String(kind)));
}

const told = new Map<string, number>();

export async function entities(tenant: SimulatedTenant, kind: string): Promise<Map<string, Json>> {
  return entitiesOf(runtime.database.db, tenant.id, kind);
}

/** The policy that is in force; the other one only reports. */
export async function policyInForce(): Promise<readonly [string, Json]> {
  const found = [...(await entities(licensed, 'conditional_access_policy'))];
  const one = found.find(([, policy]) => policy['state'] === 'enabled');
  if (one === undefined) throw new Error('no policy is in force');
  return one;
}

export async function firstOf(tenant: SimulatedTenant, kind: string): Promise<readonly [string, Json]> {
  const [first] = await entities(tenant, kind);
  if (first === undefined) throw new Error(`no ${kind}`);
  return first;
}

/** Starts both tenants and reads each once. */
export async function startPolicyWorld(): Promise<void> {
  simulated = await startSimulated(DAY);
  licensed = simulated.licensed;
  free = simulated.free;
  runtime = await simulated.open(simulated.config([licensed, free], simulated.folder()));
  zone.set(`mx ${licensed.domain}`, ['muster-bau.mail.protection.outlook.com']);
  zone.set(`txt ${licensed.domain}`, ['v=spf1 include:spf.protection.outlook.com -all']);
  await collect(licensed);
  await collect(free);
  await newChanges(licensed);
  await newChanges(free);
}

export async function stopPolicyWorld(): Promise<void> {
  await runtime?.close();
  await simulated?.stop();
}
