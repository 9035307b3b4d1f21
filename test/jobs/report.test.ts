import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { previewDigest, reportDigest } from '../../src/jobs/report.ts';
import type { DigestFacts } from '../../src/reports/facts.ts';
import type { Database } from '../../src/store/database.ts';
import { undeliveredMails } from '../../src/store/outbox.ts';
import { listReports } from '../../src/store/reports.ts';
import { listRollups } from '../../src/store/rollups.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { DAY, DUE, FROM, HOUR, MANAGER, ReportWorld, TENANT, TO } from './report-world.ts';

/** Not PGlite, which mixes up statements of several connections; its SQL is tested with the facts of the report. */
const databases = testDatabases().filter(({ name }) => name !== 'pglite');

describe.each(databases)('the report job on $name', ({ open }) => {
  let opened: TestDatabase;
  let database: Database;
  let world: ReportWorld;

  beforeEach(async () => {
    opened = await open();
    database = opened.database;
    world = new ReportWorld(database);
    await world.enrol();
  });

  afterEach(() => opened.dispose());

  it('queues one mail with its facts when it is due, and nothing on a second run', async () => {
    await world.everythingSeen();
    expect((await reportDigest(world.job({ now: DUE - 1, tenant: TENANT }))).queued).toHaveLength(1);
    const first = await reportDigest(world.job());
    expect(first.queued).toMatchObject([{ number: 2, period: { from: FROM, to: TO } }]);
    expect(first.next).toEqual([{ recipient: MANAGER.address, dueAt: DUE + 7 * DAY }]);
    expect((await reportDigest(world.job())).queued).toEqual([]);
    expect((await reportDigest(world.job({ now: DUE + 6 * DAY, force: true }))).queued).toEqual([]);
    const reports = await listReports(database.db, TENANT.id);
    const rows = await undeliveredMails(database.db);
    expect(reports).toHaveLength(2);
    expect((JSON.parse(reports[0]!.facts) as DigestFacts).numbers.hours).toEqual({
      watched: 168,
      signIns: 168,
      audits: 168,
      of: 168,
      without: [],
    });
    expect(rows.map((row) => row.report_id).sort()).toEqual(reports.map((row) => row.id).sort());
    expect(rows[0]?.message_id).toMatch(/^<digest-[0-9a-f]{24}@example\.org>$/u);
  });

  it('is safe when two run at once', async () => {
    const outcomes = await Promise.all([
      reportDigest(world.job()),
      reportDigest(world.job()),
      reportDigest(world.job()),
    ]);
    expect(outcomes.flatMap((outcome) => outcome.queued)).toHaveLength(1);
    expect(await undeliveredMails(database.db)).toHaveLength(1);
    expect(await listReports(database.db, TENANT.id)).toHaveLength(1);
  });

  it('reports each reader in their own zone and by their own due time', async () => {
    const york = { ...MANAGER, address: 'ny@muster.example', timezone: 'America/New_York' };
    const tenant = { ...TENANT, recipients: [MANAGER, york] };
    const weeks: string[] = [];
    for (let now = DUE - 2 * HOUR; now <= DUE + 8 * HOUR; now += HOUR) {
      for (const report of (await reportDigest(world.job({ tenant, now }))).queued) {
        weeks.push(
          `${report.recipient} ${new Date(now).toISOString()} ${new Date(report.period.from).toISOString()}`,
        );
      }
    }
    expect(weeks.slice(2)).toEqual([
      'gf@muster.example 2026-11-23T06:00:00.000Z 2026-11-15T23:00:00.000Z',
      'ny@muster.example 2026-11-23T12:00:00.000Z 2026-11-16T05:00:00.000Z',
    ]);
  });

  it('says nothing for a week in which the tenant was not there', async () => {
    await database.db
      .updateTable('tenant')
      .set({ enrolled_at: DUE + HOUR })
      .execute();
    expect((await reportDigest(world.job({ now: DUE + 2 * HOUR }))).queued).toEqual([]);
    expect((await reportDigest(world.job({ now: DUE + 2 * HOUR, force: true }))).queued).toHaveLength(1);
  });

  it('asks for a collection where the tenant is unknown', async () => {
    const tenant = { ...TENANT, id: 'other' };
    await expect(reportDigest(world.job({ tenant }))).rejects.toThrow("run 'tenantwatch collect' first");
  });

  it('writes nothing in a preview', async () => {
    await world.everythingSeen();
    await previewDigest(world.job());
    expect(await undeliveredMails(database.db)).toEqual([]);
    expect(await listReports(database.db, TENANT.id)).toEqual([]);
  });

  it('keeps daily counts from the first day', async () => {
    await world.everythingSeen();
    await world.alert('a1');
    await reportDigest(world.job());
    const counts = await listRollups(database.db, TENANT.id, '2026-11-17', '2026-11-17');
    expect(counts).toEqual([
      { day: '2026-11-17', name: 'alerts.high', value: 1 },
      { day: '2026-11-17', name: 'hours.watched', value: 24 },
    ]);
  });
});
