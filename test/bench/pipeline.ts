import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { detect } from '../../src/jobs/detect.ts';
import type { TenantConfig } from '../../src/model/tenant.ts';
import { logSources } from '../../src/records/index.ts';
import { generateWorld } from '../../src/simulator/generate/index.ts';
import { openDatabase } from '../../src/store/database.ts';
import { ingestEvents } from '../../src/store/events.ts';
import { enrol, syncTenants } from '../../src/store/tenants.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const NOW = Date.UTC(2026, 10, 23, 6, 30);
const PAGE = 1000;

/** Pages of 1,000 sign-ins as Graph sends them, made from a simulated month, each record with an id of its own. */
export function signInPages(count: number): string[] {
  const world = generateWorld({ seed: 1, days: 30, to: NOW });
  const records = world.tenants.flatMap((tenant) => tenant.signIns.map((item) => item.record));
  const pages: string[] = [];
  for (let at = 0; at < count; at += PAGE) {
    const value = Array.from({ length: Math.min(PAGE, count - at) }, (_, index) => {
      const number = at + index;
      const record = records[number % records.length] as Record<string, unknown>;
      return { ...record, id: `${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000` };
    });
    pages.push(
      JSON.stringify({
        '@odata.context': 'https://graph.microsoft.com/beta/$metadata#auditLogs/signIns',
        value,
      }),
    );
  }
  return pages;
}

/**
 * The limit: what nobody can avoid. JSON.parse of the pages and an insert of each record, its text and nine columns
 * under five indexes, in one transaction a page, with the same settings of SQLite. ms.
 */
export function runLimit(pages: readonly string[]): number {
  return inFolder((folder) => {
    const db = new BetterSqlite3(join(folder, 'limit.db'));
    for (const pragma of ['page_size = 16384', 'journal_mode = WAL', 'synchronous = NORMAL'])
      db.pragma(pragma);
    db.exec(`CREATE TABLE event (tenant TEXT, feed TEXT, id TEXT, at INTEGER, canonical TEXT, user TEXT, app TEXT, ip TEXT,
      seq INTEGER, raw TEXT, PRIMARY KEY (tenant, feed, id, at)) STRICT;
      CREATE UNIQUE INDEX e1 ON event (tenant, seq); CREATE INDEX e2 ON event (tenant, canonical);
      CREATE INDEX e3 ON event (tenant, user, at); CREATE INDEX e4 ON event (tenant, feed, at);`);
    const insert = db.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    let seq = 0;
    const store = db.transaction((records: Record<string, string>[]) => {
      for (const record of records) {
        const at = Date.parse(String(record['createdDateTime']));
        const { id, userId, appId, ipAddress } = record;
        insert.run(TENANT, 'sign-ins', id, at, id, userId, appId, ipAddress, seq++, JSON.stringify(record));
      }
    });
    const start = performance.now();
    for (const page of pages) store((JSON.parse(page) as { value: Record<string, string>[] }).value);
    const ms = performance.now() - start;
    db.close();
    return ms;
  });
}

export interface PipelineTimes {
  readonly parse: number;
  readonly store: number;
  readonly detect: number;
}

/** Ours: parse through records/, store with ledger numbers and hashes, detect with the shipped pack. ms each. */
export async function runPipeline(pages: readonly string[]): Promise<PipelineTimes> {
  return inFolder(async (folder) => {
    const database = await openDatabase(`sqlite:${join(folder, 'pipeline.db')}`, { now: NOW });
    await database.transaction(async (tx) => {
      await syncTenants(tx, [tenant], 'env', NOW);
      await enrol(tx, TENANT, NOW);
    });
    const catalogue = await loadCatalogue();
    const source = logSources.get('sign-ins');
    if (source === undefined) throw new Error('bench: no sign-ins');
    const times = { parse: 0, store: 0, detect: 0 };
    for (const page of pages) {
      const start = performance.now();
      const records = (JSON.parse(page) as { value: unknown[] }).value.map((raw) => {
        const parsed = source.parse(raw, 'beta');
        if (!parsed.ok) throw new Error(`bench: ${parsed.reason}`);
        return parsed.value;
      });
      const parsed = performance.now();
      await database.transaction((tx) =>
        ingestEvents(database, tx, { tenantId: TENANT, records, readStartedAt: NOW, now: NOW }),
      );
      times.parse += parsed - start;
      times.store += performance.now() - parsed;
    }
    const start = performance.now();
    await detect({ database, catalogue, tenantId: TENANT, now: NOW });
    times.detect = performance.now() - start;
    await database.close();
    return times;
  });
}

const tenant: TenantConfig = {
  id: TENANT,
  name: 'Bench',
  cloud: 'custom',
  hosts: { graph: 'https://localhost', authority: 'https://localhost', management: null, clock: null },
  credential: { type: 'secret', clientId: TENANT, secret: 'none' },
  timezone: 'Europe/Berlin',
  allowedCountries: ['DE', 'AT', 'CH'],
  ownDomains: [],
  recipients: [],
};

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tenantwatch-bench-'));
  const clean = (): void => rmSync(folder, { recursive: true, force: true });
  const result = work(folder);
  if (result instanceof Promise) return result.finally(clean) as T;
  clean();
  return result;
}
