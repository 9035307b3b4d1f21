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
      await world.account('1111', 'Anna Keller-Roth');
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

    it('call people by name, and by address where two share one', async () => {
      await world.account('1111', 'Anna Keller');
      await world.account('jonas', 'Jonas Berg');
      await world.account('jonas2', 'Jonas Berg');
      await world.account('bo', 'Bo Lind');
      const words = (actor: string) => JSON.stringify({ subject: '1111@muster.example', actor });
      await world.alert('a1', { words: words('BO@muster.example') });
      await world.alert('a2', { words: words('jonas@muster.example') });
      await world.alert('a3', { words: words('stranger@muster.example') });
      const [group] = (await world.facts()).happened;
      expect(group?.name).toBe('Anna Keller');
      expect(group?.items[0]?.title).toBe('Anna Keller became Global Administrator');
      expect(group?.items.map((one) => one.what)).toEqual([
        'Bo Lind did it.',
        'jonas@muster.example did it.',
        'stranger@muster.example did it.',
      ]);
    });

    it('ask at most three questions, one per person, the worst first, with an owner and a working day', async () => {
      for (const n of [1, 2, 3, 4, 5]) {
        const level = n === 4 ? 'critical' : 'medium';
        await world.alert(`q${n}`, { subject: `user:${n}`, level, first_event_at: TUESDAY + n });
      }
      await world.alert('same person', { subject: 'user:4', level: 'high' });
      await world.alert('closed', { subject: 'user:6', state: 'closed', close_reason: 'true' });
      await world.alert('expected', { subject: 'user:7', expected_by: 's1' });
      await world.alert('older', { subject: 'user:8', level: 'high', created_at: FROM - DAY });
      const owned = { ...TENANT, owner: { name: 'Ali Demir', address: 'ali@muster.example' } };
      const { decisions } = await world.facts({ tenant: owned });
      expect(decisions.total).toBe(6);
      expect(decisions.items.map((one) => [one.alertId, new Date(one.dueAt).toISOString()])).toEqual([
        ['q4', '2026-11-23T23:00:00.000Z'],
        ['older', '2026-11-23T23:00:00.000Z'],
        ['q1', '2026-11-25T23:00:00.000Z'],
      ]);
      expect(decisions.items[0]).toMatchObject({ question: 'Was it planned?', yes: '', owner: 'Ali Demir' });
      expect((await world.facts()).decisions.items[0]?.owner).toBeNull();
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
      await world.account('left-clean', null, { enabled: 0, disabled_since: TUESDAY });
      await world.account('left-open', 'Lea Open', { enabled: 0, disabled_since: TUESDAY });
      await world.account('long-gone-open', null, { enabled: 0, disabled_since: 0 });
      await world.account('long-gone', null, { enabled: 0, disabled_since: 0 });
      await world.account('guest', null, { kind: 'guest', enabled: 0, disabled_since: TUESDAY });
      await world.account('works', null);
      await world.account('leave-date', null, { leave_at: TUESDAY });
      await world.account('joined', null, { created_at: TUESDAY });
      await world.account('joined-open', null, { created_at: TUESDAY });
      for (const id of ['left-open', 'long-gone-open', 'joined-open']) {
        await world.alert(id, {
          detection_id: 'leaver',
          subject: `user:${id}`,
          level: 'low',
          life: 'state',
          historical: 1,
        });
      }
      await world.alert('other', { subject: 'user:left-clean' });
      const { numbers, people } = await world.facts();
      expect(numbers.leavers).toEqual({ closed: 2, of: 4 });
      expect(people.joined).toEqual({ count: 2, complete: 1 });
      expect(people.left.count).toBe(4);
      expect(people.left.open).toContainEqual({ name: 'Lea Open', items: 1 });
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
      await world.everythingButSignIns();
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
      expect(text).toContain('hours watched: 168 of 168, without sign-ins');
      expect(text).toContain('Not watched: sign-ins (the licence for it is missing).');
    });

    it.each([
      ['no_licence', null, [], false],
      ['no_licence', null, ['risky-users'], true],
    ] as const)(
      'names a source skipped for %s, last read %j, where checks read %j: %s',
      async (last_reason, last_ok_at, sources, told) => {
        await world.everythingSeen();
        const state = { last_run_at: DUE, last_status: 'skipped', last_reason, last_error: null, last_ok_at };
        await saveSourceState(database.db, TENANT.id, 'risky-users', state);
        await world.detection('risk', 'SI-56', '{subject} is at risk');
        await database.db
          .updateTable('detection_version')
          .set({ sources: JSON.stringify(sources) })
          .execute();
        await reportDigest(world.job());
        const [mail] = await world.mails();
        const text = mail?.text.replaceAll(BREAK, '') ?? '';
        expect(text.includes('accounts that Microsoft holds for compromised')).toBe(told);
        expect(text).toContain('168 of 168');
      },
    );

    it.each([
      [
        'skipped',
        'Seen only in the audit log of Entra ID, later and with less detail: sign-ins (the licence',
      ],
      ['failed', 'Not watched since 22 November'],
    ])('sign-ins that Graph does not show (%s) but the audit log did are told so', async (status, told) => {
      await world.everythingButSignIns();
      await world.covered('audit-azure-ad', FROM - DAY, TO);
      const base = { last_run_at: DUE, last_ok_at: null };
      const off = status === 'skipped';
      const reason = off ? 'no_licence' : null;
      const error = off ? 'Graph answered 403' : 'AADSTS7000222';
      const state = { ...base, last_status: status, last_reason: reason, last_error: error };
      await saveSourceState(database.db, TENANT.id, 'sign-ins', state);
      const audit = off
        ? { ...state, last_status: 'ok', last_reason: null, last_error: null, last_ok_at: DUE }
        : { ...state, last_ok_at: TO - 2 * HOUR };
      await saveSourceState(database.db, TENANT.id, 'audit-azure-ad', audit);
      await reportDigest(world.job());
      const [mail] = await world.mails();
      const text = mail?.text.replaceAll(BREAK, '') ?? '';
      expect(text).toContain(told);
      expect(text).not.toContain('Not watched: sign-ins');
      expect(text).not.toContain('could not see who signed in');
    });

    it('a tenant that was never read never looks well', async () => {
      await reportDigest(world.job());
      const [mail] = await world.mails();
      expect(mail?.subject).toContain('we could see neither sign-ins nor changes');
      expect(mail?.text).toContain('it has never been read');
    });

    it('names a gap with its cause, and whether it was read later', async () => {
      await world.everythingButSignIns();
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
      expect(facts.numbers.hours).toEqual({ watched: 165, signIns: 165, audits: 168, of: 168, without: [] });
    });

    it('counts the hours of states by reads at most 26 hours old', async () => {
      await world.covered('sign-ins');
      await world.covered('directory-audits');
      await world.read('users');
      await world.read('role-assignments');
      await world.read('mailbox-rules', FROM - HOUR, FROM + 2 * DAY);
      const facts = await world.facts();
      // The last read of mailbox rules was at day 1, 23:00, and is good until day 3, 01:00.
      expect(facts.numbers.hours).toMatchObject({ watched: 73, signIns: 168, of: 168 });
      await database.db
        .updateTable('tenant')
        .set({ enrolled_at: FROM + 4 * DAY })
        .execute();
      await world.read('mailbox-rules', FROM + 4 * DAY, TO);
      expect((await world.facts()).unseen.gaps).toEqual([
        {
          source: 'mailbox-rules',
          from: FROM + 3 * DAY + HOUR,
          to: FROM + 4 * DAY,
          cause: 'not_begun',
          readLater: null,
          detail: null,
        },
      ]);
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
