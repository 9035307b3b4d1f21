import { afterEach, describe, expect, it } from 'vitest';
import { testDatabases, type TestDatabase } from './open.ts';

describe.each(testDatabases())('a test database on $name', ({ open }) => {
  let opened: TestDatabase | undefined;
  afterEach(async () => {
    await opened?.dispose();
  });

  it.each(['first', 'second'])('is empty and migrated for the %s test', async (tenant) => {
    opened = await open();
    const { db } = opened.database;
    expect(await db.selectFrom('lease').selectAll().execute()).toEqual([]);
    await db
      .insertInto('lease')
      .values({ tenant_id: tenant, name: 'x', holder: 'h', expires_at: 1_800_000_000_000 })
      .execute();
    const [a, b] = await Promise.all([
      db.selectFrom('lease').selectAll().execute(),
      db.selectFrom('lease').select('holder').where('expires_at', '>', 5).execute(),
    ]);
    expect(a).toEqual([{ tenant_id: tenant, name: 'x', holder: 'h', expires_at: 1_800_000_000_000 }]);
    expect(b).toEqual([{ holder: 'h' }]);
  });

  it('rolls a failed transaction back', async () => {
    opened = await open();
    const { database } = opened;
    const work = database.transaction(async (tx) => {
      await tx
        .insertInto('lease')
        .values({ tenant_id: 't', name: 'x', holder: 'h', expires_at: 1 })
        .execute();
      throw new Error('stop');
    });
    await expect(work).rejects.toThrow('stop');
    expect(await database.db.selectFrom('lease').selectAll().execute()).toEqual([]);
  });
});
