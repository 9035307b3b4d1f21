import { describe, expect, it } from 'vitest';
import { generateWorld } from '../../../src/simulator/generate/index.ts';
import type { SimulatedTenant } from '../../../src/simulator/world.ts';
import { asText, TO } from './small-world.ts';

const DAY = 86_400_000;
const OPTIONS = { seed: 3, days: 4, to: TO };

function crowd(users: number, seed = 3): SimulatedTenant {
  const tenant = generateWorld({ ...OPTIONS, seed, users }, []).tenants[0];
  if (!tenant) throw new Error('no large tenant in the world');
  return tenant;
}

describe('the large tenant', () => {
  const tenant = crowd(200);
  const other = tenant.identity?.otherSignIns ?? [];

  it('comes beside the small ones and changes nothing of them', () => {
    const world = generateWorld({ ...OPTIONS, users: 40 });
    const small = generateWorld(OPTIONS);
    expect(world.tenants).toHaveLength(small.tenants.length + 1);
    expect(asText({ ...world, tenants: world.tenants.slice(0, -1) })).toBe(asText(small));
  });

  it('has as many accounts as were asked for, each of its own name, and P1', () => {
    const names = tenant.users.map(({ versions }) => versions[0]?.value?.['userPrincipalName']);
    expect(new Set(names).size).toBe(200);
    expect(tenant.licence).toBe('p1');
  });

  it('makes the same record each time that it is asked for, and another in another world', () => {
    const [signIn] = tenant.signIns;
    expect(signIn?.record).toEqual(signIn?.record);
    expect(crowd(200).signIns.map(({ id }) => id)).toEqual(tenant.signIns.map(({ id }) => id));
    expect(crowd(200, 4).signIns[0]?.id).not.toBe(signIn?.id);
  });

  it.each([
    ['sign-ins', tenant.signIns],
    ['other sign-ins', other],
  ])('says of its %s beside the record what the record says', (_name, logs) => {
    for (const { at, id, known, record } of logs) {
      expect([record['id'], Date.parse(String(record['createdDateTime']))]).toEqual([id, at]);
      if (!known) continue;
      const { userId, errorCode, signInEventTypes } = known;
      const status = record['status'] as { errorCode: number };
      expect([record['userId'], status.errorCode, record['signInEventTypes']]).toEqual([
        userId,
        errorCode,
        signInEventTypes,
      ]);
    }
  });

  it('has records of their own ids, sorted, inside of the data, and more refreshes than visits', () => {
    for (const logs of [tenant.signIns, other, tenant.directoryAudits]) {
      expect(new Set(logs.map(({ id }) => id)).size).toBe(logs.length);
      expect(logs.every(({ at }, index) => at >= (logs[index - 1]?.at ?? TO - 4 * DAY) && at <= TO)).toBe(
        true,
      );
    }
    expect(tenant.signIns.length).toBeGreaterThan(200);
    expect(other.length).toBeGreaterThan(tenant.signIns.length);
  });

  it.each([0, 19, 10_001])('of %i users is refused', (users) => {
    expect(() => crowd(users)).toThrow(
      `make a tenant of ${users} users: give a whole number from 20 to 10000`,
    );
  });
});
