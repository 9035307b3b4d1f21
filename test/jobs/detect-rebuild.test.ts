import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyReads } from '../../src/detection/case-tenant.ts';
import type { Catalogue } from '../../src/detection/catalogue.ts';
import { detect } from '../../src/jobs/detect.ts';
import { listAlerts } from '../../src/store/alerts.ts';
import type { Database } from '../../src/store/database.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { ANNA, DAY, germanTenant, HOUR, NOW, shipped, signIn, store } from './detect-world.ts';

const T = 'tenant-1';
const both = await shipped('SI-02', 'SI-29');
const one = await shipped('SI-02');

describe.each(testDatabases())('on $name', ({ open }) => {
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
  const run = (catalogue: Catalogue) => detect({ database, catalogue, tenantId: T, now: NOW });
  const alerts = () => listAlerts(database.db, { tenantId: T });

  it('a new detection looks back over stored events, as history', async () => {
    await store(database, T, 'sign-ins', [signIn('s1', NOW - DAY, { clientAppUsed: 'IMAP4' })]);
    await run(one);
    expect(await alerts()).toMatchObject([{ cause: 'NG', historical: false }]);
    await run(both);
    expect((await alerts()).map((alert) => [alert.cause, alert.historical])).toEqual(
      expect.arrayContaining([
        ['NG', false],
        ['IMAP4', true],
      ]),
    );
    await store(database, T, 'sign-ins', [signIn('s2', NOW, { clientAppUsed: 'IMAP4' })]);
    await run(both);
    expect((await alerts()).find((alert) => alert.cause === 'IMAP4')).toMatchObject({ historical: false });
  });

  it('a changed match_hash swaps the hits; a changed text does not', async () => {
    await store(database, T, 'sign-ins', [signIn('s1', NOW - HOUR)]);
    await run(one);
    const hits = () => database.db.selectFrom('hit').select(['version', 'subject']).execute();
    const before = await hits();
    const [detection] = one.detections;
    if (detection === undefined) throw new Error('SI-02 is not there');
    const as = (changes: object): Catalogue => {
      const changed = { ...detection, ...changes };
      return { ...one, detections: [changed], byId: new Map([[changed.id, changed]]) };
    };
    await run(as({ version: 'texts' }));
    expect(await hits()).toEqual(before);
    const [part] = detection.parts;
    const silent = { ...part, rule: { ...part?.rule, fields: [], match: () => false } };
    await run(as({ version: 'rule', matchHash: 'other', parts: [silent] }));
    expect(await hits()).toEqual([]);
    expect(await alerts()).toMatchObject([{ state: 'open', withdrawn: true }]);
  });

  it('a person known by name only is merged into the older alert once the id is known', async () => {
    const nameless = { userId: '', userPrincipalName: 'Anna@muster.example' };
    await store(database, T, 'sign-ins', [signIn('s1', NOW - 3 * HOUR, nameless)]);
    await run(one);
    expect(await alerts()).toMatchObject([{ subject: 'upn:anna@muster.example' }]);
    const id = (await alerts())[0]?.id;
    await store(database, T, 'sign-ins', [signIn('s2', NOW - HOUR)]);
    await run(one);
    expect(await alerts()).toHaveLength(2);
    const user = { id: ANNA, userPrincipalName: 'anna@muster.example', accountEnabled: true };
    await applyReads(database, T, { at: NOW, users: [user] });
    await run(one);
    expect(await alerts()).toMatchObject([{ id, subject: `user:${ANNA}` }]);
    expect((await alerts())[0]?.evidence.map((e) => e.nativeId)).toEqual(['s1', 's2']);
  });
});
