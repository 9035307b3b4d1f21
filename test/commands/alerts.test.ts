import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { command as alerts } from '../../src/commands/alerts.ts';
import { command as detectCommand } from '../../src/commands/detect.ts';
import type { CommandEntry } from '../../src/commands/command.ts';
import { openDatabase } from '../../src/store/database.ts';
import { applyReads } from '../../src/detection/case-tenant.ts';
import { germanTenant, HOUR, NOW, signIn, store } from '../jobs/detect-world.ts';
import { runCommand } from './command-run.ts';

const TENANT = '8f6b2c1e-1111-4222-8333-944455556666';
const ENTRIES: CommandEntry[] = [alerts, detectCommand].map((command) => ({
  name: command.name,
  summary: command.summary,
  load: () => Promise.resolve({ command }),
}));
const FIELDS =
  'id detection_id version subject cause occurrence_start life state close_reason level expected_by historical first_event_at last_event_at created_at evidence'.split(
    ' ',
  );

describe('tenantwatch alerts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantwatch-alerts-'));
  const url = `sqlite:${join(folder, 'a.db')}`;
  const env = {
    TENANTWATCH_TENANT_ID: TENANT,
    TENANTWATCH_CLIENT_ID: '0d3c0d3c-2222-4222-8222-222222222222',
    TENANTWATCH_CLIENT_SECRET: 'secret',
    TENANTWATCH_DATABASE_URL: url,
    TENANTWATCH_ALLOWED_COUNTRIES: 'DE',
    TENANTWATCH_LOG_LEVEL: 'silent',
  };
  const run = (...argv: string[]) => runCommand(argv, { env, clock: new ManualClock(NOW) }, ENTRIES);
  const lines = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  beforeAll(async () => {
    const database = await openDatabase(url, { now: NOW });
    await germanTenant(database, TENANT);
    // The environment brings the setting itself.
    await database.db.deleteFrom('setting').execute();
    const hostile = '\u001b[2Jmail\u202eevil\u009b31m\napp';
    await store(database, TENANT, 'sign-ins', [
      signIn('s1', NOW - 2 * HOUR, { appDisplayName: hostile }),
      signIn('s2', NOW - HOUR),
    ]);
    const admin = {
      id: '1a000000-1111-4222-8333-000000000001',
      userPrincipalName: 'gone@muster.example',
      accountEnabled: false,
    };
    await applyReads(database, TENANT, {
      at: NOW - HOUR,
      users: [{ ...admin, assignedLicenses: [{ skuId: '05e9a617-0261-4cee-bb44-138d3ef5d965' }] }],
      'subscribed-skus': [],
    });
    await database.close();
    const detected = await run('detect', '--json');
    expect(detected).toMatchObject({ code: 0, stderr: '' });
    expect(lines(detected.stdout)).toMatchObject([{ tenant_id: TENANT, status: 'ok', opened: 2 }]);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('list --json prints one object a line with exactly the documented fields', async () => {
    const found = lines((await run('alerts', 'list', '--json')).stdout);
    expect(found.map((one) => one['life'])).toEqual(['event', 'state']);
    for (const one of found) expect(Object.keys(one)).toEqual(FIELDS);
    expect(found[0]).toMatchObject({ cause: 'NG', state: 'open', evidence: ['s1', 's2'] });
    expect(found[1]).toMatchObject({ cause: 'licensed', evidence: [] });
  });

  it('list filters by state, level and tenant', async () => {
    const count = async (...options: string[]) =>
      lines((await run('alerts', 'list', '--json', ...options)).stdout).length;
    expect(await count('--level', 'low')).toBe(1);
    expect(await count('--level', 'high')).toBe(0);
    expect(await count('--state', 'closed')).toBe(0);
    expect(await count('--state', 'all', '--tenant', TENANT.toUpperCase())).toBe(2);
    expect(await count('--tenant', "x' OR '1' = '1")).toBe(0);
    expect((await run('alerts', 'list', '--level', 'loud')).code).toBe(2);
  });

  it('never lets a tenant’s text steer the terminal', async () => {
    const id = String(lines((await run('alerts', 'list', '--json')).stdout)[0]?.['id']);
    for (const argv of [['list'], ['list', '--json'], ['show', id], ['show', id, '--json']]) {
      const { stdout } = await run('alerts', ...argv);
      expect(stdout, argv.join(' ')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect(stdout.length).toBeGreaterThan(50);
    }
  });

  it('show tells what happened, the evidence and what to do', async () => {
    const id = String(lines((await run('alerts', 'list', '--json')).stdout)[0]?.['id']);
    const shown = await run('alerts', 'show', id.slice(0, 12));
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('anna@muster.example signed in from NG');
    expect(shown.stdout).toMatch(/2026-11-17T07:42:00Z {2}sign-ins {2}s1/);
    expect(shown.stdout).toMatch(/1\. /);
    expect(await run('alerts', 'show', 'a_nothing')).toMatchObject({ code: 2, stdout: '' });
    expect((await run('alerts', 'show', 'a_')).stderr).toContain('several ids');
  });

  it('close refuses a state, an unknown alert, a wrong reason, and a second time', async () => {
    const [event, state] = lines((await run('alerts', 'list', '--json')).stdout).map((one) =>
      String(one['id']),
    );
    const refused = async (...argv: string[]) => {
      const outcome = await run('alerts', 'close', ...argv);
      expect(outcome).toMatchObject({ code: 2, stdout: '' });
      return outcome.stderr;
    };
    expect(await refused(String(state), '--reason', 'true')).toContain('complete read');
    expect(await refused("a_' OR 1=1 --", '--reason', 'true')).toContain('no such alert');
    expect(await refused(String(event), '--reason', 'whatever')).toContain('Allowed choices');
    expect(await refused(String(event))).toContain('--reason');
    const closed = await run(
      'alerts',
      'close',
      String(event),
      '--reason',
      'false_positive',
      '--note',
      'on holiday',
    );
    expect(closed).toMatchObject({ code: 0, stdout: `closed ${event} as false_positive\n` });
    expect(await refused(String(event), '--reason', 'true')).toContain('closed already');
    const all = lines((await run('alerts', 'list', '--json', '--state', 'closed')).stdout);
    expect(all).toMatchObject([{ id: event, state: 'closed', close_reason: 'false_positive' }]);
  });
});
