import { expect, it } from 'vitest';
import { expectContent, expectNothingMissed } from '../large-tenant/assertions.ts';
import { runLargeTenant } from '../large-tenant/run.ts';

const MB = 1_000_000;
/** The goal (issue 5): a tenant of 5,000 users backfills 30 days below this. */
const MOST_RESIDENT = 300 * MB;
/** A simulator that holds more would say little about a machine on which both run. */
const MOST_OF_SIMULATOR = 1_500 * MB;

it('reads 30 days of 5,000 users in less than 300 MB and within the quotas', async () => {
  const run = await runLargeTenant({ users: 5_000, days: 30 });
  const { phases, counts, report, stored, simulatorPeak } = run;
  process.stdout.write(`${JSON.stringify({ phases, counts, report, stored, simulatorPeak }, null, 2)}\n`);
  expectNothingMissed(run);
  expectContent(run);
  expect(counts.objects.users).toBe(5_000);
  expect(counts.logs['interactiveUser']).toBeGreaterThan(180_000);
  expect(counts.logs['nonInteractiveUser']).toBeGreaterThan(300_000);
  expect(counts.logs['directoryAudits']).toBeGreaterThan(30_000);
  expect(phases.map(({ name }) => name)).toEqual(['backfill', 'detect', 'round', 'round']);
  expect(Math.max(...phases.map(({ peakResident }) => peakResident))).toBeLessThan(MOST_RESIDENT);
  expect(simulatorPeak).toBeLessThan(MOST_OF_SIMULATOR);
});
