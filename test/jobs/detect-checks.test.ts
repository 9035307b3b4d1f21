import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaseStep } from '../../src/detection/case-file.ts';
import { applyReads } from '../../src/detection/case-tenant.ts';
import type { Catalogue } from '../../src/detection/catalogue.ts';
import { detect } from '../../src/jobs/detect.ts';
import { seesAtLeast } from '../../src/jobs/closing.ts';
import { listAlerts } from '../../src/store/alerts.ts';
import { currentAssessments } from '../../src/store/assessments.ts';
import type { Database } from '../../src/store/database.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { ANNA, DAY, germanTenant, HOUR, NOW, shipped } from './detect-world.ts';

const T = 'tenant-1';
const SKU = '05e9a617-0261-4cee-bb44-138d3ef5d965';
const catalogue = await shipped('LC-11');

function anna(licensed: boolean): CaseStep['users'] {
  const assignedLicenses = licensed ? [{ skuId: SKU }] : [];
  return [
    {
      id: ANNA,
      userPrincipalName: 'anna@muster.example',
      accountEnabled: false,
      userType: 'Member',
      assignedLicenses,
    },
  ];
}

describe.each(testDatabases())('the life of a state on $name', ({ open }) => {
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

  const read = (hours: number, step: Omit<CaseStep, 'at'>) =>
    applyReads(database, T, { at: NOW + hours * HOUR, ...step });
  const run = (hours: number, loaded: Catalogue = catalogue) =>
    detect({ database, catalogue: loaded, tenantId: T, now: NOW + hours * HOUR });
  const alerts = () => listAlerts(database.db, { tenantId: T });

  it('opens once, stays one alert while true, and says when it was last true', async () => {
    await read(0, { users: anna(true), 'subscribed-skus': [] });
    expect(await run(0)).toMatchObject({ opened: 1 });
    await read(1, { users: anna(true), 'subscribed-skus': [] });
    expect(await run(2)).toMatchObject({ opened: 0, closed: 0 });
    expect(await alerts()).toMatchObject([
      {
        state: 'open',
        life: 'state',
        cause: 'licensed',
        occurrenceStart: NOW,
        lastEventAt: NOW + HOUR,
        words: { licences: '1' },
      },
    ]);
    const before = await alerts();
    expect(await run(3)).toMatchObject({ opened: 0, changed: 0 });
    expect(await alerts()).toEqual(before);
  });

  it('closes only when each of its sources was read after it was last true, and is a new alert when it comes back', async () => {
    await read(0, { users: anna(true), 'subscribed-skus': [] });
    await run(0);
    await read(1, { users: anna(false) });
    expect(await run(1)).toMatchObject({ closed: 0 });
    await read(2, { 'subscribed-skus': [] });
    expect(await run(2)).toMatchObject({ closed: 1 });
    expect(await alerts()).toMatchObject([
      { state: 'closed', closeReason: 'fixed', closedAt: NOW + 2 * HOUR, closedBy: 'tenantwatch' },
    ]);
    await read(3, { users: anna(true), 'subscribed-skus': [] });
    expect(await run(3)).toMatchObject({ opened: 1 });
    expect((await alerts()).map((one) => [one.state, one.occurrenceStart])).toEqual([
      ['closed', NOW],
      ['open', NOW + 3 * HOUR],
    ]);
  });

  it('says since when it cannot be seen, closes nothing then, and takes it back', async () => {
    await read(0, { users: anna(true), 'subscribed-skus': [] });
    await run(0);
    await read(1, { users: { skipped: 'no_permission' } });
    await read(2, { users: { skipped: 'no_permission' }, 'subscribed-skus': [] });
    await run(1);
    await run(2);
    expect(await alerts()).toMatchObject([{ state: 'open', notVisibleSince: NOW + 2 * HOUR }]);
    expect(await currentAssessments(database.db, T)).toMatchObject([
      { state: 'off', reason: '[{"without":"users","why":"no_permission"}]' },
    ]);
    await read(3, { users: anna(true), 'subscribed-skus': [] });
    await run(3);
    expect(await alerts()).toMatchObject([{ state: 'open', notVisibleSince: null }]);
    expect(await currentAssessments(database.db, T)).toMatchObject([{ state: 'full', reason: null }]);
  });

  it('never closes on a read that could see less', async () => {
    await read(0, { users: anna(true), 'subscribed-skus': [] });
    await run(0);
    await read(1, { users: anna(false), 'subscribed-skus': [] });
    await database.db
      .updateTable('scope_state')
      .set({ ok_capability: 'part' })
      .where('ok_at', '=', NOW + HOUR)
      .execute();
    expect(await run(1)).toMatchObject({ closed: 0 });
    await read(2, { users: anna(false), 'subscribed-skus': [] });
    expect(await run(2)).toMatchObject({ closed: 1 });
  });

  it('is retired with its detection, but not while its file is merely broken', async () => {
    await read(0, { users: anna(true), 'subscribed-skus': [] });
    await run(0);
    const file = catalogue.detections[0]?.file ?? '';
    const without: Catalogue = { ...catalogue, detections: [], byId: new Map() };
    const problem = { file, line: 1, column: 1, message: 'x', severity: 'error' as const };
    expect(await run(1, { ...without, problems: [problem] })).toMatchObject({ closed: 0 });
    expect(await run(2, without)).toMatchObject({ closed: 1 });
    expect(await alerts()).toMatchObject([{ state: 'closed', closeReason: 'retired' }]);
    await read(3, { users: anna(true), 'subscribed-skus': [] });
    expect(await run(3)).toMatchObject({ opened: 1 });
  });

  it('is not applied when a newer read came in while the check ran', async () => {
    await read(0, { users: anna(true), 'subscribed-skus': [] });
    await run(0);
    const { applyChecks } = await import('../../src/jobs/detect-checks.ts');
    const { lookAround } = await import('../../src/detection/assess.ts');
    const { runChecks } = await import('../../src/detection/checks.ts');
    const { Plan } = await import('../../src/detection/plan.ts');
    await read(1, { users: anna(false), 'subscribed-skus': [] });
    const sight = await lookAround(database.db, catalogue, T, new Plan(catalogue, () => null));
    const { results } = await runChecks(database, catalogue, T, sight, NOW + HOUR);
    await read(2, { users: anna(true) });
    const options = { tenantId: T, enrolledAt: NOW - DAY, catalogue, now: NOW + 2 * HOUR };
    const applied = await database.transaction((tx) => applyChecks(tx, options, results));
    expect(applied).toEqual({ opened: 0, changed: 0, closed: 0, stale: 1 });
  });
});

describe('capabilities', () => {
  it.each([
    ['full', 'full', true],
    ['full', 'rules', true],
    ['rules', 'full', false],
    ['rules,folders', 'rules', true],
    ['rules', 'rules folders', false],
    ['none', '', true],
    ['', 'rules', false],
  ])('%j sees at least what %j saw: %s', (now, then, expected) => {
    expect(seesAtLeast(now, then)).toBe(expected);
  });
});
