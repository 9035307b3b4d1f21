import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detect } from '../../src/jobs/detect.ts';
import type { Database } from '../../src/store/database.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import {
  DAY,
  germanTenant,
  HOUR,
  identities,
  NOW,
  roleAudit,
  shipped,
  signIn,
  store,
} from './detect-world.ts';

const catalogue = await shipped('SI-02', 'SI-29', 'RL-01', 'RL-02');

/** Two weeks of two people abroad, with gaps on both sides of rearm, and a role that comes and goes. */
const RECORDS = [
  ...[0, 3, 20, 50, 51, 80, 200].map(
    (hours, index) => ['sign-ins', signIn(`s${index}`, NOW - 14 * DAY + hours * HOUR)] as const,
  ),
  ...[0, 30].map(
    (hours, index) =>
      [
        'sign-ins',
        signIn(`i${index}`, NOW - 10 * DAY + hours * HOUR, {
          clientAppUsed: 'IMAP4',
          location: { countryOrRegion: 'DE' },
        }),
      ] as const,
  ),
  ['directory-audits', roleAudit('a1', NOW - 9 * DAY, 'Add member to role')] as const,
  ['directory-audits', roleAudit('a2', NOW - 9 * DAY + HOUR, 'Add member to role')] as const,
  ['directory-audits', roleAudit('a3', NOW - 9 * DAY + 2 * HOUR, 'Remove member from role')] as const,
  ['directory-audits', roleAudit('a4', NOW - 9 * DAY + 3 * HOUR, 'Add member to role')] as const,
];

const [sqlite] = testDatabases();
if (sqlite === undefined) throw new Error('there is no SQLite to test on');

describe('alerts', () => {
  let opened: TestDatabase;
  let database: Database;
  let fail = Infinity;
  let operations = 0;
  beforeEach(async () => {
    fail = Infinity;
    opened = await sqlite.open({
      observe: (operation) => {
        operations += 1;
        if (operations === fail) throw new Error(`crash at ${operation}`);
      },
    });
    database = opened.database;
  });
  afterEach(async () => {
    fail = Infinity;
    await opened.dispose();
  });

  async function undisturbed(): Promise<string[]> {
    await germanTenant(database, 'plain');
    for (const [feed, raw] of RECORDS) await store(database, 'plain', feed, [raw]);
    await detect({ database, catalogue, tenantId: 'plain', now: NOW });
    return identities(database, 'plain');
  }

  it('are the same whatever the order, the batches and the repetitions in which records arrive', async () => {
    const expected = await undisturbed();
    expect(expected).toHaveLength(7);
    let count = 0;
    const order = fc.shuffledSubarray(
      [...RECORDS, ...RECORDS.slice(0, 6)].map((_, index) => index),
      {
        minLength: RECORDS.length + 6,
      },
    );
    const property = fc.asyncProperty(
      order,
      fc.array(fc.nat(RECORDS.length + 6), { maxLength: 4 }),
      async (all, pauses) => {
        const tenantId = `shuffled-${count++}`;
        await germanTenant(database, tenantId);
        for (const [step, index] of all.entries()) {
          const [feed, raw] = RECORDS[index % RECORDS.length] ?? RECORDS[0] ?? [];
          if (feed === undefined || raw === undefined) continue;
          await store(database, tenantId, feed, [raw]);
          if (pauses.includes(step)) await detect({ database, catalogue, tenantId, now: NOW, batch: 2 });
        }
        await detect({ database, catalogue, tenantId, now: NOW, batch: 3 });
        expect(await identities(database, tenantId)).toEqual(expected);
      },
    );
    await fc.assert(property, { seed: 20261117, numRuns: 25 });
  });

  it('are the same after a crash at any operation and a restart', async () => {
    const expected = await undisturbed();
    let crashes = 0;
    for (let at = 1; ; at += 3) {
      const tenantId = `crash-${at}`;
      await germanTenant(database, tenantId);
      for (const [feed, raw] of RECORDS) await store(database, tenantId, feed, [raw]);
      const run = () => detect({ database, catalogue, tenantId, now: NOW, batch: 5 });
      operations = 0;
      fail = at;
      const crashed = await run().then(
        () => false,
        () => true,
      );
      const reached = operations >= at;
      fail = Infinity;
      await run();
      expect(await identities(database, tenantId), `crash at operation ${at}`).toEqual(expected);
      if (!reached) break;
      crashes += crashed ? 1 : 0;
    }
    expect(crashes).toBeGreaterThan(20);
  });
});
