import type { Simulation } from '../simulation.ts';
import { ManagementFailure } from './failure.ts';

/** 2,000 requests a minute and tenant at least (reference, "API throttling"). */
const LIMIT = 2_000;
const WINDOW_MS = 60_000;

const recent = new WeakMap<Simulation, Map<string, number[]>>();

/** Counts a request. Throws the throttling refusal as it is seen: 403 with a body that is no JSON (graph-facts 13). */
export function admitManagement(simulation: Simulation, tenant: string, now: number): void {
  const tenants = recent.get(simulation) ?? new Map<string, number[]>();
  recent.set(simulation, tenants);
  const times = (tenants.get(tenant) ?? []).filter((at) => at > now - WINDOW_MS);
  times.push(now);
  tenants.set(tenant, times);
  if (times.length <= LIMIT) return;
  simulation.counters.report.throttled++;
  throw new ManagementFailure(403, 'AF429', 'Too many requests. Method=GetBlob, PublisherId=unspecified');
}
