import { join } from 'node:path';
import { simulatedConfig } from '../../src/commands/demo-config.ts';
import { openChannel } from '../../src/commands/run.ts';
import type { SimulatorReady } from '../../src/commands/simulator-process.ts';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { cycleTenant, deliverDue } from '../../src/jobs/cycle.ts';
import { openRuntime } from '../../src/jobs/runtime.ts';
import { silentLog } from '../../src/log.ts';
import { openSimulatorClock } from '../../src/microsoft/index.ts';
import type { OperationObserver } from '../../src/model/outcome.ts';
import { ROUNDS } from './world.ts';

const HOUR = 3_600_000;
/** Read once: it is the same in each of the many lives. */
let catalogue: ReturnType<typeof loadCatalogue> | undefined;

/**
 * Days of the service in a few rounds, from wherever the last attempt stopped: what is done twice must not matter.
 * `observe` may throw to crash; it goes on throwing, as a dead process does nothing more.
 */
export async function runService(
  ready: SimulatorReady,
  folder: string,
  observe: OperationObserver,
): Promise<void> {
  const whole = simulatedConfig(ready, join(folder, 'crash.db'));
  // The firm without P1; the chaos test has the one with it. More of the same kinds would only make each run longer.
  const config = { ...whole, tenants: whole.tenants.slice(0, 1) };
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
    const detections = await (catalogue ??= loadCatalogue());
    // A service that starts does a round at once; the rounds whose time has passed are not done again.
    const started = clock.now();
    for (const at of [started, ...ROUNDS.filter((round) => round > started)]) {
      await clock.advanceTo(at);
      for (const tenant of config.tenants) await cycleTenant(runtime, detections, tenant, { force: true });
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
