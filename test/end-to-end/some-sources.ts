import { collectors } from '../../src/collectors/index.ts';
import { collectTenant, type CollectContext } from '../../src/jobs/collect.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import { saveSourceState, sourceStates } from '../../src/store/reads.ts';
import { DAY, type Simulated, type SimulatedTenant } from './simulated.ts';

/** What a collection of the first tenant of a runtime is given. */
export function contextOf(runtime: Runtime): CollectContext {
  const [tenant] = runtime.config.tenants;
  if (tenant === undefined) throw new Error('no tenant is configured');
  return { ...runtime, graph: runtime.graph(tenant), tenant, signInsApi: runtime.config.signInsApi };
}

/** A tenant in a database of its own, of which only these sources are due. */
export async function openOnly(
  simulated: Simulated,
  tenant: SimulatedTenant,
  sources: readonly string[],
  more: Record<string, string> = {},
): Promise<Runtime> {
  const opened = await simulated.open(simulated.config([tenant], simulated.folder(), more));
  const later = { last_run_at: opened.clock.now() + 365 * DAY, last_status: 'ok' };
  for (const { source } of collectors) {
    if (!sources.includes(source)) await saveSourceState(opened.database.db, tenant.id, source, later);
  }
  return opened;
}

/** One more round of what is due. */
export async function again(opened: Runtime): Promise<void> {
  await collectTenant(contextOf(opened));
}

/** By source: how its last run ended, and of one that was skipped why. */
export async function endsOf(
  { database }: Runtime,
  tenant: SimulatedTenant,
  sources: readonly string[],
): Promise<Record<string, string | null>> {
  const states = new Map((await sourceStates(database.db, tenant.id)).map((state) => [state.source, state]));
  const ends = sources.map((source) => {
    const state = states.get(source);
    return [source, (state?.last_status === 'skipped' ? state.last_reason : state?.last_status) ?? null];
  });
  return Object.fromEntries(ends) as Record<string, string | null>;
}
