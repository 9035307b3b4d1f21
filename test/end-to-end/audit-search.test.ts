import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLogSources } from '../../src/collectors/audit-logs.ts';
import { collectAudit } from '../../src/jobs/collect-audit.ts';
import { collectTenant, type CollectOptions } from '../../src/jobs/collect.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import { fallbackOf, queriesOf, queryInFlight } from '../../src/store/audit-queries.ts';
import { watermarkOf } from '../../src/store/ledger.ts';
import { coveredSpans } from '../../src/store/windows.ts';
import { DAY, END, HOUR, MINUTE, startSimulated, type Simulated, type SimulatedTenant } from './simulated.ts';
import { contextOf } from './some-sources.ts';

const SOURCES = ['audit-azure-ad', 'audit-exchange', 'audit-sharepoint', 'audit-general'];
const SOURCE = 'audit-azure-ad';
const START = END - 4 * DAY;
const CREATED = 'POST /v1.0/security/auditLog/queries';

let simulated: Simulated;
let runtime: Runtime;
let tenant: SimulatedTenant;

beforeAll(async () => {
  simulated = await startSimulated(4 * DAY);
  tenant = simulated.free;
  runtime = await simulated.open(simulated.config([tenant], simulated.folder()));
  await simulated.change(tenant, {
    first_content_ms: 0,
    remove_roles: ['ActivityFeed.Read'],
    add_roles: ['AuditLogsQuery.Read.All'],
    audit_search: { runs_ms: 3 * MINUTE },
  });
}, 60_000);
afterAll(async () => {
  await runtime.close();
  await simulated.stop();
});

/** A round of everything, as the command reads it. */
async function collect(options = {}) {
  const results = await collectTenant(contextOf(runtime), options);
  return new Map(results.map((result) => [result.source, result.outcome]));
}

/** Records that the audit log's sources met, new or not. */
let met = 0;

/** Rounds of the audit log's sources alone, five minutes apart. */
async function rounds(count: number, options: CollectOptions = {}): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await step(5 * MINUTE);
    for (const collector of auditLogSources) {
      const counts = { read: 0, added: 0, changed: 0, rejected: 0 };
      const outcome = await collectAudit(contextOf(runtime), collector, { ...options, hasP1: false }, counts);
      expect(outcome).toEqual({ status: 'ok' });
      met += counts.read;
    }
  }
}

async function step(ms: number): Promise<void> {
  await runtime.clock.sleep(ms);
}

const db = () => runtime.database.db;

async function idsOf(feed: string): Promise<string[]> {
  const rows = await db()
    .selectFrom('event')
    .select('native_id')
    .where('tenant_id', '=', tenant.id)
    .where('feed', '=', feed)
    .execute();
  return rows.map((row) => row.native_id);
}

async function revisions(): Promise<number> {
  const row = await db()
    .selectFrom('event')
    .select((eb) => eb.fn.max('revision').as('most'))
    .where('tenant_id', '=', tenant.id)
    .where('feed', 'in', ['unified-audit', 'audit-sign-ins'])
    .executeTakeFirst();
  return Number(row?.most ?? 0);
}

async function windowsThat(status: string) {
  return db()
    .selectFrom('window')
    .select(['id', 'reason'])
    .where('tenant_id', '=', tenant.id)
    .where('source', '=', SOURCE)
    .where('status', '=', status)
    .execute();
}

/** From the first span on nothing is missing, up to an hour ago. */
async function expectWhole(): Promise<void> {
  const now = runtime.clock.now();
  const spans = await coveredSpans(db(), tenant.id, SOURCE, START - 6 * DAY, now);
  expect(spans).toHaveLength(1);
  expect(spans[0]?.to).toBeGreaterThanOrEqual(now - HOUR);
}

const created = async () => (await simulated.report()).requests[CREATED] ?? 0;

describe('the audit log where the Management API refuses', () => {
  it('is searched for instead: the id of the search is kept, and the round does not wait', async () => {
    const outcomes = await collect({ force: true });
    expect(SOURCES.map((source) => outcomes.get(source))).toEqual(SOURCES.map(() => ({ status: 'ok' })));
    expect(await created()).toBe(1);
    expect(await queryInFlight(db(), tenant.id)).toMatchObject({
      status: 'asked',
      api: 'v1.0',
      query_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await idsOf('unified-audit')).toEqual([]);
    expect((await fallbackOf(db(), tenant.id, SOURCE))?.reason).toContain('ActivityFeed.Read');
  });

  it('is picked up by a program that was started anew', async () => {
    await runtime.close();
    runtime = await simulated.open(runtime.config);
    await step(5 * MINUTE);
    await rounds(1);
    expect((await idsOf('unified-audit')).length).toBeGreaterThan(0);
    expect((await idsOf('audit-sign-ins')).length).toBeGreaterThan(0);
  });

  it('needs one search for all four sources, and follows the present', async () => {
    const before = await created();
    // Seven days, a day at a time, each in ten minutes, and what goes on meanwhile.
    await rounds(48);
    const made = (await created()) - before;
    expect(made).toBeGreaterThan(8);
    expect(made).toBeLessThan(30);
    const now = runtime.clock.now();
    for (const source of SOURCES) {
      const spans = await coveredSpans(db(), tenant.id, source, START - 10 * DAY, now);
      expect(spans).toHaveLength(1);
      expect(spans[0]?.from).toBeLessThanOrEqual(START - 6.9 * DAY);
      expect(spans[0]?.to).toBeGreaterThanOrEqual(now - HOUR);
      expect(await watermarkOf(db(), tenant.id, source)).toBeGreaterThan(START - 6 * DAY);
    }
    expect((await simulated.report()).early_returns).toEqual([]);
  }, 60_000);

  it('asks the Management API again once an hour', async () => {
    const START_AGAIN = 'POST /feed/subscriptions/start';
    const before = (await simulated.report()).requests[START_AGAIN] ?? 0;
    await rounds(12);
    const asked = ((await simulated.report()).requests[START_AGAIN] ?? 0) - before;
    expect(asked).toBeLessThanOrEqual(2 * SOURCES.length * 2);
  });

  it.each([
    [{ audit_search: { ends: 'failed' } }, 'the search ended: failed'],
    [{ audit_search: { runs_ms: 5 * HOUR } }, 'Microsoft was still searching after 4 hours'],
  ])(
    'makes a search again after %j',
    async (change, reason) => {
      await simulated.change(tenant, change);
      const told = new Set<string | null>();
      for (let n = 0; n < 60 && !told.has(`search the audit log: ${reason}`); n += 1) {
        await rounds(1);
        for (const one of await windowsThat('failed')) told.add(one.reason);
      }
      expect([...told]).toContain(`search the audit log: ${reason}`);
      await simulated.change(tenant, { audit_search: { ends: 'succeeded', runs_ms: 3 * MINUTE } });
      // One that was made before still runs as long as it was to run.
      await rounds(5 * 12 + 12);
      await expectWhole();
    },
    60_000,
  );

  it('makes a search that Microsoft does not know any more again', async () => {
    while ((await queryInFlight(db(), tenant.id)) === null) await rounds(1);
    await simulated.change(tenant, { forget_audit_queries: true });
    await rounds(1);
    const [failed] = (await queriesOf(db(), tenant.id)).filter(({ status }) => status === 'failed');
    expect(failed?.reason).toBe('the search is not known to Microsoft any more');
    await rounds(24);
    await expectWhole();
  }, 60_000);

  it('halves a span that holds more than a search returns', async () => {
    await simulated.change(tenant, { audit_search: { most_records: 30 } });
    const since = runtime.clock.now() - 2 * DAY;
    await rounds(1, { full: true, since });
    let split = 0;
    for (let n = 0; n < 40; n += 1) {
      await rounds(1);
      split = Math.max(split, (await windowsThat('split')).length);
    }
    expect(split).toBeGreaterThanOrEqual(2);
    await simulated.change(tenant, { audit_search: { most_records: 1_000_000 } });
    await rounds(40);
    await expectWhole();
  }, 60_000);

  it('is left when the permission comes, and the span between is searched for', async () => {
    // A search that is under way then is read all the same, and keeps nobody waiting.
    while ((await queryInFlight(db(), tenant.id)) === null) await rounds(1);
    await simulated.change(tenant, { add_roles: ['ActivityFeed.Read'], revoke_tokens: true });
    await step(61 * MINUTE);
    await rounds(1);
    expect(await fallbackOf(db(), tenant.id, SOURCE)).toBeNull();
    await rounds(30);
    const now = runtime.clock.now();
    for (const source of SOURCES) {
      const spans = await coveredSpans(db(), tenant.id, source, START - 6 * DAY, now);
      expect(spans).toHaveLength(1);
    }
    expect((await queriesOf(db(), tenant.id)).filter(({ finished_at: at }) => at === null)).toEqual([]);
  }, 60_000);

  it('tells records that both interfaces brought once, without a revision', async () => {
    await rounds(12 * 6);
    const content = [...(await idsOf('unified-audit')), ...(await idsOf('audit-sign-ins'))];
    const before = met;
    await simulated.change(tenant, { remove_roles: ['ActivityFeed.Read'], revoke_tokens: true });
    await rounds(1, { full: true, since: runtime.clock.now() - 3 * DAY });
    await rounds(20);
    // The search over the same days met what the content had brought.
    expect(met).toBeGreaterThan(before);
    expect(content.length).toBeGreaterThan(100);
    expect(await revisions()).toBe(1);
    await simulated.change(tenant, { add_roles: ['ActivityFeed.Read'], revoke_tokens: true });
    await step(61 * MINUTE);
    await rounds(1);
    await rounds(8);
    await expectWhole();
  }, 60_000);

  it('brings what the Management API no longer keeps when somebody asks for it', async () => {
    const since = START - 30 * DAY;
    await rounds(1, { backfill: true, since });
    const waiting = (await queriesOf(db(), tenant.id)).filter(({ kind }) => kind === 'backlog');
    expect(waiting.length).toBeGreaterThanOrEqual(3);
    await rounds(30);
    const spans = await coveredSpans(db(), tenant.id, 'audit-exchange', since, runtime.clock.now());
    expect(spans).toHaveLength(1);
    expect(spans[0]?.from).toBe(since);
    // Asked for once more there is nothing left to search for.
    const before = await created();
    await rounds(2, { backfill: true, since });
    expect(await created()).toBe(before);
  }, 60_000);

  it('is refused as before where the app may not search either', async () => {
    await simulated.change(tenant, {
      remove_roles: ['ActivityFeed.Read', 'AuditLogsQuery.Read.All'],
      revoke_tokens: true,
    });
    const before = await created();
    await step(61 * MINUTE);
    const outcomes = await collect({ force: true });
    expect(outcomes.get(SOURCE)).toMatchObject({ status: 'skipped', reason: 'no_permission' });
    expect(await created()).toBe(before);
  });

  it('that is switched off is told as that, by either interface', async () => {
    await simulated.change(tenant, {
      add_roles: ['AuditLogsQuery.Read.All'],
      auditing: 'off',
      revoke_tokens: true,
    });
    await step(61 * MINUTE);
    const outcomes = await collect({ force: true });
    expect(outcomes.get(SOURCE)).toMatchObject({ status: 'skipped', reason: 'auditing_off' });
  });
});
