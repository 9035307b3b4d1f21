import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalogue, type Catalogue } from '../../src/detection/catalogue.ts';
import { cycleTenant } from '../../src/jobs/cycle.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import { openCheckDatabase } from '../../src/store/check-database.ts';
import { entitiesOf } from '../../src/store/entities.ts';
import { sourceStates } from '../../src/store/reads.ts';
import { DAY, END, HOUR, MINUTE, startSimulated, type Simulated, type SimulatedTenant } from './simulated.ts';

const BEGIN = END - 7 * DAY;
const OUR_SOURCES = [
  'groups',
  'applications',
  'service-principals',
  'oauth2-grants',
  'app-role-assignments',
  'role-eligibility',
  'role-assignment-schedules',
];
const APP = '3c000000-1111-4222-8333-000000000001';
const GROUP = '2a000000-1111-4222-8333-000000000001';
const MANY = '3c000000-1111-4222-8333-000000000002';

let simulated: Simulated;
let runtime: Runtime;
let catalogue: Catalogue;
let at = BEGIN;

/** A round of both tenants, an hour after the last one and some minutes, so that every source of ours is due. */
async function round(): Promise<void> {
  await runtime.clock.sleep(Math.max(0, at - runtime.clock.now()));
  for (const tenant of runtime.config.tenants) await cycleTenant(runtime, catalogue, tenant);
  at = runtime.clock.now() + HOUR + 5 * MINUTE;
}

async function statuses(tenant: SimulatedTenant) {
  const states = await sourceStates(runtime.database.db, tenant.id);
  return Object.fromEntries(
    states
      .filter(({ source }) => OUR_SOURCES.includes(source))
      .map((state) => [state.source, state.last_reason ?? state.last_status]),
  );
}

/** `<kind> <op>` of the changes that were stored, with counts. */
async function changes(tenant: SimulatedTenant, kinds: readonly string[]) {
  const rows = await runtime.database.db
    .selectFrom('event')
    .select('activity')
    .where('tenant_id', '=', tenant.id)
    .where('feed', '=', 'changes')
    .execute();
  const counts: Record<string, number> = {};
  for (const { activity } of rows) {
    if (activity === null || !kinds.includes(activity.split(' ')[0] ?? '')) continue;
    counts[activity] = (counts[activity] ?? 0) + 1;
  }
  return counts;
}

const entities = (tenant: SimulatedTenant, kind: string) => entitiesOf(runtime.database.db, tenant.id, kind);
const put = (collection: string, value: object) =>
  simulated.change(simulated.licensed, { put_object: { collection, value } });

beforeAll(async () => {
  simulated = await startSimulated(7 * DAY);
  catalogue = await loadCatalogue();
  await put('applications', { id: MANY, appId: MANY, displayName: 'Many', owners: [] });
  const config = simulated.config([simulated.licensed, simulated.free], simulated.folder());
  runtime = await simulated.open(config);
  await round();
}, 60_000);

afterAll(async () => {
  await runtime?.close();
  await simulated?.stop();
});

describe('applications, groups and PIM', () => {
  it('are read where they may be; without P2 PIM is skipped and roles are still known', async () => {
    const read = Object.fromEntries(OUR_SOURCES.map((source) => [source, 'ok']));
    const expected = { ...read, 'role-eligibility': 'no_licence', 'role-assignment-schedules': 'no_licence' };
    for (const tenant of [simulated.licensed, simulated.free]) {
      expect(await statuses(tenant)).toEqual(expected);
      expect((await entities(tenant, 'role_assignment')).size).toBeGreaterThan(2);
    }
  });

  it('make no changes on the first read', async () => {
    for (const tenant of [simulated.licensed, simulated.free]) {
      expect((await entities(tenant, 'service_principal')).size).toBeGreaterThan(15);
      expect((await entities(tenant, 'application')).size).toBeGreaterThan(2);
      expect((await entities(tenant, 'group')).size).toBeGreaterThan(3);
      expect(await changes(tenant, ['application', 'service_principal', 'group', 'group_member'])).toEqual(
        {},
      );
    }
  });

  it('name what our own application may do', async () => {
    const permissions = [...(await entities(simulated.licensed, 'app_role_assignment')).values()]
      .filter((one) => one['principal_name'] === 'tenantwatch')
      .map((one) => one['permission']);
    expect(permissions).toContain('RoleManagement.Read.Directory');
    expect(permissions).toContain('ActivityFeed.Read');
    expect(permissions).not.toContain(null);
  });

  it('bring federated credentials of the one application that has any, and no secret of any', async () => {
    const found = [...(await entities(simulated.licensed, 'federated_credential')).values()];
    expect(found).toMatchObject([{ issuer: 'https://token.actions.githubusercontent.com' }]);
    const stored = JSON.stringify([...(await entities(simulated.licensed, 'application')).values()]);
    expect(stored).toContain('Kontaktformular');
    expect(stored).not.toMatch(/hint|secretText/);
  });

  it('show who holds a role through a group, and since a change who does not any more', async () => {
    const viaGroup = async () => {
      const views = openCheckDatabase(runtime.database, simulated.licensed.id);
      const rows = await views.query(
        'SELECT r.via, u.upn FROM v_role_assignment r JOIN v_user u ON u.id = r.principal_id WHERE r.via IS NOT NULL ORDER BY u.upn',
        0,
      );
      views.close();
      return rows.map(({ upn }) => String(upn).split('@')[0]);
    };
    expect(await viaGroup()).toEqual(['adm.keller', 'adm.sommer']);
    const groups = await entities(simulated.licensed, 'group');
    const [id] = [...groups].find(([, group]) => group['role_assignable'] === true) ?? [''];
    const members = [...(await entities(simulated.licensed, 'group_member')).values()]
      .filter((one) => one['group_id'] === id && String(one['member_upn']).startsWith('adm.sommer'))
      .map((one) => one['member_id']);
    await put('groups', { id, members });
    await round();
    expect(await viaGroup()).toEqual(['adm.sommer']);
    expect(await changes(simulated.licensed, ['group_member', 'group'])).toEqual({
      'group_member removed': 1,
    });
  });

  it('tell a new secret, a new consent and a new role of an application as changes', async () => {
    await put('applications', {
      id: MANY,
      passwordCredentials: [{ keyId: APP, displayName: 'new', secretText: null }],
    });
    await put('servicePrincipals', { id: APP, appId: MANY, displayName: 'Many' });
    await put('oauth2Grants', {
      id: 'grant',
      clientId: APP,
      consentType: 'AllPrincipals',
      scope: ' Mail.Read',
    });
    const graph = [...(await entities(simulated.licensed, 'service_principal'))].find(
      ([, one]) => one['app_id'] === '00000003-0000-0000-c000-000000000000',
    );
    await put('appRoleAssignments', {
      id: 'role',
      appRoleId: '9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8',
      principalId: APP,
      principalType: 'ServicePrincipal',
      principalDisplayName: 'Many',
      resourceId: graph?.[0],
    });
    await round();
    const kinds = ['application', 'service_principal', 'oauth2_grant', 'app_role_assignment'];
    expect(await changes(simulated.licensed, kinds)).toMatchObject({
      'application changed': 1,
      'oauth2_grant added': 1,
      'app_role_assignment added': 1,
    });
    expect((await entities(simulated.licensed, 'app_role_assignment')).get('role')).toMatchObject({
      permission: 'RoleManagement.ReadWrite.Directory',
      risk: 'tier-0',
    });
  });

  it('watch a group once it can hold roles, from its first read on, and forget the members with it', async () => {
    await put('groups', { id: GROUP, displayName: 'New', isAssignableToRole: true, members: [] });
    await round();
    const [user] = [...(await entities(simulated.licensed, 'user')).keys()];
    await put('groups', { id: GROUP, members: [user] });
    await round();
    const seen = async () => (await entities(simulated.licensed, 'group_member')).has(`${GROUP}/${user}`);
    expect(await seen()).toBe(true);
    expect(await changes(simulated.licensed, ['group_member'])).toMatchObject({ 'group_member added': 1 });
    await simulated.change(simulated.licensed, { delete_object: { collection: 'groups', id: GROUP } });
    await round();
    expect(await seen()).toBe(false);
  });

  it('resync without false changes when the delta of groups is gone', async () => {
    const before = await changes(simulated.licensed, ['group', 'group_member']);
    await simulated.faults({ kind: 'delta_gone', match: 'groups/delta', times: 1 });
    await round();
    expect((await statuses(simulated.licensed))['groups']).toBe('ok');
    expect(await changes(simulated.licensed, ['group', 'group_member'])).toEqual(before);
    await simulated.clearFaults();
  });

  it('keep all owners of an application that has more than one answer holds', async () => {
    const owners = [...(await entities(simulated.licensed, 'user')).keys()].slice(0, 23);
    await put('applications', { id: MANY, owners });
    await round();
    expect((await entities(simulated.licensed, 'application')).get(MANY)?.['owners']).toEqual(owners.sort());
  });

  it('are skipped in words without the permission, federated credentials alone where only they need it', async () => {
    const { licensed } = simulated;
    await simulated.change(licensed, { remove_roles: ['Application.Read.All'], revoke_tokens: true });
    await round();
    expect(await statuses(licensed)).toMatchObject({ applications: 'ok', 'service-principals': 'ok' });
    const read = await runtime.database.db
      .selectFrom('read')
      .select(['status', 'reason'])
      .where('tenant_id', '=', licensed.id)
      .where('scope', '=', 'federated-credentials')
      .orderBy('started_at', 'desc')
      .executeTakeFirst();
    expect(read).toMatchObject({
      status: 'skipped',
      reason: expect.stringContaining('Application.Read.All'),
    });
    expect((await entities(licensed, 'federated_credential')).size).toBe(1);
    await simulated.change(licensed, {
      remove_roles: ['Directory.Read.All', 'Group.Read.All'],
      revoke_tokens: true,
    });
    await round();
    expect(await statuses(licensed)).toMatchObject({
      groups: 'no_permission',
      applications: 'no_permission',
      'service-principals': 'no_permission',
      'oauth2-grants': 'no_permission',
      'app-role-assignments': 'no_permission',
    });
    expect((await entities(licensed, 'application')).size).toBeGreaterThan(2);
  });

  it('with P2 show who may switch a role on and how roles are held', async () => {
    const { licensed } = simulated;
    await simulated.change(licensed, { licence: 'p2' });
    await round();
    await round();
    expect(await statuses(licensed)).toMatchObject({
      'role-eligibility': 'ok',
      'role-assignment-schedules': 'ok',
    });
    expect([...(await entities(licensed, 'role_eligibility')).values()]).toMatchObject([
      { role: 'Exchange Administrator', member_type: 'direct', principal_kind: 'user' },
    ]);
    const held = [...(await entities(licensed, 'role_assignment_schedule')).values()];
    expect(held.length).toBe((await entities(licensed, 'role_assignment')).size);
    expect(new Set(held.map((one) => one['assignment_type']))).toEqual(new Set(['assigned']));
  });
});
