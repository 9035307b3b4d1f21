import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  contentRead,
  forgetSubscription,
  pruneContent,
  saveContent,
  saveSubscription,
  subscriptionStart,
} from '../../src/store/audit-content.ts';
import { testDatabases, type TestDatabase } from './open.ts';

const TENANT = '70000000-0000-4000-8000-000000000001';
const OTHER = '70000000-0000-4000-8000-000000000002';

describe.each(testDatabases())('what was read of the audit log, on $name', ({ open }) => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await open();
  });
  afterEach(() => test.dispose());

  it('knows since when a source is gathered, until somebody stops it', async () => {
    const { database } = test;
    expect(await subscriptionStart(database.db, TENANT, 'audit-exchange')).toBeNull();
    await database.transaction((tx) => saveSubscription(tx, TENANT, 'audit-exchange', 1000));
    await database.transaction((tx) => saveSubscription(tx, TENANT, 'audit-general', 2000));
    expect(await subscriptionStart(database.db, TENANT, 'audit-exchange')).toBe(1000);
    expect(await subscriptionStart(database.db, OTHER, 'audit-exchange')).toBeNull();
    await database.transaction((tx) => forgetSubscription(tx, TENANT, 'audit-exchange'));
    expect(await subscriptionStart(database.db, TENANT, 'audit-exchange')).toBeNull();
    expect(await subscriptionStart(database.db, TENANT, 'audit-general')).toBe(2000);
  });

  it('remembers pieces by tenant and source, twice as once, and forgets the old', async () => {
    const { database } = test;
    const piece = (id: string, createdAt: number) => ({ id, createdAt, records: 3 });
    await database.transaction(async (tx) => {
      for (const at of [10, 20, 20]) await saveContent(tx, TENANT, 'audit-exchange', piece(`p${at}`, at), 99);
      await saveContent(tx, OTHER, 'audit-exchange', piece('p30', 30), 99);
    });
    const many = Array.from({ length: 1200 }, (_none, n) => `p${n}`);
    expect(await contentRead(database.db, TENANT, 'audit-exchange', many)).toEqual(new Set(['p10', 'p20']));
    expect(await contentRead(database.db, TENANT, 'audit-general', many)).toEqual(new Set());
    await database.transaction((tx) => pruneContent(tx, TENANT, 'audit-exchange', 20));
    expect(await contentRead(database.db, TENANT, 'audit-exchange', many)).toEqual(new Set(['p20']));
    expect(await contentRead(database.db, OTHER, 'audit-exchange', many)).toEqual(new Set(['p30']));
  });
});
