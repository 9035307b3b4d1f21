import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Database } from '../store/database.ts';
import { leaseHolder, releaseLease, takeLease, type LeaseKey } from '../store/leases.ts';

/** Longer than any batch takes; who still holds it then has died on another machine. */
const LEASE_MS = 5 * 60_000;

/** Holders of this process that are at work. A lease of ours that is not in it was left behind by a failure. */
const atWork = new Set<string>();

/**
 * Runs `work` under the lease that every writer of hits, alerts and incidents of a tenant takes; null when another run
 * holds it. A lease whose process has died on this machine is taken over at once, so that a restart loses no time.
 */
export async function underDetectLease<T>(
  database: Database,
  tenantId: string,
  now: number,
  work: (lease: LeaseKey) => Promise<T>,
): Promise<{ readonly done: T } | null> {
  const holder = `${hostname()}/${process.pid}/${randomUUID()}`;
  const key = { tenantId, name: 'detect', holder };
  if (!(await acquire(database, key, now))) return null;
  atWork.add(holder);
  try {
    return { done: await work(key) };
  } finally {
    atWork.delete(holder);
    await releaseLease(database.db, key);
  }
}

async function acquire(database: Database, key: LeaseKey, now: number): Promise<boolean> {
  if (await takeLease(database.db, key, now, LEASE_MS)) return true;
  const other = await leaseHolder(database.db, key);
  if (other === null || !isDead(other)) return false;
  return takeLease(database.db, key, now, LEASE_MS, other);
}

function isDead(holder: string): boolean {
  const [host, pid] = holder.split('/');
  if (host !== hostname() || pid === undefined) return false;
  if (Number(pid) === process.pid) return !atWork.has(holder);
  try {
    process.kill(Number(pid), 0); // signal 0 only asks whether the process is there
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
