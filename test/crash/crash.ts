import { readFacts, type Facts } from './facts.ts';
import type { CrashPoint } from './points.ts';
import { openWorld, runService } from './scenario.ts';

class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

export interface CalmRun {
  readonly operations: readonly string[];
  readonly facts: Facts;
}

/** The scenario undisturbed, with the list of its operations. */
export async function runCalm(): Promise<CalmRun> {
  const world = await openWorld();
  try {
    const operations: string[] = [];
    await runService(world.simulator.ready, world.folder, (operation) => operations.push(operation));
    return { operations, facts: readFacts(world.simulator.ready, world.folder) };
  } finally {
    await world.end();
  }
}

/** The scenario with a death at one operation, then run again to its end. */
export async function crashOnce(point: CrashPoint): Promise<{ died: boolean; facts: Facts }> {
  const world = await openWorld();
  try {
    let count = 0;
    const dying = (): void => {
      count += 1;
      if (count >= point.at) throw new SimulatedCrash(`operation ${point.at}`);
    };
    const died = await runService(world.simulator.ready, world.folder, dying).then(
      () => false,
      () => count >= point.at,
    );
    await runService(world.simulator.ready, world.folder, () => undefined);
    return { died, facts: readFacts(world.simulator.ready, world.folder) };
  } finally {
    await world.end();
  }
}
