import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../commands/command-run.ts';
import { HOUR, startSimulated, type Simulated } from './simulated.ts';

interface Line {
  readonly check: string;
  readonly state: string;
  readonly detail: string;
  readonly lost: readonly string[];
}

describe('the doctor', () => {
  let simulated: Simulated;
  beforeAll(async () => {
    simulated = await startSimulated(2 * HOUR);
  });
  afterAll(() => simulated.stop());

  async function doctor(tenant: Simulated['licensed'], ...args: string[]) {
    const folder = simulated.folder();
    const context = { env: simulated.environment(tenant, folder), cwd: folder };
    await runCommand(['collect'], context);
    const run = await runCommand(['doctor', '--json', ...args], context);
    const lines = run.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
    return { code: run.code, of: (check: string) => lines.find((line) => line.check === check) };
  }

  it('finds everything in order where it is, and sends the test mail', async () => {
    const { code, of } = await doctor(simulated.licensed, '--mail', 'it@muster-bau.example');
    expect(of('token')).toMatchObject({ state: 'ok' });
    expect(of('permission AuditLog.Read.All')).toMatchObject({ state: 'ok', detail: 'granted' });
    expect(of('source mailbox-rules')).toMatchObject({ state: 'ok' });
    expect(of('source sign-in-activity')).toMatchObject({ state: 'ok' });
    expect(of('licence Microsoft Entra ID P1')).toMatchObject({ state: 'ok', detail: 'present' });
    expect(of('mail')).toMatchObject({ state: 'ok' });
    expect((await simulated.mails()).map((mail) => mail.subject)).toEqual(['tenantwatch: test mail']);
    expect(code).toBe(0);
  });

  it('names what a tenant without P1 loses', async () => {
    const { code, of } = await doctor(simulated.free);
    expect(of('licence Microsoft Entra ID P1')).toMatchObject({ state: 'refused' });
    expect(of('source sign-ins')).toMatchObject({ state: 'refused' });
    expect(of('source sign-ins')?.lost).toContain('Sign-in from a country that is not allowed');
    expect(of('source sign-in-activity')).toMatchObject({
      state: 'refused',
      lost: ['New account that was never used'],
    });
    expect(code).toBe(1);
  });

  it('names a permission that is missing, and what to do', async () => {
    await simulated.change(simulated.licensed, {
      remove_roles: ['MailboxSettings.Read'],
      revoke_tokens: true,
    });
    const { code, of } = await doctor(simulated.licensed);
    await simulated.change(simulated.licensed, { add_roles: ['MailboxSettings.Read'], revoke_tokens: true });
    expect(of('permission MailboxSettings.Read')).toMatchObject({
      state: 'refused',
      detail: 'not granted; add the application permission MailboxSettings.Read and grant admin consent',
    });
    expect(of('permission MailboxSettings.Read')?.lost).toContain('Inbox rule forwards mail outside');
    expect(code).toBe(1);
  });

  it('asks what the assumptions leave open, and prints no name, address or id', async () => {
    const folder = simulated.folder();
    const context = { env: simulated.environment(simulated.licensed, folder), cwd: folder };
    const run = await runCommand(['doctor', '--probe', '--json'], context);
    const answers = run.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { assumption: string; answer: string });
    const of = (words: string) => answers.find((one) => one.assumption.includes(words))?.answer;
    expect(run.code).toBe(0);
    expect(of('equals its template id')).toMatch(/^(\d+) of \1 built-in roles$/);
    expect(of('order of keys')).toBe('the same text twice');
    expect(of('$top=1000')).toMatch(/^200, \d+ records/);
    expect(of('500 at a time')).toMatch(/^200, \d+ records/);
    expect(of('never signed in')).toMatch(/^\d+ users: [1-9]\d* without, 0 null, [1-9]\d* with a successful/);
    expect(run.stdout).not.toMatch(/@|[0-9a-f]{8}-[0-9a-f]{4}/);
  });

  it('goes no further than the token when the secret is wrong', async () => {
    await simulated.change(simulated.licensed, { secret: { state: 'expired' } });
    const { code, of } = await doctor(simulated.licensed);
    await simulated.change(simulated.licensed, { secret: { state: 'valid' } });
    expect(of('token')).toMatchObject({ state: 'failed' });
    expect(of('token')?.detail).toContain('7000222');
    expect(of('source sign-ins')).toMatchObject({ state: 'not tried' });
    expect(code).toBe(1);
  });
});
