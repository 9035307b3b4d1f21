import { previewDigest, type DigestJob } from '../../src/jobs/report.ts';
import type { Recipient, TenantConfig } from '../../src/model/tenant.ts';
import type { DigestFacts } from '../../src/reports/facts.ts';
import { saveAlert, type AlertRow } from '../../src/store/alerts.ts';
import type { Database } from '../../src/store/database.ts';
import { undeliveredMails, type OutboxPayload } from '../../src/store/outbox.ts';
import { saveRun, saveSourceState } from '../../src/store/reads.ts';
import { enrol, syncTenants } from '../../src/store/tenants.ts';
import { dueWindows, finishWindow, planWindows } from '../../src/store/windows.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Week 47 of 2026 in Berlin, and when its report falls due. */
export const FROM = Date.parse('2026-11-16T00:00:00+01:00');
export const TO = Date.parse('2026-11-23T00:00:00+01:00');
export const DUE = Date.parse('2026-11-23T07:00:00+01:00');
export const TUESDAY = Date.parse('2026-11-17T09:41:00+01:00');
const ENROLLED = FROM - 20 * DAY;

export const MANAGER: Recipient = {
  address: 'gf@muster.example',
  kind: 'management',
  language: 'en',
  timezone: 'Europe/Berlin',
  due: 'mon 07:00',
};

export const TENANT: TenantConfig = {
  id: '8f6b2c1e-1111-4222-8333-944455556666',
  name: 'Muster Bau',
  cloud: 'global',
  hosts: { graph: 'https://g', authority: 'https://a', management: null, clock: null },
  credential: { type: 'secret', clientId: 'c', secret: 's' },
  timezone: 'Europe/Berlin',
  allowedCountries: [],
  ownDomains: [],
  recipients: [MANAGER],
};

const ALERT: AlertRow = {
  tenant_id: TENANT.id,
  id: '',
  detection_id: 'role',
  version: 'v1',
  subject: 'user:1111',
  cause: '',
  occurrence_start: TUESDAY,
  life: 'event',
  state: 'open',
  close_reason: null,
  closed_at: null,
  closed_by: null,
  close_note: null,
  level: 'high',
  expected_by: null,
  historical: 0,
  first_event_at: TUESDAY,
  last_event_at: TUESDAY,
  last_true_at: null,
  capability: null,
  not_visible_since: null,
  withdrawn: 0,
  merged_into: null,
  words: JSON.stringify({ subject: 'Anna Keller', actor: 'Jonas Berg' }),
  created_at: TUESDAY + HOUR,
  updated_at: TUESDAY + HOUR,
};

const OK_RUN = {
  tenant_id: TENANT.id,
  job: 'collect',
  status: 'ok',
  reason: null,
  error: null,
  request_id: null,
  requests: 1,
  records_read: 0,
  records_new: 0,
  records_changed: 0,
  records_rejected: 0,
};

const ACCOUNT = {
  tenant_id: TENANT.id,
  kind: 'member',
  enabled: 1,
  disabled_since: null as number | null,
  created_at: null as number | null,
  leave_at: null as number | null,
  synced: 0,
  manager_id: null,
  department: null,
  usage_location: null,
  external_state: null,
  upn: '',
};
type AccountRow = typeof ACCOUNT;

/** A database with one enrolled tenant, and short ways to fill it. */
export class ReportWorld {
  readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async enrol(): Promise<void> {
    await syncTenants(this.database.db, [TENANT], 'env', ENROLLED);
    await enrol(this.database.db, TENANT.id, ENROLLED);
  }

  job(overrides: Partial<DigestJob> = {}): DigestJob {
    return {
      database: this.database,
      tenant: TENANT,
      now: DUE,
      mailFrom: 'Watch <watch@example.org>',
      ...overrides,
    };
  }

  /** A window of a log source that was read whole. */
  async covered(source: string, from = FROM - 7 * DAY, to = TO + 7 * HOUR): Promise<void> {
    const { db } = this.database;
    await planWindows(db, TENANT.id, source, [{ kind: 'head', fromAt: from, toAt: to }], from);
    for (const window of await dueWindows(db, TENANT.id, source, to)) {
      await finishWindow(db, window, { status: 'complete', reason: null, nextTryAt: null, now: to });
    }
    await saveSourceState(db, TENANT.id, source, { last_run_at: to, last_ok_at: to, last_status: 'ok' });
  }

  async everythingSeen(): Promise<void> {
    await this.covered('sign-ins');
    await this.everythingButSignIns();
  }

  async everythingButSignIns(): Promise<void> {
    await this.covered('directory-audits');
    for (const source of ['users', 'role-assignments', 'mailbox-rules']) await this.read(source);
  }

  /** A state source that was read every day, from and to (UTC epoch ms). */
  async read(source: string, from = FROM - 8 * DAY, to = TO + 7 * HOUR): Promise<void> {
    for (let at = from; at <= to; at += DAY) {
      await saveRun(this.database.db, {
        ...OK_RUN,
        source,
        id: `${source}-${at}`,
        started_at: at,
        finished_at: at,
      });
    }
    await saveSourceState(this.database.db, TENANT.id, source, {
      last_run_at: to,
      last_ok_at: to,
      last_status: 'ok',
    });
  }

  async account(id: string, name: string | null, overrides: Partial<AccountRow> = {}): Promise<void> {
    await this.database.db
      .insertInto('user_account')
      .values({ ...ACCOUNT, id, name, upn: `${id}@muster.example`, ...overrides })
      .execute();
  }

  async detection(id: string, catalogue: string, title: string): Promise<void> {
    const en = { title, what: '{actor} did it.', why: 'It is bad.', ask: 'Was it planned?' };
    await this.database.db
      .insertInto('detection_version')
      .values({
        id,
        version: 'v1',
        match_hash: 'h',
        title: `Title of ${id}`,
        level: 'high',
        life: 'event',
        catalogue,
        texts: JSON.stringify({ en }),
        steps: '[]',
        sources: '[]',
        reduced: JSON.stringify([{ without: 'directory-audits', text: { en: 'seen up to 60 min late' } }]),
        file: `${id}.yml`,
        current: 1,
        seen_at: 0,
      })
      .execute();
  }

  /** An open alert of level high about Anna Keller, on Tuesday. */
  async alert(id: string, overrides: Partial<AlertRow> = {}): Promise<void> {
    await saveAlert(this.database.db, { ...ALERT, id, cause: id, ...overrides });
  }

  async facts(overrides: Partial<DigestJob> = {}): Promise<DigestFacts> {
    const [first] = await previewDigest(this.job(overrides));
    return first!.facts;
  }

  async mails(): Promise<OutboxPayload[]> {
    return (await undeliveredMails(this.database.db)).map((row) => JSON.parse(row.payload) as OutboxPayload);
  }
}
