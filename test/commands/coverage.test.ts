import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { reportLogs } from '../../src/collectors/settings.ts';
import { planLog } from '../../src/jobs/plan-log.ts';
import { setCapability } from '../../src/store/capabilities.ts';
import { openDatabase, type Database } from '../../src/store/database.ts';
import { countLag, countLate } from '../../src/store/lateness.ts';
import { advanceWatermark, ledgerOf } from '../../src/store/ledger.ts';
import { enrol } from '../../src/store/tenants.ts';
import {
  dueWindows,
  finishWindow,
  planWindows,
  startWindow,
  type NewWindow,
} from '../../src/store/windows.ts';
import { runCommand } from './command-run.ts';

const HOUR = 3_600_000;
/** Ten in the evening in Berlin. */
const ENROLLED = Date.UTC(2026, 10, 22, 21);
const NOW = ENROLLED + 30 * HOUR;
const TENANT = '8f6b2c1e-1111-4222-8333-944455556666';

describe('tenantwatch coverage', () => {
  let folder: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tenantwatch-coverage-'));
    env = {
      TENANTWATCH_TENANT_ID: TENANT,
      TENANTWATCH_CLIENT_ID: '11111111-1111-4111-8111-111111111111',
      TENANTWATCH_CLIENT_SECRET: 'x',
      TENANTWATCH_TENANT_NAME: 'Muster Bau',
      TENANTWATCH_TIMEZONE: 'Europe/Berlin',
      TENANTWATCH_DATABASE_URL: `sqlite:${join(folder, 'coverage.db')}`,
    };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const show = (args: string[] = [], more = {}) =>
    runCommand(['coverage', ...args], { env, cwd: folder, clock: new ManualClock(NOW), ...more });

  /** Audits read but for six hours that were given up; sign-ins refused; users read once. */
  async function watch(database: Database): Promise<void> {
    await enrol(database.db, TENANT, ENROLLED);
    await readAudits(database);
    const ledger = await ledgerOf(database.db, TENANT, 'directory-audits');
    await advanceWatermark(database.db, ledger!);
    await countLate(
      database.db,
      TENANT,
      'directory-audits',
      [
        { foundBy: 'settle', records: 3, worstMs: 2.5 * HOUR },
        { foundBy: 'beyond', records: 1, worstMs: 120 * HOUR },
      ],
      NOW,
    );
    await countLag(database.db, TENANT, 'directory-audits', 'event', [60_000, 60_000, 3 * HOUR], NOW);
    const off = { state: 'off', reason: 'no_licence', detail: null };
    await setCapability(database.db, TENANT, 'source:sign-ins', off, ENROLLED);
    await planLog(database.db, TENANT, 'sign-ins', reportLogs, 7 * 24 * HOUR, ENROLLED);
    const run = { tenant_id: TENANT, id: '1', job: 'collect', source: 'users', status: 'ok' };
    const counts = { requests: 1, records_read: 1, records_new: 1, records_changed: 0, records_rejected: 0 };
    const ends = { reason: null, error: null, request_id: null, started_at: ENROLLED, finished_at: ENROLLED };
    await database.db
      .insertInto('run')
      .values({ ...run, ...counts, ...ends })
      .execute();
  }

  async function readAudits({ db }: Database): Promise<void> {
    const at = (hour: number): number => ENROLLED + hour * HOUR;
    await planLog(db, TENANT, 'directory-audits', reportLogs, 24 * HOUR, ENROLLED);
    for (const window of await dueWindows(db, TENANT, 'directory-audits', ENROLLED)) {
      await startWindow(db, window, ENROLLED);
      await finishWindow(db, window, { status: 'complete', reason: null, nextTryAt: null, now: ENROLLED });
    }
    const spans: NewWindow[] = [
      { kind: 'day', fromAt: at(-2), toAt: at(10), status: 'complete' },
      { kind: 'head', fromAt: at(10), toAt: at(16), status: 'abandoned', reason: 'nobody was there' },
      { kind: 'day', fromAt: at(16), toAt: at(29), status: 'complete' },
      { kind: 'head', fromAt: at(29), toAt: at(30), status: 'complete' },
    ];
    await planWindows(db, TENANT, 'directory-audits', spans, NOW);
  }

  it('says what to do where nothing was read yet', async () => {
    const run = await show();
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain("nothing was read yet; run 'tenantwatch collect'");
    const nobody = await show(['--tenant', 'x']);
    expect(nobody).toMatchObject({
      code: 0,
      stdout: "no tenant x is known; 'tenantwatch status' lists them\n",
    });
  });

  it('shows each source hour by hour in the zone of the tenant, with sums', async () => {
    const database = await openDatabase(env['TENANTWATCH_DATABASE_URL']!, { now: NOW });
    await watch(database);
    await database.close();
    const { code, stdout } = await show(['--since', '2026-11-22T21:00:00Z', '--tenant', 'muster bau']);
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe(
      `Muster Bau (${TENANT}), 2026-11-22 22:00 to 2026-11-24 04:00, hours of Europe/Berlin`,
    );
    expect(stdout).toContain(
      '# seen   ~ settling: late records may still come   + partly   . not seen   x given up',
    );
    const from = lines.findIndex((line) => line.startsWith('directory-audits'));
    const audits = lines
      .slice(from, from + 3)
      .map((line) => line.slice(-200).replace(/^.*\d\d\.11\. {14}/, ''));
    expect(audits[0]).toBe(`${' '.repeat(22)}##`);
    expect(audits[1]).toBe('########xxxxxx##########');
    expect(audits[2]).toMatch(
      /^###~ {23}24 of 30 hours seen; 6 given up; 4 late \(settle 3, 1 later than 3 d; up to 5 d\); lag p50 /,
    );
    expect(lines.find((line) => line.startsWith('sign-ins'))).toMatch(
      /Sun 22\.11\. - Tue 24\.11\. -{4} +not visible$/,
    );
    expect(lines.find((line) => line.startsWith('users'))).toMatch(/Sun 22\.11\. {36}##$/);
    expect(stdout).toMatch(/; 4 late records, 1 of them beyond what is looked for daily; 6 hours given up\n/);
  });

  it('colours only where colours may be, and never in JSON', async () => {
    expect((await show()).stdout).not.toContain('\u001b');
    expect((await show([], { colour: true })).stdout).toContain('\u001b[31mx');
    const json = await show(['--json'], { colour: true });
    const tenant = JSON.parse(json.stdout) as {
      sources: { source: string; hours: Record<string, number> }[];
    };
    const audits = tenant.sources.find((one) => one.source === 'directory-audits');
    expect(audits?.hours).toMatchObject({ given_up: 6 });
  });

  it('refuses a time that it cannot read', async () => {
    const run = await show(['--since', 'yesterday']);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('--since yesterday: give a length such as 7d');
  });
});
