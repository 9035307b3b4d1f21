import { readFacts, type Facts } from './facts.ts';
import type { CrashPoint } from './points.ts';
import { runService } from './scenario.ts';
import type { World } from './world.ts';

class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

export interface CalmRun {
  readonly operations: readonly string[];
  readonly facts: Facts;
}

/** The scenario undisturbed, with the list of its operations. */
export async function runCalm(world: World): Promise<CalmRun> {
  const folder = await world.begin();
  const operations: string[] = [];
  await runService(world.ready, folder, (operation) => operations.push(operation));
  return { operations, facts: readFacts(world.ready, folder) };
}

/** The scenario with a death at one operation, then run again to its end. */
export async function crashOnce(world: World, point: CrashPoint): Promise<{ died: boolean; facts: Facts }> {
  const folder = await world.begin();
  let count = 0;
  const dying = (): void => {
    count += 1;
    if (count >= point.at) throw new SimulatedCrash(`operation ${point.at}`);
  };
  const died = await runService(world.ready, folder, dying).then(
    () => false,
    () => count >= point.at,
  );
  await runService(world.ready, folder, () => undefined);
  return { died, facts: readFacts(world.ready, folder) };
}
