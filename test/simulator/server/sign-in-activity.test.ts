import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Raw, World } from '../../../src/simulator/world.ts';
import { startFixture, valueOf, type Fixture } from './client.ts';
import { DAY, NOW, PREMIUM, signIn, smallWorld, userId } from './world.ts';

const HOUR = 3_600_000;
const BEFORE = {
  lastSignInDateTime: '2026-10-20T08:00:00Z',
  lastSignInRequestId: 'r1',
  lastNonInteractiveSignInDateTime: '2026-10-20T08:00:00Z',
  lastNonInteractiveSignInRequestId: 'r1',
  lastSuccessfulSignInDateTime: '2026-10-20T08:00:00Z',
  lastSuccessfulSignInRequestId: 'r1',
};

/** Person 1 has a success and a later failure, person 2 a failure, person 3 a success of an hour ago; 4 worked before. */
function world(): World {
  const tried = (n: number, at: number, errorCode: number) => signIn(n, at, { status: { errorCode } });
  const signIns = [
    tried(1, NOW - 3 * DAY, 0),
    tried(8, NOW - 2 * DAY, 50126),
    tried(2, NOW - 2 * DAY, 50126),
    tried(3, NOW - HOUR, 0),
  ];
  const small = smallWorld();
  const tenants = small.tenants.map((tenant) => {
    const users = tenant.users.slice(0, 6).map((user) => {
      if (user.id !== userId(4)) return user;
      const versions = user.versions.map((one) => ({
        ...one,
        value: { ...one.value, signInActivity: BEFORE },
      }));
      return { ...user, versions };
    });
    return tenant.id === PREMIUM ? { ...tenant, signIns, users } : tenant;
  });
  return { ...small, tenants };
}

describe('signInActivity', () => {
  let fixture: Fixture;
  let token: string;
  beforeEach(async () => {
    fixture = await startFixture(world());
    token = await fixture.token(PREMIUM);
  });
  afterEach(() => fixture.close());

  async function activity(
    path = '/v1.0/users?$select=id,signInActivity&$top=120',
  ): Promise<Map<string, Raw>> {
    const found = valueOf(await fixture.get(token, path));
    return new Map(found.map((user) => [String(user['id']), user]));
  }
  const of = async (n: number) => (await activity()).get(userId(n))?.['signInActivity'];

  it('tells every try, and of the successful ones the last', async () => {
    expect(await of(1)).toMatchObject({
      lastSignInDateTime: '2026-11-22T08:00:00Z',
      lastSuccessfulSignInDateTime: '2026-11-21T08:00:00Z',
      lastNonInteractiveSignInDateTime: '2026-11-21T08:00:00Z',
    });
    expect(await of(2)).toMatchObject({
      lastSignInDateTime: '2026-11-22T08:00:00Z',
      lastSuccessfulSignInDateTime: null,
      lastNonInteractiveSignInDateTime: null,
    });
  });

  it('is left out for somebody who never tried', async () => {
    expect((await activity()).get(userId(5))).toEqual({ id: userId(5) });
  });

  it('is a day behind', async () => {
    expect(await of(3)).toBeUndefined();
    await fixture.advance(DAY);
    token = await fixture.token(PREMIUM);
    expect(await of(3)).toMatchObject({ lastSuccessfulSignInDateTime: '2026-11-24T07:00:00Z' });
  });

  it('remembers what was before the log begins', async () => {
    expect(await of(4)).toEqual(BEFORE);
  });

  it('is there for one user as well, and nowhere unasked', async () => {
    const one = await fixture.get(token, `/v1.0/users/${userId(4)}?$select=id,signInActivity`);
    expect(one.body['signInActivity']).toEqual(BEFORE);
    expect((await activity('/v1.0/users')).get(userId(4))).not.toHaveProperty('signInActivity');
  });
});
