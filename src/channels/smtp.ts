import { getCACertificates, rootCertificates } from 'node:tls';
import { createTransport, type NodemailerError, type SMTPTransportOptions } from 'nodemailer';
import { DeliveryError } from '../errors.ts';
import type { OperationObserver } from '../model/outcome.ts';
import { cleanWord } from '../text/hostile.ts';
import type { Channel, OutgoingMail } from './channel.ts';

/** Where the mail server is, as the configuration says it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps:`); else STARTTLS is demanded before anything is said. */
  readonly secure: boolean;
  /** Both or neither. */
  readonly user: string | null;
  readonly password: string | null;
}

export interface SmtpOptions {
  readonly server: SmtpServer;
  /** Sender: `watch@example.org` or `Name <watch@example.org>`. */
  readonly from: string;
  /** Certificate authority to trust besides the system's, PEM text. */
  readonly caPem?: string | null;
  readonly observe?: OperationObserver;
}

/** RFC 5321, 4.5.3.2 allows minutes; a mail is small and waits in the outbox, so we ask again later instead. */
const CONNECTION_TIMEOUT_MS = 30_000;
const GREETING_TIMEOUT_MS = 30_000;
const SOCKET_TIMEOUT_MS = 60_000;
/** Longest piece of a server's answer in an error, in code points. */
const LONGEST_ANSWER = 200;

/** The mail server as a channel. No connection is made before the first mail. */
export function openSmtp(options: SmtpOptions): Channel {
  const { server } = options;
  const transport = createTransport(transportOptions(server, options.caPem ?? null));
  const observe = options.observe ?? (() => undefined);
  return {
    name: 'smtp',
    async send(mail) {
      observe('smtp:send');
      const rejection = await transport.sendMail(toMessage(mail, options.from)).then(
        (info) => rejectionOf(info, mail, server),
        (error: unknown) => refusal(error, mail, server),
      );
      if (rejection !== null) throw rejection;
      observe('smtp:sent');
    },
    close: () => transport.close(),
  };
}

function transportOptions(server: SmtpServer, caPem: string | null): SMTPTransportOptions {
  return {
    host: server.host,
    port: server.port,
    secure: server.secure,
    // Without this STARTTLS is only tried (dependencies: trap 32), and whoever strips it reads the password.
    requireTLS: !server.secure,
    ...loginOf(server),
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...(caPem === null ? {} : { ca: trusted(caPem) }),
    },
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    greetingTimeout: GREETING_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function toMessage(
  mail: OutgoingMail,
  from: string,
): Parameters<ReturnType<typeof createTransport>['sendMail']>[0] {
  return {
    from,
    to: { name: '', address: mail.recipient },
    subject: mail.subject.replace(/[\p{Cc}\u2028\u2029]+/gu, ' '),
    text: mail.text,
    html: mail.html,
    messageId: mail.messageId,
    date: new Date(mail.writtenAt),
    // RFC 3834: no out-of-office answers to a machine.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

/** `forceAuth`: a server that offers no login is told so as a failure; the mail is not sent without it. */
function loginOf(server: SmtpServer): SMTPTransportOptions {
  if (server.user === null || server.password === null) return {};
  return { auth: { user: server.user, pass: server.password }, forceAuth: true };
}

/** `ca` takes the place of the built-in authorities, so these are named beside ours. */
function trusted(caPem: string): string[] {
  // Node before 22.15 has no getCACertificates and so does not see NODE_EXTRA_CA_CERTS here.
  const known: readonly string[] =
    typeof getCACertificates === 'function' ? getCACertificates('default') : rootCertificates;
  return [...known, caPem];
}

/** One rejected recipient among accepted ones is no error to nodemailer (dependencies: trap 32); ours is the only one. */
function rejectionOf(
  info: { readonly rejected: readonly string[]; readonly response?: string | undefined },
  mail: OutgoingMail,
  server: SmtpServer,
): DeliveryError | null {
  if (info.rejected.length === 0) return null;
  return failure(
    mail,
    `${place(server)} did not take the recipient`,
    'check the address in RECIPIENTS',
    true,
  );
}

function failure(
  mail: OutgoingMail,
  reason: string,
  advice: string,
  permanent: boolean,
  cause?: unknown,
): DeliveryError {
  const after = permanent ? advice : `${advice}; the mail is kept and tried again`;
  return new DeliveryError(`send mail to ${cleanWord(mail.recipient)}: ${reason}; ${after}`, permanent, {
    cause,
  });
}

function place(server: SmtpServer): string {
  return `mail server ${server.host}:${server.port}`;
}

type Facts = NodemailerError & { originalCode?: string };
/** What went wrong and what to do, without place and recipient. */
type Verdict = { readonly reason: string; readonly advice: string; readonly permanent: boolean };

function refusal(error: unknown, mail: OutgoingMail, server: SmtpServer): DeliveryError {
  const facts = (error instanceof Error ? error : new Error(String(error))) as Facts;
  const answer = cleanWord(facts.response ?? facts.message, LONGEST_ANSWER);
  const verdict = judge(facts, answer);
  return failure(mail, `${place(server)} ${verdict.reason}`, verdict.advice, verdict.permanent, error);
}

/** Codes of nodemailer and Node by what went wrong; the server's number decides where it gave one. */
function judge(facts: Facts, answer: string): Verdict {
  if (isLoginRefusal(facts)) {
    return later(`refused the login (${answer})`, 'check user and password in SMTP_URL');
  }
  if (facts.code === 'EENVELOPE' || facts.code === 'EMESSAGE') return judgeEnvelope(facts, answer);
  if (isTlsTrouble(facts)) {
    return later(
      `could not be spoken to over TLS (${answer})`,
      'use a server with TLS 1.2 and a valid certificate, or name its authority in CA_FILE',
    );
  }
  return judgeConnection(facts, answer);
}

function later(reason: string, advice: string): Verdict {
  return { reason, advice, permanent: false };
}

function judgeConnection(facts: Facts, answer: string): Verdict {
  if (facts.code === 'ETIMEDOUT')
    return later(`did not answer in time (${answer})`, 'check host, port and firewall');
  if (facts.code === 'EDNS') return later(`could not be found (${answer})`, 'check the host in SMTP_URL');
  if (facts.responseCode !== undefined) return later(`answered ${answer}`, 'ask who runs it');
  if (facts.originalCode === 'ECONNREFUSED') {
    return later('refused the connection', 'check host and port in SMTP_URL, and that it runs');
  }
  return later(`broke the connection (${answer})`, 'check host, port and network');
}

/** RFC 4954, 6: these numbers are about our login, not about the mail: no reason to give the mail up. */
function isLoginRefusal(facts: Facts): boolean {
  if (facts.code === 'EAUTH' || facts.code === 'ENOAUTH') return true;
  return facts.responseCode !== undefined && [530, 534, 535, 538].includes(facts.responseCode);
}

function isTlsTrouble(facts: Facts): boolean {
  if (facts.code === 'ETLS') return true;
  const text = `${facts.originalCode ?? ''} ${facts.message}`;
  return /CERT|SELF_SIGNED|self-signed|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL|EPROTO|wrong version number/u.test(
    text,
  );
}

/** The mail itself was refused. EENVELOPE covers 550 and 451 alike (dependencies: trap 32): the number decides. */
function judgeEnvelope(facts: Facts, answer: string): Verdict {
  // No number: nodemailer refused the address itself, which no retry makes better.
  const permanent = facts.permanent ?? facts.responseCode === undefined;
  const what = refusedPart(facts.command ?? '');
  if (!permanent) return later(`did not take ${what} (${answer})`, 'nothing but waiting helps');
  return { reason: `refused ${what} (${answer})`, advice: adviceFor(what), permanent };
}

function refusedPart(command: string): string {
  if (command.startsWith('RCPT')) return 'the recipient';
  return command.startsWith('MAIL') ? 'the sender' : 'the mail';
}

function adviceFor(what: string): string {
  if (what === 'the recipient')
    return 'check the address in RECIPIENTS, then run `tenantwatch deliver --retry`';
  if (what === 'the sender') return 'check MAIL_FROM, then run `tenantwatch deliver --retry`';
  return 'ask who runs the mail server, then run `tenantwatch deliver --retry`';
}
