import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFixture } from './client.ts';
import type { Fixture } from './client.ts';

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

interface Sent {
  readonly rejected: unknown[];
}

async function send(subject: string, to = 'gf@muster.example', url = fixture.ready.smtp.url): Promise<Sent> {
  const transport = createTransport({ url, requireTLS: true, tls: { ca: fixture.pem } });
  try {
    return (await transport.sendMail({
      from: 'watch@muster.example',
      to,
      subject,
      text: 'Hello',
      messageId: '<1@x>',
    })) as Sent;
  } finally {
    transport.close();
  }
}

async function subjects(): Promise<unknown[]> {
  const { body } = await fixture.ask(`${fixture.ready.control}/mails`);
  return (JSON.parse(String(body['text'])) as { subject: string }[]).map(({ subject }) => subject);
}

describe('the mail server', () => {
  it('takes a mail over STARTTLS with a password, and writes it to a file', async () => {
    await send('Wöchentlicher Bericht für Müller & Söhne');
    const { body } = await fixture.ask(`${fixture.ready.control}/mails`);
    const [mail] = JSON.parse(String(body['text'])) as Record<string, unknown>[];
    expect(mail).toMatchObject({
      subject: 'Wöchentlicher Bericht für Müller & Söhne',
      message_id: '<1@x>',
      envelope: { from: 'watch@muster.example', to: ['gf@muster.example'] },
    });
    expect(readFileSync(String(mail?.['file']), 'utf8')).toContain('Hello');
  });

  it('refuses a wrong password, and mail without one', async () => {
    const wrong = fixture.ready.smtp.url.replace(/:[^:@/]+@/, ':wrong@');
    await expect(send('x', 'a@muster.example', wrong)).rejects.toMatchObject({ responseCode: 535 });
    const none = fixture.ready.smtp.url.replace(/\/\/.*@/, '//');
    await expect(send('x', 'a@muster.example', none)).rejects.toMatchObject({ responseCode: 530 });
  });

  it('offers no AUTH before STARTTLS', async () => {
    const transport = createTransport({ url: fixture.ready.smtp.url, ignoreTLS: true });
    await expect(transport.sendMail({ from: 'a@x.example', to: 'b@x.example', text: '' })).rejects.toThrow();
    transport.close();
  });

  const failures: [string, object, object][] = [
    ['tempfail', { mode: 'tempfail' }, { responseCode: 451 }],
    ['reject', { mode: 'reject' }, { responseCode: 550 }],
    ['reject_recipient', { mode: 'reject_recipient', recipient: 'gf@muster.example' }, { responseCode: 550 }],
    ['refuse', { mode: 'refuse' }, { code: 'ESOCKET' }],
  ];
  it.each(failures)('can fail by %s, and stores nothing then', async (name, order, failure) => {
    await fixture.control('smtp', order);
    await expect(send(name)).rejects.toMatchObject(failure);
    await fixture.control('smtp', { mode: 'up' });
    await send(`${name} again`);
    expect((await subjects()).filter((subject) => String(subject).startsWith(name))).toEqual([
      `${name} again`,
    ]);
  });

  it('can store a mail and cut the connection before it says so, once', async () => {
    await fixture.control('smtp', { mode: 'drop_after_data', times: 1 });
    await expect(send('dropped')).rejects.toThrow();
    expect(await subjects()).toContain('dropped');
    await expect(send('after')).resolves.toBeDefined();
  });

  it('can reject one recipient and take the other', async () => {
    await fixture.control('smtp', { mode: 'reject_recipient', recipient: 'bad@muster.example' });
    const { rejected } = await send('two', 'good@muster.example, bad@muster.example');
    await fixture.control('smtp', { mode: 'up' });
    expect(rejected).toEqual(['bad@muster.example']);
  });
});
