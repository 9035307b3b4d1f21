import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { systemClock } from '../../src/clock.ts';
import { simulatedConfig } from '../../src/commands/demo-config.ts';
import { openChannel } from '../../src/commands/run.ts';
import {
  spawnSimulator,
  type SimulatorProcess,
  type SimulatorReady,
} from '../../src/commands/simulator-process.ts';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { cycleTenant, deliverDue } from '../../src/jobs/cycle.ts';
import { openRuntime } from '../../src/jobs/runtime.ts';
import { silentLog } from '../../src/log.ts';
import { openSimulatorClock } from '../../src/microsoft/index.ts';
import type { OperationObserver } from '../../src/model/outcome.ts';

const HOUR = 3_600_000;
const END = Date.UTC(2026, 10, 23, 6, 30);
/**
 * The instants of a scenario: before the stories, amid them, when the weekly report is due, and a day later, when nothing
 * is still on its way: what is readable at an instant would otherwise depend on the seconds that a crash costs.
 */
const ROUNDS = [END - 7 * 24 * HOUR, END - 60 * HOUR, END, END + 24 * HOUR];

/** One simulated world with a database of its own; the same for every scenario, because the seed is. */
export interface World {
  readonly simulator: SimulatorProcess;
  readonly folder: string;
  end(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'tenantwatch-crash-'));
  const simulator = await spawnSimulator({
    seed: '11',
    days: '12',
    now: new Date(END).toISOString(),
    clock: new Date(ROUNDS[0] ?? END).toISOString(),
    stderr: new PassThrough().resume(),
    time: systemClock,
  });
  return {
    simulator,
    folder,
    async end() {
      await simulator.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A week of the service in a few rounds, from wherever the last attempt stopped: what is done twice must not matter.
 * `observe` may throw to crash; it goes on throwing, as a dead process does nothing more.
 */
export async function runService(
  ready: SimulatorReady,
  folder: string,
  observe: OperationObserver,
): Promise<void> {
  const whole = simulatedConfig(ready, join(folder, 'crash.db'));
  // One tenant with P1 and one without: a third of the same kinds would only make each of the many runs longer.
  const config = { ...whole, tenants: whole.tenants.slice(0, 2) };
  const clock = await openSimulatorClock(ready.clock, config.caPem ?? '');
  const abort = new AbortController();
  const watched: OperationObserver = (operation) => {
    try {
      observe(operation);
    } catch (error) {
      // Nothing may sleep or try again in a process that is dead.
      abort.abort(error);
      throw error;
    }
  };
  const options = { config, log: silentLog(), signal: abort.signal, observe: watched, clock };
  const runtime = await openRuntime(options);
  const channel = openChannel(config, watched);
  try {
    const catalogue = await loadCatalogue();
    // A service that starts does a round at once; the rounds whose time has passed are not done again.
    const started = clock.now();
    for (const at of [started, ...ROUNDS.filter((round) => round > started)]) {
      await clock.advanceTo(at);
      for (const tenant of config.tenants) await cycleTenant(runtime, catalogue, tenant, { force: true });
      await deliverDue(runtime, channel);
    }
    await settle(runtime, clock);
    await deliverDue(runtime, channel);
  } finally {
    channel?.close();
    await runtime.close();
  }
}

type OpenRuntime = Awaited<ReturnType<typeof openRuntime>>;
type SimulatedClock = Awaited<ReturnType<typeof openSimulatorClock>>;

/** Claims and back-offs of an earlier life end with time: two hours later everything that waits is due. */
async function settle(runtime: OpenRuntime, clock: SimulatedClock): Promise<void> {
  const waiting = await runtime.database.db
    .selectFrom('outbox')
    .select('id')
    .where('status', '!=', 'sent')
    .execute();
  if (waiting.length > 0) await clock.advanceTo(clock.now() + 2 * HOUR);
}
