import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crashOnce, runCalm } from './crash.ts';
import { differences } from './facts.ts';
import { choosePoints } from './points.ts';
import { openWorld, type World } from './world.ts';

/** At least 12 of the 20 lie inside a transaction or between sending a mail and marking it. */
const POINTS = { inside: 12, sending: 3, outside: 5 };

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world?.end());

describe('the service, killed and started again', () => {
  it('ends as if nothing had happened, wherever it stopped', { timeout: 300_000 }, async () => {
    const calm = await runCalm(world);
    expect(calm.facts.events.length).toBeGreaterThan(1000);
    expect(calm.facts.alerts.length).toBeGreaterThan(4);
    expect(calm.facts.mails.length).toBeGreaterThan(1);
    expect(calm.facts.mails).toHaveLength(calm.facts.reports.length);
    const points = choosePoints(calm.operations, POINTS, 20261123);
    expect(points.filter((point) => point.where !== 'outside').length).toBeGreaterThanOrEqual(12);
    expect(points).toHaveLength(20);
    for (const point of points) {
      const crashed = await crashOnce(world, point);
      expect(crashed.died, `operation ${point.at} (${point.operation}) was reached`).toBe(true);
      expect(
        differences(calm.facts, crashed.facts),
        `after a crash ${point.where}, at ${point.operation} (${point.at})`,
      ).toEqual([]);
    }
  });
});
