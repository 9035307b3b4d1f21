import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  claimQuery,
  fallbackOf,
  planQueries,
  pruneQueries,
  queriesOf,
  queryInFlight,
  removeFallback,
  saveFallback,
  updateQuery,
} from '../../src/store/audit-queries.ts';
import { testDatabases, type TestDatabase } from './open.ts';

const A = 'aaaa0000-0000-4000-8000-000000000001';
const B = 'aaaa0000-0000-4000-8000-000000000002';
const QUERY = { kind: 'backlog', fromAt: 0, toAt: 100 };

describe.each(testDatabases())('searches of the audit log on $name', ({ open }) => {
  let opened: TestDatabase;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.dispose());

  it('run one at a time in a tenant, and what was planned keeps its failures', async () => {
    const { database } = opened;
    await database.transaction(async (tx) => {
      await planQueries(tx, A, [QUERY, { ...QUERY, fromAt: 50 }], 1);
      await planQueries(tx, A, [QUERY], 2);
      await updateQuery(tx, { tenant_id: A, id: 'backlog-0-100' }, { attempts: 3 });
      expect(await claimQuery(tx, A, QUERY, 5)).toBe(true);
      expect(await claimQuery(tx, A, { ...QUERY, kind: 'head' }, 6)).toBe(false);
      expect(await claimQuery(tx, B, QUERY, 6)).toBe(true);
    });
    expect(await queryInFlight(database.db, A)).toMatchObject({ status: 'asked', attempts: 3, asked_at: 5 });
    expect((await queriesOf(database.db, A)).map(({ id }) => id)).toEqual([
      'backlog-0-100',
      'backlog-50-100',
    ]);
    // The index holds whatever the program does.
    const second = { tenant_id: A, id: 'backlog-50-100' };
    await expect(
      database.transaction((tx) => updateQuery(tx, second, { status: 'reading' })),
    ).rejects.toThrow();
  });

  it('are forgotten when they have ended long enough ago', async () => {
    const { database } = opened;
    await database.transaction(async (tx) => {
      await claimQuery(tx, A, QUERY, 5);
      await updateQuery(tx, { tenant_id: A, id: 'backlog-0-100' }, { status: 'read', finished_at: 9 });
      await pruneQueries(tx, A, 9);
    });
    expect(await queriesOf(database.db, A)).toHaveLength(1);
    await database.transaction((tx) => pruneQueries(tx, A, 10));
    expect(await queriesOf(database.db, A)).toEqual([]);
  });

  it('stand in for a source since its first refusal', async () => {
    const { database } = opened;
    await database.transaction(async (tx) => {
      await saveFallback(tx, A, 'audit-exchange', 'no', 5);
      await saveFallback(tx, A, 'audit-exchange', 'still no', 9);
    });
    expect(await fallbackOf(database.db, A, 'audit-exchange')).toMatchObject({
      since_at: 5,
      tried_at: 9,
      reason: 'still no',
    });
    expect(await fallbackOf(database.db, A, 'audit-general')).toBeNull();
    await database.transaction((tx) => removeFallback(tx, A, 'audit-exchange'));
    expect(await fallbackOf(database.db, A, 'audit-exchange')).toBeNull();
  });
});
