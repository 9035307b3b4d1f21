import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectors } from '../../src/collectors/index.ts';
import { collectState } from '../../src/jobs/collect-state.ts';
import { collectTenant } from '../../src/jobs/collect.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import { entitiesOf } from '../../src/store/entities.ts';
import { mailboxUsers } from '../../src/store/tenant-facts.ts';
import { DAY, HOUR, startSimulated, type Simulated, type SimulatedTenant } from './simulated.ts';
import { contextOf } from './some-sources.ts';

type Json = Record<string, unknown>;

let simulated: Simulated;
let runtime: Runtime;
let tenant: SimulatedTenant;

beforeAll(async () => {
  simulated = await startSimulated(2 * DAY);
  tenant = simulated.licensed;
  const config = simulated.config([tenant], simulated.folder(), { TENANTWATCH_EXCHANGE_ADMIN: 'on' });
  runtime = await simulated.open(config);
  await collectTenant(contextOf(runtime), { force: true });
}, 60_000);
afterAll(async () => {
  await runtime.close();
  await simulated.stop();
});

async function read(source: string) {
  await runtime.clock.sleep(1000);
  const collector = collectors.find((one) => one.source === source);
  if (collector?.kind !== 'state') throw new Error(`no source ${source}`);
  const counts = { read: 0, added: 0, changed: 0, rejected: 0 };
  return collectState(contextOf(runtime), collector, { hasP1: true, force: true }, counts);
}

const settings = () => entitiesOf(runtime.database.db, tenant.id, 'mailbox_settings');

async function changesOf(kind: string): Promise<Json[]> {
  const rows = await runtime.database.db
    .selectFrom('event')
    .select('raw')
    .where('tenant_id', '=', tenant.id)
    .where('feed', '=', 'changes')
    .execute();
  return rows.map((row) => JSON.parse(String(row.raw)) as Json).filter((one) => one['kind'] === kind);
}

describe('the settings of mailboxes', () => {
  it('are read of every mailbox at the first collection, and make no change by themselves', async () => {
    const users = await mailboxUsers(runtime.database.db, tenant.id);
    const found = await settings();
    expect(found.size).toBeGreaterThan(10);
    expect([...found.keys()].filter((id) => !users.includes(id))).toEqual([]);
    await runtime.clock.sleep(DAY);
    expect(await read('mailbox-settings')).toEqual({ status: 'ok' });
    expect(await settings()).toEqual(found);
    expect(await changesOf('mailbox_settings')).toEqual([]);
  });

  it('tell when somebody lets a mailbox answer by itself', async () => {
    const [id = ''] = (await settings()).keys();
    const automaticRepliesSetting = {
      status: 'alwaysEnabled',
      externalReplyMessage: 'new account: https://pay.evil.example/',
    };
    await simulated.change(tenant, {
      put_object: { collection: 'mailboxSettings', value: { id, automaticRepliesSetting } },
    });
    // Each mailbox is read once a day, however often the source is.
    await read('mailbox-settings');
    expect(await changesOf('mailbox_settings')).toEqual([]);
    await runtime.clock.sleep(DAY);
    await read('mailbox-settings');
    expect((await settings()).get(id)).toMatchObject({
      replies: { status: 'alwaysenabled', external: { domains: ['pay.evil.example'] } },
    });
    expect(await changesOf('mailbox_settings')).toMatchObject([{ op: 'changed', id }]);
  });

  it('leave what is known alone when the permission is gone', async () => {
    const before = await settings();
    await runtime.clock.sleep(DAY);
    await simulated.change(tenant, { remove_roles: ['MailboxSettings.Read'], revoke_tokens: true });
    expect(await read('mailbox-settings')).toMatchObject({ status: 'skipped', reason: 'no_permission' });
    expect(await settings()).toEqual(before);
    await simulated.change(tenant, { add_roles: ['MailboxSettings.Read'] });
    await runtime.clock.sleep(HOUR);
  });
});

const mailboxes = () => entitiesOf(runtime.database.db, tenant.id, 'mailbox');
const folders = () => entitiesOf(runtime.database.db, tenant.id, 'mailbox_folder');

describe('what is set on mailboxes in Exchange', () => {
  const GRANTED = { add_roles: ['Exchange.ManageAsAppV2'], revoke_tokens: true };

  it('is refused without the permission, and without a role in Exchange', async () => {
    const says = { status: 'skipped', reason: 'no_permission' };
    await expect(read('exchange-mailboxes')).rejects.toThrow(/grant Exchange.ManageAsAppV2/);
    await simulated.change(tenant, GRANTED);
    const results = await collectTenant(contextOf(runtime), { force: true });
    expect(results.find(({ source }) => source === 'exchange-mailboxes')?.outcome).toMatchObject({
      ...says,
      detail: expect.stringContaining('role group of Exchange that may run Get-Mailbox') as string,
    });
    expect((await mailboxes()).size).toBe(0);
  });

  it('is read page by page, with the folders that let somebody in', async () => {
    await simulated.change(tenant, { exchange: { role_group: 'Recipient Management' } });
    expect(await read('exchange-mailboxes')).toEqual({ status: 'ok' });
    const found = await mailboxes();
    expect(found.size).toBeGreaterThan(10);
    for (const mailbox of found.values())
      expect(mailbox).toMatchObject({
        forwarding: { recipient: null, address: null, keeps_copy: false },
        audit_enabled: true,
        send_on_behalf: [],
      });
    const [id = ''] = found.keys();
    expect((await folders()).get(`${id}/calendar`)).toEqual({
      mailbox_id: id,
      folder: 'calendar',
      grants: ['Default=AvailabilityOnly'],
    });
    expect((await folders()).get(`${id}/inbox`)).toMatchObject({ grants: [] });
    const { requests } = await simulated.report();
    expect(requests['POST /adminapi/Mailbox']).toBeGreaterThan(1);
  });

  it('shows forwarding at the next read, and permissions within a day', async () => {
    const [id = ''] = (await mailboxes()).keys();
    const value = {
      id,
      ForwardingSmtpAddress: 'smtp:Drop@Evil.example',
      AuditEnabled: false,
      GrantSendOnBehalfTo: ['helper'],
      folderPermissions: { Posteingang: [{ User: 'helper', AccessRights: ['Editor'] }] },
    };
    await simulated.change(tenant, { put_object: { collection: 'exchangeMailboxes', value } });
    await read('exchange-mailboxes');
    expect((await mailboxes()).get(id)).toMatchObject({
      forwarding: { address: 'drop@evil.example' },
      audit_enabled: false,
      send_on_behalf: ['helper'],
    });
    expect(await changesOf('mailbox')).toMatchObject([{ op: 'changed', id }]);
    await runtime.clock.sleep(23 * HOUR);
    await read('exchange-mailboxes');
    expect((await folders()).get(`${id}/inbox`)).toMatchObject({ grants: ['helper=Editor'] });
  });

  it('that Exchange does not tell is unknown, never off', async () => {
    await simulated.change(tenant, { exchange: { tells: 'documented' } });
    expect(await read('exchange-mailboxes')).toEqual({ status: 'ok' });
    const found = await mailboxes();
    expect(found.size).toBeGreaterThan(10);
    for (const mailbox of found.values())
      expect(mailbox).toMatchObject({ forwarding: null, audit_enabled: null });
    await simulated.change(tenant, { exchange: { tells: 'everything' } });
  });

  it.each([
    ['foreign_next_link', /leads elsewhere \(outlook.foreign.example\).*nothing was sent there/],
    ['malformed', /malformed or truncated JSON/],
  ])('is left as it was when an answer is %s', async (kind, reason) => {
    const before = await mailboxes();
    await simulated.faults({ kind, match: '/Mailbox', tenant: tenant.id, times: null });
    await expect(read('exchange-mailboxes')).rejects.toThrow(reason);
    await simulated.clearFaults();
    expect(await mailboxes()).toEqual(before);
  });

  it('is not asked for unless the operator says so', async () => {
    const off = await simulated.open(simulated.config([tenant], simulated.folder()));
    const [one] = off.config.tenants;
    if (one === undefined) throw new Error('no tenant');
    const { database, clock, signal } = off;
    const graph = off.graph(one);
    const asked = { database, clock, signal, graph, tenant: one, signInsApi: 'auto' as const };
    const before = (await simulated.report()).requests;
    const outcome = (await collectTenant(asked, { force: true })).find(
      ({ source }) => source === 'exchange-mailboxes',
    )?.outcome;
    expect(outcome).toMatchObject({ status: 'skipped', reason: 'not_configured' });
    const after = (await simulated.report()).requests;
    expect(after['POST /adminapi/Mailbox']).toBe(before['POST /adminapi/Mailbox']);
    await off.close();
  });
});
