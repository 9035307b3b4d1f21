import { describe, expect, test } from 'vitest';
import type { Raw } from '../../../src/simulator/world.ts';
import { makeWorld, tenantOf } from './small-world.ts';

const world = makeWorld();
const tenant = tenantOf(world);
const records = world.tenants.flatMap(({ directoryAudits }) => directoryAudits.map(({ record }) => record));
const named = (name: string) => records.filter(({ activityDisplayName }) => activityDisplayName === name);

interface Target {
  readonly type: string;
  readonly modifiedProperties: readonly {
    displayName: string;
    oldValue: string | null;
    newValue: string | null;
  }[];
}
const targets = (record: Raw) => record.targetResources as Target[];

describe('a simulated directory audit', () => {
  test('has an id of the service, the correlation, five characters and a number', () => {
    for (const { id, correlationId, loggedByService } of records) {
      const service = loggedByService === 'Core Directory' ? 'Directory' : String(loggedByService);
      expect(id).toMatch(
        new RegExp(`^${service.replace(/[()]/g, '.')}_${String(correlationId)}_[A-Z0-9]{5}_\\d+$`),
      );
    }
    expect(records.some(({ id }) => String(id).includes(' '))).toBe(true);
  });

  test('is dated with seven decimals', () => {
    for (const { activityDateTime } of records) expect(activityDateTime).toMatch(/T\d\d:\d\d:\d\d\.\d{7}Z$/);
  });

  test('names user and app as initiator, exactly one of them not null, an app without appId', () => {
    for (const { initiatedBy } of records) {
      const { user, app } = initiatedBy as { user: Raw | null; app: Raw | null };
      expect((user === null) !== (app === null)).toBe(true);
      if (app) expect(app).toMatchObject({ appId: null, servicePrincipalId: expect.any(String) });
    }
  });

  test('carries changed values as JSON inside strings, or null', () => {
    const values = records.flatMap((record) =>
      targets(record).flatMap(({ modifiedProperties }) =>
        modifiedProperties.flatMap((p) => [p.oldValue, p.newValue]),
      ),
    );
    expect(values.filter((value) => value !== null).length).toBeGreaterThan(500);
    for (const value of values) if (value !== null) expect(() => JSON.parse(value) as unknown).not.toThrow();
  });

  test.each([
    'Update user',
    'Change user license',
    'Update device',
    'Add member to group',
    'Remove member from group',
    'Reset password',
    'Change password (self-service)',
    'User registered security info',
    'Add user',
    'Disable account',
    'Update group',
    'Invite external user',
    'Redeem external user invite',
    'Consent to application',
  ])('"%s" happens', (activity) => {
    expect(named(activity).length).toBeGreaterThan(0);
  });

  test('an ordinary working day has tens of them', () => {
    const days = Map.groupBy(tenant.directoryAudits, ({ at }) => new Date(at).toISOString().slice(0, 10));
    const working = [...days].filter(([day]) => ![0, 6].includes(new Date(day).getUTCDay()));
    const counts = working.map(([, list]) => list.length).toSorted((a, b) => a - b);
    const median = counts[Math.floor(counts.length / 2)] ?? 0;
    expect(median).toBeGreaterThan(15);
    expect(median).toBeLessThan(60);
  });

  test('agrees with the directory: who is disabled there is disabled here at that moment', () => {
    const disabled = tenant.directoryAudits.filter(
      ({ record }) => record.activityDisplayName === 'Disable account',
    );
    expect(disabled.length).toBe(2);
    for (const { record, at } of disabled) {
      const id = (record.targetResources as { id: string }[])[0]?.id;
      const versions = tenant.users.find((user) => user.id === id)?.versions ?? [];
      expect(versions.find(({ value }) => value?.accountEnabled === false)?.from).toBe(at);
    }
  });

  test('a role is given with the member and the role as targets', () => {
    const given = named('Add member to role');
    expect(given.length).toBe(3);
    for (const record of given) {
      expect(targets(record).map(({ type }) => type)).toEqual(['User', 'Role']);
      const properties = targets(record)[0]?.modifiedProperties.map(({ displayName }) => displayName);
      expect(properties).toEqual([
        'Role.ObjectID',
        'Role.DisplayName',
        'Role.TemplateId',
        'Role.WellKnownObjectName',
      ]);
    }
    const names = given.map((record) => targets(record)[0]?.modifiedProperties[1]?.newValue);
    expect(new Set(names)).toEqual(new Set(['"Global Administrator"', '"User Administrator"']));
  });
});
