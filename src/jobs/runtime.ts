import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import { openGraph, openSimulatorClock, type Graph } from '../microsoft/index.ts';
import type { OperationObserver } from '../model/outcome.ts';
import type { TenantConfig } from '../model/tenant.ts';
import { openDatabase, type Database } from '../store/database.ts';
import { syncTenants } from '../store/tenants.ts';

/** What every job works with: opened once per process, closed once. */
export interface Runtime {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly observe: OperationObserver;
  /** Names this process in leases and claims. */
  readonly holder: string;
  /** Graph for a tenant, opened at first use. */
  graph(tenant: TenantConfig): Graph;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  readonly config: Config;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly observe?: OperationObserver;
  /** Default: a fresh name. */
  readonly holder?: string;
  /** Overrides the clock; default: the simulator's in a custom cloud that has one, else `machineClock`. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly machineClock?: Clock;
}

/** Opens the database, reads the configured tenants into it, and prepares one Graph per tenant. */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { config, log, signal } = options;
  const observe = options.observe ?? (() => undefined);
  const clock = options.clock ?? (await clockOf(config, options.machineClock ?? systemClock));
  const database = await openDatabase(config.databaseUrl, { observe, now: clock.now() });
  const graphs = new Map<string, Graph>();
  const graph = (tenant: TenantConfig): Graph => {
    const open =
      graphs.get(tenant.id) ?? openGraph({ tenant, clock, log, observe, caPem: config.caPem ?? undefined });
    graphs.set(tenant.id, open);
    return open;
  };
  const close = async () => {
    await Promise.all([...graphs.values()].map((item) => item.close()));
    await database.close();
  };
  try {
    await database.transaction((tx) => syncTenants(tx, config.tenants, 'env', clock.now()));
  } catch (error) {
    await close();
    throw error;
  }
  const holder = options.holder ?? `${process.pid}-${randomUUID()}`;
  return { config, database, clock, log, signal, observe, holder, graph, close };
}

/** In a custom cloud time belongs to the simulator: quotas and token lives then hold without waiting. */
async function clockOf(config: Config, machine: Clock): Promise<Clock> {
  const url = config.tenants.find((tenant) => tenant.hosts.clock !== null)?.hosts.clock;
  return url == null ? machine : openSimulatorClock(url, config.caPem ?? '');
}
