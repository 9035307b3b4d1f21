import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { systemClock } from '../../src/clock.ts';
import { spawnSimulator, type SimulatorReady } from '../../src/commands/simulator-process.ts';
import { openControl } from './control.ts';

const HOUR = 3_600_000;
const END = Date.UTC(2026, 10, 23, 6, 30);
/**
 * The instants of a scenario: amid the stories, when the weekly report is due, and a day later, when nothing is still on
 * its way: what is readable at an instant would otherwise depend on the seconds that a crash costs.
 */
export const ROUNDS = [END - 74 * HOUR, END, END + 24 * HOUR];

/** A simulated world for many lives of the service, each from its beginning and with a database of its own. */
export interface World {
  readonly ready: SimulatorReady;
  /** Puts the world back to its beginning, takes the mails of the last life away and gives a new folder. */
  begin(): Promise<string>;
  end(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const root = mkdtempSync(join(tmpdir(), 'tenantwatch-crash-'));
  const simulator = await spawnSimulator({
    seed: '11',
    days: '5',
    now: new Date(END).toISOString(),
    clock: new Date(ROUNDS[0] ?? END).toISOString(),
    stderr: new PassThrough().resume(),
    time: systemClock,
  });
  const { ready } = simulator;
  const control = openControl(ready);
  return {
    ready,
    async begin() {
      await control.tell('restart', 'POST', { to_ms: ROUNDS[0] ?? END });
      const mails = join(dirname(ready.stories_file), 'mails');
      for (const file of readdirSync(mails)) rmSync(join(mails, file));
      return mkdtempSync(join(root, 'life-'));
    },
    async end() {
      await control.close();
      await simulator.stop();
      rmSync(root, { recursive: true, force: true });
      rmSync(dirname(ready.stories_file), { recursive: true, force: true });
    },
  };
}
