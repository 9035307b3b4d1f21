import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/detection/catalogue.ts';
import { detect } from '../../src/jobs/detect.ts';
import { listAlerts } from '../../src/store/alerts.ts';
import type { Database } from '../../src/store/database.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { cover, failure, FILES, load, MINUTE, person } from './correlation-world.ts';
import { DAY, germanTenant, HOUR, NOW, signIn, store } from './detect-world.ts';

const catalogues: Readonly<Record<string, Catalogue>> = {
  value_count: await load(FILES.spray),
  'temporal_ordered over value_count': await load(FILES.sprayThenSuccess),
  'a condition with not': await load(FILES.unresolved),
  new_terms: await load(FILES.newCountry),
  impossible_travel: await load(FILES.travel),
};

const place = (country: string, latitude: number, longitude: number) => ({
  location: { countryOrRegion: country, geoCoordinates: { latitude, longitude } },
});
const BERLIN = place('DE', 52.5, 13.4);
const LAGOS = place('NG', 6.5, 3.4);

/** Two sprays of which one succeeds, people at home and abroad, a failure that nothing follows. */
const RECORDS = [
  ...[1, 2, 3, 4].map((index) => failure(`a${index}`, NOW - 3 * DAY + index * 6 * MINUTE, index)),
  ...[1, 2, 3].map((index) => failure(`b${index}`, NOW - 3 * DAY + (40 + index) * MINUTE, index)),
  ...[1, 2].map((index) => failure(`c${index}`, NOW - 2 * DAY + index * MINUTE, index)),
  signIn('in', NOW - 3 * DAY + HOUR, { ...LAGOS, userId: person(3) }),
  ...[20, 12, 5].map((days) => signIn(`h${days}`, NOW - days * DAY, BERLIN)),
  signIn('n1', NOW - 5 * DAY + HOUR, LAGOS),
  signIn('n2', NOW - 5 * DAY + 90 * MINUTE, LAGOS),
  signIn('n3', NOW - DAY, LAGOS),
];

/** Everything of an alert that has to be the same, its evidence and words too. */
async function facts(database: Database, tenantId: string): Promise<string[]> {
  const alerts = await listAlerts(database.db, { tenantId });
  return alerts
    .filter((one) => !one.withdrawn && one.mergedInto === null)
    .map(({ subject, cause, occurrenceStart, lastEventAt, words, evidence }) => {
      const records = evidence.filter((one) => !one.withdrawn).map((one) => one.nativeId);
      return JSON.stringify([subject, cause, occurrenceStart, lastEventAt, words, records.sort()]);
    })
    .sort();
}

describe.each(testDatabases())('correlations on $name', ({ name, open }) => {
  let opened: TestDatabase;
  let database: Database;
  let fail = Infinity;
  let operations = 0;
  beforeEach(async () => {
    fail = Infinity;
    opened = await open({
      observe: (operation) => {
        operations += 1;
        if (operations >= fail) throw new Error(`crash at ${operation}`);
      },
    });
    database = opened.database;
  });
  afterEach(async () => {
    fail = Infinity;
    await opened.dispose();
  });

  async function undisturbed(catalogue: Catalogue): Promise<string[]> {
    await germanTenant(database, 'plain');
    await store(database, 'plain', 'sign-ins', RECORDS);
    await cover(database, 'plain');
    await detect({ database, catalogue, tenantId: 'plain', now: NOW });
    return facts(database, 'plain');
  }

  it.each(Object.entries(catalogues))(
    '%s ends in the same alerts whatever the order, the batches and the repetitions',
    async (_, catalogue) => {
      const expected = await undisturbed(catalogue);
      expect(expected.length).toBeGreaterThan(0);
      let count = 0;
      const order = fc.shuffledSubarray([...RECORDS.keys(), 0, 3, 8, 9], { minLength: RECORDS.length + 4 });
      const property = fc.asyncProperty(
        order,
        fc.array(fc.nat(RECORDS.length), { maxLength: 3 }),
        fc.integer({ min: 1, max: 7 }),
        async (all, pauses, batch) => {
          const tenantId = `shuffled-${count++}`;
          await germanTenant(database, tenantId);
          // Before the end only part of the time was read, as far as anybody knows.
          await cover(database, tenantId, [[NOW - 90 * DAY, NOW - 4 * DAY]]);
          for (const [step, index] of all.entries()) {
            const record = RECORDS[index];
            if (record !== undefined) await store(database, tenantId, 'sign-ins', [record]);
            if (pauses.includes(step)) await detect({ database, catalogue, tenantId, now: NOW, batch });
          }
          await cover(database, tenantId);
          await detect({ database, catalogue, tenantId, now: NOW, batch });
          expect(await facts(database, tenantId)).toEqual(expected);
        },
      );
      await fc.assert(property, { seed: 20261117, numRuns: name === 'sqlite' ? 12 : 2 });
    },
  );

  // Two hundred runs; PGlite would need minutes for them.
  it.each(name === 'pglite' ? [] : Object.entries(catalogues).slice(1, 4))(
    '%s ends in the same alerts after a crash at any operation',
    async (_, catalogue) => {
      const expected = await undisturbed(catalogue);
      let crashes = 0;
      for (let at = 1; ; at += name === 'sqlite' ? 7 : 25) {
        const tenantId = `crash-${at}`;
        await germanTenant(database, tenantId);
        await store(database, tenantId, 'sign-ins', RECORDS);
        await cover(database, tenantId);
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
        expect(await facts(database, tenantId), `crash at operation ${at}`).toEqual(expected);
        if (!reached) break;
        crashes += crashed ? 1 : 0;
      }
      expect(crashes).toBeGreaterThan(3);
    },
  );
});
