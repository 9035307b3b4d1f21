import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/jobs/runtime.ts';
import { tenantStatuses } from '../../src/jobs/status.ts';
import { currentCapabilities } from '../../src/store/capabilities.ts';
import { entitiesOf } from '../../src/store/entities.ts';
import { runCommand } from '../commands/command-run.ts';
import { DAY, HOUR, MINUTE, startSimulated, type Simulated, type SimulatedTenant } from './simulated.ts';
import { again, endsOf, openOnly } from './some-sources.ts';

const KINDS = ['non-interactive-sign-ins', 'service-principal-sign-ins', 'managed-identity-sign-ins'];
const RISK = [
  'risk-detections',
  'service-principal-risk-detections',
  'risky-users',
  'risky-service-principals',
];
const SOURCES = [...KINDS, ...RISK];
/** Read with them: what decides, and what must stay apart. */
const WITH = ['subscribed-skus', 'sign-ins'];
const PERMISSIONS = [
  'IdentityRiskEvent.Read.All',
  'IdentityRiskyUser.Read.All',
  'IdentityRiskyServicePrincipal.Read.All',
];

let simulated: Simulated;
let small: SimulatedTenant;
let runtime: Runtime | undefined;

beforeAll(async () => {
  simulated = await startSimulated(2 * HOUR);
  // The smallest of the tenants, with what it lacks.
  small = simulated.free;
  await simulated.change(small, { licence: 'p1' });
}, 30_000);
afterEach(async () => {
  await runtime?.close();
  runtime = undefined;
  await simulated.clearFaults();
});
afterAll(() => simulated?.stop());

/** One round of a tenant in a database of its own: its licences, and the sources that this is about. */
async function collect(tenant: SimulatedTenant, more: Record<string, string> = {}): Promise<Runtime> {
  const opened = await openOnly(simulated, tenant, [...SOURCES, ...WITH], more);
  runtime = opened;
  await again(opened);
  return opened;
}

function outcomes(opened: Runtime, tenant: SimulatedTenant) {
  return endsOf(opened, tenant, SOURCES);
}

async function countOf({ database }: Runtime, feed: string): Promise<number> {
  const row = await database.db
    .selectFrom('event')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('feed', '=', feed)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

const all = (value: string, sources = SOURCES) => Object.fromEntries(sources.map((one) => [one, value]));

describe('what a tenant shows of sign-ins without people and of risk', () => {
  it.each([
    ['free', {}, all('no_licence')],
    [
      'p1',
      {},
      {
        ...all('ok', [...KINDS, 'risk-detections']),
        ...all('no_licence', RISK.slice(1)),
      },
    ],
    ['p2', {}, { ...all('ok'), ...all('no_licence', [RISK[1]!, RISK[3]!]) }],
    ['p2', { workload_id: true }, all('ok')],
    ['free', { workload_id: true }, { ...all('no_licence'), ...all('ok', [RISK[1]!, RISK[3]!]) }],
    ['p2', { workload_id: true, remove_roles: PERMISSIONS }, { ...all('ok'), ...all('no_permission', RISK) }],
    [
      'p1',
      { remove_roles: ['AuditLog.Read.All'] },
      {
        ...all('no_permission', KINDS),
        'risk-detections': 'ok',
        ...all('no_licence', RISK.slice(1)),
      },
    ],
  ])('is, with %s and %j, as its licences and consents say', async (licence, change, expected) => {
    const tenant = small;
    await simulated.change(tenant, { licence, revoke_tokens: true, ...change });
    expect(await outcomes(await collect(tenant), tenant)).toEqual(expected);
    await simulated.change(tenant, {
      licence: 'p1',
      workload_id: false,
      add_roles: [...PERMISSIONS, 'AuditLog.Read.All'],
      revoke_tokens: true,
    });
  });

  it('is stored in feeds of their own', async () => {
    const opened = await collect(simulated.licensed);
    const interactive = await countOf(opened, 'sign-ins');
    expect(await countOf(opened, 'non-interactive-sign-ins')).toBeGreaterThan(interactive);
    expect(await countOf(opened, 'service-principal-sign-ins')).toBeGreaterThan(30);
    expect(await countOf(opened, 'risk-detections')).toBeGreaterThan(0);
    const kinds = await opened.database.db
      .selectFrom('event')
      .select('raw')
      .where('feed', '=', 'sign-ins')
      .execute();
    expect(kinds.every((row) => row.raw?.includes('"interactiveUser"'))).toBe(true);
  });

  it('is asked for every quarter of an hour, risk detections every five minutes', async () => {
    const opened = await collect(small);
    const runs = async (source: string) =>
      (await opened.database.db.selectFrom('run').select('id').where('source', '=', source).execute()).length;
    for (let minute = 0; minute < 15; minute += 1) {
      await opened.clock.sleep(MINUTE);
      await again(opened);
    }
    expect([await runs(KINDS[0]!), await runs('risk-detections')]).toEqual([2, 4]);
  });

  it('needs beta: with v1.0 it is not configured, and nobody asks', async () => {
    const opened = await collect(small, { TENANTWATCH_SIGN_INS_API: 'v1.0' });
    const found = await outcomes(opened, small);
    expect(KINDS.map((kind) => found[kind])).toEqual(KINDS.map(() => 'not_configured'));
    expect(await countOf(opened, 'sign-ins')).toBeGreaterThan(0);
  });

  it('is no capability of one refusal: a licensed tenant that is refused fails, and is read again', async () => {
    const tenant = small;
    await simulated.faults({
      match: 'riskDetections',
      kind: 'status',
      status: 403,
      body: { error: { code: 'Forbidden', message: 'Your tenant is not licensed for this feature.' } },
      times: null,
      tenant: tenant.id,
    });
    const opened = await collect(tenant);
    expect((await outcomes(opened, tenant))['risk-detections']).toBe('failed');
    const known = await currentCapabilities(opened.database.db, tenant.id);
    expect(known.get('source:risk-detections')).toBeUndefined();
    await simulated.clearFaults();
    await opened.clock.sleep(HOUR);
    await again(opened);
    expect((await outcomes(opened, tenant))['risk-detections']).toBe('ok');
  });

  it('stands in status and doctor, without making the doctor ill', async () => {
    const folder = simulated.folder();
    const context = { env: simulated.environment(small, folder), cwd: folder };
    await runCommand(['collect'], context);
    const status = await runCommand(['status'], context);
    for (const source of SOURCES) expect(status.stdout).toMatch(new RegExp(`^${source} `, 'm'));
    const doctor = await runCommand(['doctor', '--json'], context);
    const of = (check: string) =>
      doctor.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { check: string; state: string })
        .find((one) => one.check === check)?.state;
    expect(KINDS.map((kind) => of(`source ${kind}`))).toEqual(['ok', 'ok', 'ok']);
    expect(RISK.map((source) => of(`source ${source}`))).toEqual(['ok', 'absent', 'absent', 'absent']);
    expect(of('licence Microsoft Entra ID P2')).toBe('absent');
    expect(of('licence Microsoft Entra Workload ID Premium')).toBe('absent');
    const ill = doctor.stdout.split('\n').filter((line) => /"state":"(?:failed|refused)"/.test(line));
    expect(
      ill.filter((line) => [...SOURCES, 'IdentityRisk', 'licence'].some((one) => line.includes(one))),
    ).toEqual([]);
  });
});

describe('a verdict of Microsoft’s', () => {
  const USER = '5c000000-0000-4000-8000-000000000001';
  const detection = (now: number, more: Record<string, unknown> = {}) => ({
    id: 'a'.repeat(64),
    riskEventType: 'leakedCredentials',
    riskState: 'atRisk',
    riskLevel: 'high',
    riskDetail: 'none',
    detectionTimingType: 'offline',
    activity: 'user',
    activityDateTime: new Date(now - 5 * DAY).toISOString(),
    detectedDateTime: new Date(now - 3 * MINUTE).toISOString(),
    lastUpdatedDateTime: new Date(now - 3 * MINUTE).toISOString(),
    userId: USER,
    userPrincipalName: 'somebody@muster.example',
    ...more,
  });

  it('about what happened days ago is read at once, is not late, and its change makes a revision', async () => {
    const tenant = small;
    const opened = await collect(tenant);
    await opened.clock.sleep(10 * MINUTE);
    await simulated.change(tenant, { add_risk_detection: { record: detection(await simulated.now()) } });
    await again(opened);
    const stored = () =>
      opened.database.db
        .selectFrom('event')
        .select(['revision', 'activity', 'user_id', 'occurred_at'])
        .where('native_id', '=', 'a'.repeat(64))
        .executeTakeFirst();
    expect(await stored()).toMatchObject({ revision: 1, activity: 'leakedCredentials', user_id: USER });
    await opened.clock.sleep(10 * MINUTE);
    const now = await simulated.now();
    const changed = { riskState: 'dismissed', lastUpdatedDateTime: new Date(now - MINUTE).toISOString() };
    const first = (await stored())!.occurred_at;
    await simulated.change(tenant, {
      add_risk_detection: {
        record: detection(now, { ...changed, activityDateTime: new Date(first).toISOString() }),
      },
    });
    await again(opened);
    expect(await stored()).toMatchObject({ revision: 2, occurred_at: first });
    const [status] = await tenantStatuses(opened.database, opened.clock.now());
    const source = status?.sources.find((one) => one.source === 'risk-detections');
    expect(source).toMatchObject({ status: 'ok', late: {} });
  });

  it('about a person is an entity that changes', async () => {
    const tenant = small;
    await simulated.change(tenant, { licence: 'p2' });
    const opened = await collect(tenant);
    const risky = () => entitiesOf(opened.database.db, tenant.id, 'risky_user');
    const before = (await risky()).size;
    await simulated.change(tenant, {
      put_risky_user: { id: USER, riskLevel: 'high', riskState: 'atRisk', isProcessing: true },
    });
    await opened.clock.sleep(20 * MINUTE);
    await again(opened);
    expect((await risky()).size).toBe(before + 1);
    expect((await risky()).get(USER)).toMatchObject({ risk_state: 'atRisk', risk_level: 'high' });
    const change = await opened.database.db
      .selectFrom('event')
      .select(['activity', 'user_id'])
      .where('feed', '=', 'changes')
      .where('user_id', '=', USER)
      .execute();
    expect(change).toEqual([{ activity: 'risky_user added', user_id: USER }]);
    await simulated.change(tenant, { licence: 'p1' });
  });

  it('costs few requests, and none of them too soon', async () => {
    const opened = await collect(small);
    const runs = await opened.database.db
      .selectFrom('run')
      .select(['source', 'requests'])
      .where('source', 'in', SOURCES)
      .execute();
    const requests = runs.reduce((sum, run) => sum + run.requests, 0);
    expect(requests).toBeLessThan(80);
    expect((await simulated.report()).early_returns).toEqual([]);
  });
});
