import { readFileSync } from 'node:fs';
import { simulatedConfig } from '../../src/commands/demo-config.ts';
import type { SimulatorReady } from '../../src/commands/simulator-process.ts';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { collectTenant, type SourceResult } from '../../src/jobs/collect.ts';
import { cycleTenant } from '../../src/jobs/cycle.ts';
import { detect } from '../../src/jobs/detect.ts';
import { openRuntime, type Runtime } from '../../src/jobs/runtime.ts';
import { openLog } from '../../src/log.ts';
import { openSimulatorClock } from '../../src/microsoft/index.ts';
import type { TenantConfig } from '../../src/model/tenant.ts';

/** What the product's process is told, as JSON in its only argument. */
export interface Order {
  readonly ready: SimulatorReady;
  /** The tenant to watch. */
  readonly tenant: string;
  readonly database: string;
  /** Virtual times to go on to after the backfill, one round at each; UTC epoch ms. */
  readonly rounds: readonly number[];
}

/** One part of the work, and what it took. Memory in bytes. */
export interface Phase {
  readonly name: string;
  readonly seconds: number;
  /** Most that was resident since the process began. */
  readonly peakResident: number;
  /** Most that was alive after a collection, of some moments in this phase; 0 without `--expose-gc`. */
  readonly peakLive: number;
  readonly requests: number;
  /** Virtual time at its end, UTC epoch ms. */
  readonly now: number;
}

/** The one line that it prints. */
export interface Outcome {
  readonly phases: readonly Phase[];
  readonly sources: readonly SourceResult[];
}

/** Transactions between two looks at what is alive: a collection takes some 10 ms. */
const LOOK_EVERY = 40;

let transactions = 0;
let peakLive = 0;

/** Every stage works in transactions, so that looking after some of them meets each stage while it holds most. */
function look(operation: string): void {
  if (globalThis.gc === undefined || operation !== 'store:commit') return;
  transactions += 1;
  if (transactions % LOOK_EVERY !== 0) return;
  globalThis.gc();
  peakLive = Math.max(peakLive, process.memoryUsage().heapUsed);
}

/** The high-water mark of this process alone: `maxRSS` would begin with what its parent held when it forked. */
function peakResident(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Watches the tenant: everything that there is, then the rounds. */
export async function watch(order: Order): Promise<Outcome> {
  const tenants = order.ready.tenants.filter(({ id }) => id === order.tenant);
  const config = simulatedConfig({ ...order.ready, tenants }, order.database);
  const clock = await openSimulatorClock(order.ready.clock, config.caPem ?? '');
  const signal = new AbortController().signal;
  const runtime = await openRuntime({ config, log: openLog('warn'), signal, clock, observe: look });
  const phases: Phase[] = [];
  const phase = async <T>(tenant: TenantConfig, name: string, job: () => Promise<T>): Promise<T> => {
    const before = { at: performance.now(), requests: runtime.graph(tenant).requests() };
    peakLive = 0;
    const result = await job();
    const seconds = Math.round((performance.now() - before.at) / 100) / 10;
    const requests = runtime.graph(tenant).requests() - before.requests;
    phases.push({ name, seconds, peakResident: peakResident(), peakLive, requests, now: clock.now() });
    process.stderr.write(`${JSON.stringify(phases.at(-1))}\n`);
    return result;
  };
  try {
    const catalogue = await loadCatalogue();
    const tenant = runtime.config.tenants[0];
    if (tenant === undefined) throw new Error(`watch tenant ${order.tenant}: the simulator has none`);
    const sources = await phase(tenant, 'backfill', () => backfill(runtime, tenant));
    const { database } = runtime;
    await phase(tenant, 'detect', () =>
      detect({ database, catalogue, tenantId: tenant.id, now: clock.now() }),
    );
    for (const at of order.rounds) {
      await clock.advanceTo(at);
      // All of it, as `tenantwatch collect` does: of thousands of mailboxes an ordinary round reads a part.
      const force = at === order.rounds.at(-1);
      await phase(tenant, 'round', () => cycleTenant(runtime, catalogue, tenant, { force }));
    }
    return { phases, sources };
  } finally {
    await runtime.close();
    await clock.close();
  }
}

/** As `tenantwatch collect --backfill` does. */
function backfill(runtime: Runtime, tenant: TenantConfig): Promise<SourceResult[]> {
  const { database, clock, signal, config, dns, memory } = runtime;
  const context = { database, tenant, clock, signal, dns, memory, signInsApi: config.signInsApi };
  let told = performance.now();
  return collectTenant(
    {
      ...context,
      graph: runtime.graph(tenant),
      onProgress: (progress) => {
        if (process.env['VERBOSE'] === undefined || performance.now() - told < 5000) return;
        told = performance.now();
        process.stderr.write(`${JSON.stringify(progress)} ${Math.round(peakResident() / 1e6)} MB\n`);
      },
    },
    { backfill: true },
  );
}
