import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectTenant } from '../../src/jobs/collect.ts';
import { detect } from '../../src/jobs/detect.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import { loadCatalogue, type Catalogue } from '../../src/detection/catalogue.ts';
import { listAlerts } from '../../src/store/alerts.ts';
import { currentAssessments } from '../../src/store/assessments.ts';
import { coveredSpans } from '../../src/store/windows.ts';
import { sourceStates } from '../../src/store/reads.ts';
import { hoursOf } from '../../src/reports/numbers.ts';
import { gatherUnseen } from '../../src/reports/unseen.ts';
import { DAY, END, HOUR, MINUTE, startSimulated, type Simulated, type SimulatedTenant } from './simulated.ts';

const SOURCE = 'audit-azure-ad';
const START = END - 3 * DAY;

let simulated: Simulated;
let catalogue: Catalogue;
let runtime: Runtime;

beforeAll(async () => {
  simulated = await startSimulated(3 * DAY);
  catalogue = await loadCatalogue();
  const config = simulated.config([simulated.free, simulated.licensed], simulated.folder());
  runtime = await simulated.open(config);
  await simulated.change(simulated.free, { first_content_ms: 0 });
}, 60_000);
afterAll(async () => {
  await runtime.close();
  await simulated.stop();
});

async function collect(tenant: SimulatedTenant, options = {}) {
  const found = runtime.config.tenants.find(({ id }) => id === tenant.id);
  if (found === undefined) throw new Error(`no tenant ${tenant.id}`);
  const graph = runtime.graph(found);
  const { database, clock, signal } = runtime;
  const results = await collectTenant(
    { database, graph, tenant: found, clock, signal, signInsApi: 'auto' },
    { force: true, ...options },
  );
  const own = results.filter(({ source }) => source.startsWith('audit-'));
  await detect({ database, catalogue, tenantId: tenant.id, now: clock.now() });
  return new Map(own.map((result) => [result.source, result]));
}

async function step(ms: number): Promise<void> {
  await simulated.advance(ms);
  await (runtime.clock as unknown as { advanceTo(ms: number): Promise<void> }).advanceTo(
    await simulated.now(),
  );
}

function signIn(n: number, over: Record<string, unknown> = {}) {
  return {
    id: `5e5e0000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    createdDateTime: new Date(runtime.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    userId: 'aaaa0000-0000-4000-8000-000000000001',
    userPrincipalName: 'somebody@nordlicht.example',
    appId: 'd3590ed6-52b3-4102-aeff-aad2292ab01c',
    resourceId: '00000002-0000-0ff1-ce00-000000000000',
    // Registered in Ireland, by the table that comes with the program.
    ipAddress: '2a00:1450:4001:81b::200e',
    clientAppUsed: 'Browser',
    userAgent: 'Mozilla/5.0',
    isInteractive: true,
    signInEventTypes: ['interactiveUser'],
    status: { errorCode: 0 },
    location: { countryOrRegion: 'DE' },
    ...over,
  };
}

async function events(tenant: SimulatedTenant, feed: string) {
  return runtime.database.db
    .selectFrom('event')
    .select(['native_id', 'canonical_id', 'country', 'outcome'])
    .where('tenant_id', '=', tenant.id)
    .where('feed', '=', feed)
    .execute();
}

async function alertsOf(tenant: SimulatedTenant, row: string) {
  const ids = catalogue.detections.filter((one) => one.catalogue === row).map(({ id }) => id);
  const alerts = await listAlerts(runtime.database.db, { tenantId: tenant.id });
  return alerts.filter(({ detectionId, withdrawn }) => ids.includes(detectionId) && !withdrawn);
}

describe('the audit log of a tenant without Entra ID P1', () => {
  it('is subscribed to at the first collection, and its windows begin there', async () => {
    const results = await collect(simulated.free);
    expect([...results.keys()]).toEqual([
      'audit-azure-ad',
      'audit-exchange',
      'audit-sharepoint',
      'audit-general',
    ]);
    for (const { outcome } of results.values()) expect(outcome).toEqual({ status: 'ok' });
    await step(2 * HOUR);
    await collect(simulated.free);
    const { db } = runtime.database;
    const [span, ...others] = await coveredSpans(db, simulated.free.id, SOURCE, START - 10 * DAY, END);
    expect(others).toEqual([]);
    // Within the seconds that a collection takes on the simulator's clock.
    expect(Math.abs((span?.from ?? 0) - START)).toBeLessThan(MINUTE);
    expect((span?.to ?? 0) - (span?.from ?? 0)).toBeGreaterThanOrEqual(2 * HOUR);
  });

  it('tells a sign-in from abroad an hour later, by the country of its address', async () => {
    await simulated.change(simulated.free, { add_sign_in: { record: signIn(1) } });
    await step(25 * HOUR);
    await collect(simulated.free);
    const [found] = (await events(simulated.free, 'audit-sign-ins')).filter(
      ({ canonical_id: id }) => id === signIn(1).id,
    );
    expect(found).toMatchObject({ country: 'IE', outcome: 'success' });
    const [alert] = await alertsOf(simulated.free, 'SI-02');
    expect(alert).toMatchObject({ subject: `user:${signIn(1).userId}`, cause: 'IE' });
  });

  it('fetches each piece of content once, however often it is listed', async () => {
    const before = (await simulated.report()).requests['GET /feed/audit/{id}'] ?? 0;
    expect(before).toBeGreaterThan(0);
    await collect(simulated.free);
    expect((await simulated.report()).requests['GET /feed/audit/{id}']).toBe(before);
    await collect(simulated.free, { full: true });
    expect((await simulated.report()).requests['GET /feed/audit/{id}']).toBeGreaterThan(before);
  });

  it('stands in for sign-ins: assessments, hours and what was not seen say so', async () => {
    const { db } = runtime.database;
    const states = new Map(
      (await sourceStates(db, simulated.free.id)).map((one) => [one.source, one.last_status]),
    );
    expect([states.get('sign-ins'), states.get(SOURCE)]).toEqual(['skipped', 'ok']);
    const rows = new Map(catalogue.detections.map((one) => [one.id, one.title]));
    const assessed = new Map(
      (await currentAssessments(db, simulated.free.id)).map((one) => [rows.get(one.detection_id), one]),
    );
    expect(assessed.get('Sign-in from a country that is not allowed')).toMatchObject({
      state: 'reduced',
      reason: JSON.stringify([{ without: 'sign-ins', why: 'stand_in' }]),
    });
    expect(assessed.get('Sign-in by a legacy protocol')?.state).toBe('reduced');
    expect(assessed.get('Sign-in by device code')?.state).toBe('off');
    const period = { from: START + HOUR, to: START + 27 * HOUR };
    const hours = await hoursOf(db, simulated.free.id, period);
    expect(hours).toMatchObject({ signIns: 26, without: [] });
    const unseen = await gatherUnseen(db, simulated.free.id, period, runtime.clock.now(), 'en');
    expect(unseen.sources.map(({ source }) => source)).not.toContain('sign-ins');
    expect(unseen.gaps.filter(({ source }) => source === 'sign-ins')).toEqual([]);
  });

  it('loses nothing when a piece of content fails: its window is read again', async () => {
    const before = (await events(simulated.free, 'audit-sign-ins')).length;
    await simulated.change(simulated.free, { add_sign_in: { record: signIn(2) } });
    await step(3 * HOUR);
    await simulated.faults({ match: '/audit/', kind: 'malformed', times: 1 });
    const failed = (await collect(simulated.free)).get(SOURCE);
    expect(failed?.outcome.status).toBe('failed');
    await step(11 * MINUTE);
    expect((await collect(simulated.free)).get(SOURCE)?.outcome.status).toBe('ok');
    expect((await events(simulated.free, 'audit-sign-ins')).length).toBeGreaterThan(before);
    const { db } = runtime.database;
    expect(await coveredSpans(db, simulated.free.id, SOURCE, START, END)).toHaveLength(1);
  });

  it('is started anew when somebody stopped it, and the hole stays to be seen', async () => {
    await simulated.change(simulated.free, { disable_subscriptions: true });
    await step(HOUR);
    expect((await collect(simulated.free)).get(SOURCE)?.outcome.status).toBe('failed');
    await step(HOUR);
    expect((await collect(simulated.free)).get(SOURCE)?.outcome.status).toBe('ok');
    await step(HOUR);
    await collect(simulated.free);
    const spans = await coveredSpans(runtime.database.db, simulated.free.id, SOURCE, START, END);
    expect(spans).toHaveLength(2);
  });

  it('that is switched off has a reason of its own', async () => {
    await simulated.change(simulated.free, { auditing: 'off' });
    const { outcome } = (await collect(simulated.free)).get(SOURCE) ?? {};
    expect(outcome).toMatchObject({ status: 'skipped', reason: 'auditing_off' });
    await simulated.change(simulated.free, { auditing: 'on', remove_roles: ['ActivityFeed.Read'] });
    await step(2 * HOUR);
    const refused = (await collect(simulated.free)).get(SOURCE)?.outcome;
    expect(refused).toMatchObject({ status: 'skipped', reason: 'no_permission' });
    const assessed = await currentAssessments(runtime.database.db, simulated.free.id);
    const legacy = catalogue.detections.find((one) => one.catalogue === 'SI-29');
    expect(assessed.find(({ detection_id: id }) => id === legacy?.id)?.state).toBe('off');
  });
});

describe('the audit log of a tenant with Entra ID P1', () => {
  it('adds nothing to a sign-in that Graph shows, whatever it thinks of the country', async () => {
    await simulated.change(simulated.licensed, { first_content_ms: 0 });
    await collect(simulated.licensed);
    const record = signIn(3, { userPrincipalName: 'somebody@muster.example' });
    await simulated.change(simulated.licensed, { add_sign_in: { record } });
    await step(26 * HOUR);
    await collect(simulated.licensed);
    const copies = (await events(simulated.licensed, 'audit-sign-ins')).filter(
      ({ canonical_id: id }) => id === record.id,
    );
    expect(copies).toMatchObject([{ country: 'IE' }]);
    expect((await alertsOf(simulated.licensed, 'SI-02')).filter(({ cause }) => cause === 'IE')).toEqual([]);
  });
});
