import { expect, test } from 'vitest';
import { runCommand } from './command-run.ts';

const SECRET = 'hunter2-client-secret';
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
