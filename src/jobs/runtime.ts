import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import { openGraph, openSimulatorClock, type Graph } from '../microsoft/index.ts';
import type { OperationObserver } from '../model/outcome.ts';
import type { TenantConfig } from '../model/tenant.ts';
import { systemResolver, type DnsResolver } from '../network/dns.ts';
import { openDatabase, type Database } from '../store/database.ts';
import { syncTenants } from '../store/tenants.ts';
import { ReadMemory } from './read-memory.ts';
import { resolveTenants } from './resolve-tenants.ts';

/** What every job works with: opened once per process, closed once. */
export interface Runtime {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly observe: OperationObserver;
  /** Null where the operator does not allow to ask the DNS. */
  readonly dns?: DnsResolver | null;
  /** What this process read before. */
  readonly memory?: ReadMemory;
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
  /** Takes the place of this machine's resolver, where the configuration allows to ask the DNS. */
  readonly resolver?: DnsResolver;
}

/**
 * Opens the database, finds the ids of tenants named by domain, reads the tenants into the database, and prepares one
 * Graph per tenant. Throws ConfigError when a domain is nobody's.
 */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { log, signal } = options;
  const observe = options.observe ?? (() => undefined);
  const clock = options.clock ?? (await clockOf(options.config, options.machineClock ?? systemClock));
  const database = await openDatabase(options.config.databaseUrl, { observe, now: clock.now() });
  const graphs = new Map<string, Graph>();
  const caPem = options.config.caPem ?? undefined;
  const { exchangeAdmin } = options.config;
  const graph = (tenant: TenantConfig): Graph => {
    const open = graphs.get(tenant.id) ?? openGraph({ tenant, clock, log, observe, caPem, exchangeAdmin });
    graphs.set(tenant.id, open);
    return open;
  };
  const close = async () => {
    await Promise.all([...graphs.values()].map((item) => item.close()));
    await database.close();
  };
  const holder = options.holder ?? `${process.pid}-${randomUUID()}`;
  try {
    const config = await resolveTenants(options.config, database, signal);
    const { tenants, tenantsOrigin } = config;
    await database.transaction((tx) => syncTenants(tx, tenants, tenantsOrigin, clock.now()));
    const dns = config.mailDns ? (options.resolver ?? systemResolver()) : null;
    const memory = new ReadMemory();
    return { config, database, clock, log, signal, observe, dns, memory, holder, graph, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** In a custom cloud time belongs to the simulator: quotas and token lives then hold without waiting. */
async function clockOf(config: Config, machine: Clock): Promise<Clock> {
  const tenants = [...config.tenants, ...config.tenantsByDomain];
  const url = tenants.find((tenant) => tenant.hosts.clock !== null)?.hosts.clock;
  return url == null ? machine : openSimulatorClock(url, config.caPem ?? '');
}
