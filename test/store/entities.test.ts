import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EntityRecord } from '../../src/model/entity.ts';
import {
  applyStage,
  clearStage,
  entitiesOf,
  stageObjects,
  type StagedObject,
} from '../../src/store/entities.ts';
import { testDatabases, type TestDatabase } from './open.ts';

const T = '11111111-1111-4111-8111-111111111111';

/** A parser of the test's own: only `name` and `enabled` are read, `noise` is not. */
function parse(kind: string, raw: Record<string, unknown>): EntityRecord {
  const enabled = raw['enabled'] !== false;
  return {
    kind,
    id: String(raw['id']),
    json: { name: raw['name'] ?? null, enabled },
    scalars: {
      user_account: [
        {
          upn: `${String(raw['id'])}@muster.example`,
          name: null,
          kind: 'member',
          enabled: enabled ? 1 : 0,
          created_at: null,
          leave_at: null,
          synced: 0,
          manager_id: null,
          department: null,
          usage_location: null,
          external_state: null,
        },
      ],
      user_licence: ((raw['licences'] ?? []) as string[]).map((sku_id) => ({ sku_id })),
    },
  };
}

describe.each(testDatabases())('entities on $name', ({ open }) => {
  let opened: TestDatabase;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened?.dispose());

  let previous: number | null = null;
  async function read(at: number, objects: Partial<StagedObject>[], mode: 'snapshot' | 'delta') {
    const key = { tenantId: T, source: 'users', readId: `r${at}` };
    const staged = objects.map((object) => ({ kind: 'user', id: 'x', removed: false, raw: {}, ...object }));
    const changes = await opened.database.transaction(async (tx) => {
      await clearStage(tx, T, 'users');
      await stageObjects(tx, key, staged);
      return applyStage(tx, {
        ...key,
        completeFor: mode === 'snapshot' ? ['user'] : null,
        keepRaw: true,
        startedAt: at,
        previousStartedAt: previous,
        parse,
      });
    });
    previous = at;
    return changes.map((change) => [change.op, change.id, change.from, change.to]);
  }
  function account(id: string) {
    return opened.database.db
      .selectFrom('user_account')
      .select(['enabled', 'disabled_since'])
      .where('tenant_id', '=', T)
      .where('id', '=', id)
      .executeTakeFirst();
  }
  const user = (id: string, raw: Record<string, unknown> = {}) => ({ id, raw: { id, name: id, ...raw } });

  it('reports no change for the first read, which is the baseline', async () => {
    const first = [user('ann', { licences: ['sku1', 'sku2'] }), user('bob', { enabled: false })];
    expect(await read(1000, first, 'snapshot')).toEqual([]);
    expect([...(await entitiesOf(opened.database.db, T, 'user')).keys()]).toEqual(['ann', 'bob']);
    // Disabled when first seen: nobody knows since when.
    expect(await account('bob')).toEqual({ enabled: 0, disabled_since: 0 });
  });

  it('reports nothing when only properties changed that are not read', async () => {
    const same = [user('ann', { noise: 1 }), user('bob', { enabled: false, noise: 2 })];
    expect(await read(2000, same, 'snapshot')).toEqual([]);
  });

  it('reports what was added, changed and removed, with both reads around it', async () => {
    const changes = await read(3000, [user('ann', { enabled: false }), user('cid')], 'snapshot');
    expect(changes).toEqual([
      ['changed', 'ann', 2000, 3000],
      ['added', 'cid', 2000, 3000],
      ['removed', 'bob', 2000, 3000],
    ]);
    expect(await account('ann')).toEqual({ enabled: 0, disabled_since: 3000 });
    expect(await account('bob')).toBeUndefined();
  });

  it('merges what a delta brings into what is known and removes only what it says is gone', async () => {
    expect(await read(4000, [{ id: 'ann', raw: { id: 'ann', name: 'Ann' } }], 'delta')).toEqual([
      ['changed', 'ann', 3000, 4000],
    ]);
    expect((await entitiesOf(opened.database.db, T, 'user')).get('ann')).toEqual({
      name: 'Ann',
      enabled: false,
    });
    expect(await account('ann')).toEqual({ enabled: 0, disabled_since: 3000 });
    expect(await read(5000, [{ id: 'cid', removed: true, raw: { id: 'cid' } }], 'delta')).toEqual([
      ['removed', 'cid', 4000, 5000],
    ]);
    expect([...(await entitiesOf(opened.database.db, T, 'user')).keys()]).toEqual(['ann']);
  });

  it('keeps the versions, each from the read that saw it to the read that saw its end', async () => {
    const rows = await opened.database.db
      .selectFrom('entity_version')
      .select(['id', 'valid_from', 'valid_to'])
      .where('tenant_id', '=', T)
      .orderBy('id')
      .orderBy('valid_from')
      .execute();
    expect(rows.map((row) => [row.id, row.valid_from, row.valid_to])).toEqual([
      ['ann', 1000, 3000],
      ['ann', 3000, 4000],
      ['ann', 4000, null],
      ['bob', 1000, 3000],
      ['cid', 3000, 5000],
    ]);
  });

  it('takes nothing away on a read that holds an object it cannot parse', async () => {
    const key = { tenantId: T, source: 'skus', readId: 's1' };
    const apply = (raws: Record<string, unknown>[]) =>
      opened.database.transaction(async (tx) => {
        await stageObjects(
          tx,
          key,
          raws.map((raw) => ({ kind: 'sku', id: String(raw['id']), removed: false, raw })),
        );
        const options = { ...key, completeFor: ['sku'], startedAt: 20, previousStartedAt: 10 };
        // The entity's id is not the object's, as with licences, which are known by their SKU.
        return applyStage(tx, {
          ...options,
          parse: (kind, raw) => (raw['sku'] ? { kind, id: String(raw['sku']), json: {}, scalars: {} } : null),
        });
      });
    const ids = async () => [...(await entitiesOf(opened.database.db, T, 'sku')).keys()];
    await apply([
      { id: 't_a', sku: 'a' },
      { id: 't_b', sku: 'b' },
    ]);
    expect(await ids()).toEqual(['a', 'b']);
    await apply([{ id: 't_a', sku: 'a' }, { id: 't_b' }]);
    expect(await ids()).toEqual(['a', 'b']);
    await apply([{ id: 't_a', sku: 'a' }]);
    expect(await ids()).toEqual(['a']);
  });

  it('limits completeness to one mailbox where the read covers only that', async () => {
    const key = { tenantId: T, source: 'mailbox-rules', readId: 'm1' };
    const rules = (ids: string[]) => ids.map((id) => ({ kind: 'rule', id, removed: false, raw: { id } }));
    const apply = async (ids: string[], idPrefix: string, at: number) =>
      opened.database.transaction(async (tx) => {
        await stageObjects(tx, key, rules(ids));
        const options = { ...key, completeFor: ['rule'], idPrefix, startedAt: at, previousStartedAt: at - 1 };
        return applyStage(tx, { ...options, parse: (kind, raw) => ({ ...parse(kind, raw), scalars: {} }) });
      });
    await apply(['m1/a', 'm1/b'], 'm1/', 10);
    await apply(['m2/a'], 'm2/', 11);
    expect((await apply(['m1/b'], 'm1/', 12)).map((change) => [change.op, change.id])).toEqual([
      ['removed', 'm1/a'],
    ]);
    expect([...(await entitiesOf(opened.database.db, T, 'rule')).keys()]).toEqual(['m1/b', 'm2/a']);
  });

  it('keeps the current form alone of a kind without history, in silence', async () => {
    const key = { tenantId: T, source: 'activity', readId: 'a1' };
    const times = { last_sign_in: null, last_non_interactive: null };
    const apply = (values: Record<string, number | null>, at: number) =>
      opened.database.transaction(async (tx) => {
        const staged = Object.entries(values).map(([id, seen]) => ({ id, raw: { id, seen } }));
        await stageObjects(
          tx,
          key,
          staged.map((one) => ({ ...one, kind: 'sign_in_activity', removed: false })),
        );
        return applyStage(tx, {
          ...key,
          completeFor: ['sign_in_activity'],
          startedAt: at,
          previousStartedAt: at - 1,
          parse: (kind, { id, seen }) => ({
            kind,
            id: String(id),
            json: { seen },
            scalars: { sign_in_activity: [{ ...times, last_successful: seen as number | null }] },
          }),
          hasHistory: (kind) => kind !== 'sign_in_activity',
        });
      });
    const rows = () =>
      opened.database.db
        .selectFrom('sign_in_activity')
        .select(['user_id', 'read_at', 'last_successful'])
        .where('tenant_id', '=', T)
        .orderBy('user_id')
        .execute();
    expect(await apply({ ann: null, bob: 5 }, 20)).toEqual([]);
    expect(await apply({ ann: 21, bob: 5 }, 30)).toEqual([]);
    // The row says when it was read, also where nothing changed.
    expect(await rows()).toEqual([
      { user_id: 'ann', read_at: 30, last_successful: 21 },
      { user_id: 'bob', read_at: 30, last_successful: 5 },
    ]);
    const versions = await opened.database.db
      .selectFrom('entity_version')
      .select('id')
      .where('kind', '=', 'sign_in_activity')
      .execute();
    expect(versions).toEqual([]);
  });

  it('takes the row for checks away with its entity', async () => {
    const known = await entitiesOf(opened.database.db, T, 'sign_in_activity');
    expect([...known.keys()]).toEqual(['ann', 'bob']);
    await opened.database.transaction((tx) =>
      applyStage(tx, {
        tenantId: T,
        source: 'activity',
        readId: 'a2',
        completeFor: ['sign_in_activity'],
        startedAt: 40,
        previousStartedAt: 30,
        parse: () => null,
        hasHistory: () => false,
      }),
    );
    expect(await entitiesOf(opened.database.db, T, 'sign_in_activity')).toEqual(new Map());
    expect(await opened.database.db.selectFrom('sign_in_activity').selectAll().execute()).toEqual([]);
  });
});
