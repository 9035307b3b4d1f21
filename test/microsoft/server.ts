import 'reflect-metadata';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { ManualClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { openGraph, type Graph, type GraphOptions } from '../../src/microsoft/index.ts';
import type { Credential, TenantConfig } from '../../src/model/tenant.ts';

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const CLIENT = '22222222-2222-4222-8222-222222222222';
export const SECRET = 'not-a-secret~value';
export const NOW = Date.UTC(2026, 10, 17, 9, 0, 0);

/** What the server answers; a function may look at the request first. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Sends this many bytes of the body under its full length, then hangs up. */
  readonly cut?: number;
  /** Hangs up without a word. */
  readonly hangUp?: boolean;
  /** Never answers. */
  readonly silent?: boolean;
}
export type Answerer = (seen: Seen) => Reply;

export interface Seen {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly path: string;
  readonly headers: Record<string, string | undefined>;
  readonly body: string;
}

export interface TestServer {
  readonly origin: string;
  readonly caPem: string;
  readonly seen: Seen[];
  /** TLS connections accepted so far. */
  connections(): number;
  /** Replies in turn; the last one stays. */
  on(method: string, path: string, ...replies: (Reply | Answerer)[]): void;
  /** Requests to this path so far. */
  count(path: string): number;
  reset(): void;
  close(): Promise<void>;
}

export const tokenPath = `/${TENANT}/oauth2/v2.0/token`;
export const discoveryPath = `/${TENANT}/v2.0/.well-known/openid-configuration`;

/** A token in Entra ID's form; nothing checks its signature. */
export function jwt(claims: Record<string, unknown>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`;
}

export function tokenReply(name: string, roles: string[] = ['AuditLog.Read.All']): Reply {
  return { body: { token_type: 'Bearer', expires_in: 3599, access_token: jwt({ jti: name, roles }) } };
}

/** A service of Microsoft's on loopback: a real HTTPS server with an authority of its own. */
export async function startServer(names: string[] = ['localhost']): Promise<TestServer> {
  const { caPem, certPem, keyPem } = await makeServerCertificate(names);
  const routes = new Map<string, (Reply | Answerer)[]>();
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    void readBody(request).then((body) => {
      const url = request.url ?? '/';
      const entry: Seen = {
        method: request.method ?? '',
        url,
        path: url.split('?')[0] ?? '',
        headers: request.headers as Seen['headers'],
        body,
      };
      seen.push(entry);
      const queue = routes.get(`${entry.method} ${entry.path}`);
      const next = queue && queue.length > 1 ? queue.shift() : queue?.[0];
      const reply = typeof next === 'function' ? next(entry) : next;
      respond(response, reply ?? { status: 599, body: `no route ${entry.method} ${entry.path}` });
    });
  });
  server.on('secureConnection', (socket) => {
    connections += 1;
    sockets.add(socket);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;

  const on: TestServer['on'] = (method, path, ...replies) => void routes.set(`${method} ${path}`, replies);
  const reset = (): void => {
    routes.clear();
    seen.length = 0;
    on('GET', discoveryPath, { body: discovery(origin) });
    on('POST', tokenPath, tokenReply('first'));
  };
  reset();
  return {
    origin,
    caPem,
    seen,
    on,
    reset,
    connections: () => connections,
    count: (path) => seen.filter((entry) => entry.path === path).length,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function discovery(origin: string): Record<string, unknown> {
  return {
    token_endpoint: `${origin}${tokenPath}`,
    authorization_endpoint: `${origin}/${TENANT}/oauth2/v2.0/authorize`,
    issuer: `${origin}/${TENANT}/v2.0`,
    jwks_uri: `${origin}/${TENANT}/discovery/v2.0/keys`,
  };
}

export function tenantOf(server: TestServer, credential?: Credential): TenantConfig {
  return {
    id: TENANT,
    name: 'Muster GmbH',
    cloud: 'custom',
    hosts: { graph: server.origin, authority: server.origin, management: null, clock: null },
    credential: credential ?? { type: 'secret', clientId: CLIENT, secret: SECRET },
    timezone: 'UTC',
    allowedCountries: [],
    ownDomains: [],
    recipients: [],
  };
}

export interface Opened {
  readonly graph: Graph;
  readonly clock: ManualClock;
  /** Clock's ms since it was opened. */
  elapsed(): number;
}

/** A Graph on that server with a manual clock; jitter is always the longest. */
export function open(server: TestServer, options: Partial<GraphOptions> = {}): Opened {
  const clock = new ManualClock(NOW);
  const graph = openGraph({
    tenant: tenantOf(server),
    clock,
    log: silentLog(),
    caPem: server.caPem,
    random: () => 0.999,
    ...options,
  });
  return { graph, clock, elapsed: () => clock.now() - NOW };
}

export async function caught(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`threw ${String(error)}`, { cause: error });
  }
  throw new Error('nothing was thrown');
}

export async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function respond(response: ServerResponse, reply: Reply): void {
  if (reply.silent) return;
  if (reply.hangUp) {
    response.socket?.destroy();
    return;
  }
  const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
  const bytes = Buffer.from(text);
  response.writeHead(reply.status ?? 200, {
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    ...reply.headers,
  });
  if (reply.cut === undefined) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, reply.cut), () => response.socket?.destroy());
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const VALID = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2090-01-01T00:00:00Z') };

async function makeServerCertificate(
  names: string[],
): Promise<{ caPem: string; certPem: string; keyPem: string }> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  const caKeys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...VALID,
    serialNumber: '01',
    name: 'CN=Authority of a test',
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const leaf = await x509.X509CertificateGenerator.create({
    ...VALID,
    serialNumber: '02',
    subject: 'CN=localhost',
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    caPem: ca.toString('pem'),
    certPem: leaf.toString('pem'),
    keyPem: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
  };
}

/** An app's certificate with its RSA key; `pem` has both. */
export async function makeAppCertificate(
  notAfter: Date,
): Promise<{ certPem: string; keyPem: string; der: Buffer }> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '03',
    name: 'CN=tenantwatch',
    notBefore: VALID.notBefore,
    notAfter,
    keys,
    signingAlgorithm: algorithm,
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certPem: certificate.toString('pem'),
    keyPem: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    der: Buffer.from(certificate.rawData),
  };
}
