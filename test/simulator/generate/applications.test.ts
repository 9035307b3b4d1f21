import { describe, expect, test } from 'vitest';
import type { DirectoryCollection, Raw, SimulatedTenant, StateObject } from '../../../src/simulator/world.ts';
import { makeWorld, tenantNamed } from './small-world.ts';

const world = makeWorld(5, 30);

function values(tenant: SimulatedTenant, collection: DirectoryCollection): Raw[] {
  return (tenant.directory?.[collection] ?? []).map(last);
}

function last(object: StateObject): Raw {
  return object.versions.at(-1)?.value ?? {};
}

describe('applications of the simulated tenants', () => {
  test('are known by Microsoft’s own ids, and each has one service principal', () => {
    for (const tenant of world.tenants) {
      const principals = values(tenant, 'servicePrincipals');
      const appIds = principals.map(({ appId }) => appId);
      expect(new Set(appIds).size).toBe(appIds.length);
      expect(principals.find(({ appId }) => appId === '00000003-0000-0000-c000-000000000000')).toMatchObject({
        displayName: 'Microsoft Graph',
        appOwnerOrganizationId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
      });
      for (const app of values(tenant, 'applications')) expect(appIds).toContain(app['appId']);
    }
  });

  test('never show a secret', () => {
    const text = JSON.stringify(world.tenants.map(({ directory }) => directory));
    for (const { app } of world.tenants) expect(text).not.toContain(app.secret);
    expect(text).not.toMatch(/"secretText":"|"key":"/);
  });

  test('were consented to as the audits say', () => {
    for (const tenant of world.tenants) {
      const consent = tenant.directoryAudits.find(
        ({ record }) => record['activityDisplayName'] === 'Consent to application',
      );
      const [target] = consent?.record['targetResources'] as Raw[];
      const grant = values(tenant, 'oauth2Grants').find(({ clientId }) => clientId === target?.['id']);
      expect(grant).toMatchObject({ consentType: 'AllPrincipals', scope: ' User.Read openid profile' });
      const principal = tenant.directory?.servicePrincipals?.find(({ id }) => id === target?.['id']);
      expect(principal?.versions[0]?.from).toBeLessThanOrEqual(consent?.at ?? 0);
    }
  });

  test('may do what their assignments say, ours what it was granted', () => {
    for (const tenant of world.tenants) {
      const principals = new Map(values(tenant, 'servicePrincipals').map((one) => [one['id'], one]));
      const assignments = values(tenant, 'appRoleAssignments');
      for (const one of assignments) {
        const api = principals.get(one['resourceId']);
        expect((api?.['appRoles'] as Raw[]).map(({ id }) => id)).toContain(one['appRoleId']);
        expect(principals.has(one['principalId'])).toBe(true);
      }
      const ours = [...principals.values()].find(({ appId }) => appId === tenant.app.clientId);
      const held = assignments.filter(({ principalId }) => principalId === ours?.['id']);
      expect(held.length).toBeGreaterThanOrEqual(10);
    }
  });
});

describe('groups of the simulated tenants', () => {
  test('have at each time the members that the audits tell', () => {
    let seen = 0;
    for (const tenant of world.tenants) {
      for (const { at, record } of tenant.directoryAudits) {
        const name = String(record['activityDisplayName']);
        if (!/(?:Add|Remove) member (?:to|from) group/.test(name)) continue;
        const [person, target] = record['targetResources'] as Raw[];
        const group = tenant.directory?.groups?.find(({ id }) => id === target?.['id']);
        const version = group?.versions.findLast(({ from }) => from <= at)?.value;
        const isMember = (version?.['members'] as string[]).includes(String(person?.['id']));
        expect(isMember, name).toBe(name.startsWith('Add'));
        seen += 1;
      }
    }
    expect(seen).toBeGreaterThan(5);
  });

  test('hold a role where groups can, with members of their own', () => {
    const tenant = tenantNamed(world, 'Muster Bau GmbH');
    const able = values(tenant, 'groups').filter((group) => group['isAssignableToRole'] === true);
    expect(able).toHaveLength(1);
    const held = tenant.roleAssignments
      .map(last)
      .filter(({ principalId }) => principalId === able[0]?.['id']);
    expect(held).toHaveLength(1);
    expect(able[0]?.['members']).toHaveLength(2);
  });
});
