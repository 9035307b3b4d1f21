import { describe, expect, it } from 'vitest';
import { expectNothingMissed } from './assertions.ts';
import { runLargeTenant, type LargeRun } from './run.ts';

const FLAGS = ['--expose-gc'];
const MIB = 2 ** 20;

/** A page of 1,000 records with what is made of it is alive at a time, whatever the number of pages. */
const MAY_DIFFER = 12 * MIB;

function peakLive(run: LargeRun): number {
  return Math.max(...run.phases.map((phase) => phase.peakLive));
}

describe('a tenant of hundreds of users', () => {
  it('is read whole, within the quotas, in memory that does not grow with its records', async () => {
    const small = await runLargeTenant({ users: 60, days: 3, flags: FLAGS });
    const large = await runLargeTenant({ users: 250, days: 8, flags: FLAGS });
    expectNothingMissed(small);
    expectNothingMissed(large);
    const records = (run: LargeRun) => Object.values(run.counts.logs).reduce((sum, count) => sum + count, 0);
    // Held, the others would be 32 MB of text alone: 4 KB each.
    expect(records(large)).toBeGreaterThan(records(small) + 8_000);
    expect(peakLive(small)).toBeGreaterThan(0);
    expect(peakLive(large) - peakLive(small)).toBeLessThan(MAY_DIFFER);
  }, 120_000);
});
