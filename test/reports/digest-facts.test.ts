import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportDigest } from '../../src/jobs/report.ts';
import type { DigestFacts } from '../../src/reports/facts.ts';
import type { Database } from '../../src/store/database.ts';
import { saveRun, saveSourceState } from '../../src/store/reads.ts';
import { keepRejected } from '../../src/store/rejected.ts';
import { listReports } from '../../src/store/reports.ts';
import { BREAK } from '../../src/text/hostile.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { DAY, DUE, FROM, HOUR, ReportWorld, TENANT, TO, TUESDAY } from '../jobs/report-world.ts';

describe.each(testDatabases())('a weekly report on $name', ({ open }) => {
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

  describe('the facts', () => {
    beforeEach(async () => {
      await world.detection('role', 'RL-01', '{subject} became Global Administrator');
      await world.detection('leaver', 'LC-11', '{subject} is still licensed');
    });

    it('select by first detection, group by person, and put the worst first', async () => {
      await world.everythingSeen();
      await world.alert('a1', { level: 'low', subject: 'user:2222', words: '{"subject":"Bo"}' });
      await world.alert('a2');
      await world.alert('late', { first_event_at: FROM - 2 * DAY, created_at: FROM, level: 'critical' });
      await world.alert('next week', { created_at: TO });
      await world.alert('last week', { created_at: FROM - 1, level: 'medium' });
      await world.alert('old', { created_at: FROM + 1, historical: 1 });
      await world.alert('merged', { merged_into: 'a2' });
      await world.alert('false alarm', {
        state: 'closed',
        close_reason: 'false_positive',
        closed_at: TUESDAY + DAY,
      });
      const facts = await world.facts();
      expect(
        facts.happened.map((group) => [
          group.name,
          group.level,
          group.items.flatMap((item) => item.alertIds),
        ]),
      ).toEqual([
        ['Anna Keller', 'critical', ['late', 'a2']],
        ['Bo', 'low', ['a1']],
      ]);
      expect(facts.happened[0]?.items.map((item) => item.late)).toEqual([true, false]);
      expect(facts.numbers.serious).toEqual({ count: 1, open: 1 });
      expect(facts.settled).toBe(1);
      expect(facts.older.items.flatMap((item) => item.alertIds)).toEqual(['last week']);
      expect(facts.historical).toEqual({ total: 1, open: 1, seriousOpen: 1 });
    });

    it('tell alerts in the words of their own version, with names as last read', async () => {
      await database.db
        .insertInto('user_account')
        .values({
          tenant_id: TENANT.id,
          id: '1111',
          upn: 'anna@muster.example',
          name: 'Anna Keller-Roth',
          kind: 'member',
          enabled: 1,
          disabled_since: null,
          created_at: null,
          leave_at: null,
          synced: 0,
          manager_id: null,
        })
        .execute();
      await world.alert('a1', { words: '{}' });
      await world.alert('a2', { detection_id: 'gone', subject: 'sp:9', words: '{}' });
      const facts = await world.facts();
      expect(
        facts.happened.map((group) => [group.name, group.items[0]?.title, group.items[0]?.what]),
      ).toEqual([
        ['Anna Keller-Roth', 'Anna Keller-Roth became Global Administrator', '(unknown) did it.'],
        [null, 'Something a rule found that is no longer here', ''],
      ]);
    });

    it('fold what reads the same and nothing else', async () => {
      for (const id of ['a1', 'a2', 'a3']) await world.alert(id);
      await world.alert('a4', { words: '{"subject":"Anna Keller","actor":"Someone else"}' });
      const [group] = (await world.facts()).happened;
      expect(group?.items.map((item) => [item.times, item.what])).toEqual([
        [3, 'Jonas Berg did it.'],
        [1, 'Someone else did it.'],
      ]);
    });

    it('count an expected alert as nothing serious', async () => {
      await world.alert('a1', { expected_by: 'suppression-1' });
      const facts = await world.facts();
      expect(facts.numbers.serious).toEqual({ count: 0, open: 0 });
      expect(facts.happened[0]?.items[0]?.expected).toBe(true);
    });

    it('count leavers of the week and those with something open', async () => {
      const account = {
        tenant_id: TENANT.id,
        name: null,
        kind: 'member',
        enabled: 0,
        created_at: null,
        leave_at: null,
        synced: 0,
        manager_id: null,
      };
      await database.db
        .insertInto('user_account')
        .values([
          { ...account, id: 'left-clean', upn: 'a@x', disabled_since: TUESDAY },
          { ...account, id: 'left-open', upn: 'b@x', disabled_since: TUESDAY },
          { ...account, id: 'long-gone-open', upn: 'c@x', disabled_since: 0 },
          { ...account, id: 'long-gone', upn: 'd@x', disabled_since: 0 },
          { ...account, id: 'guest', upn: 'e@x', kind: 'guest', disabled_since: TUESDAY },
          { ...account, id: 'works', upn: 'f@x', enabled: 1, disabled_since: null },
          { ...account, id: 'leave-date', upn: 'g@x', enabled: 1, disabled_since: null, leave_at: TUESDAY },
        ])
        .execute();
      for (const id of ['left-open', 'long-gone-open']) {
        await world.alert(id, {
          detection_id: 'leaver',
          subject: `user:${id}`,
          level: 'low',
          life: 'state',
          historical: 1,
        });
      }
      await world.alert('other', { subject: 'user:left-clean' });
      expect((await world.facts()).numbers.leavers).toEqual({ closed: 2, of: 4 });
    });

    it('compare with the report before', async () => {
      await world.everythingSeen();
      await reportDigest(world.job({ now: DUE - DAY }));
      await world.alert('a1');
      await reportDigest(world.job());
      const [latest] = await listReports(database.db, TENANT.id);
      const facts = JSON.parse(latest!.facts) as DigestFacts;
      expect([facts.before?.serious.count, facts.numbers.serious.count]).toEqual([0, 1]);
    });
  });

  describe('what could not be seen', () => {
    it('a tenant without sign-ins never looks well', async () => {
      await world.covered('directory-audits');
      await saveSourceState(database.db, TENANT.id, 'sign-ins', {
        last_run_at: DUE,
        last_status: 'skipped',
        last_reason: 'no_licence',
        last_error: 'Graph answered 403',
      });
      await reportDigest(world.job());
      const [mail] = await world.mails();
      expect(mail?.subject).toBe('Muster Bau, week 47: we could not see who signed in');
      const text = mail?.text.replaceAll(BREAK, '');
      expect(text).toContain('We could not see who signed in this week, so we cannot say that all is well.');
      expect(text).toContain('0 of 168 hours watched');
      expect(text).toContain('Not watched: sign-ins (the licence for it is missing).');
    });

    it('a tenant that was never read never looks well', async () => {
      await reportDigest(world.job());
      const [mail] = await world.mails();
      expect(mail?.subject).toContain('we could see neither sign-ins nor changes');
      expect(mail?.text).toContain('it has never been read');
    });

    it('names a gap with its cause, and whether it was read later', async () => {
      await world.covered('directory-audits');
      await world.covered('sign-ins', FROM - DAY, TUESDAY);
      await world.covered('sign-ins', TUESDAY + 2 * HOUR, TO + 7 * HOUR);
      const run = {
        tenant_id: TENANT.id,
        job: 'collect',
        source: 'sign-ins',
        request_id: null,
        requests: 1,
        records_read: 0,
        records_new: 0,
        records_changed: 0,
        records_rejected: 0,
      };
      const failed = {
        ...run,
        status: 'failed',
        reason: null,
        error: 'collect sign-ins: Graph answered 503 serviceUnavailable',
      };
      const ok = { ...run, status: 'ok', reason: null, error: null };
      await saveRun(database.db, { ...failed, id: 'r1', started_at: TUESDAY, finished_at: TUESDAY + 1 });
      await saveRun(database.db, {
        ...ok,
        id: 'r2',
        started_at: TUESDAY + 2 * HOUR,
        finished_at: TUESDAY + 2 * HOUR,
      });
      await saveRun(database.db, {
        ...failed,
        id: 'r3',
        started_at: TUESDAY + DAY,
        finished_at: TUESDAY + DAY,
      });
      await saveRun(database.db, {
        ...ok,
        id: 'r4',
        started_at: TUESDAY + DAY + 3 * HOUR,
        finished_at: TUESDAY + DAY + 3 * HOUR,
      });
      const facts = await world.facts();
      expect(facts.unseen.gaps).toMatchObject([
        {
          source: 'sign-ins',
          from: TUESDAY,
          to: TUESDAY + 2 * HOUR,
          cause: 'service_down',
          readLater: false,
        },
        {
          source: 'sign-ins',
          from: TUESDAY + DAY,
          to: TUESDAY + DAY + 3 * HOUR,
          cause: 'service_down',
          readLater: true,
        },
      ]);
      expect(facts.numbers.hours).toEqual({ watched: 165, signIns: 165, audits: 168, of: 168 });
    });

    it('names detections that are weaker and what they lack', async () => {
      await world.everythingSeen();
      const assessments = [
        ['role', 'reduced', '[{"without":"directory-audits","why":"no_permission"}]'],
        ['sign-in', 'off', '[{"without":"sign-ins","why":"no_licence"}]'],
        ['country', 'off', '[{"without":"context.country_allowed","why":"not_configured"}]'],
        ['legacy', 'off', '[{"without":"clientAppUsed","why":"not_carried"}]'],
        ['licence', 'off', '[{"without":"check","why":"failed"}]'],
        ['fine', 'full', null],
      ] as const;
      const row = { tenant_id: TENANT.id, from_at: FROM, to_at: null };
      for (const [detection_id, state, reason] of assessments) {
        await world.detection(detection_id, 'XX-01', 't');
        await database.db
          .insertInto('assessment')
          .values({ ...row, detection_id, state, reason })
          .execute();
      }
      const weak = (await world.facts()).unseen.detections;
      expect(weak.map((one) => [one.title, one.state, one.sources, one.lacks, one.text])).toEqual([
        ['Title of country', 'off', [], 'setting', null],
        ['Title of legacy', 'off', [], 'fields', null],
        ['Title of licence', 'off', [], 'check', null],
        ['Title of role', 'reduced', ['directory-audits'], null, 'seen up to 60 min late'],
        ['Title of sign-in', 'off', ['sign-ins'], null, null],
      ]);
    });

    it('counts mailboxes that were not read, and records that did not parse', async () => {
      const read = {
        tenant_id: TENANT.id,
        source: 'mailbox-rules',
        capability: '',
        records: 0,
        finished_at: TUESDAY,
      };
      const failed = { ...read, status: 'failed', reason: 'Graph answered 500', started_at: TUESDAY };
      await database.db
        .insertInto('read')
        .values([
          { ...failed, read_id: '1', scope: 'a' },
          { ...read, read_id: '2', scope: 'a', status: 'ok', reason: null, started_at: TUESDAY + HOUR },
          { ...failed, read_id: '2', scope: 'b' },
          { ...failed, read_id: '2', scope: 'c', status: 'skipped', reason: 'no_mailbox' },
        ])
        .execute();
      const record = { origin: 'sign-ins/beta', reason: 'x', rawText: '{}' };
      await keepRejected(database.db, TENANT.id, 'sign-ins', [record], TUESDAY);
      await keepRejected(database.db, TENANT.id, 'sign-ins', [{ ...record, rawText: '[]' }], TO);
      const { mailboxes, rejected } = (await world.facts()).unseen;
      expect(mailboxes).toEqual([{ source: 'mailbox-rules', cause: 'service_down', count: 1 }]);
      expect(rejected).toBe(1);
    });

    it('notices a source that nobody reads any more', async () => {
      await world.everythingSeen();
      await saveSourceState(database.db, TENANT.id, 'users', { last_ok_at: TUESDAY, last_status: 'ok' });
      expect((await world.facts()).unseen.sources).toEqual([
        { source: 'users', cause: 'not_running', lastOkAt: TUESDAY, detail: null },
      ]);
    });
  });
});
