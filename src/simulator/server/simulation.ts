import type { World } from '../world.ts';
import type { SeenAssertions } from './assertion.ts';
import { createVirtualClock, type VirtualClock } from './clock.ts';
import { createCounters, type Counters } from './counters.ts';
import { createFaultBook, type FaultBook } from './faults.ts';
import { createPageStore, type PageStore } from './paging.ts';
import { createFraction, type Fraction } from './random.ts';
import type { DeltaToken } from './routes/delta.ts';
import { createTenants, type TenantState } from './state.ts';
import { createReturnWatch, createThrottle, type ReturnWatch, type Throttle } from './throttle.ts';
import { createTokenSigner, type TokenSigner } from './tokens.ts';

/** Everything the simulator's servers share. One per process, but nothing is global: tests start several. */
export interface Simulation {
  readonly clock: VirtualClock;
  readonly tenants: Map<string, TenantState>;
  readonly signer: TokenSigner;
  readonly pages: PageStore;
  readonly deltaTokens: Map<string, DeltaToken>;
  readonly throttle: Throttle;
  readonly watch: ReturnWatch;
  readonly faults: FaultBook;
  readonly counters: Counters;
  readonly fraction: Fraction;
  readonly seenAssertions: SeenAssertions;
  /** Base URLs without trailing slash; set once the servers listen. */
  readonly origins: { graph: string; authority: string; management: string; exchange: string };
  /** Count of changes made through the control API. */
  changes: number;
  /** Count of HTTP requests to Graph. */
  requests: number;
  /** Everything as it was at the start, at another time (UTC epoch ms), earlier ones too: a new life without a new process. */
  restart(clockMs: number): void;
}

export async function createSimulation(world: World, clockMs: number): Promise<Simulation> {
  const signer = await createTokenSigner();
  const simulation: Simulation = {
    ...beginning(world, clockMs),
    signer,
    origins: { graph: '', authority: '', management: '', exchange: '' },
    restart(ms) {
      for (const tenant of simulation.tenants.keys()) signer.revoke(tenant);
      Object.assign(simulation, beginning(world, ms));
    },
  };
  return simulation;
}

/** What a simulation begins with; its keys and its addresses last longer than one life. */
function beginning(world: World, clockMs: number): Omit<Simulation, 'signer' | 'origins' | 'restart'> {
  return {
    clock: createVirtualClock(clockMs),
    tenants: createTenants(world),
    pages: createPageStore(),
    deltaTokens: new Map(),
    throttle: createThrottle(),
    watch: createReturnWatch(),
    faults: createFaultBook(),
    counters: createCounters(),
    fraction: createFraction(world.seed),
    seenAssertions: new Map(),
    changes: 0,
    requests: 0,
  };
}

/** Audiences that a Graph token may name: the simulator's own origin and the real one. */
export function graphAudiences(simulation: Simulation): readonly string[] {
  return [simulation.origins.graph, 'https://graph.microsoft.com'];
}

/** Audiences of the Office 365 Management APIs (graph-facts A). */
export function managementAudiences(simulation: Simulation): readonly string[] {
  return [simulation.origins.management, 'https://manage.office.com'];
}

/** Audiences of Exchange Online (exchange/reference/admin-api-authentication). */
export function exchangeAudiences(simulation: Simulation): readonly string[] {
  return [simulation.origins.exchange, 'https://outlook.office365.com'];
}
