import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCalm } from './crash.ts';
import { differences, readFacts } from './facts.ts';
import { choosePoints } from './points.ts';
import { runService } from './scenario.ts';
import { openWorld, type World } from './world.ts';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world?.end());

describe('the process, killed with SIGKILL', () => {
  it(
    'leaves a database from which the next one ends as if nothing had happened',
    { timeout: 300_000 },
    async () => {
      const calm = await runCalm(world);
      const points = choosePoints(calm.operations, { inside: 4, sending: 1, outside: 0 }, 5);
      expect(points).toHaveLength(5);
      for (const point of points) {
        const folder = await world.begin();
        expect(await killedAt(folder, point.at), `operation ${point.at}`).toBe('SIGKILL');
        await runService(world.ready, folder, () => undefined);
        const facts = readFacts(world.ready, folder);
        expect(differences(calm.facts, facts), `killed at ${point.operation} (${point.at})`).toEqual([]);
      }
    },
  );
});

/** Runs the service in a process of its own that kills itself at the n-th operation; resolves with the signal. */
async function killedAt(folder: string, at: number): Promise<string | null> {
  const job = JSON.stringify({ ready: world.ready, folder, at });
  const child = spawn(process.execPath, [CHILD, job], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal;
}
