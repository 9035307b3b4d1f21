import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { command } from '../../src/commands/detections.ts';
import { openDatabase } from '../../src/store/database.ts';
import { ruleText } from '../detection/mapping/rules.ts';
import { ANNA, germanTenant, HOUR, NOW, signIn, store } from '../jobs/detect-world.ts';
import { runCommand } from './command-run.ts';

const entries = [{ name: command.name, summary: command.summary, load: () => Promise.resolve({ command }) }];
const root = mkdtempSync(join(tmpdir(), 'tenantwatch-detections-import-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
let cwd = '';
let from = '';
beforeEach(() => {
  count += 1;
  cwd = join(root, String(count));
  from = join(cwd, 'sigma');
  mkdirSync(from, { recursive: true });
});

const run = (argv: readonly string[], context: object = {}) =>
  runCommand(['detections', ...argv], { cwd, env: {}, ...context }, entries);

const TENANT = '8f6b2c1e-1111-4222-8333-944455556666';
type Row = Record<string, unknown>;

/** A tenant of a tenants.yaml that gives a list, with an open database. */
async function watchedTenant(folder: string) {
  const url = `sqlite:${join(folder, 'tenantwatch.db')}`;
  writeFileSync(
    join(folder, 'tenants.yaml'),
    [
      'tenants:',
      '  - name: Muster',
      `    id: ${TENANT}`,
      '    credential: {type: managed_identity}',
      '    placeholders: {Far_Places: [NG, "K?"]}',
      '    recipients: [{address: it@muster.example, kind: technical}]',
    ].join('\n'),
  );
  const database = await openDatabase(url, { now: NOW });
  await germanTenant(database, TENANT);
  await database.db.deleteFrom('setting').execute();
  const env = {
    TENANTWATCH_TENANTS_FILE: 'tenants.yaml',
    TENANTWATCH_DATABASE_URL: url,
    TENANTWATCH_MAIL_FROM: 'watch@muster.example',
    TENANTWATCH_LOG_LEVEL: 'silent',
  };
  return {
    database,
    run: (...argv: string[]) => runCommand(argv, { cwd: folder, env, clock: new ManualClock(NOW) }),
  };
}

function write(
  name: string,
  source: string,
  selection: string,
  last: number,
  title = 'A rule of the tests',
): void {
  const id = `5b0c2c11-0000-4000-8000-${String(last).padStart(12, '0')}`;
  writeFileSync(join(from, name), ruleText(source, `a: ${selection}\ncondition: a`, { id, title }));
}

function writeSome(): void {
  write(
    'a.yml',
    'azure/auditlogs',
    '{operationName: Add user}',
    1,
    "'Someone \\u001b[2J made an account'".replace('\\u001b', ' '),
  );
  write(
    'b.yml',
    'azure/signinlogs',
    '{AuthenticationRequirement: singleFactorAuthentication}',
    2,
    'One factor',
  );
  write('c.yml', 'azure/signinlogs', '{location|expand: "%Far_Places%"}', 3, 'Far away');
  write('d.yml', 'azure/riskdetection', '{riskEventType: leakedCredentials}', 4, 'Leaked');
  write('e.yml', 'azure/auditlogs', '{operationName: Make user}', 5, 'Prose');
  write('f.yml', 'windows/security', '{a: b}', 6);
}

describe('tenantwatch detections import', () => {
  it('prints a table and the sums, and keeps the rules beside the database', async () => {
    writeSome();
    const done = await run(['import', '--from', 'sigma']);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toMatch(
      /works with a beta property +medium +azure\/signinlogs +One factor +reads what only beta shows/,
    );
    expect(done.stdout).toMatch(/needs a list .*Far away +needs %Far_Places%/);
    expect(done.stdout).toMatch(/^works +medium +azure\/riskdetection +Leaked *$/m);
    expect(done.stdout).toMatch(/matches nothing .*Prose +'Make user': no value/);
    expect(
      done.stdout
        .split('\n')
        .slice(-10)
        .map((line) => line.trim()),
    ).toEqual(
      expect.arrayContaining([
        '6 files, 5 rules about Azure and Microsoft 365',
        'works: 2',
        'needs a list: 1',
        'run by this version: 4; waiting for a source that it does not read: 0',
        'another product: 1; unreadable: 0',
        `written to ${join(cwd, 'imported-rules')}`,
      ]),
    );
    const listed = await run(['list']);
    expect(listed.stdout).toMatch(/imported +medium +event +sign-ins +One factor/);
    const json = (await run(['list', '--json'])).stdout
      .split('\n')
      .filter((line) => line.includes('One factor'));
    expect(JSON.parse(json[0] ?? '')).toMatchObject({ author: 'The testers', catalogue: '', life: 'event' });
  });

  it('prints one JSON object, and writes nothing in a dry run', async () => {
    writeSome();
    const done = await run(['import', '--from', 'sigma', '--json', '--dry-run']);
    expect(JSON.parse(done.stdout)).toMatchObject({
      to: null,
      files: 6,
      totals: { works: 2, beta: 1, placeholder: 1, prose: 1, no_source: 0 },
      running: 4,
      other_products: 1,
      unreadable: [],
    });
    expect(existsSync(join(cwd, 'imported-rules'))).toBe(false);
    const trusting = await run(['import', '--from', 'sigma', '--json', '--dry-run', '--trust-values']);
    expect(JSON.parse(trusting.stdout)).toMatchObject({ totals: { works: 3, prose: 0 } });
  });

  it('writes where it is told to: by --to, by the option, or beside the SQLite file', async () => {
    writeSome();
    await run(['import', '--from', 'sigma', '--to', 'x/y']);
    expect(existsSync(join(cwd, 'x/y/index.json'))).toBe(true);
    await run(['import', '--from', 'sigma'], { env: { TENANTWATCH_IMPORTED_RULES: 'mine' } });
    expect(existsSync(join(cwd, 'mine/index.json'))).toBe(true);
    await run(['import', '--from', 'sigma'], { env: { TENANTWATCH_DATABASE_URL: 'sqlite:data/t.db' } });
    expect(existsSync(join(cwd, 'data/imported-rules/index.json'))).toBe(true);
    writeFileSync(join(cwd, '.env'), 'TENANTWATCH_IMPORTED_RULES=other\n');
    await run(['import', '--from', 'sigma']);
    expect(existsSync(join(cwd, 'other/index.json'))).toBe(true);
  });

  it('shows its progress on a terminal only', async () => {
    writeSome();
    const done = await run(['import', '--from', 'sigma'], { isTerminal: true });
    expect(done.code).toBe(0);
    expect(done.stdout).not.toContain('/6 files');
  });

  it('exits 1 when there is no rule at all, and 2 when it is asked for the impossible', async () => {
    expect(await run(['import', '--from', 'sigma'])).toMatchObject({ code: 1 });
    expect(await run(['import', '--from', 'nowhere'])).toMatchObject({ code: 2 });
    expect(await run(['import'])).toMatchObject({ code: 2 });
    writeSome();
    for (const to of ['sigma', 'sigma/inside', '.']) {
      const refused = await run(['import', '--from', 'sigma', '--to', to]);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toContain('lie in each other');
    }
    mkdirSync(join(cwd, 'full'));
    writeFileSync(join(cwd, 'full/thing'), '');
    const full = await run(['import', '--from', 'sigma', '--to', 'full']);
    expect(full).toMatchObject({ code: 2 });
    expect(full.stderr).toContain('something else than imported rules');
  });

  it('brings rules that detect runs with the lists of tenants.yaml, to alerts and to the weekly mail', async () => {
    const world = await watchedTenant(cwd);
    write('a.yml', 'azure/signinlogs', '{location|expand: "%Far_Places%"}', 1, 'Sign-in from {far} away');
    write('b.yml', 'azure/signinlogs', '{location|expand: "%Nowhere%"}', 2, 'Unlisted');
    expect((await world.run('detections', 'import', '--from', 'sigma')).code).toBe(0);
    await store(world.database, TENANT, 'sign-ins', [signIn('s1', NOW - HOUR), signIn('s2', NOW - HOUR / 2)]);
    const detected = await world.run('detect', '--json');
    expect(detected).toMatchObject({ code: 0, stderr: '' });
    const listed = await world.run('alerts', 'list', '--json');
    const [alert, ...others] = listed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      detection_id: '5b0c2c11-0000-4000-8000-000000000001',
      subject: `user:${ANNA}`,
      cause: 'NG/Outlook',
      level: 'medium',
      life: 'event',
      evidence: ['s1', 's2'],
    });
    const shown = (await world.run('alerts', 'show', String(alert?.['id']))).stdout;
    expect(shown).toMatch(/^Sign-in from \{far\} away \(rule by The testers\)\n\n/);
    expect(shown).toMatch(/rule by +The testers/);
    expect(shown).not.toContain('what to do');
    const mail = await world.run('digest', '--preview', '--as-of', '2026-11-24T12:00:00Z');
    expect(mail.stdout).toContain('Sign-in from {far} away (rule by The testers)');
    expect(mail.stdout.replace(/\s+/g, ' ')).toMatch(
      /We cannot tell about: Unlisted \(rule by The testers\), .*\(a setting for it is missing\)/,
    );
    const accepted = await world.run(
      ...'suppress add --detection 5b0c2c11-0000-4000-8000-000000000001 --reason planned'.split(' '),
    );
    expect(accepted).toMatchObject({ code: 0 });
    await world.database.close();
  });
});
