import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { spawnSimulator, type SimulatorReady } from '../../src/commands/simulator-process.ts';
import { openTransport } from '../../src/microsoft/transport.ts';
import type { RecordCounts } from '../../src/simulator/server/record-counts.ts';
import type { Report } from '../../src/simulator/server/counters.ts';
import { openDatabase, type Database } from '../../src/store/database.ts';
import { holesOf, ledgersOf } from '../../src/store/ledger.ts';
import type { Order, Outcome } from './watch.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Tuesday afternoon: end of the data and start of the simulator's clock. */
const NOW = Date.UTC(2026, 10, 24, 14);
/**
 * The first round finds all that is delivered late (generate/delivery.ts: at most 3 h, refreshes 22 min more) and that the last
 * hours are read again for; the second is behind the daily reconciliation, which finds the rest (settings.ts).
 */
const ROUNDS = [NOW + 4 * HOUR, NOW + 28 * HOUR];

export interface LargeTenant {
  readonly users: number;
  readonly days: number;
  /** Options of Node for the product, such as `--expose-gc`. */
  readonly flags?: readonly string[];
}

export interface LargeRun extends Outcome {
  /** What the simulator has of the last days at the end, by its own names. */
  readonly counts: RecordCounts;
  readonly report: Report;
  /** Records of the same days by feed, and objects by kind, that the product has stored. */
  readonly stored: Readonly<Record<string, number>>;
  /** By source of log: spans between the first of these days and the watermark that no complete read covers, and what waits. */
  readonly holes: Readonly<Record<string, number>>;
  /** By source: ms from its watermark to the end. */
  readonly behind: Readonly<Record<string, number>>;
  readonly simulatorPeak: number;
}

/**
 * Lets the product, as a process of its own, read everything of a large simulated tenant, and go on until the last record has
 * been delivered. Linux only where memory is concerned.
 */
export async function runLargeTenant({ users, days, flags = [] }: LargeTenant): Promise<LargeRun> {
  const folder = mkdtempSync(join(tmpdir(), 'large-tenant-'));
  const simulator = await spawnSimulator({
    seed: '1',
    days: String(days),
    now: new Date(NOW).toISOString(),
    users: String(users),
    stderr: process.stderr,
    time: systemClock,
  });
  try {
    const tenant = simulator.ready.tenants.at(-1)?.id ?? '';
    const database = join(folder, 'large.db');
    const outcome = await runChild({ ready: simulator.ready, tenant, database, rounds: ROUNDS }, flags);
    const now = outcome.phases.at(-1)?.now ?? NOW;
    // What the source forgets while we read is nobody's loss.
    const since = Math.max(NOW - days * DAY, now - 30 * DAY);
    const control = await openControl(simulator.ready);
    const counts = await control.get<RecordCounts>(`/tenants/${tenant}/records?since=${since}`);
    const report = await control.get<Report>('/report');
    await control.close();
    const facts = await readFacts(database, tenant, since, now);
    return { ...outcome, ...facts, counts, report, simulatorPeak: peakOf(simulator.pid) };
  } finally {
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runChild(order: Order, flags: readonly string[]): Promise<Outcome> {
  const args = [...flags, join(import.meta.dirname, 'child.ts'), JSON.stringify(order)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`watch the large tenant: the product ended with ${code ?? 'a signal'}`);
  return JSON.parse(text) as Outcome;
}

interface Control {
  get<T>(path: string): Promise<T>;
  close(): Promise<void>;
}

async function openControl(ready: SimulatorReady): Promise<Control> {
  const transport = openTransport({ ca: { pem: readFileSync(ready.ca_file, 'utf8'), only: true } });
  return {
    async get<T>(path: string) {
      const response = await transport.send(`${ready.control}${path}`, { method: 'GET', headers: {} });
      return JSON.parse(await response.text()) as T;
    },
    close: () => transport.close(),
  };
}

async function readFacts(
  file: string,
  tenant: string,
  since: number,
  now: number,
): Promise<Pick<LargeRun, 'stored' | 'holes' | 'behind'>> {
  const database = await openDatabase(`sqlite:${file}`, { now });
  try {
    const holes: Record<string, number> = {};
    const behind: Record<string, number> = {};
    for (const [source, { watermark }] of await ledgersOf(database.db, tenant)) {
      // A feed begins with its subscription, and what is refused has no watermark.
      if (source.startsWith('audit-') || watermark === null) continue;
      holes[source] = (await holesOf(database.db, tenant, source, since, watermark)).length;
      behind[source] = now - watermark;
    }
    return { stored: await countStored(database, tenant, since), holes, behind };
  } finally {
    await database.close();
  }
}

async function countStored({ db }: Database, tenant: string, since: number): Promise<Record<string, number>> {
  const events = await db
    .selectFrom('event')
    .select(['feed', (eb) => eb.fn.countAll<number>().as('count')])
    .where('tenant_id', '=', tenant)
    .where('occurred_at', '>=', since)
    .groupBy('feed')
    .execute();
  const entities = await db
    .selectFrom('entity')
    .select(['kind as feed', (eb) => eb.fn.countAll<number>().as('count')])
    .where('tenant_id', '=', tenant)
    .groupBy('kind')
    .execute();
  return Object.fromEntries([...events, ...entities].map(({ feed, count }) => [feed, count]));
}

/** Most that was resident of a process that runs, bytes; 0 where the system does not tell. */
function peakOf(pid: number | undefined): number {
  if (process.platform !== 'linux' || pid === undefined) return 0;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
