import { describe, expect, test } from 'vitest';
import { at, forms, makeWorld } from './small-world.ts';

const world = makeWorld();
const onboarded = world.tenants.filter(({ defender }) => defender !== undefined);

describe('Defender in a quiet month', () => {
  test('is there where a licence holds it, and Intune too', () => {
    for (const tenant of world.tenants) {
      const plans = tenant.subscribedSkus.flatMap(({ servicePlans }) =>
        (servicePlans as { servicePlanName: string }[]).map(({ servicePlanName }) => servicePlanName),
      );
      expect(tenant.defender !== undefined, tenant.name).toBe(plans.includes('MDE_SMB'));
      expect(tenant.intune, tenant.name).toBe(plans.includes('INTUNE_A'));
    }
    expect(onboarded.length).toBeGreaterThan(0);
    expect(onboarded.length).toBeLessThan(world.tenants.length);
  });

  test('has a few alerts, none of them above low, each in an incident and closed in the end', () => {
    for (const { name, defender } of onboarded) {
      const alerts = defender?.alerts ?? [];
      expect(alerts.length, name).toBeGreaterThan(0);
      expect(alerts.length, name).toBeLessThan(15);
      const incidents = new Set(defender?.incidents.map(({ id }) => id));
      expect(incidents.size).toBe(alerts.length);
      for (const entry of alerts) {
        const [first, last] = [forms(entry)[0], forms(entry).at(-1)];
        expect(['informational', 'low']).toContain(first?.['severity']);
        expect(incidents.has(String(first?.['incidentId']))).toBe(true);
        expect([first?.['status'], last?.['status']]).toEqual(['new', 'resolved']);
        expect(entry.at).toBeLessThan(entry.availableAt);
      }
    }
  });

  test('names people and computers of the tenant', () => {
    for (const { defender, users, directory } of onboarded) {
      const people = new Set(users.map(({ id }) => id));
      const computers = new Set(
        directory?.devices?.map(({ versions }) => versions[0]?.value?.['deviceId']) ?? [],
      );
      for (const { record } of defender?.alerts ?? []) {
        for (const piece of record['evidence'] as Record<string, unknown>[]) {
          const user = at(piece, 'userAccount.azureAdUserId');
          if (user !== undefined) expect(people.has(String(user))).toBe(true);
          if (piece['azureAdDeviceId'] !== undefined)
            expect(computers.has(piece['azureAdDeviceId'])).toBe(true);
        }
      }
    }
  });
});

describe('devices of Intune', () => {
  test('are the company’s computers, joined by the id of Entra ID', () => {
    for (const { directory, intune } of world.tenants) {
      const managed = directory?.managedDevices ?? [];
      expect(managed.length > 0).toBe(intune);
      const known = new Map(
        directory?.devices?.map(({ versions }) => [
          versions[0]?.value?.['deviceId'],
          versions[0]?.value?.['displayName'],
        ]),
      );
      for (const { versions } of managed) {
        const value = versions[0]?.value;
        expect(known.get(value?.['azureADDeviceId'])).toBe(value?.['deviceName']);
      }
    }
  });
});
