import { createHash, constants, randomUUID, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { request as connectRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import type { Identity } from './certificates.ts';

/**
 * A client of Microsoft Graph and of the Office 365 Management Activity API, written from Microsoft's documentation and
 * from nothing in this repository: it speaks to the real host names, through a proxy, with nothing but node:https.
 */

export type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Parsed; the text itself where it is no JSON. */
  readonly body: unknown;
}

export interface Registration {
  readonly tenant: string;
  readonly clientId: string;
  readonly identity: Identity;
}

export interface Way {
  /** `http://host:port` of a CONNECT proxy. */
  readonly proxy: string;
  /** PEM to trust. */
  readonly authority: string;
}

export interface Ask {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const GRAPH = 'https://graph.microsoft.com';
const MANAGEMENT = 'https://manage.office.com';
/** A page chain that is longer than this goes in circles. */
const MOST_PAGES = 500;

/** One HTTPS request through the proxy, on a connection of its own. */
export async function ask(
  way: Way,
  url: string,
  { method = 'GET', headers = {}, body = '' }: Ask = {},
): Promise<Answer> {
  const { hostname, pathname, search } = new URL(url);
  const socket = await tunnel(way, hostname);
  const path = `${pathname}${search}`;
  const outgoing = request({
    method,
    path,
    headers: { ...headers, host: hostname, 'content-length': Buffer.byteLength(body) },
    createConnection: () => connect({ socket, servername: hostname, ca: way.authority }),
  });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const text = String(answer.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: parse(text) };
}

async function tunnel({ proxy }: Way, hostname: string): Promise<Socket> {
  const { hostname: host, port } = new URL(proxy);
  const asked = connectRequest({ host, port, method: 'CONNECT', path: `${hostname}:443`, agent: false });
  asked.end();
  const [answer, socket] = (await once(asked, 'connect')) as [IncomingMessage, Socket];
  if (answer.statusCode === 200) return socket;
  socket.destroy();
  throw new Error(`connect to ${hostname}: the proxy answered ${answer.statusCode}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A signed statement of who we are (identity-platform/certificate-credentials). `claims` replaces some of them. */
export function clientAssertion({ tenant, clientId, identity }: Registration, claims: Json = {}): string {
  const { raw } = new X509Certificate(identity.certificate);
  const thumbprint = createHash('sha256').update(raw).digest('base64url');
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint };
  const payload = {
    aud: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: now,
    iat: now,
    exp: now + 300,
    ...claims,
  };
  const signed = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return `${signed}.${sign('sha256', Buffer.from(signed), { key: identity.key, ...padding }).toString('base64url')}`;
}

/** The token endpoint's answer, whatever it is. */
export function askForToken(
  way: Way,
  registration: Registration,
  resource: string,
  assertion: string,
): Promise<Answer> {
  const form = new URLSearchParams({
    client_id: registration.clientId,
    scope: `${resource}/.default`,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    grant_type: 'client_credentials',
  });
  const url = `https://login.microsoftonline.com/${registration.tenant}/oauth2/v2.0/token`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return ask(way, url, { method: 'POST', headers, body: form.toString() });
}

/** Somebody who is signed in as an app in one tenant. */
export interface Client {
  readonly token: string;
  graph(target: string, init?: Ask): Promise<Answer>;
  /** Every item of a collection, its next links followed. Throws at an answer that is no success. */
  all(target: string, headers?: Readonly<Record<string, string>>): Promise<Json[]>;
  /** A round of a delta query: its items, and the link that continues it. */
  delta(target: string): Promise<{ readonly items: Json[]; readonly link: string }>;
  batch(
    requests: readonly Json[],
  ): Promise<ReadonlyMap<string, { readonly status: number; readonly body: Json }>>;
  /** Below `activity/feed/`, or a whole URL. */
  feed(target: string, init?: Ask): Promise<Answer>;
}

export async function signIn(way: Way, registration: Registration): Promise<Client> {
  const token = await tokenFor(GRAPH);
  const forFeed = await tokenFor(MANAGEMENT);
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
  const root = `${MANAGEMENT}/api/v1.0/${registration.tenant}/activity/feed/`;
  const graph: Client['graph'] = (target, init = {}) => {
    const url = new URL(target.replaceAll(' ', '%20'), `${GRAPH}/v1.0/`);
    if (url.origin !== GRAPH) throw new Error(`ask ${url.origin}: a token of Graph is not for it`);
    return ask(way, url.href, { ...init, headers: { ...init.headers, ...bearer(token) } });
  };
  return {
    token,
    graph,
    all: async (target, headers = {}) => (await follow(target, headers)).items,
    async delta(target) {
      const { items, last } = await follow(target, {});
      const link = last['@odata.deltaLink'];
      if (typeof link !== 'string') throw new Error(`follow ${target}: the last page has no delta link`);
      return { items, link };
    },
    async batch(requests) {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ requests });
      const answer = success(await graph('$batch', { method: 'POST', headers, body }), '$batch');
      const parts = answer['responses'] as { id: string; status: number; body: Json }[];
      return new Map(parts.map(({ id, ...part }) => [id, part]));
    },
    feed: (target, init = {}) =>
      ask(way, new URL(target, root).href, { ...init, headers: { ...init.headers, ...bearer(forFeed) } }),
  };

  async function tokenFor(resource: string): Promise<string> {
    const answer = await askForToken(way, registration, resource, clientAssertion(registration));
    return String(success(answer, 'the token endpoint')['access_token']);
  }

  async function follow(
    target: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ items: Json[]; last: Json }> {
    const items: Json[] = [];
    let next = target;
    for (let page = 0; page < MOST_PAGES; page++) {
      const body = success(await graph(next, { headers }), next);
      items.push(...(body['value'] as Json[]));
      const link = body['@odata.nextLink'];
      if (typeof link !== 'string') return { items, last: body };
      next = link;
    }
    throw new Error(`follow ${target}: more than ${MOST_PAGES} pages`);
  }
}

function success({ status, body }: Answer, what: string): Json {
  if (status === 200) return body as Json;
  throw new Error(`ask ${what}: ${status} ${JSON.stringify(body)}`);
}
