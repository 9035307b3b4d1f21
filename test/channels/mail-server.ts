import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import * as x509 from '@peculiar/x509';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import type { SmtpServer } from '../../src/channels/smtp.ts';

export const LOGIN = { user: 'watch', password: 'p%w:ü' };

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly secure: boolean;
  readonly user: string | null;
}

export interface MailServer {
  /** Where it is, as the configuration would say it. */
  readonly server: SmtpServer;
  /** PEM of the authority that signed its certificate. */
  readonly caPem: string;
  readonly received: ReceivedMail[];
  /** Connections that began. */
  connections(): number;
  close(): Promise<void>;
}

/** A refusal with an SMTP number. */
export function smtpError(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

export interface MailServerOptions extends SMTPServerOptions {
  /** Called when a mail has come in whole, before it is confirmed; throwing refuses it. Return 'cut' to drop the connection. */
  readonly afterData?: (mail: ReceivedMail, count: number) => 'cut' | void;
}

let authority: Promise<{ caPem: string; cert: string; key: string }> | undefined;

/** A real SMTP server on loopback, with TLS and a login. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  authority ??= makeCertificates();
  const { caPem, cert, key } = await authority;
  const { afterData, ...rest } = options;
  const received: ReceivedMail[] = [];
  let connections = 0;
  let count = 0;
  const smtp = new SMTPServer({
    cert,
    key,
    logger: false,
    authOptional: false,
    onConnect(_session, callback) {
      connections += 1;
      callback();
    },
    onAuth(auth, _session, callback) {
      const known = auth.username === LOGIN.user && auth.password === LOGIN.password;
      callback(known ? null : smtpError(535, '5.7.8 Authentication credentials invalid'), {
        user: LOGIN.user,
      });
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const mail = readMail(session, Buffer.concat(chunks));
        count += 1;
        try {
          if (afterData?.(mail, count) === 'cut') {
            received.push(mail);
            for (const connection of smtp.connections) connection.close();
            return;
          }
        } catch (error) {
          callback(error as Error);
          return;
        }
        received.push(mail);
        callback();
      });
    },
    ...rest,
  });
  smtp.on('error', () => undefined);
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const { port } = smtp.server.address() as AddressInfo;
  return {
    server: { host: '127.0.0.1', port, secure: options.secure === true, ...LOGIN },
    caPem,
    received,
    connections: () => connections,
    close: () => new Promise((resolve) => smtp.close(() => resolve())),
  };
}

function readMail(session: SMTPServerSession, raw: Buffer): ReceivedMail {
  const { mailFrom, rcptTo } = session.envelope;
  return {
    from: mailFrom === false ? '' : mailFrom.address,
    to: rcptTo.map((address) => address.address),
    raw: raw.toString('utf8'),
    secure: session.secure,
    user: session.user === undefined ? null : String(session.user),
  };
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const VALIDITY = { notBefore: new Date('2020-01-01'), notAfter: new Date('2099-01-01') };

async function makeCertificates(): Promise<{ caPem: string; cert: string; key: string }> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  const caKeys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Test authority',
    ...VALIDITY,
    signingAlgorithm: ALGORITHM,
    keys: caKeys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: 'CN=localhost',
    issuer: ca.subject,
    ...VALIDITY,
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`;
  return { caPem: `${ca.toString('pem')}\n`, cert: `${leaf.toString('pem')}\n`, key };
}
