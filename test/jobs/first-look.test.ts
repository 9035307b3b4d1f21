import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportFirstLook } from '../../src/jobs/first-look.ts';
import { reportDigest } from '../../src/jobs/report.ts';
import type { FirstLookFacts } from '../../src/reports/first-look-facts.ts';
import type { Database } from '../../src/store/database.ts';
import { saveSourceState } from '../../src/store/reads.ts';
import { listReports } from '../../src/store/reports.ts';
import { BREAK } from '../../src/text/hostile.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { DAY, DUE, FROM, HOUR, ReportWorld, TENANT, TUESDAY } from './report-world.ts';

const databases = testDatabases().filter(({ name }) => name !== 'pglite');

describe.each(databases)('the first look on $name', ({ open }) => {
  let opened: TestDatabase;
  let database: Database;
  let world: ReportWorld;

  beforeEach(async () => {
    opened = await open();
    database = opened.database;
    world = new ReportWorld(database);
    await world.enrol();
    await world.detection('licence', 'LC-11', '{subject} is still licensed');
    await world.detection('signin', 'SI-02', '{subject} signed in');
  });

  afterEach(() => opened.dispose());

  async function assessed(): Promise<void> {
    await database.db
      .insertInto('assessment')
      .values({
        tenant_id: TENANT.id,
        detection_id: 'licence',
        from_at: FROM,
        to_at: null,
        state: 'full',
        reason: null,
      })
      .execute();
  }

  async function aHundredThings(): Promise<void> {
    for (let n = 0; n < 100; n += 1) {
      await world.alert(`state-${n}`, {
        detection_id: 'licence',
        life: 'state',
        level: n === 50 ? 'high' : 'low',
        subject: `user:${n}`,
        words: JSON.stringify({ subject: `Person ${n}` }),
        created_at: TUESDAY,
      });
    }
    for (const n of [1, 2]) {
      await world.alert(`event-${n}`, {
        detection_id: 'signin',
        historical: 1,
        first_event_at: FROM - n * DAY,
      });
    }
  }

  it('tells a hundred open things in one mail, once, by kind, the worst first', async () => {
    await world.everythingSeen();
    await assessed();
    await aHundredThings();
    expect(await reportFirstLook(world.job({ now: TUESDAY }))).toMatchObject([{ number: 1 }]);
    expect(await reportFirstLook(world.job({ now: TUESDAY + HOUR }))).toEqual([]);
    const [mail] = await world.mails();
    const text = mail!.text.replaceAll(BREAK, '');
    expect(mail?.subject).toBe('Muster Bau: first look: 100 things are already open');
    expect(text).toContain('100 things are already open, one of them serious.');
    expect(text).toMatch(
      /- Person 50 is still licensed\. \[serious\]\n.*\n.*\n {4}and 97 more of this kind\./u,
    );
    expect(text).toContain('Anna Keller signed in (15 November); and one more of this kind.');
    expect(text.split('\n').length).toBeLessThan(25);
    const [report] = await listReports(database.db, TENANT.id);
    const facts = JSON.parse(report!.facts) as FirstLookFacts;
    expect([report?.kind, facts.open.total, facts.history.total]).toEqual(['first-look', 100, 2]);
  });

  it('is told in the language of its reader', async () => {
    await world.everythingSeen();
    await assessed();
    const tenant = { ...TENANT, recipients: TENANT.recipients.map((one) => ({ ...one, language: 'de' })) };
    const [report] = await reportFirstLook(world.job({ now: TUESDAY, tenant }));
    expect(report?.subject).toBe('Muster Bau: der erste Blick: nichts Offenes gefunden');
  });

  it('keeps what it told out of the news of the first week, and in what is open from before', async () => {
    await world.everythingSeen();
    await assessed();
    await aHundredThings();
    await reportFirstLook(world.job({ now: TUESDAY }));
    await world.alert('new', {
      detection_id: 'licence',
      life: 'state',
      subject: 'user:new',
      created_at: TUESDAY + DAY,
    });
    const facts = await world.facts();
    expect(facts.happened.flatMap((group) => group.items.flatMap((one) => one.alertIds))).toEqual(['new']);
    expect([facts.older.total, facts.numbers.serious.count]).toEqual([100, 1]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['rules were not assessed', () => world.everythingSeen()],
    ['a source was not tried', () => assessed()],
  ])('waits while %s', async (_, prepare) => {
    await prepare();
    // Within a day of the enrolment.
    await database.db
      .updateTable('tenant')
      .set({ enrolled_at: TUESDAY - HOUR })
      .execute();
    expect(await reportFirstLook(world.job({ now: TUESDAY }))).toEqual([]);
  });

  it('waits no longer than a day for a source that fails', async () => {
    await world.everythingSeen();
    await assessed();
    await saveSourceState(database.db, TENANT.id, 'users', { last_status: 'failed', last_error: 'x' });
    await database.db.updateTable('tenant').set({ enrolled_at: TUESDAY }).execute();
    expect(await reportFirstLook(world.job({ now: TUESDAY + DAY - 1 }))).toEqual([]);
    expect(await reportFirstLook(world.job({ now: TUESDAY + DAY }))).toHaveLength(1);
  });

  it('is not for a reader who has had a report', async () => {
    await world.everythingSeen();
    await assessed();
    await reportDigest(world.job());
    expect(await reportFirstLook(world.job({ now: DUE + HOUR }))).toEqual([]);
  });
});
