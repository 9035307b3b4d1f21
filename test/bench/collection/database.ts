import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from '../../../src/store/database.ts';
import { syncTenants } from '../../../src/store/tenants.ts';
import { START } from './trace.ts';

export const TENANT = {
  id: '11111111-1111-4111-8111-111111111111',
  name: 'Bench',
  cloud: 'global',
  hosts: { graph: 'https://g', authority: 'https://a', management: null, clock: null },
  credential: { type: 'secret', clientId: 'c', secret: 's' },
  timezone: 'UTC',
  allowedCountries: [],
  ownDomains: [],
  recipients: [],
} as const;

/** A real SQLite file with one tenant, for one replay. */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tenantwatch-collection-'));
  const database = await openDatabase(`sqlite:${join(folder, 'bench.db')}`, { now: START });
  try {
    await database.transaction((tx) => syncTenants(tx, [TENANT], 'env', START));
    return await work(database);
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
