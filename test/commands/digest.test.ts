import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import type { Command, CommandContext } from '../../src/commands/command.ts';
import { command as deliverCommand } from '../../src/commands/deliver.ts';
import { command as digestCommand } from '../../src/commands/digest.ts';
import { ConfigError } from '../../src/errors.ts';
import { LOGIN, startMailServer, type MailServer } from '../channels/mail-server.ts';

/** Far in the future, so that a tenant made by the test's first command existed then. */
const MONDAY = '2199-11-25T07:30:00Z';

let folder: string;
let server: MailServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenantwatch-test-'));
  server = await startMailServer();
  writeFileSync(join(folder, 'ca.pem'), server.caPem);
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function environment(): Record<string, string> {
  const { port } = server.server;
  const login = `${encodeURIComponent(LOGIN.user)}:${encodeURIComponent(LOGIN.password)}`;
  return {
    TENANTWATCH_TENANT_ID: '8f6b2c1e-1111-4222-8333-944455556666',
    TENANTWATCH_TENANT_NAME: 'Muster Bau',
    TENANTWATCH_CLIENT_ID: '0d3c2c1e-1111-4222-8333-944455556666',
    TENANTWATCH_CLIENT_SECRET: 's',
    TENANTWATCH_TIMEZONE: 'UTC',
    TENANTWATCH_RECIPIENTS: 'gf@muster.example',
    TENANTWATCH_MAIL_FROM: 'watch@example.org',
    TENANTWATCH_SMTP_URL: `smtp://${login}@127.0.0.1:${port}`,
    TENANTWATCH_CA_FILE: 'ca.pem',
    TENANTWATCH_DATABASE_URL: `sqlite:${join(folder, 'test.db')}`,
  };
}

async function run(command: Command, options: Record<string, unknown>, env = environment()) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const context: CommandContext = {
    env,
    cwd: folder,
    stdout,
    stderr,
    isTerminal: false,
    columns: 80,
    colour: false,
    clock: new ManualClock(0),
    signal: new AbortController().signal,
  };
  const code = await command.run?.(context, [], options);
  return { code, text: String(stdout.read() ?? '') };
}

describe('tenantwatch digest', () => {
  it('shows the report of the last week, writes its HTML where told, and queues nothing', async () => {
    const shown = await run(digestCommand, { preview: true, asOf: MONDAY, html: 'mail.html' });
    expect(shown.code).toBe(0);
    expect(shown.text).toContain('To: gf@muster.example\nSubject: Muster Bau, week 47: we could see neither');
    expect(readFileSync(join(folder, 'mail.html'), 'utf8')).toMatch(/^<!doctype html>/u);
    expect((await run(deliverCommand, {})).text).toContain('sent 0');
  });

  it('queues what is due once, forced or not', async () => {
    const first = await run(digestCommand, { asOf: MONDAY });
    expect(first.text).toContain('report 1 for gf@muster.example');
    expect((await run(digestCommand, { asOf: MONDAY, json: true })).text).toContain('"queued":[]');
    const again = await run(digestCommand, { asOf: MONDAY, force: true });
    expect(again.text).toContain('no report is due');
  });

  it.each([
    [{ asOf: 'soon' }, 'is no time'],
    [{ tenant: 'nobody' }, 'is no configured tenant; there is: Muster Bau'],
    [{ html: 'x.html' }, 'add --preview'],
  ])('refuses %j', async (options, problem) => {
    const refused = run(digestCommand, options);
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(problem);
    expect(existsSync(join(folder, 'x.html'))).toBe(false);
  });
});

describe('tenantwatch deliver', () => {
  it('sends the forced report through the mail server, and exits 0', async () => {
    await run(digestCommand, { force: true });
    const sent = await run(deliverCommand, { json: true });
    expect([sent.code, (JSON.parse(sent.text) as { sent: number }).sent]).toEqual([0, 1]);
    expect(server.received.map((mail) => mail.to)).toEqual([['gf@muster.example']]);
  });

  it('exits 1 and says why while the server is down, and sends when told to try again', async () => {
    await run(digestCommand, { force: true });
    const { port } = server.server;
    await server.close();
    const failed = await run(deliverCommand, {});
    expect(failed.code).toBe(1);
    expect(failed.text).toMatch(
      new RegExp(`^sent 0, to be tried again 1, refused 0\\n.*:${port} refused the connection`, 'u'),
    );
    server = await startMailServer();
    expect((await run(deliverCommand, {})).text).toContain('sent 0');
    expect((await run(deliverCommand, { retry: true })).text).toBe(
      'sent 1, to be tried again 0, refused 0\n',
    );
  });

  it('asks for a mail server where none is configured', async () => {
    const { TENANTWATCH_SMTP_URL: _, ...env } = environment();
    await expect(run(deliverCommand, {}, env)).rejects.toThrow('SMTP_URL is not set');
  });
});
