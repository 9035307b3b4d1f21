import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from './command-run.ts';

const SECRET = 'hunter2-client-secret';
const ID = '8f6b2c1e-1111-4222-8333-944455556666';
const env = {
  TENANTWATCH_TENANT_ID: '8f6b2c1e-1111-4222-8333-944455556666',
  TENANTWATCH_CLIENT_ID: '0d3c0d3c-2222-4222-8222-222222222222',
  TENANTWATCH_CLIENT_SECRET: SECRET,
  TENANTWATCH_SMTP_URL: `smtp://me:${SECRET}@mail.example`,
  TENANTWATCH_MAIL_FROM: 'watch@muster.example',
};

test('config prints every option with its origin and no secret', async () => {
  const run = await runCommand(['config'], { env });
  expect(run.code).toBe(0);
  expect(run.stdout).toMatch(
    /^TENANTWATCH_TENANT_ID +8f6b2c1e-1111-4222-8333-944455556666 {2}\(environment\)$/m,
  );
  expect(run.stdout).toMatch(/^TENANTWATCH_CLIENT_SECRET +\[redacted\] {2}\(environment\)$/m);
  expect(run.stdout).toMatch(/^TENANTWATCH_TIMEZONE +UTC {2}\(default\)$/m);
  expect(run.stdout).toMatch(/^TENANTWATCH_CERTIFICATE +not set$/m);
  expect(run.stdout + run.stderr).not.toContain(SECRET);
});

test('config --json prints one object', async () => {
  const run = await runCommand(['config', '--json'], { env });
  expect(run.stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(run.stdout)).toMatchObject({
    TENANTWATCH_CLOUD: { value: 'global', origin: 'default' },
    TENANTWATCH_SMTP_URL: { value: 'smtp://[redacted]@mail.example', origin: 'environment' },
    TENANTWATCH_HOSTS: { value: null, origin: null },
  });
  expect(run.stdout).not.toContain(SECRET);
});

test('config with problems prints all of them, exits 2, and prints nothing else', async () => {
  const run = await runCommand(['config'], {
    env: { ...env, TENANTWATCH_CLOUD: 'mars', TENANTWATCH_TIMEZONE: 'x' },
  });
  expect(run).toEqual({
    code: 2,
    stdout: '',
    stderr: [
      'tenantwatch: configuration: 2 problems',
      '  - TENANTWATCH_CLOUD is "mars"; write one of global, gcc_high, dod, china, custom.',
      '  - TENANTWATCH_TIMEZONE is "x", which is no IANA zone; write one such as Europe/Berlin.',
      '',
    ].join('\n'),
  });
});

test('config shows the tenants of a tenants file with their origins and no secret', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'tenantwatch-config-'));
  const credential = `{type: secret, client_id: ${ID}, secret_env: MUSTER_SECRET}`;
  writeFileSync(
    join(cwd, 'tenants.yaml'),
    `tenants:\n  - {name: Muster, id: ${ID}, credential: ${credential}}\n`,
  );
  const files = { TENANTWATCH_TENANTS_FILE: 'tenants.yaml', MUSTER_SECRET: 'hunter2-secret' };
  const text = await runCommand(['config'], { env: files, cwd });
  const json = await runCommand(['config', '--json'], { env: files, cwd });
  rmSync(cwd, { recursive: true });
  expect(text.stdout).toMatch(new RegExp(`\nMuster\n(.*\n)*  id +${ID}  \\(tenants.yaml:2\\)\n`));
  expect(JSON.parse(json.stdout)).toMatchObject({
    tenants: [{ credential: { value: `secret of ${ID}: [redacted]`, origin: 'tenants.yaml:2' } }],
  });
  expect(text.stdout + json.stdout + text.stderr + json.stderr).not.toContain('hunter2');
});
