import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerAddress, SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { z } from 'zod';
import type { TlsMaterial } from './tls.ts';

/** The body of `POST {control}/smtp`. */
export const smtpOrder = z.strictObject({
  /**
   * `refuse`: connections refused. `tempfail`: 451 after the message. `reject`: 550 after the message.
   * `reject_recipient`: 550 for `recipient`. `drop_after_data`: message stored, connection cut before the 250.
   */
  mode: z.enum(['up', 'refuse', 'tempfail', 'reject', 'reject_recipient', 'drop_after_data']),
  recipient: z.string().optional(),
  /** After so many messages (or recipients) the server is up again; for ever where not given. Not with `refuse`. */
  times: z.number().int().positive().optional(),
});

export type SmtpOrder = z.infer<typeof smtpOrder>;

/** A mail that was stored. */
export interface ReceivedMail {
  /** Path of the .eml file. */
  readonly file: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly message_id: string;
  /** Decoded. */
  readonly subject: string;
}

export interface MailServer {
  /** `smtp://user:password@localhost:PORT`: STARTTLS first, then AUTH PLAIN or LOGIN. */
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  order(order: SmtpOrder): Promise<void>;
  close(): Promise<void>;
}

const USER = 'tenantwatch';
const PASSWORD = 'simulated-mail-password';

/** A mail server on loopback that writes what it takes into `folder`. */
export async function startMailServer(tls: TlsMaterial, folder: string): Promise<MailServer> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const mails: ReceivedMail[] = [];
  const behaviour = createBehaviour();
  const open = (port: number): Promise<SMTPServer> => listenSmtp(tls, port, behaviour, (mail) => store(mail));
  function store(mail: Incoming): void {
    const file = join(folder, `${String(mails.length + 1).padStart(4, '0')}.eml`);
    writeFileSync(file, mail.content, { mode: 0o600 });
    const headers = readHeaders(mail.content);
    const { from, to } = mail;
    mails.push({ file, envelope: { from, to }, message_id: headers.messageId, subject: headers.subject });
  }
  let server: SMTPServer | null = await open(0);
  const port = (server.server.address() as AddressInfo).port;
  const stop = async (): Promise<void> => {
    const closing = server;
    server = null;
    if (closing) await closeSmtp(closing);
  };
  return {
    url: `smtp://${USER}:${PASSWORD}@localhost:${port}`,
    mails,
    async order(order) {
      behaviour.set(order);
      if (order.mode === 'refuse') await stop();
      else server ??= await open(port);
    },
    close: stop,
  };
}

interface Incoming {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: Buffer;
}

interface Behaviour {
  set(order: SmtpOrder): void;
  /** The order in force for a message or recipient; uses up one of its times when it is of this kind. */
  use(...modes: SmtpOrder['mode'][]): SmtpOrder | null;
  peek(): SmtpOrder;
}

function createBehaviour(): Behaviour {
  let current: SmtpOrder = { mode: 'up' };
  return {
    set(order) {
      current = order;
    },
    peek: () => current,
    use(...modes) {
      const order = current;
      if (!modes.includes(order.mode)) return null;
      if (order.times !== undefined) {
        current = order.times > 1 ? { ...order, times: order.times - 1 } : { mode: 'up' };
      }
      return order;
    },
  };
}

async function listenSmtp(
  tls: TlsMaterial,
  port: number,
  behaviour: Behaviour,
  store: (mail: Incoming) => void,
): Promise<SMTPServer> {
  const server = new SMTPServer({
    key: tls.keyPem,
    cert: tls.certificatePem,
    authMethods: ['PLAIN', 'LOGIN'],
    disableReverseLookup: true,
    closeTimeout: 1,
    logger: false,
    onAuth({ username, password }, _session, callback) {
      if (username === USER && password === PASSWORD) callback(null, { user: USER });
      else callback(answerOf(535, 'Authentication credentials invalid'));
    },
    onRcptTo: ({ address }, _session, callback) => callback(refuseRecipient(behaviour, address)),
    onData(stream, session, callback) {
      takeMessage(stream, session, behaviour, store).then((failure) => {
        if (failure === 'drop') dropConnection(server, session);
        else callback(failure);
      }, callback);
    },
  });
  // A client that goes away in the middle of a session is its own affair.
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return server;
}

function closeSmtp(server: SMTPServer): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function answerOf(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function refuseRecipient(behaviour: Behaviour, address: string): Error | null {
  const { recipient } = behaviour.peek();
  if (recipient?.toLowerCase() !== address.toLowerCase()) return null;
  return behaviour.use('reject_recipient') ? answerOf(550, `5.1.1 <${address}>: user unknown`) : null;
}

async function takeMessage(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  behaviour: Behaviour,
  store: (mail: Incoming) => void,
): Promise<Error | null | 'drop'> {
  const content = await buffer(stream);
  const order = behaviour.use('tempfail', 'reject', 'drop_after_data');
  if (order?.mode === 'tempfail') return answerOf(451, '4.3.2 System not accepting messages, try later');
  if (order?.mode === 'reject') return answerOf(550, '5.7.1 Message refused');
  const { mailFrom, rcptTo } = session.envelope;
  const addressOf = (party: SMTPServerAddress): string => party.address;
  store({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(addressOf), content });
  return order ? 'drop' : null;
}

/** The library has no call to cut a connection, so its socket is taken. */
function dropConnection(server: SMTPServer, session: SMTPServerSession): void {
  for (const connection of server.connections) {
    if (connection.id === session.id) connection._socket.destroy();
  }
}

function readHeaders(content: Buffer): { messageId: string; subject: string } {
  const [head = ''] = content.toString('utf8').split(/\r?\n\r?\n/, 1);
  const lines = head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const value = (name: string): string =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? '';
  return { messageId: value('message-id'), subject: decodeWords(value('subject')) };
}

/** RFC 2047 encoded words, UTF-8 only: enough to read a subject. */
function decodeWords(text: string): string {
  return text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_whole, kind: string, word: string) => {
      if (kind.toLowerCase() === 'b') return Buffer.from(word, 'base64').toString('utf8');
      const bytes = word
        .replaceAll('_', ' ')
        .replaceAll(/=([0-9A-F]{2})/gi, (_hex, code: string) => `%${code}`);
      return decodeURIComponent(bytes.replaceAll(/%(?![0-9A-F]{2})/gi, '%25'));
    });
}
