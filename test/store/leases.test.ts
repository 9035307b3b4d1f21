import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { underDetectLease } from '../../src/jobs/lease.ts';
import type { Database } from '../../src/store/database.ts';
import { assertLease, moveCursor, readCursor, releaseLease, takeLease } from '../../src/store/leases.ts';
import { testDatabases, type TestDatabase } from './open.ts';

const A = { tenantId: 't', name: 'detect', holder: 'a/1/x' };
const B = { ...A, holder: 'b/1/x' };

describe.each(testDatabases())('a lease on $name', ({ open }) => {
  let opened: TestDatabase;
  let database: Database;
  beforeEach(async () => {
    opened = await open();
    database = opened.database;
  });
  afterEach(async () => {
    await opened.dispose();
  });

  it('is held by one, until it is given back or expires', async () => {
    expect(await takeLease(database.db, A, 100, 50)).toBe(true);
    expect(await takeLease(database.db, B, 120, 50)).toBe(false);
    expect(await takeLease(database.db, A, 120, 50)).toBe(true);
    expect(await takeLease(database.db, B, 169, 50)).toBe(false);
    expect(await takeLease(database.db, B, 170, 50)).toBe(true);
    await releaseLease(database.db, A);
    expect(await takeLease(database.db, A, 180, 50)).toBe(false);
    await releaseLease(database.db, B);
    expect(await takeLease(database.db, A, 180, 50)).toBe(true);
    expect(await takeLease(database.db, { ...B, tenantId: 'other' }, 180, 50)).toBe(true);
  });

  it('fails the transaction of whoever lost it', async () => {
    await takeLease(database.db, A, 100, 50);
    await database.transaction((tx) => assertLease(tx, A, 149));
    await expect(database.transaction((tx) => assertLease(tx, A, 150))).rejects.toThrow(/lease was lost/);
    await takeLease(database.db, B, 150, 50);
    await expect(database.transaction((tx) => assertLease(tx, A, 151))).rejects.toThrow(/lease was lost/);
  });

  it('is given back when the work fails, and taken over from a process that is dead', async () => {
    await expect(
      underDetectLease(database, 't', 100, () => Promise.reject(new Error('stop'))),
    ).rejects.toThrow('stop');
    expect(await underDetectLease(database, 't', 100, () => Promise.resolve(1))).toEqual({ done: 1 });
    // No process has this number: Linux ends at 4,194,304.
    await takeLease(database.db, { ...A, holder: `${hostname()}/9999999/x` }, 100, 1e6);
    expect(await underDetectLease(database, 't', 101, () => Promise.resolve(2))).toEqual({ done: 2 });
    await takeLease(database.db, { ...A, holder: `${hostname()}/${process.pid}/left-behind` }, 100, 1e6);
    expect(await underDetectLease(database, 't', 101, () => Promise.resolve(3))).toEqual({ done: 3 });
    await takeLease(database.db, { ...A, holder: `${hostname()}/${process.ppid}/alive` }, 100, 1e6);
    expect(await underDetectLease(database, 't', 101, () => Promise.resolve(4))).toBeNull();
  });

  it('lets one run in at a time', async () => {
    const inner = underDetectLease(database, 't', 100, () =>
      underDetectLease(database, 't', 100, () => Promise.resolve(1)),
    );
    expect(await inner).toEqual({ done: null });
  });

  it('guards a cursor that moves from where it was only', async () => {
    expect(await readCursor(database.db, 't')).toBe(0);
    await database.transaction((tx) => moveCursor(tx, 't', 0, 7));
    await expect(database.transaction((tx) => moveCursor(tx, 't', 0, 9))).rejects.toThrow(/no longer at 0/);
    expect(await readCursor(database.db, 't')).toBe(7);
  });
});
