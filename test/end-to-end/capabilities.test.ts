import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectors, sightWith } from '../../src/collectors/index.ts';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { cycleTenant } from '../../src/jobs/cycle.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import { tenantStatuses, type TenantStatus } from '../../src/jobs/status.ts';
import type { DigestFacts } from '../../src/reports/facts.ts';
import { WATCHING_ROLES } from '../../src/simulator/generate/organization.ts';
import { listAlerts } from '../../src/store/alerts.ts';
import { currentCapabilities } from '../../src/store/capabilities.ts';
import { listReports } from '../../src/store/reports.ts';
import { HOUR, startSimulated, type Simulated, type SimulatedTenant } from './simulated.ts';

/** The watching roles are given to the registration; PIM's own and the optional ones are not among them. */
const GRANTED: readonly string[] = WATCHING_ROLES;
/** Not simulated, or asked for by an option of its own. */
const APART: ReadonlySet<string> = new Set(['mail-domains-dns']);

let simulated: Simulated;
let runtime: Runtime;
let catalogue: Awaited<ReturnType<typeof loadCatalogue>>;

beforeAll(async () => {
  simulated = await startSimulated(26 * HOUR);
  runtime = await simulated.open(simulated.config(simulated.ready.tenants, simulated.folder()));
  catalogue = await loadCatalogue();
  for (const tenant of simulated.ready.tenants) await round(tenant);
}, 60_000);

afterAll(async () => {
  await runtime?.close();
  await simulated?.stop();
});

async function round(tenant: SimulatedTenant): Promise<void> {
  const config = runtime.config.tenants.find((one) => one.id === tenant.id)!;
  await cycleTenant(runtime, catalogue, config, { force: true });
}

async function later(tenant: SimulatedTenant): Promise<void> {
  await runtime.clock.sleep(HOUR);
  await round(tenant);
}

async function status({ id }: SimulatedTenant): Promise<TenantStatus> {
  const statuses = await tenantStatuses(runtime.database, runtime.clock.now());
  return statuses.find((one) => one.id === id)!;
}

async function states({ id }: SimulatedTenant): Promise<Record<string, string>> {
  const known = await currentCapabilities(runtime.database.db, id);
  return Object.fromEntries([...known].map(([name, row]) => [name, row.state]));
}

/** Catalogue rows of open alerts about the program itself, with what each is about. */
async function own({ id }: SimulatedTenant): Promise<string[]> {
  const alerts = await listAlerts(runtime.database.db, { tenantId: id });
  return alerts
    .filter((alert) => alert.state === 'open' && alert.subject.startsWith('program:'))
    .map((alert) => `${catalogue.byId.get(alert.detectionId)?.catalogue ?? ''} ${alert.cause}`)
    .sort();
}

/** Changes of capabilities that became events, as `<name> <before> <after>`. */
async function changes({ id }: SimulatedTenant, prefix: string): Promise<string[]> {
  const rows = await runtime.database.db
    .selectFrom('event')
    .select('raw')
    .where('tenant_id', '=', id)
    .where('feed', '=', 'changes')
    .where('activity', 'like', 'capability %')
    .orderBy('ingest_seq')
    .execute();
  return rows
    .map(({ raw }) => JSON.parse(raw ?? '{}') as Record<string, { state?: string } | null> & { id: string })
    .filter((change) => change.id.startsWith(prefix))
    .map((change) => `${change.id} ${change['before']?.state ?? '-'} ${change['after']?.state ?? '-'}`);
}

describe('what a tenant lets us see', () => {
  it.each(['licensed', 'free'] as const)(
    'is of the %s tenant what its licences and grants say',
    async (name) => {
      const tenant = simulated[name];
      const known = await states(tenant);
      const licensed = (licence: string) => known[`licence:${licence}`] === 'full';
      const expected = collectors
        .filter((one) => !APART.has(one.source))
        .map((one) => [one.source, sightWith(one, licensed, GRANTED).state]);
      const found = (await status(tenant)).sources
        .filter((one) => !APART.has(one.source))
        .map((one) => [one.source, one.sees]);
      expect(Object.fromEntries(found)).toMatchObject(
        Object.fromEntries(expected.filter(([source]) => !source!.startsWith('exchange-'))),
      );
      expect(known).toMatchObject({
        access: 'full',
        auditing: 'full',
        mailboxes: 'full',
        'role:User.Read.All': 'full',
      });
    },
  );

  it('is said in words by status, of sources and of detections', async () => {
    const { sources, detections } = await status(simulated.free);
    expect(sources.find((one) => one.source === 'sign-ins')).toMatchObject({
      sees: 'off',
      why: 'the tenant has no Microsoft Entra ID P1',
    });
    expect(sources.find((one) => one.source === 'registration-details')).toMatchObject({
      sees: 'reduced',
      why: 'the tenant has no Microsoft Entra ID P1, so it is read user by user, without what only the report says',
    });
    const device = detections.find((one) => one.title === 'Sign-in by device code')!;
    expect(device).toMatchObject({ state: 'off' });
    expect(device.why).toContain('sign-ins: the tenant has no Microsoft Entra ID P1');
  });

  it('raises no alert about the program in a tenant where all is well', async () => {
    for (const tenant of simulated.ready.tenants) {
      await later(tenant);
      expect(await own(tenant)).toEqual([]);
    }
  });
});

describe('a refusal', () => {
  it('changes nothing the first time while the token has the permission, and is believed the second time', async () => {
    const { licensed } = simulated;
    const body = { error: { code: 'Authorization_RequestDenied', message: 'Insufficient privileges' } };
    await simulated.faults({
      kind: 'status',
      status: 403,
      body,
      match: 'domains',
      times: null,
      tenant: licensed.id,
    });
    await later(licensed);
    expect((await states(licensed))['source:domains']).toBe('full');
    expect((await status(licensed)).sources.find((one) => one.source === 'domains')?.status).toBe('skipped');
    await later(licensed);
    expect((await states(licensed))['source:domains']).toBe('off');
    await simulated.clearFaults();
    await later(licensed);
    expect((await states(licensed))['source:domains']).toBe('full');
    expect(await changes(licensed, 'source:domains')).toEqual([
      'source:domains full off',
      'source:domains off full',
    ]);
  });

  it('is believed at once where the token has lost the permission, and tells who sees less', async () => {
    const { licensed } = simulated;
    await simulated.change(licensed, { remove_roles: ['MailboxSettings.Read'], revoke_tokens: true });
    await later(licensed);
    expect(await states(licensed)).toMatchObject({
      'role:MailboxSettings.Read': 'off',
      'source:mailbox-rules': 'off',
    });
    expect(await changes(licensed, 'role:MailboxSettings')).toEqual(['role:MailboxSettings.Read full off']);
    expect(await own(licensed)).toEqual(['OP-02 role:MailboxSettings.Read']);
    await simulated.change(licensed, { add_roles: ['MailboxSettings.Read'], revoke_tokens: true });
    await later(licensed);
    expect(await own(licensed)).toEqual([]);
  });
});

describe('a licence that ends', () => {
  it('is an event, and the alert names the detections that see less', async () => {
    const { licensed } = simulated;
    await simulated.change(licensed, { licence: 'free' });
    await later(licensed);
    expect(await changes(licensed, 'licence:p1')).toEqual(['licence:p1 full off']);
    expect(await own(licensed)).toEqual(['OP-07 licence:p1']);
    const alerts = await listAlerts(runtime.database.db, { tenantId: licensed.id });
    const lost = alerts.find((alert) => alert.subject === 'program:licence')!;
    expect(String(lost.words['titles'])).toContain('Sign-in by device code');
  });
});

describe('auditing that is switched off', () => {
  it('is an event, and the checks that look at the audit log say that they cannot', async () => {
    const { free } = simulated;
    await simulated.change(free, { auditing: 'off' });
    // Said of two sources at once it is known; each source itself is believed at the second time, and then assessed.
    for (let times = 0; times < 3; times++) await later(free);
    expect(await changes(free, 'auditing')).toEqual(['auditing full off']);
    expect((await own(free)).filter((one) => one.startsWith('OP-08')).length).toBeGreaterThan(0);
    await simulated.change(free, { auditing: 'on' });
    await later(free);
    await later(free);
    expect(await own(free)).toEqual([]);
  });
});

describe('a credential that is refused for good', () => {
  it('raises an alert, which is no alert about the tenant, and closes when it works again', async () => {
    const { free } = simulated;
    await simulated.change(free, { secret: { state: 'expired' }, revoke_tokens: true });
    await later(free);
    expect(await own(free)).toEqual(['OP-12 AADSTS7000222']);
    await runtime.clock.sleep(7 * 24 * HOUR);
    await round(free);
    const reports = await listReports(runtime.database.db, free.id);
    const facts = JSON.parse(reports[0]?.facts ?? '{}') as DigestFacts;
    expect(JSON.stringify([facts.happened, facts.older, facts.decisions])).not.toContain('AADSTS7000222');
    expect(facts.unseen.own?.join()).toContain('AADSTS7000222');
    await simulated.change(free, { secret: { state: 'valid' } });
    await later(free);
    expect((await own(free)).filter((one) => one.startsWith('OP-12'))).toEqual([]);
  });
});
