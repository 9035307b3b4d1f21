import { createServer, type AddressInfo, type Socket } from 'node:net';
import { simpleParser } from 'mailparser';
import { afterEach, describe, expect, it } from 'vitest';
import type { OutgoingMail } from '../../src/channels/channel.ts';
import { openSmtp, type SmtpOptions } from '../../src/channels/smtp.ts';
import { DeliveryError } from '../../src/errors.ts';
import { startMailServer, smtpError, type MailServer, type MailServerOptions } from './mail-server.ts';

const MAIL: OutgoingMail = {
  messageId: '<digest-1@example.org>',
  recipient: 'gf@muster.example',
  subject: 'Muster Bau, week 47: nothing that needs you',
  text: 'Nothing happened – this week.\n',
  html: '<p>Nothing happened – this week.</p>',
  writtenAt: Date.parse('2026-11-23T06:00:00Z'),
};

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: MailServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer(options);
  closers.push(() => server.close());
  return server;
}

async function send(
  server: MailServer,
  options: Partial<SmtpOptions> = {},
  mail = MAIL,
): Promise<DeliveryError | null> {
  const channel = openSmtp({
    server: server.server,
    from: 'Watch <watch@example.org>',
    caPem: server.caPem,
    ...options,
  });
  closers.push(() => channel.close());
  return channel.send(mail).then(
    () => null,
    (error: unknown) => {
      expect(error).toBeInstanceOf(DeliveryError);
      return error as DeliveryError;
    },
  );
}

describe('a mail', () => {
  it.each([false, true])(
    'arrives whole, over TLS and with a login (TLS from the first byte: %s)',
    async (secure) => {
      const server = await start({ secure });
      expect(await send(server)).toBeNull();
      const [received] = server.received;
      expect(received).toMatchObject({
        from: 'watch@example.org',
        to: ['gf@muster.example'],
        secure: true,
        user: 'watch',
      });
      const parsed = await simpleParser(received?.raw ?? '');
      expect(parsed).toMatchObject({ subject: MAIL.subject, messageId: MAIL.messageId, text: MAIL.text });
      expect(String(parsed.html).trim()).toBe(MAIL.html);
      expect(parsed.date?.getTime()).toBe(MAIL.writtenAt);
      expect(parsed.from?.text).toBe('"Watch" <watch@example.org>');
      expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
    },
  );

  it('tells an observer before it goes and after it went', async () => {
    const seen: string[] = [];
    await send(await start(), { observe: (operation) => seen.push(operation) });
    expect(seen).toEqual(['smtp:send', 'smtp:sent']);
  });

  it('begins no header with its subject', async () => {
    const server = await start();
    await send(server, {}, { ...MAIL, subject: 'a\r\nBcc: all@evil.example\n\nbody\u2028x' });
    const parsed = await simpleParser(server.received[0]?.raw ?? '');
    expect(parsed.subject).toBe('a Bcc: all@evil.example body x');
    expect(parsed.bcc).toBeUndefined();
    expect(server.received[0]?.to).toEqual(['gf@muster.example']);
  });

  it('goes to nobody else, whatever the recipient says', async () => {
    const server = await start();
    const error = await send(
      server,
      {},
      { ...MAIL, recipient: 'a@muster.example>\r\nRCPT TO:<b@evil.example' },
    );
    expect(server.received.flatMap((mail) => mail.to)).not.toContain('b@evil.example');
    expect(error === null || error.permanent).toBe(true);
  });
});

describe('a server without TLS', () => {
  it('that hides STARTTLS is asked for it all the same, before login and mail', async () => {
    const server = await start({ hideSTARTTLS: true, authOptional: true, allowInsecureAuth: true });
    expect(await send(server)).toBeNull();
    expect(server.received.map((mail) => mail.secure)).toEqual([true]);
  });

  it('that refuses STARTTLS gets neither mail nor password', async () => {
    const server = await start({
      disabledCommands: ['STARTTLS'],
      authOptional: true,
      allowInsecureAuth: true,
    });
    const error = await send(server);
    expect(error?.message).toContain('could not be spoken to over TLS');
    expect(error?.permanent).toBe(false);
    expect(server.received).toEqual([]);
  });

  it('is not trusted without its authority', async () => {
    const server = await start();
    const error = await send(server, { caPem: null });
    expect(error?.message).toMatch(/could not be spoken to over TLS .*name its authority in CA_FILE/u);
    expect(server.received).toEqual([]);
  });

  it('of an old version is not spoken to', async () => {
    const server = await start({
      secure: true,
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    expect((await send(server))?.message).toContain('could not be spoken to over TLS');
  });

  it('that offers no login is sent nothing when we have one', async () => {
    const server = await start({ authOptional: true, disabledCommands: ['AUTH'] });
    const error = await send(server);
    expect(error).toMatchObject({ permanent: false });
    expect(error?.message).toContain('refused the login');
    expect(server.received).toEqual([]);
  });
});

describe('a refusal', () => {
  const refuse = (code: number, text: string) => smtpError(code, text);

  it.each<[string, MailServerOptions, boolean, RegExp]>([
    [
      'recipient unknown',
      { onRcptTo: (_a, _s, done) => done(refuse(550, '5.1.1 no such user')) },
      true,
      /^send mail to gf@muster\.example: mail server 127\.0\.0\.1:\d+ refused the recipient \(550 5\.1\.1 no such user\); check the address in RECIPIENTS/u,
    ],
    [
      'recipient later',
      { onRcptTo: (_a, _s, done) => done(refuse(451, '4.7.1 greylisted')) },
      false,
      /did not take the recipient \(451 4\.7\.1 greylisted\); nothing but waiting helps; the mail is kept and tried again$/u,
    ],
    [
      'sender refused',
      { onMailFrom: (_a, _s, done) => done(refuse(553, '5.7.1 not yours')) },
      true,
      /refused the sender .*check MAIL_FROM/u,
    ],
    [
      'mail refused',
      {
        afterData: () => {
          throw refuse(554, '5.6.0 spam');
        },
      },
      true,
      /refused the mail \(554 5\.6\.0 spam\)/u,
    ],
    [
      'mail later',
      {
        afterData: () => {
          throw refuse(452, '4.3.1 disk full');
        },
      },
      false,
      /did not take the mail \(452 4\.3\.1 disk full\)/u,
    ],
    [
      'login refused',
      { onAuth: (_a, _s, done) => done(refuse(535, '5.7.8 wrong')) },
      false,
      /refused the login \(535 5\.7\.8 wrong\); check user and password in SMTP_URL; the mail is kept/u,
    ],
    [
      'login demanded',
      { onMailFrom: (_a, _s, done) => done(refuse(530, '5.7.0 login first')) },
      false,
      /refused the login \(530/u,
    ],
    [
      'too many connections',
      { onConnect: (_s, done) => done(refuse(421, '4.7.0 busy')) },
      false,
      /421 4\.7\.0 busy/u,
    ],
    [
      'unwanted',
      { onConnect: (_s, done) => done(refuse(554, '5.7.1 you are blocked')) },
      false,
      /554 5\.7\.1 you are blocked/u,
    ],
    ['cut after the mail', { afterData: () => 'cut' }, false, /the mail is kept and tried again$/u],
  ])('is permanent only when a number says never: %s', async (_, options, permanent, sentence) => {
    const error = await send(await start(options));
    expect(error?.message).toMatch(sentence);
    expect(error?.permanent).toBe(permanent);
    expect(error?.message).not.toContain('p%w');
  });

  it('of a server that is not there says so', async () => {
    const server = await startMailServer();
    await server.close();
    const error = await send(server);
    expect(error?.permanent).toBe(false);
    expect(error?.message).toMatch(
      /refused the connection; check host and port in SMTP_URL, and that it runs; the mail is kept and tried again$/u,
    );
  });

  it('of something that speaks no SMTP is one clean line', async () => {
    const sockets: Socket[] = [];
    const other = createServer((socket) => {
      sockets.push(socket);
      socket.end('HTTP/1.1 400 Bad\r\n\u001b[31m\u202eRequest\r\n\r\n');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    closers.push(() => other.close());
    const server = await start();
    const error = await send(server, {
      server: { ...server.server, port: (other.address() as AddressInfo).port },
    });
    expect(error?.permanent).toBe(false);
    expect(error?.message).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});
