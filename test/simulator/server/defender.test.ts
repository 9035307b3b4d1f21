import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LogRecord, Raw, World } from '../../../src/simulator/world.ts';
import { readAll, startFixture, valueOf, type Fixture } from './client.ts';
import { DAY, FREE, guid, MINUTE, NOW, PREMIUM, ROLES, smallWorld } from './world.ts';

const ALERTS = '/v1.0/security/alerts_v2';
const INCIDENTS = '/v1.0/security/incidents';
const DEVICES = '/v1.0/deviceManagement/managedDevices';
const PERMISSIONS = [
  'SecurityAlert.Read.All',
  'SecurityIncident.Read.All',
  'DeviceManagementManagedDevices.Read.All',
];
const DENIED = [403, 'Authorization_RequestDenied'];

/** `n` days old; changed again an hour after. */
function entry(n: number): LogRecord {
  const at = NOW - n * DAY - MINUTE;
  const iso = (time: number): string => new Date(time).toISOString().replace('Z', '0000Z');
  const record = {
    id: `alert-${n}`,
    title: `Alert ${n}`,
    severity: n % 2 === 0 ? 'low' : 'informational',
    status: 'new',
    serviceSource: 'microsoftDefenderForEndpoint',
    createdDateTime: iso(at),
    lastUpdateDateTime: iso(at),
  };
  const changed = { ...record, status: 'resolved', lastUpdateDateTime: iso(at + 60 * MINUTE) };
  return {
    id: record.id,
    at,
    availableAt: at,
    record,
    revisions: [{ availableAt: at + 61 * MINUTE, record: changed }],
  };
}

function world(): World {
  const base = smallWorld();
  const tenants = base.tenants.map((tenant) => ({
    ...tenant,
    app: { ...tenant.app, roles: [...ROLES, ...PERMISSIONS] },
    ...(tenant.id === PREMIUM
      ? {
          intune: true,
          defender: {
            alerts: Array.from({ length: 70 }, (_none, n) => entry(n)),
            incidents: Array.from({ length: 70 }, (_none, n) => entry(n)),
          },
          directory: {
            managedDevices: Array.from({ length: 150 }, (_none, n) => ({
              id: guid(8, n),
              versions: [
                { from: NOW - DAY, value: { id: guid(8, n), deviceName: `PC ${n}`, isEncrypted: true } },
              ],
            })),
          },
        }
      : {}),
  }));
  return { ...base, tenants };
}

let fixture: Fixture;
let token: string;
const get = (target: string) => fixture.get(token, target);
const filter = (text: string): string => `$filter=${encodeURIComponent(text)}`;
const change = (tenant: string, body: Raw) => fixture.control(`tenants/${tenant}`, body);

beforeAll(async () => {
  fixture = await startFixture(world());
});
beforeEach(async () => {
  token = await fixture.token(PREMIUM);
});
afterAll(() => fixture.close());

describe('alerts and incidents of Defender', () => {
  it.each([ALERTS, INCIDENTS])(
    '%s come newest first, fifty a page, in the form they have now',
    async (path) => {
      const first = await get(path);
      expect(valueOf(first)).toHaveLength(50);
      expect(valueOf(first)[0]).toMatchObject({ id: 'alert-0', status: 'new' });
      expect(valueOf(first)[1]).toMatchObject({ id: 'alert-1', status: 'resolved' });
      const all = (await readAll(fixture, token, path)).flatMap(valueOf);
      expect(all).toHaveLength(70);
    },
  );

  it('are found by when they were last updated, in spans', async () => {
    const iso = (at: number): string => new Date(at).toISOString();
    const [from, to] = [NOW - 3 * DAY, NOW - 2 * DAY + 60 * MINUTE];
    const found = await get(
      `${ALERTS}?${filter(`lastUpdateDateTime ge ${iso(from)} and lastUpdateDateTime le ${iso(to)}`)}`,
    );
    expect(valueOf(found).map(({ id }) => id)).toEqual(['alert-2', 'alert-3']);
  });

  it.each([
    ['a page of 51 incidents', `${INCIDENTS}?$top=51`, 400],
    ['a page of 50 incidents', `${INCIDENTS}?$top=50`, 200],
    ['a page of 2,001 alerts', `${ALERTS}?$top=2001`, 400],
    ['$select, which the reference does not list', `${ALERTS}?$select=id`, 400],
    ['$orderby', `${ALERTS}?$orderby=createdDateTime`, 400],
    ['a filter by title', `${ALERTS}?${filter("title eq 'Alert 1'")}`, 400],
    ['a filter of incidents by service', `${INCIDENTS}?${filter("serviceSource eq 'x'")}`, 400],
    [
      'a filter of alerts by service',
      `${ALERTS}?${filter("serviceSource eq 'microsoftDefenderForEndpoint'")}`,
      200,
    ],
  ])('answer %s as the reference says', async (_what, target, status) => {
    expect((await get(target)).status).toBe(status);
  });

  it('of a tenant that was never onboarded look like those of an app without the permission', async () => {
    const without = await fixture.token(FREE);
    const answers = [await fixture.get(without, ALERTS), await fixture.get(without, INCIDENTS)];
    await change(PREMIUM, { remove_roles: PERMISSIONS, revoke_tokens: true });
    token = await fixture.token(PREMIUM);
    answers.push(await get(ALERTS), await get(INCIDENTS));
    expect(answers.map(({ status, code }) => [status, code])).toEqual([DENIED, DENIED, DENIED, DENIED]);
    expect(new Set(answers.map(({ message }) => message)).size).toBe(1);
    await change(PREMIUM, { add_roles: PERMISSIONS, revoke_tokens: true });
  });

  it('can be added and changed by a test, which switches Defender on and off', async () => {
    const record = { id: 'mine', createdDateTime: new Date(NOW).toISOString(), status: 'new' };
    await change(PREMIUM, { add_defender_alert: { record }, add_defender_incident: { record } });
    await change(PREMIUM, { add_defender_alert: { record: { ...record, status: 'inProgress' } } });
    expect(valueOf(await get(ALERTS))[0]).toMatchObject({ id: 'mine', status: 'inProgress' });
    expect(valueOf(await get(INCIDENTS))[0]).toMatchObject({ id: 'mine', status: 'new' });
    await change(PREMIUM, { defender: false });
    expect((await get(ALERTS)).status).toBe(403);
    await change(PREMIUM, { defender: true });
    expect((await get(ALERTS)).status).toBe(200);
  });

  it('share 150 requests a minute', async () => {
    await fixture.advance(60_000);
    const statuses = await Promise.all(
      Array.from({ length: 151 }, (_none, n) => get(`${n % 2 === 0 ? ALERTS : INCIDENTS}?$top=1`)),
    );
    expect(statuses.filter(({ status }) => status === 429)).toHaveLength(1);
    await fixture.advance(60_000);
  });
});

describe('devices of Intune', () => {
  it('come a hundred a page, with what was selected', async () => {
    const first = await get(`${DEVICES}?$select=deviceName,isEncrypted`);
    expect(valueOf(first)).toHaveLength(100);
    expect(valueOf(first)[0]).toEqual({ id: guid(8, 0), deviceName: 'PC 0', isEncrypted: true });
    expect((await readAll(fixture, token, DEVICES)).flatMap(valueOf)).toHaveLength(150);
  });

  it('of a tenant without Intune are not applicable', async () => {
    const answer = await fixture.get(await fixture.token(FREE), DEVICES);
    expect([answer.status, answer.code, answer.message]).toEqual([
      400,
      'BadRequest',
      'Request not applicable to target tenant.',
    ]);
  });
});
