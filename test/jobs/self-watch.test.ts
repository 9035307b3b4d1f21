import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTenant } from '../../src/detection/case-tenant.ts';
import { loadCatalogue, recordCatalogue } from '../../src/detection/catalogue.ts';
import { watchOurselves } from '../../src/jobs/self-watch.ts';
import type { TenantConfig } from '../../src/model/tenant.ts';
import { saveAssessments } from '../../src/store/assessments.ts';
import { saveCapabilities, type CapabilityState } from '../../src/store/capabilities.ts';
import { countLag } from '../../src/store/lateness.ts';
import { saveLedger } from '../../src/store/ledger.ts';
import { markFailed, queueMail } from '../../src/store/outbox.ts';
import { saveRun, saveSourceState } from '../../src/store/reads.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const CLIENT = '99999999-2222-4333-8444-555555555555';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday. */
const NOW = Date.UTC(2026, 10, 23, 8);
const catalogue = await loadCatalogue();

describe.each(testDatabases())('our own state on $name', ({ name, open }) => {
  /** Statements that are the same on every database are tried on one. */
  const once: (title: string, body: () => Promise<void>) => void = name === 'sqlite' ? it : () => undefined;
  let opened: TestDatabase;

  beforeEach(async () => {
    opened = await open();
    const one = { name: TENANT, written_from: 'simulator', capability: {}, reads: [], records: [], line: 1 };
    await makeTenant(opened.database, TENANT, { ...one, tenant: {} }, NOW - 40 * DAY);
  });

  afterEach(async () => {
    await opened.dispose();
  });

  function tenant(credential: TenantConfig['credential']): TenantConfig {
    const hosts = { graph: '', authority: '', management: null, clock: null };
    const place = { id: TENANT, name: 'T', cloud: 'global', hosts, timezone: 'UTC' } as const;
    return { ...place, credential, allowedCountries: [], ownDomains: [], recipients: [] };
  }

  const secret = { type: 'secret', clientId: CLIENT, secret: 'x' } as const;

  async function watch(now = NOW): Promise<boolean> {
    return watchOurselves({ database: opened.database, catalogue, tenant: tenant(secret), now });
  }

  async function sourceRow(source: string) {
    return opened.database.db
      .selectFrom('program_source')
      .selectAll()
      .where('tenant_id', '=', TENANT)
      .where('source', '=', source)
      .executeTakeFirstOrThrow();
  }

  async function troubles(kind: string) {
    return opened.database.db
      .selectFrom('program_trouble')
      .selectAll()
      .where('tenant_id', '=', TENANT)
      .where('kind', '=', kind)
      .orderBy('id')
      .execute();
  }

  async function run(source: string, at: number, added: number, throttled = 0): Promise<void> {
    const counts = { requests: 1, records_read: added, records_new: added, throttled };
    const job = { tenant_id: TENANT, id: `${source}-${at}`, job: 'collect', source, status: 'ok' };
    const none = { reason: null, error: null, request_id: null };
    await saveRun(opened.database.db, { ...job, ...none, ...counts, started_at: at, finished_at: at });
  }

  async function capability(name: string, state: string, reason: string | null, at: number): Promise<void> {
    const value: CapabilityState = { state, reason, detail: null };
    await saveCapabilities(opened.database.db, TENANT, new Map([[name, value]]), at);
  }

  it('is measured every ten minutes and not in between', async () => {
    expect(await watch(NOW)).toBe(true);
    expect(await watch(NOW + 5 * 60_000)).toBe(false);
    expect(await watch(NOW + 10 * 60_000)).toBe(true);
  });

  once('knows the longest pause of four weeks, its nights and weekends among them', async () => {
    // Office hours from Monday to Friday; the last record came on Friday at 16:00.
    for (let at = NOW - 25 * DAY; at < NOW; at += HOUR) {
      const when = new Date(at);
      const isWork = when.getUTCDay() % 6 !== 0 && when.getUTCHours() >= 8 && when.getUTCHours() < 17;
      if (at < NOW) await run('sign-ins', at, isWork ? 1 : 0);
    }
    await watch();
    const row = await sourceRow('sign-ins');
    expect(row.last_new_at).toBe(Date.UTC(2026, 10, 20, 16));
    expect(row.longest_gap_ms).toBe(64 * HOUR);
    expect(NOW - row.last_new_at!).toBe(64 * HOUR);
    expect(row.active_hours).toBeGreaterThan(100);
    expect(row.history_ms).toBeGreaterThan(14 * DAY);
  });

  it('moves the last arrival at every measure and the profile once a day', async () => {
    await run('sign-ins', NOW - 2 * DAY, 1);
    await watch(NOW);
    await run('sign-ins', NOW + HOUR, 1);
    await watch(NOW + 2 * HOUR);
    expect(await sourceRow('sign-ins')).toMatchObject({ last_new_at: NOW + HOUR, active_hours: 1 });
    await watch(NOW + 25 * HOUR);
    expect(await sourceRow('sign-ins')).toMatchObject({ active_hours: 2, longest_gap_ms: 2 * DAY + HOUR });
  });

  it('compares delays of yesterday and today with those of the four weeks before', async () => {
    const { db } = opened.database;
    for (let day = 3; day < 20; day++)
      await countLag(db, TENANT, 'sign-ins', 'event', Array<number>(20).fill(10 * 60_000), NOW - day * DAY);
    await countLag(db, TENANT, 'sign-ins', 'event', Array<number>(60).fill(6 * HOUR), NOW - DAY);
    await watch();
    const row = await sourceRow('sign-ins');
    expect(row).toMatchObject({ records: 60, usual_records: 340 });
    expect(row.p95_ms! / HOUR).toBeCloseTo(6, 0);
    expect(row.usual_p95_ms!).toBeLessThan(15 * 60_000);
  });

  once(
    'counts refused requests of six hours and how far reading is behind, now and an hour ago',
    async () => {
      await run('sign-ins', NOW - 7 * HOUR, 0, 100);
      await run('sign-ins', NOW - HOUR, 0, 5);
      const { db } = opened.database;
      const ledger = {
        ...{ tenant_id: TENANT, source: 'sign-ins', begun_at: 0, settle_ms: 0, lateness_ms: 0 },
        ...{ settled_to: 0, reread_planned_at: 0, reconciled_at: 0, deep_planned_at: 0, folded_at: 0 },
      };
      await saveLedger(db, { ...ledger, watermark: NOW - 3 * HOUR });
      await watch(NOW);
      await watch(NOW + HOUR);
      const row = await sourceRow('sign-ins');
      expect(row.throttled).toBe(5);
      expect(row.behind_ms! - row.behind_before_ms!).toBe(HOUR);
    },
  );

  once('sees mails that were refused, until one is taken', async () => {
    const { db } = opened.database;
    const mail = {
      tenantId: TENANT,
      channel: 'smtp',
      kind: 'digest',
      recipient: 'a@b.example',
      reportId: null,
    };
    const payload = { subject: 's', text: 't', html: 'h' };
    await queueMail(db, { ...mail, id: 'm1', messageId: '<1@x>', payload }, NOW - DAY);
    const claimed = { claimed_by: 'me', claimed_until: NOW };
    await db.updateTable('outbox').set(claimed).where('id', '=', 'm1').execute();
    const row = await db.selectFrom('outbox').selectAll().where('id', '=', 'm1').executeTakeFirstOrThrow();
    await markFailed(db, row, 'me', '550 no such user');
    await watch(NOW);
    expect(await troubles('mail')).toMatchObject([
      { name: 'a@b.example', amount: 1, waiting: 0, reason: '550 no such user', since: NOW - DAY },
    ]);
    await queueMail(db, { ...mail, id: 'm2', messageId: '<2@x>', payload }, NOW);
    const sent = { status: 'sent', sent_at: NOW };
    await db.updateTable('outbox').set(sent).where('id', '=', 'm2').execute();
    await watch(NOW + HOUR);
    expect(await troubles('mail')).toEqual([]);
  });

  once('knows the secrets of its own registration, and which has a newer one beside it', async () => {
    const secrets = [
      { key_id: 'k1', name: 'old', start_at: 0, end_at: NOW + 5 * DAY },
      { key_id: 'k2', name: null, start_at: 0, end_at: NOW + 300 * DAY },
      { key_id: 'k3', name: 'not yet', start_at: NOW + DAY, end_at: NOW + 900 * DAY },
    ];
    const form = (id: string, appId: string, list: unknown) => ({
      ...{ tenant_id: TENANT, kind: 'application', id, raw: null, hash: id, valid_from: 0, read_id: 'r' },
      json: JSON.stringify({ app_id: appId, name: `like ${CLIENT}`, secrets: list }),
    });
    const rows = [form('a', CLIENT, secrets), form('b', 'another', [{ key_id: 'x', end_at: NOW }])];
    await opened.database.db.insertInto('entity').values(rows).execute();
    await watch();
    expect(await troubles('credential')).toMatchObject([
      { id: 'k1', name: 'old', reason: 'secret', ends_at: NOW + 5 * DAY, waiting: 1 },
      { id: 'k2', name: 'k2', ends_at: NOW + 300 * DAY, waiting: 0 },
    ]);
  });

  once(
    'names what was given up, but not of a source that is off or of the time before the enrolment',
    async () => {
      const gap = (source: string, id: string, to: number) => ({
        ...{
          tenant_id: TENANT,
          source,
          id,
          kind: 'head',
          from_at: to - HOUR,
          to_at: to,
          status: 'abandoned',
        },
        ...{ reason: 'given up', created_at: NOW - DAY, finished_at: NOW - DAY },
        ...{ next_try_at: null, read_started_at: null },
      });
      const rows = [
        gap('sign-ins', 'w1', NOW - 2 * DAY),
        gap('directory-audits', 'w2', NOW - 2 * DAY),
        gap('sign-ins', 'w3', NOW - 50 * DAY),
      ];
      await opened.database.db.insertInto('window').values(rows).execute();
      await capability('source:directory-audits', 'off', 'no_permission', NOW - DAY);
      await watch();
      expect(await troubles('gap')).toMatchObject([
        { id: `sign-ins/${NOW - 2 * DAY - HOUR}`, name: 'sign-ins', since: NOW - 2 * DAY - HOUR },
      ]);
    },
  );

  describe('sight that was lost', () => {
    const rule = catalogue.detections.find((one) => one.sources.includes('mailbox-rules'))!;

    async function assessed(state: 'full' | 'off', reason: string | null, at: number): Promise<void> {
      const { database } = opened;
      await database.transaction(async (tx) => {
        await recordCatalogue(tx, catalogue, at);
        await saveAssessments(tx, TENANT, [{ detectionId: rule.id, state, reason }], at);
      });
    }

    it('is what a detection could see and cannot', async () => {
      await capability('source:mailbox-rules', 'full', null, NOW - 3 * DAY);
      await assessed('full', null, NOW - 3 * DAY);
      await capability('source:mailbox-rules', 'off', 'not_configured', NOW - DAY);
      const reason = JSON.stringify([{ without: 'mailbox-rules', why: 'not_configured' }]);
      await assessed('off', reason, NOW - DAY);
      await watch();
      expect(await troubles('sight')).toMatchObject([
        { id: 'mailbox-rules/not_configured', since: NOW - DAY, amount: 1 },
      ]);
    });

    once('is not what never was there', async () => {
      await capability('source:mailbox-rules', 'off', 'not_configured', NOW - DAY);
      const reason = JSON.stringify([{ without: 'mailbox-rules', why: 'not_configured' }]);
      await assessed('off', reason, NOW - DAY);
      await watch();
      expect(await troubles('sight')).toEqual([]);
    });

    once('is told as a permission lost where that is the reason', async () => {
      await capability('source:mailbox-rules', 'full', null, NOW - 3 * DAY);
      await capability('role:MailboxSettings.Read', 'full', null, NOW - 3 * DAY);
      await assessed('full', null, NOW - 3 * DAY);
      await capability('source:mailbox-rules', 'off', 'no_permission', NOW - DAY);
      await capability('role:MailboxSettings.Read', 'off', 'no_permission', NOW - DAY);
      const reason = JSON.stringify([{ without: 'mailbox-rules', why: 'no_permission' }]);
      await assessed('off', reason, NOW - DAY);
      await watch();
      expect(await troubles('sight')).toEqual([]);
      const role = await opened.database.db
        .selectFrom('program_capability')
        .selectAll()
        .where('name', '=', 'role:MailboxSettings.Read')
        .executeTakeFirstOrThrow();
      expect(role).toMatchObject({ state: 'off', state_before: 'full', needed: 1, area: 'permission' });
      expect(role.titles).toContain(rule.title);
    });

    once(
      'is one trouble where sources fail for longer than a day, and none while nothing can be reached',
      async () => {
        const failed = { last_status: 'failed', last_run_at: NOW, last_ok_at: NOW - 2 * DAY };
        for (const source of ['users', 'sign-ins']) {
          await saveSourceState(opened.database.db, TENANT, source, failed);
          await capability(`source:${source}`, 'full', null, NOW - 9 * DAY);
        }
        await watch(NOW);
        expect(await troubles('sight')).toMatchObject([
          { id: 'unread', name: 'users, sign-ins', reason: 'not_read' },
        ]);
        await capability('access', 'off', 'AADSTS7000222', NOW);
        await watch(NOW + HOUR);
        expect(await troubles('sight')).toEqual([]);
      },
    );
  });

  it('makes an event of a capability that changed, and none of the first look', async () => {
    const events = async () =>
      opened.database.db
        .selectFrom('event')
        .select(['origin', 'activity', 'raw'])
        .where('tenant_id', '=', TENANT)
        .where('feed', '=', 'changes')
        .execute();
    await capability('licence:p1', 'full', null, NOW - DAY);
    await watch(NOW);
    expect(await events()).toEqual([]);
    await capability('licence:p1', 'off', 'no_licence', NOW + HOUR);
    await watch(NOW + HOUR);
    const [event, ...more] = await events();
    expect(more).toEqual([]);
    expect(event).toMatchObject({ origin: 'changes/v1.0', activity: 'capability changed' });
    expect(JSON.parse(event!.raw!)).toMatchObject({
      id: 'licence:p1',
      before: { state: 'full', area: 'licence' },
      after: { state: 'off', reason: 'no_licence' },
    });
    expect((JSON.parse(event!.raw!) as { after: { titles: string[] } }).after.titles).toContain(
      'Sign-in by device code',
    );
  });
});
