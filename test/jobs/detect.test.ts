import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeAlert } from '../../src/actions/close-alert.ts';
import { detect } from '../../src/jobs/detect.ts';
import { listAlerts } from '../../src/store/alerts.ts';
import type { Database } from '../../src/store/database.ts';
import { readCursor, takeLease } from '../../src/store/leases.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import {
  ANNA,
  DAY,
  germanTenant,
  HOUR,
  identities,
  NOW,
  roleAudit,
  shipped,
  signIn,
  store,
} from './detect-world.ts';

const T = 'tenant-1';
const catalogue = await shipped('SI-02', 'RL-01');

describe.each(testDatabases())('detecting on $name', ({ open }) => {
  let opened: TestDatabase;
  let database: Database;
  beforeEach(async () => {
    opened = await open();
    database = opened.database;
    await germanTenant(database, T);
  });
  afterEach(async () => {
    await opened.dispose();
  });
  const run = (now = NOW) => detect({ database, catalogue, tenantId: T, now });
  const alerts = () => listAlerts(database.db, { tenantId: T });

  it('makes one alert of many sign-ins and names all of them as evidence', async () => {
    await store(database, T, 'sign-ins', [
      signIn('s1', NOW - 3 * HOUR),
      signIn('s2', NOW - 2 * HOUR),
      signIn('s3', NOW - HOUR),
    ]);
    const result = await run();
    expect(result).toMatchObject({ status: 'ok', events: 3, hits: 3, opened: 1 });
    const [alert, ...others] = await alerts();
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      subject: `user:${ANNA}`,
      cause: 'NG',
      state: 'open',
      level: 'medium',
      historical: false,
      occurrenceStart: NOW - 3 * HOUR,
      lastEventAt: NOW - HOUR,
      words: { actor: 'anna@muster.example', country: 'NG' },
    });
    expect(alert?.evidence.map((one) => one.nativeId)).toEqual(['s1', 's2', 's3']);
  });

  it('does nothing when run again', async () => {
    await store(database, T, 'sign-ins', [signIn('s1', NOW - HOUR)]);
    await run();
    const before = await alerts();
    const again = await run(NOW + HOUR);
    expect(again).toMatchObject({ events: 0, hits: 0, opened: 0, changed: 0 });
    expect(await alerts()).toEqual(before);
  });

  it('changes nothing when every event is read from the start once more', async () => {
    await store(database, T, 'sign-ins', [signIn('s1', NOW - 3 * DAY), signIn('s2', NOW - HOUR)]);
    await store(database, T, 'directory-audits', [roleAudit('a1', NOW - 2 * HOUR, 'Add member to role')]);
    await run();
    const before = await alerts();
    const hits = await database.db.selectFrom('hit').selectAll().orderBy('canonical_id').execute();
    await database.db.updateTable('detect_cursor').set({ cursor: 0 }).execute();
    expect(await run(NOW + HOUR)).toMatchObject({ events: 3, hits: 0, opened: 0, changed: 0 });
    expect(await alerts()).toEqual(before);
    expect(await database.db.selectFrom('hit').selectAll().orderBy('canonical_id').execute()).toEqual(hits);
  });

  it('calls a grant, a removal and another grant two alerts, whatever comes first', async () => {
    const grant = roleAudit('a1', NOW - 5 * HOUR, 'Add member to role');
    const removal = roleAudit('a2', NOW - 4 * HOUR, 'Remove member from role');
    const again = roleAudit('a3', NOW - 3 * HOUR, 'Add member to role');
    await store(database, T, 'directory-audits', [again, grant]);
    await run();
    expect(await alerts()).toHaveLength(1);
    await store(database, T, 'directory-audits', [removal]);
    await run();
    expect((await alerts()).map((one) => one.occurrenceStart)).toEqual([NOW - 5 * HOUR, NOW - 3 * HOUR]);
    expect((await alerts()).map((one) => one.evidence.map((e) => e.nativeId))).toEqual([['a1'], ['a3']]);
  });

  it('merges two alerts into the older when a late sign-in bridges them', async () => {
    await store(database, T, 'sign-ins', [signIn('s1', NOW - 40 * HOUR)]);
    await run();
    await store(database, T, 'sign-ins', [signIn('s3', NOW)]);
    await run();
    const [older, younger] = await alerts();
    await store(database, T, 'sign-ins', [signIn('s2', NOW - 20 * HOUR)]);
    await run();
    expect((await alerts()).map((one) => one.id)).toEqual([older?.id]);
    const merged = await database.db
      .selectFrom('alert')
      .selectAll()
      .where('merged_into', 'is not', null)
      .execute();
    expect(merged).toMatchObject([{ id: younger?.id, merged_into: older?.id }]);
  });

  it('marks an alert whose record Microsoft changed, leaves it open, and takes the mark back', async () => {
    await store(database, T, 'sign-ins', [signIn('s1', NOW - HOUR)]);
    await run();
    const failed = signIn('s1', NOW - HOUR, { status: { errorCode: 50126 } });
    await store(database, T, 'sign-ins', [failed], { readAt: NOW + 1 });
    expect(await run(NOW + 1)).toMatchObject({ withdrawn: 1 });
    expect(await alerts()).toMatchObject([
      { state: 'open', withdrawn: true, evidence: [{ withdrawn: true }] },
    ]);
    await store(database, T, 'sign-ins', [signIn('s1', NOW - HOUR)], { readAt: NOW + 2 });
    await run(NOW + 2);
    expect(await alerts()).toMatchObject([
      { state: 'open', withdrawn: false, evidence: [{ withdrawn: false }] },
    ]);
  });

  it('lets a poorer record neither overwrite nor withdraw what a richer one said', async () => {
    await store(database, T, 'sign-ins', [signIn('s1', NOW - HOUR, { appDisplayName: 'From beta' })], {
      api: 'beta',
    });
    await run();
    const poorer = signIn('s1', NOW - HOUR, { appDisplayName: 'From v1.0', status: { errorCode: 50126 } });
    await store(database, T, 'sign-ins', [poorer], { api: 'v1.0', readAt: NOW + 1 });
    expect(await run(NOW + 1)).toMatchObject({ events: 1, withdrawn: 0 });
    expect(await alerts()).toMatchObject([{ withdrawn: false, words: { app: 'From beta' } }]);
  });

  it('calls alerts about the time before enrolment historical', async () => {
    await germanTenant(database, 'tenant-2', NOW - HOUR);
    await store(database, 'tenant-2', 'sign-ins', [signIn('s1', NOW - 3 * DAY), signIn('s2', NOW)]);
    await detect({ database, catalogue, tenantId: 'tenant-2', now: NOW });
    const found = await listAlerts(database.db, { tenantId: 'tenant-2' });
    expect(found.map((one) => one.historical)).toEqual([true, false]);
  });

  it('keeps tenants apart', async () => {
    await germanTenant(database, 'tenant-2');
    await store(database, 'tenant-2', 'sign-ins', [signIn('s1', NOW)]);
    expect(await run()).toMatchObject({ events: 0 });
    expect(await alerts()).toEqual([]);
  });

  it('opens a new alert for what happens after a person closed one, and not for what came late', async () => {
    await store(database, T, 'sign-ins', [signIn('s1', NOW - 3 * HOUR)]);
    await run();
    const id = (await alerts())[0]?.id ?? '';
    await closeAlert(database, {
      id: id.slice(0, 10),
      reason: 'expected',
      note: 'holiday',
      by: 'test',
      now: NOW,
    });
    await store(database, T, 'sign-ins', [signIn('s2', NOW - 2 * HOUR), signIn('s3', NOW + HOUR)]);
    await run(NOW + 2 * HOUR);
    expect((await alerts()).map((one) => [one.state, one.closeReason, one.evidence.length])).toEqual([
      ['closed', 'expected', 2],
      ['open', null, 1],
    ]);
  });

  it('leaves the work to the run that holds the lease', async () => {
    await store(database, T, 'sign-ins', [signIn('s1', NOW)]);
    await takeLease(database.db, { tenantId: T, name: 'detect', holder: 'another-machine/1/x' }, NOW, 60_000);
    expect(await run()).toMatchObject({ status: 'busy', events: 0 });
    expect(await run(NOW + 60_000)).toMatchObject({ status: 'ok', events: 1 });
  });

  it('writes nothing of a batch that fails, and all of it the next time', async () => {
    await store(database, T, 'sign-ins', [signIn('s1', NOW - 2 * HOUR), signIn('s2', NOW - HOUR)]);
    await database.db.schema.alterTable('alert').renameTo('alert_away').execute();
    await expect(run()).rejects.toThrow(/alert/);
    expect(await readCursor(database.db, T)).toBe(0);
    expect(await database.db.selectFrom('hit').selectAll().execute()).toEqual([]);
    await database.db.schema.alterTable('alert_away').renameTo('alert').execute();
    await run();
    expect(await identities(database, T)).toHaveLength(1);
  });
});
