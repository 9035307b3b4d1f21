import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/model/event.ts';
import type { TenantConfig } from '../../src/model/tenant.ts';
import { countEvents, eventsAfter, ingestEvents } from '../../src/store/events.ts';
import { syncTenants } from '../../src/store/tenants.ts';
import { testDatabases, type TestDatabase } from './open.ts';

const NOW = Date.UTC(2026, 10, 17, 9);
const A = '11111111-1111-4111-8111-111111111111';
const B = '22222222-2222-4222-8222-222222222222';

function tenant(id: string): TenantConfig {
  return {
    id,
    name: `Tenant ${id.slice(0, 1)}`,
    cloud: 'custom',
    hosts: { graph: 'https://localhost', authority: 'https://localhost', management: null, clock: null },
    credential: { type: 'secret', clientId: id, secret: 'x' },
    timezone: 'Europe/Berlin',
    allowedCountries: ['DE'],
    ownDomains: ['muster.example'],
    recipients: [],
  };
}

function record(nativeId: string, over: Partial<EventRecord> = {}): EventRecord {
  return {
    feed: 'sign-ins',
    nativeId,
    canonicalId: nativeId,
    occurredAt: NOW,
    origin: 'sign-ins/beta',
    contentHash: 'h1',
    activity: 'sign-in',
    outcome: 'success',
    actorId: null,
    userId: 'u1',
    ip: '203.0.113.7',
    appId: null,
    country: 'DE',
    rawText: JSON.stringify({ id: nativeId }),
    ...over,
  };
}

describe.each(testDatabases())('events on $name', ({ open }) => {
  let opened: TestDatabase;
  beforeAll(async () => {
    opened = await open();
    await opened.database.transaction((tx) => syncTenants(tx, [tenant(A), tenant(B)], 'env', NOW));
  });
  afterAll(() => opened?.dispose());

  async function ingest(tenantId: string, records: EventRecord[], readStartedAt: number) {
    const { database } = opened;
    return database.transaction((tx) =>
      ingestEvents(database, tx, { tenantId, records, readStartedAt, now: NOW }),
    );
  }

  it('stores a record once however often it is read', async () => {
    expect(await ingest(A, [record('one'), record('two'), record('one')], NOW)).toEqual({
      added: 2,
      changed: 0,
    });
    expect(await ingest(A, [record('two'), record('one')], NOW + 1)).toEqual({ added: 0, changed: 0 });
    expect(await countEvents(opened.database.db, A)).toEqual([{ feed: 'sign-ins', count: 2, newest: NOW }]);
  });

  it('makes a revision with a new ingest number when the content changed', async () => {
    const before = await eventsAfter(opened.database, opened.database.db, A, 0, 10);
    const later = record('one', { contentHash: 'h2', occurredAt: NOW + 5000, outcome: 'failure' });
    expect(await ingest(A, [later], NOW + 2)).toEqual({ added: 0, changed: 1 });
    const after = await eventsAfter(
      opened.database,
      opened.database.db,
      A,
      before.at(-1)?.ingestSeq ?? 0,
      10,
    );
    expect(after.map((event) => [event.nativeId, event.revision, event.outcome])).toEqual([
      ['one', 2, 'failure'],
    ]);
    // The event time never changes after first sight.
    expect(after[0]?.occurredAt).toBe(NOW);
  });

  it('never lets an older read overwrite a newer one', async () => {
    expect(await ingest(A, [record('one', { contentHash: 'h0' })], NOW + 1)).toEqual({
      added: 0,
      changed: 0,
    });
  });

  it('numbers each tenant on its own and keeps tenants apart', async () => {
    await ingest(B, [record('one')], NOW);
    const events = await eventsAfter(opened.database, opened.database.db, B, 0, 10);
    expect(events.map((event) => [event.tenantId, event.ingestSeq])).toEqual([[B, 1]]);
  });

  it('stores nothing of a page whose transaction fails', async () => {
    const { database } = opened;
    const failing = database.transaction(async (tx) => {
      await ingestEvents(database, tx, {
        tenantId: B,
        records: [record('lost')],
        readStartedAt: NOW,
        now: NOW,
      });
      throw new Error('the machine stopped');
    });
    await expect(failing).rejects.toThrow('the machine stopped');
    expect((await countEvents(database.db, B))[0]?.count).toBe(1);
    await ingest(B, [record('next')], NOW);
    expect((await eventsAfter(database, database.db, B, 1, 10)).map((event) => event.ingestSeq)).toEqual([2]);
  });

  it('refuses a tenant that has no row', async () => {
    await expect(ingest('33333333-3333-4333-8333-333333333333', [record('x')], NOW)).rejects.toThrow(
      'enrol it first',
    );
  });

  it('stores a page of more records than one statement may hold', async () => {
    const many = Array.from({ length: 1203 }, (_, index) => record(`bulk ${index}`));
    expect(await ingest(B, many, NOW)).toEqual({ added: 1203, changed: 0 });
    expect(await ingest(B, many, NOW + 1)).toEqual({ added: 0, changed: 0 });
  });
});
