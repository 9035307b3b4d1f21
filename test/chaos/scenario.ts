import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { systemClock } from '../../src/clock.ts';
import { simulatedConfig } from '../../src/commands/demo-config.ts';
import { spawnSimulator } from '../../src/commands/simulator-process.ts';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { openSimulatorClock } from '../../src/microsoft/index.ts';
import { openControl } from '../crash/control.ts';
import { happeningsOf } from './happenings.ts';
import type { Plan } from './plan.ts';
import { END, ROUNDS, Service, type Outcome } from './service.ts';

const DAYS = 4;
const SEED = 11;

/** A simulated Microsoft 365 that many runs share, each from its beginning. */
export interface World {
  /** The scenario under a plan, in a database of its own; `operations` gets the name of everything that is done. */
  run(plan: Plan, operations?: string[][]): Promise<Outcome>;
  end(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const root = mkdtempSync(join(tmpdir(), 'tenantwatch-chaos-'));
  const simulator = await spawnSimulator({
    seed: String(SEED),
    days: String(DAYS),
    now: new Date(END).toISOString(),
    clock: new Date(ROUNDS[0] ?? END).toISOString(),
    stderr: new PassThrough().resume(),
    time: systemClock,
  });
  const { ready } = simulator;
  const catalogue = await loadCatalogue();
  const happenings = happeningsOf({ seed: SEED, days: DAYS, to: END });
  const { tell, close } = openControl(ready);
  return {
    async run(plan, operations = []) {
      await tell('restart', 'POST', { to_ms: ROUNDS[0] ?? END });
      const folder = mkdtempSync(join(root, 'run-'));
      const whole = simulatedConfig(ready, join(folder, 'chaos.db'));
      // The licensed clinic, whose stories need every kind of source; a second tenant would only make each run longer.
      const config = { ...whole, tenants: whole.tenants.slice(2, 3) };
      const clock = await openSimulatorClock(ready.clock, config.caPem ?? '');
      try {
        const service = new Service({ config, catalogue, simulated: clock, tell, happenings, operations });
        return await service.run(plan, join(folder, 'chaos.db'));
      } finally {
        await clock.close();
        rmSync(folder, { recursive: true, force: true });
      }
    },
    async end() {
      await close();
      await simulator.stop();
      rmSync(root, { recursive: true, force: true });
      rmSync(dirname(ready.stories_file), { recursive: true, force: true });
    },
  };
}
