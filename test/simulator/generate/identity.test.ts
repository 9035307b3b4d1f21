import { describe, expect, test } from 'vitest';
import type { Raw } from '../../../src/simulator/world.ts';
import { asText, at, makeWorld, tenantNamed } from './small-world.ts';

const world = makeWorld();
const identity = world.tenants.map((tenant) => ({ tenant, data: tenant.identity }));

function typed(type: string) {
  return identity.flatMap(({ tenant, data }) =>
    (data?.otherSignIns ?? [])
      .filter(({ record }) => at(record, 'signInEventTypes.0') === type)
      .map((entry) => ({ tenant, entry })),
  );
}

describe('sign-ins that no person types', () => {
  test('are one and a half times as many as interactive ones, and in order of time', () => {
    for (const { tenant, data } of identity) {
      const others = data?.otherSignIns ?? [];
      expect(others.length).toBeGreaterThan(tenant.signIns.length);
      expect(others.length).toBeLessThan(tenant.signIns.length * 2);
      expect(others.map((entry) => entry.at)).toEqual(
        others.map((entry) => entry.at).toSorted((a, b) => a - b),
      );
      expect(others.every((entry) => entry.availableAt > entry.at && entry.at <= world.to)).toBe(true);
    }
  });

  test('of a user follow a sign-in of the same user, app, session and place', () => {
    const same = ['userId', 'appId', 'sessionId', 'ipAddress', 'userAgent'];
    const keyOf = (record: Raw) => same.map((name) => String(record[name])).join('|');
    const first = new Map<string, number>();
    for (const { signIns } of world.tenants)
      for (const { at: when, record } of signIns)
        first.set(keyOf(record), Math.min(when, first.get(keyOf(record)) ?? Infinity));
    const refreshes = typed('nonInteractiveUser');
    expect(refreshes.length).toBeGreaterThan(10_000);
    for (const { entry } of refreshes) {
      expect(first.get(keyOf(entry.record))).toBeLessThan(entry.at);
      expect(entry.record['isInteractive']).toBe(false);
      expect(at(entry.record, 'status.errorCode')).toBe(0);
    }
  });

  test('of a stolen session come from the thief', () => {
    const tenant = tenantNamed(world, 'Muster Bau GmbH');
    const [first] = tenant.identity?.riskDetections ?? [];
    const theft = tenant.signIns.find(({ id }) => id === first?.record['requestId']);
    const uses = typed('nonInteractiveUser').filter(
      ({ entry }) => entry.record['sessionId'] === theft?.record['sessionId'],
    );
    expect(theft).toBeDefined();
    for (const { entry } of uses) expect(entry.record['ipAddress']).toBe(theft?.record['ipAddress']);
  });

  test('of programs have no user and one id a program', () => {
    const runs = typed('servicePrincipal');
    expect(runs.length).toBeGreaterThan(world.tenants.length * 150);
    for (const { entry } of runs) {
      expect(entry.record).toMatchObject({ userId: '', userPrincipalName: '', isInteractive: false });
      expect(entry.record['servicePrincipalId']).toMatch(/^[0-9a-f-]{36}$/);
    }
    const ids = new Set(runs.map(({ entry }) => entry.record['servicePrincipalId']));
    expect(ids.size).toBe(world.tenants.length * 3);
    expect(typed('managedIdentity').length).toBe(60);
  });
});

describe('what Entra ID Protection says', () => {
  test('is about sign-ins of stories, of which it has id, user, place and time', () => {
    const found = identity.flatMap(({ tenant, data }) =>
      (data?.riskDetections ?? []).map(({ record }) => ({ tenant, record })),
    );
    expect(found.length).toBe(6);
    for (const { tenant, record } of found) {
      const signIn = tenant.signIns.find(({ id }) => id === record['requestId'])?.record;
      for (const name of ['userId', 'ipAddress', 'correlationId', 'userPrincipalName'])
        expect(record[name]).toBe(signIn?.[name]);
      expect(Date.parse(String(record['activityDateTime']))).toBe(
        Date.parse(String(signIn?.['createdDateTime'])),
      );
      expect(record['activityDateTime']).toMatch(/\.\d{7}Z$/);
      expect(JSON.parse(String(record['additionalInfo']))).toEqual([
        { Key: 'userAgent', Value: signIn?.['userAgent'] },
      ]);
    }
  });

  test('makes their users risky, and one of them is remediated', () => {
    const risky = identity.flatMap(({ data }) => data?.riskyUsers ?? []);
    expect(risky.length).toBe(4);
    const last = risky.map(({ versions }) => versions.at(-1)?.value?.['riskState']);
    expect(last.filter((state) => state === 'remediated')).toHaveLength(1);
    const detections = identity.flatMap(({ data }) => data?.riskDetections ?? []);
    const users = new Set(detections.map(({ record }) => record['userId']));
    expect(new Set(risky.map(({ id }) => id))).toEqual(users);
  });

  test('is the same for the same seed', () => {
    expect(asText(makeWorld(1, 3))).toBe(asText(makeWorld(1, 3)));
  });
});
