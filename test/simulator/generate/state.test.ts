import { describe, expect, test } from 'vitest';
import { findFolder, folderId, MAIL_FOLDERS } from '../../../src/simulator/folders.ts';
import type { Raw } from '../../../src/simulator/world.ts';
import { makeWorld, tenantOf } from './small-world.ts';

const P1 = '41781fb2-bc02-4b7c-bd55-b576c07bb09d';
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const world = makeWorld();
const tenant = tenantOf(world);
const free = tenantOf(world, 'free');
const last = (object: { versions: readonly { value: Raw | null }[] }) => object.versions.at(-1)?.value ?? {};

/** When an account first had a session, UTC epoch ms. */
function firstSession(userId: string): number | undefined {
  return tenant.signIns.find(({ record }) => record.userId === userId && record.sessionId !== '')?.at;
}

describe('directory state', () => {
  test('has a tenant with Entra ID P1 of about thirty employees and one without of about ten', () => {
    const plans = (skus: readonly Raw[]) => JSON.stringify(skus);
    expect(plans(tenant.subscribedSkus)).toContain(P1);
    expect(plans(free.subscribedSkus)).not.toContain(P1);
    const employees = (of: typeof tenant) =>
      of.users.filter((user) => last(user).employeeType === 'Employee').length;
    expect([employees(tenant), employees(free)]).toEqual([30, 10]);
  });

  test('every tenant and object id is a GUID, every domain a reserved one', () => {
    for (const { id, users, defaultDomain, organization } of world.tenants) {
      expect([id, ...users.map((user) => user.id)].every((guid) => GUID.test(guid))).toBe(true);
      expect(defaultDomain).toMatch(/\.example$/);
      const domains = organization.verifiedDomains as { name: string; isDefault: boolean }[];
      expect(domains.every(({ name }) => name.endsWith('.example'))).toBe(true);
      expect(domains.find(({ isDefault }) => isDefault)?.name).toBe(defaultDomain);
      expect(organization.id).toBe(id);
    }
  });

  test('consumed units are the licensed people', () => {
    for (const { users, subscribedSkus } of world.tenants) {
      for (const sku of subscribedSkus) {
        const everLicensed = users.filter(({ versions }) =>
          JSON.stringify(versions).includes(String(sku.skuId)),
        );
        expect(sku.consumedUnits).toBe(everLicensed.length);
      }
    }
  });

  test('has every built-in role, with templateId as id', () => {
    expect(tenant.roleDefinitions.length).toBe(145);
    expect(tenant.roleDefinitions.every(({ id, templateId }) => id === templateId)).toBe(true);
    const definitions = new Set(tenant.roleDefinitions.map(({ id }) => id));
    const groups = tenant.directory?.groups ?? [];
    const principals = new Set([...tenant.users, ...groups].map(({ id }) => id));
    for (const assignment of world.tenants[0]?.roleAssignments ?? []) {
      expect(definitions.has(last(assignment).roleDefinitionId)).toBe(true);
      expect(principals.has(String(last(assignment).principalId))).toBe(true);
      expect(last(assignment)).toMatchObject({ directoryScopeId: '/', principalOrganizationId: tenant.id });
    }
  });

  test('a joiner appears without a licence and gets one', () => {
    const joiner = tenant.users.find((user) => last(user).displayName === 'Tobias Frei');
    const [created, licensed] = joiner?.versions ?? [];
    expect(created?.value?.assignedLicenses).toEqual([]);
    expect(licensed?.value?.assignedLicenses).toHaveLength(1);
    expect(Date.parse(String(created?.value?.createdDateTime))).toBe(created?.from);
  });

  test('a joiner has a session only after the licence', () => {
    const joiner = tenant.users.find((user) => last(user).displayName === 'Tobias Frei');
    expect(firstSession(String(joiner?.id))).toBeGreaterThan(joiner?.versions[1]?.from ?? Infinity);
  });

  test('a guest is invited and accepts two hours later', () => {
    const guest = tenant.users.find((user) => last(user).displayName === 'Regula Meier');
    const states = guest?.versions.map(({ value }) => value?.externalUserState);
    expect(states).toEqual(['PendingAcceptance', 'Accepted']);
  });

  test('only licensed people and shared mailboxes have a mailbox, and the licensed show an exchange plan', () => {
    const withMailbox = tenant.users.filter(({ id }) => tenant.messageRules.has(id));
    expect(withMailbox.length).toBe(33);
    const plans = (user: (typeof withMailbox)[number]) =>
      JSON.stringify(user.versions).includes('"capabilityStatus":"Enabled","service":"exchange"');
    expect(withMailbox.filter(plans).length).toBe(31);
    expect(tenant.users.filter((user) => !tenant.messageRules.has(user.id)).some(plans)).toBe(false);
  });
});

describe('inbox rules', () => {
  const rules = [...tenant.messageRules].flatMap(([userId, list]) =>
    list.map((rule) => ({ userId, rule: last(rule) })),
  );

  test('exist in ordinary form, some forwarding inside the organisation', () => {
    const names = new Set(rules.map(({ rule }) => rule.displayName));
    expect(names).toContain('Newsletter');
    expect(names).toContain('Projekte ablegen');
    expect([...names].some((name) => String(name).startsWith('Kopie an'))).toBe(true);
  });

  test('move into folders that their mailbox can resolve', () => {
    const moves = rules.flatMap(({ userId, rule }) => {
      const { moveToFolder, copyToFolder } = rule.actions as Raw;
      return [moveToFolder, copyToFolder]
        .filter((id) => id !== undefined)
        .map((id) => ({ userId, id: String(id) }));
    });
    expect(moves.length).toBeGreaterThan(5);
    for (const { userId, id } of moves) expect(findFolder(userId, id)?.displayName).toBeTypeOf('string');
  });

  test('folder ids are opaque, stable, and belong to one mailbox', () => {
    const ids = MAIL_FOLDERS.flatMap(({ key }) => ['a', 'b'].map((user) => folderId(user, key)));
    expect(new Set(ids).size).toBe(MAIL_FOLDERS.length * 2);
    expect(folderId('a', 'inbox')).toBe(folderId('a', 'inbox'));
    expect(findFolder('a', folderId('b', 'inbox'))).toBeUndefined();
    expect(findFolder('a', 'JunkEmail')?.displayName).toBe('Junk Email');
    expect(findFolder('a', folderId('a', 'rssfeeds'))).toMatchObject({
      displayName: 'RSS Feeds',
      wellKnownName: null,
    });
  });
});
