import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watchedGroups } from '../../src/store/tenant-facts.ts';
import { testDatabases, type TestDatabase } from './open.ts';

const T = '11111111-1111-4111-8111-111111111111';
const id = (n: number) => `2a000000-1111-4222-8333-00000000000${n}`;

describe.each(testDatabases())('watched groups on $name', ({ open }) => {
  let opened: TestDatabase;
  beforeAll(async () => {
    opened = await open();
    const { db } = opened.database;
    const entity = (kind: string, key: string, json: object) => ({
      tenant_id: T,
      kind,
      id: key,
      json: JSON.stringify(json),
      raw: null,
      hash: '',
      valid_from: 1,
      read_id: 'r',
    });
    await db
      .insertInto('entity')
      .values([
        entity('role_assignment', 'a', { principal_id: id(1), principal_kind: 'group' }),
        entity('role_assignment', 'b', { principal_id: id(7), principal_kind: 'user' }),
        entity('role_eligibility', 'a', { principal_id: id(2), principal_kind: 'group' }),
        entity('group', id(3), { role_assignable: true }),
        entity('group', id(8), { role_assignable: false }),
        entity('conditional_access_policy', 'p', {
          include_groups: [id(4), 'All'],
          exclude_groups: [id(5), id(1)],
        }),
      ])
      .execute();
    const setting = { tenant_id: T, name: 'watched_groups', value: `${id(6)},nonsense`, origin: 'file' };
    await db.insertInto('setting').values(setting).execute();
  });
  afterAll(() => opened?.dispose());

  it('are those with a role, able to have one, in a policy or named by the operator, each once', async () => {
    expect(await watchedGroups(opened.database.db, T)).toEqual([1, 2, 3, 4, 5, 6].map(id));
    expect(await watchedGroups(opened.database.db, 'other')).toEqual([]);
  });
});
