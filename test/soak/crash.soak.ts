import { expect, it } from 'vitest';
import { crashOnce, runCalm } from '../crash/crash.ts';
import { differences } from '../crash/facts.ts';
import { choosePoints } from '../crash/points.ts';
import { openWorld } from '../crash/world.ts';

it('ends as if nothing had happened after 500 crashes', async () => {
  const world = await openWorld();
  const calm = await runCalm(world);
  const points = choosePoints(
    calm.operations,
    { inside: 380, sending: 20, outside: 100 },
    Number(process.env['SEED'] ?? 1),
  );
  for (const [index, point] of points.entries()) {
    const crashed = await crashOnce(world, point);
    expect(
      differences(calm.facts, crashed.facts),
      `crash ${index + 1}: ${point.where}, ${point.operation} (${point.at})`,
    ).toEqual([]);
  }
  await world.end();
});
