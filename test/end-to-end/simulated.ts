import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Agent, fetch } from 'undici';
import { systemClock } from '../../src/clock.ts';
import { simulatedEnvironment } from '../../src/commands/demo-config.ts';
import { spawnSimulator, type SimulatorReady } from '../../src/commands/simulator-process.ts';
import { loadConfig, type Config } from '../../src/config/config.ts';
import { openRuntime, type Runtime } from '../../src/jobs/runtime.ts';
import { silentLog } from '../../src/log.ts';
import { Caught } from '../commands/command-run.ts';

/** End of the simulated history: a Monday, half past seven in Berlin, half an hour after the digest is due. */
export const END = Date.UTC(2026, 10, 23, 6, 30);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export type SimulatedTenant = SimulatorReady['tenants'][number];

/** What the simulator counted since it was last reset. */
export interface ClientReport {
  readonly early_returns: readonly unknown[];
  readonly throttled: number;
  readonly requests: Readonly<Record<string, number>>;
}

export interface ReceivedMail {
  readonly message_id: string;
  readonly subject: string;
  readonly envelope: { readonly to: readonly string[] };
  readonly file: string;
}

/** A simulated Microsoft 365 in a process of its own, spoken to over HTTPS only. */
export interface Simulated {
  readonly ready: SimulatorReady;
  /** Has Entra ID P1. */
  readonly licensed: SimulatedTenant;
  /** Has no P1. */
  readonly free: SimulatedTenant;
  /** A new folder that goes with the simulator. */
  folder(): string;
  /** The options an operator would set to watch a tenant, with its database in `folder`. */
  environment(tenant: SimulatedTenant, folder: string, more?: Options): Record<string, string>;
  /** One configuration of several tenants, in one database. */
  config(tenants: readonly SimulatedTenant[], folder: string, more?: Options): Config;
  open(config: Config): Promise<Runtime>;
  now(): Promise<number>;
  advance(ms: number): Promise<void>;
  advanceTo(at: number): Promise<void>;
  faults(...rules: Record<string, unknown>[]): Promise<void>;
  clearFaults(): Promise<void>;
  change(tenant: SimulatedTenant, change: Record<string, unknown>): Promise<void>;
  mailServer(mode: string): Promise<void>;
  mails(): Promise<ReceivedMail[]>;
  report(): Promise<ClientReport>;
  stop(): Promise<void>;
}

type Options = Readonly<Record<string, string>>;

/** Starts it with nine days of history up to `END`, and its clock `watchedMs` before that. */
export async function startSimulated(watchedMs: number): Promise<Simulated> {
  const stderr = new Caught();
  const process = await spawnSimulator({
    seed: '7',
    days: '9',
    now: new Date(END).toISOString(),
    clock: new Date(END - watchedMs).toISOString(),
    stderr,
    time: systemClock,
  });
  const { ready } = process;
  const [licensed, free] = ready.tenants;
  if (licensed === undefined || free === undefined)
    throw new Error('the simulator has fewer than two tenants');
  const root = mkdtempSync(join(tmpdir(), 'tenantwatch-end-to-end-'));
  const control = openControl(ready);
  const now = async () => ((await control.ask(ready.clock)) as { now_ms: number }).now_ms;
  const advanceTo = async (at: number) => {
    await control.ask(`${ready.clock}/advance-to`, { to_ms: at });
  };
  const config: Simulated['config'] = (tenants, folder, more = {}) => {
    const configs = tenants.map((tenant) => loadConfig(environmentOf(ready, tenant, folder, more), folder));
    return { ...(configs[0] as Config), tenants: configs.flatMap((one) => one.tenants) };
  };
  return {
    ready,
    licensed,
    free,
    folder: () => mkdtempSync(join(root, 'case-')),
    environment: (tenant, folder, more = {}) => environmentOf(ready, tenant, folder, more),
    config,
    open: (opened) => openRuntime({ config: opened, log: silentLog(), signal: new AbortController().signal }),
    now,
    advanceTo,
    advance: async (ms) => advanceTo((await now()) + ms),
    ...orders(ready, control),
    async stop() {
      await control.close();
      await process.stop();
      rmSync(root, { recursive: true, force: true });
      rmSync(dirname(ready.stories_file), { recursive: true, force: true });
    },
  };
}

function environmentOf(
  ready: SimulatorReady,
  tenant: SimulatedTenant,
  folder: string,
  more: Options,
): Record<string, string> {
  return {
    ...simulatedEnvironment(ready, tenant, join(folder, 'test.db')),
    TENANTWATCH_LOG_LEVEL: 'error',
    ...more,
  };
}

interface Control {
  /** GET without a body, POST with one, or the given method. Throws what the simulator refuses. */
  ask(url: string, body?: unknown, method?: string): Promise<unknown>;
  close(): Promise<void>;
}

function openControl(ready: SimulatorReady): Control {
  const dispatcher = new Agent({ connect: { ca: readFileSync(ready.ca_file, 'utf8') } });
  return {
    async ask(url, body, method = body === undefined ? 'GET' : 'POST') {
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await fetch(url, { method, dispatcher, ...content });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
      return JSON.parse(text) as unknown;
    },
    close: () => dispatcher.close(),
  };
}

function orders(
  ready: SimulatorReady,
  { ask }: Control,
): Pick<Simulated, 'faults' | 'clearFaults' | 'change' | 'mailServer' | 'mails' | 'report'> {
  return {
    async faults(...rules) {
      await ask(`${ready.control}/faults`, rules);
    },
    async clearFaults() {
      await ask(`${ready.control}/faults`, undefined, 'DELETE');
    },
    async change(tenant, change) {
      await ask(`${ready.control}/tenants/${tenant.id}`, change);
    },
    async mailServer(mode) {
      await ask(`${ready.control}/smtp`, { mode });
    },
    mails: async () => (await ask(`${ready.control}/mails`)) as ReceivedMail[],
    report: async () => (await ask(`${ready.control}/report`)) as ClientReport,
  };
}
