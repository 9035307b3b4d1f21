import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadCatalogue, type Catalogue } from '../../src/detection/catalogue.ts';
import { cycleTenant } from '../../src/jobs/cycle.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import { DAY, END, startSimulated, type Simulated } from './simulated.ts';

/** Every table that holds what is known about a tenant; the others hold how it was read, sent and leased. */
const FACTS = [
  'tenant',
  'setting',
  'event',
  'event_block',
  'rejected_record',
  'entity',
  'entity_version',
  'user_account',
  'user_licence',
  'sign_in_activity',
  'role_assignment',
  'group_member',
  'subscribed_sku',
  'own_domain',
  'inbox_rule',
  'rule_action',
  'detection_version',
  'hit',
  'term',
  'alert',
  'alert_evidence',
  'report',
  'outbox',
] as const;

interface Known {
  readonly counts: Readonly<Record<string, number>>;
  readonly events: readonly string[];
  readonly versions: readonly string[];
  readonly hits: readonly string[];
  readonly alerts: readonly string[];
  readonly evidence: readonly string[];
}

let simulated: Simulated;
let runtime: Runtime;
let catalogue: Catalogue;

beforeAll(async () => {
  simulated = await startSimulated(7 * DAY);
  catalogue = await loadCatalogue();
  const config = simulated.config([simulated.licensed, simulated.free], simulated.folder());
  runtime = await simulated.open(config);
  // The last one a day after the end of the data, when nothing is still on its way.
  for (const at of [END - 7 * DAY, END - 3 * DAY, END + DAY]) {
    await runtime.clock.sleep(Math.max(0, at - runtime.clock.now()));
    await cycle();
  }
});

afterAll(async () => {
  await runtime?.close();
  await simulated?.stop();
});

async function cycle(options: { full?: boolean } = {}): Promise<{ read: number; changed: number }> {
  const sum = { read: 0, changed: 0 };
  for (const tenant of runtime.config.tenants) {
    const { sources } = await cycleTenant(runtime, catalogue, tenant, options);
    expect(sources.filter((source) => source.outcome.status === 'failed')).toEqual([]);
    for (const { counts } of sources) {
      sum.read += counts.read;
      sum.changed += counts.added + counts.changed;
    }
  }
  return sum;
}

async function known(): Promise<Known> {
  const { db } = runtime.database;
  const counts: Record<string, number> = {};
  for (const table of FACTS) {
    const row = await db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    counts[table] = Number(row.count);
  }
  const events = await db
    .selectFrom('event')
    .select(['tenant_id', 'feed', 'native_id', 'occurred_at', 'content_hash', 'revision', 'ingest_seq'])
    .execute();
  const versions = await db.selectFrom('entity_version').selectAll().execute();
  const hits = await db
    .selectFrom('hit')
    .select(['tenant_id', 'detection_id', 'subject', 'cause', 'feed', 'native_id', 'from_at', 'status'])
    .execute();
  const alerts = await db
    .selectFrom('alert')
    .select([
      'tenant_id',
      'id',
      'detection_id',
      'subject',
      'cause',
      'occurrence_start',
      'state',
      'historical',
    ])
    .execute();
  const evidence = await db.selectFrom('alert_evidence').selectAll().execute();
  return {
    counts,
    events: texts(events),
    versions: texts(versions),
    hits: texts(hits),
    alerts: texts(alerts),
    evidence: texts(evidence),
  };
}

function texts(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

describe('a forced full re-read', () => {
  test('changes no row and no alert, shuffled and with duplicates, however often it is done', async () => {
    const before = await known();
    const { events, alerts } = before;
    expect(events.length).toBeGreaterThan(1500);
    expect(alerts.length).toBeGreaterThanOrEqual(7);
    const inOrder = await cycle({ full: true });
    await simulated.faults({ kind: 'shuffle', match: '/', times: null });
    for (let round = 0; round < 2; round += 1) {
      const { read, changed } = await cycle({ full: true });
      // About one record in five came twice.
      expect(read).toBeGreaterThan(1.1 * inOrder.read);
      expect(changed).toBe(0);
      expect(await known()).toEqual(before);
    }
    await simulated.clearFaults();
  });
});
