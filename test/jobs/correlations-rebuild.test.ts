import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/detection/catalogue.ts';
import { MOST_HITS } from '../../src/detection/judge-group.ts';
import { detect } from '../../src/jobs/detect.ts';
import { listAlerts } from '../../src/store/alerts.ts';
import { saveCorrelationHits } from '../../src/store/correlation-hits.ts';
import { touchGroups } from '../../src/store/correlation-waits.ts';
import type { Database } from '../../src/store/database.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { failure, FILES, load, MAIN, MINUTE } from './correlation-world.ts';
import { germanTenant, HOUR, NOW, shipped, store } from './detect-world.ts';

const T = 'tenant-1';
const strict = await load(FILES.spray);
const lower = await load(FILES.lowerSpray);
const others = await shipped('SI-29');
const AT = NOW - 5 * HOUR;

describe.each(testDatabases())('correlations on $name', ({ name, open }) => {
  let opened: TestDatabase;
  let database: Database;
  beforeEach(async () => {
    opened = await open();
    database = opened.database;
    await germanTenant(database, T);
  });
  afterEach(async () => {
    await opened.dispose();
  });
  const run = (catalogue: Catalogue) => detect({ database, catalogue, tenantId: T, now: NOW });
  const alerts = () => listAlerts(database.db, { tenantId: T });
  const stored = (table: 'correlation_hit' | 'correlation_wait') =>
    database.db.selectFrom(table).select('correlation').execute();

  it('a changed correlation is made anew from stored events, as history', async () => {
    const records = [1, 2].map((index) => failure(`f${index}`, AT + index * MINUTE, index));
    await store(database, T, 'sign-ins', records);
    await run(strict);
    expect(await alerts()).toEqual([]);
    await run(lower);
    expect(await alerts()).toMatchObject([
      { subject: 'ip:198.51.100.7', historical: true, withdrawn: false },
    ]);
    expect(await stored('correlation_hit')).toEqual([{ correlation: MAIN }, { correlation: MAIN }]);
    await run(strict);
    expect(await alerts()).toMatchObject([{ withdrawn: true, state: 'open' }]);
    await store(database, T, 'sign-ins', [failure('f3', AT + 3 * MINUTE, 3)]);
    await run(strict);
    expect((await alerts()).filter((one) => !one.withdrawn)).toMatchObject([{ historical: false }]);
  });

  it('a new correlation looks back, and one that is taken away is forgotten', async () => {
    const records = [1, 2, 3].map((index) => failure(`f${index}`, AT + index * MINUTE, index));
    await store(database, T, 'sign-ins', records);
    await run(others);
    await run(strict);
    expect(await alerts()).toMatchObject([{ historical: true, words: { count: '3' } }]);
    await run({
      ...others,
      detections: [...others.detections].map((one) => ({ ...one, matchHash: 'other' })),
    });
    expect(await stored('correlation_hit')).toEqual([]);
  });

  it('what a rebuild that died has left does not count', async () => {
    await store(database, T, 'sign-ins', [failure('f1', AT, 1)]);
    await run(others);
    const left = await rowsOf(2);
    await database.transaction((tx) =>
      saveCorrelationHits(
        database,
        tx,
        left.map((row) => ({ ...row, correlation: `new:${MAIN}` })),
      ),
    );
    await run(strict);
    expect(await alerts()).toEqual([]);
    expect(await stored('correlation_hit')).toEqual([{ correlation: MAIN }]);
  });

  it.each(name === 'sqlite' ? [name] : [])(
    'a group that is too large is judged as far as it goes, and said to be',
    async () => {
      await store(database, T, 'sign-ins', [failure('f1', AT, 1)]);
      await run(strict);
      const rows = await rowsOf(MOST_HITS + 5);
      const [first] = rows;
      if (first === undefined) throw new Error('there are no rows');
      await database.transaction(async (tx) => {
        await saveCorrelationHits(database, tx, rows);
        const group = { correlation: MAIN, groupHash: first.group_hash };
        await touchGroups(tx, T, [{ ...group, from: AT, to: AT + MOST_HITS, went: false }]);
      });
      const { assessments } = await run(strict);
      expect(await alerts()).toMatchObject([{ occurrenceStart: AT }]);
      expect(assessments).toMatchObject([{ state: 'reduced' }]);
      expect(assessments[0]?.reason).toContain('too_many');
      expect(assessments[0]?.reason).toContain('20000');
    },
  );

  it('a record in more groups than one may be in says so', async () => {
    const byPolicy = FILES.spray.replace(
      'group-by: [ipAddress]',
      'group-by: [appliedConditionalAccessPolicies.id]',
    );
    const catalogue = await load(
      byPolicy.replace('ip:{ipAddress}', 'policy:{appliedConditionalAccessPolicies.id}'),
    );
    const policies = Array.from({ length: 101 }, (_, index) => ({ id: `policy-${index}` }));
    const changes = { appliedConditionalAccessPolicies: policies };
    await store(database, T, 'sign-ins', [failure('f1', AT, 1, changes)]);
    const { assessments } = await run(catalogue);
    expect(assessments).toMatchObject([
      { state: 'reduced', reason: expect.stringContaining('too_many') as string },
    ]);
    expect(await stored('correlation_hit')).toHaveLength(100);
  });

  /** Rows as a record of the same address makes them, one a millisecond. */
  async function rowsOf(count: number) {
    const one = {
      ...{ tenant_id: T, correlation: MAIN, rule: '00000000-0000-4000-8000-0000000000b1', ordinal: 0 },
      ...{ feed: 'sign-ins', native_id: '', origin_rank: 2, act: '', words: '{}' },
      ...{ group_hash: '', group_values: '["198.51.100.7"]' },
    };
    const [known] = await database.db.selectFrom('correlation_hit').select('group_hash').execute();
    return Array.from({ length: count }, (_, index) => ({
      ...one,
      group_hash: known?.group_hash ?? 'x',
      canonical_id: `row-${String(index).padStart(6, '0')}`,
      occurred_at: AT + index,
      counted: JSON.stringify([[`p${index % 50}`], [], null]),
    }));
  }
});
