import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/jobs/runtime.ts';
import { tenantStatuses } from '../../src/jobs/status.ts';
import { openCheckDatabase } from '../../src/store/check-database.ts';
import { entitiesOf } from '../../src/store/entities.ts';
import { runCommand } from '../commands/command-run.ts';
import { DAY, HOUR, MINUTE, startSimulated, type Simulated, type SimulatedTenant } from './simulated.ts';
import { again, endsOf, openOnly } from './some-sources.ts';

const LOGS = ['defender-alerts', 'defender-incidents'];
const SOURCES = [...LOGS, 'intune-devices'];
/** Read with them: what decides, and what they are joined with. */
const WITH = ['subscribed-skus', 'devices'];
const PERMISSIONS = [
  'SecurityAlert.Read.All',
  'SecurityIncident.Read.All',
  'DeviceManagementManagedDevices.Read.All',
];

let simulated: Simulated;
let runtime: Runtime | undefined;

beforeAll(async () => {
  simulated = await startSimulated(2 * HOUR);
}, 30_000);
afterEach(async () => {
  await runtime?.close();
  runtime = undefined;
  await simulated.clearFaults();
});
afterAll(() => simulated?.stop());

/** One round of a tenant in a database of its own: the sources that this is about. */
async function collect(tenant: SimulatedTenant): Promise<Runtime> {
  const opened = await openOnly(simulated, tenant, [...SOURCES, ...WITH]);
  runtime = opened;
  await again(opened);
  return opened;
}

async function outcomes(opened: Runtime, tenant: SimulatedTenant) {
  return Object.values(await endsOf(opened, tenant, SOURCES));
}

function events({ database }: Runtime, feed: string) {
  return database.db
    .selectFrom('event')
    .select(['native_id', 'revision', 'user_id', 'raw', 'occurred_at'])
    .where('feed', '=', feed)
    .orderBy('native_id')
    .execute();
}

const times = (value: string): string[] => SOURCES.map(() => value);

describe('what a tenant shows of Defender and Intune', () => {
  it('is read where it is licensed and onboarded: alerts that name people, and the incidents they are in', async () => {
    const opened = await collect(simulated.licensed);
    expect(await outcomes(opened, simulated.licensed)).toEqual(times('ok'));
    const alerts = await events(opened, 'defender-alerts');
    const incidents = new Set((await events(opened, 'defender-incidents')).map((row) => row.native_id));
    expect(alerts.length).toBeGreaterThan(0);
    for (const { raw, user_id: user } of alerts) {
      expect(incidents.has(String((JSON.parse(raw ?? '') as { incidentId: string }).incidentId))).toBe(true);
      expect(user).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('is what its licences and its token say, never what one refusal says', async () => {
    const { free, licensed } = simulated;
    expect(await outcomes(await collect(free), free)).toEqual(times('no_licence'));
    await runtime?.close();
    // It has the plan and nobody ever switched Defender on.
    await simulated.change(licensed, { defender: false });
    expect(await outcomes(await collect(licensed), licensed)).toEqual([
      'not_configured',
      'not_configured',
      'ok',
    ]);
    await runtime?.close();
    await simulated.change(licensed, { defender: true, remove_roles: PERMISSIONS, revoke_tokens: true });
    expect(await outcomes(await collect(licensed), licensed)).toEqual(times('no_permission'));
    await simulated.change(licensed, { add_roles: PERMISSIONS, revoke_tokens: true });
  });

  it('is read after one refusal that meant nothing', async () => {
    const body = { error: { code: 'Forbidden', message: 'Forbidden' } };
    const fault = { kind: 'status', status: 403, body, times: 1, tenant: simulated.licensed.id };
    await simulated.faults({ ...fault, match: 'alerts_v2' }, { ...fault, match: 'incidents' });
    const opened = await collect(simulated.licensed);
    expect(await outcomes(opened, simulated.licensed)).toEqual(times('ok'));
  });

  it('that comes with a licence is read within the hour', async () => {
    const { free } = simulated;
    const opened = await collect(free);
    await simulated.change(free, { defender: true, intune: true });
    await opened.clock.sleep(HOUR);
    await again(opened);
    expect(await outcomes(opened, free)).toEqual(times('ok'));
    await simulated.change(free, { defender: false, intune: false });
  });

  it('stands in status and doctor, which is not ill of what nobody bought', async () => {
    const folder = simulated.folder();
    const context = { env: simulated.environment(simulated.free, folder), cwd: folder };
    await runCommand(['collect'], context);
    const status = await runCommand(['status'], context);
    for (const source of SOURCES) expect(status.stdout).toMatch(new RegExp(`^${source} `, 'm'));
    const doctor = await runCommand(['doctor', '--json'], context);
    const found = doctor.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { check: string; state: string });
    const of = (check: string) => found.find((one) => one.check === check)?.state;
    expect(SOURCES.map((source) => of(`source ${source}`))).toEqual(times('absent'));
    expect([of('licence Microsoft Defender'), of('licence Microsoft Intune')]).toEqual(['absent', 'absent']);
  });
});

describe('an alert of Defender', () => {
  const alert = (createdAt: number, updatedAt: number, more: Record<string, unknown> = {}) => ({
    id: 'da-1',
    incidentId: '77',
    status: 'new',
    severity: 'high',
    title: 'Malware',
    createdDateTime: new Date(createdAt).toISOString(),
    lastUpdateDateTime: new Date(updatedAt).toISOString(),
    ...more,
  });

  it('that is weeks old and was changed now is read at once, as a revision, and is not late', async () => {
    const { licensed } = simulated;
    const opened = await collect(licensed);
    await opened.clock.sleep(10 * MINUTE);
    const now = await simulated.now();
    const created = now - 40 * DAY;
    await simulated.change(licensed, { add_defender_alert: { record: alert(created, now - MINUTE) } });
    await again(opened);
    const stored = async () =>
      (await events(opened, 'defender-alerts')).find((row) => row.native_id === 'da-1');
    expect(await stored()).toMatchObject({ revision: 1, occurred_at: created });
    await opened.clock.sleep(10 * MINUTE);
    const later = await simulated.now();
    const judged = alert(created, later - MINUTE, { status: 'resolved', classification: 'truePositive' });
    await simulated.change(licensed, { add_defender_alert: { record: judged } });
    await again(opened);
    expect(await stored()).toMatchObject({ revision: 2, occurred_at: created });
    const [status] = await tenantStatuses(opened.database, opened.clock.now());
    const source = status?.sources.find((one) => one.source === 'defender-alerts');
    expect(source).toMatchObject({ status: 'ok', late: {} });
  });

  it('costs a request every five minutes', async () => {
    const opened = await collect(simulated.licensed);
    const runs = async () =>
      (
        await opened.database.db
          .selectFrom('run')
          .select('requests')
          .where('source', '=', 'defender-alerts')
          .execute()
      ).map(({ requests }) => requests);
    for (let minute = 0; minute < 15; minute += 1) {
      await opened.clock.sleep(MINUTE);
      await again(opened);
    }
    const [, ...heads] = await runs();
    expect(heads).toHaveLength(3);
    expect(heads.every((requests) => requests <= 2)).toBe(true);
  });
});

describe('devices of Intune', () => {
  it('are joined with those of Entra ID, and a check sees them', async () => {
    const { licensed } = simulated;
    const opened = await collect(licensed);
    const managed = [...(await entitiesOf(opened.database.db, licensed.id, 'managed_device')).values()];
    const known = [...(await entitiesOf(opened.database.db, licensed.id, 'device')).values()];
    const names = new Map(known.map((device) => [device['device_id'], device['name']]));
    expect(managed.length).toBeGreaterThan(5);
    for (const device of managed) expect(names.get(device['device_id'])).toBe(device['name']);
    const views = openCheckDatabase(opened.database, licensed.id);
    const statement = "SELECT id FROM v_managed_device WHERE compliance = 'compliant' AND encrypted = 1";
    expect(await views.query(statement, opened.clock.now())).toHaveLength(managed.length);
    views.close();
  });

  it('that lose their compliance make a change that is about their user', async () => {
    const { licensed } = simulated;
    const opened = await collect(licensed);
    const [id, device] = [...(await entitiesOf(opened.database.db, licensed.id, 'managed_device'))][0] ?? [];
    if (id === undefined) throw new Error('no managed device');
    await simulated.change(licensed, {
      put_object: { collection: 'managedDevices', value: { id, complianceState: 'noncompliant' } },
    });
    await opened.clock.sleep(HOUR);
    await again(opened);
    const changes = await opened.database.db
      .selectFrom('event')
      .select(['activity', 'user_id'])
      .where('feed', '=', 'changes')
      .execute();
    expect(changes).toEqual([{ activity: 'managed_device changed', user_id: device?.['user_id'] }]);
    const views = openCheckDatabase(opened.database, licensed.id);
    const statement = "SELECT id FROM v_managed_device WHERE compliance = 'noncompliant'";
    expect(await views.query(statement, opened.clock.now())).toEqual([{ id }]);
    views.close();
  });
});
