import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServerIdentity } from './certificates.ts';

/** One request that went through the proxy. */
export interface Passage {
  readonly method: string;
  readonly host: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly status: number;
}

export interface NameProxy {
  /** `http://127.0.0.1:PORT`, for HTTPS_PROXY. */
  readonly url: string;
  /** PEM of the authority that vouches for the names, for NODE_EXTRA_CA_CERTS. */
  readonly authority: string;
  readonly passages: readonly Passage[];
  /** Names that were asked for and are not ours. */
  readonly refused: readonly string[];
  close(): Promise<void>;
}

/**
 * A CONNECT proxy that answers for some host names itself and hands every request on, unchanged, to the server behind the
 * name. Other names are refused: nothing leaves the machine. `servers`: host name to origin; `ca`: PEM that vouches for
 * those origins.
 */
export async function startNameProxy(
  servers: Readonly<Record<string, string>>,
  ca: string,
): Promise<NameProxy> {
  const { authority, certificate, key } = await createServerIdentity(Object.keys(servers));
  const passages: Passage[] = [];
  const refused: string[] = [];
  const inside = createTlsServer({ cert: certificate, key }, (incoming, outgoing) => {
    const host = incoming.headers.host ?? '';
    const origin = servers[host];
    if (origin === undefined) outgoing.writeHead(421).end();
    else handOn(incoming, outgoing, { origin, ca, note: (status) => note(incoming, host, status) });
  });
  const proxy = createServer((_incoming, outgoing) => outgoing.writeHead(405).end());
  proxy.on('connect', (incoming: IncomingMessage, socket) => {
    const host = (incoming.url ?? '').replace(/:443$/, '');
    socket.on('error', () => socket.destroy());
    if (servers[host] === undefined) {
      refused.push(host);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    inside.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return { url, authority, passages, refused, close };

  function note({ method = '', url: target = '' }: IncomingMessage, host: string, status: number): void {
    passages.push({ method, host, target, status });
  }

  async function close(): Promise<void> {
    inside.closeAllConnections();
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  }
}

interface Destination {
  readonly origin: string;
  readonly ca: string;
  readonly note: (status: number) => void;
}

function handOn(incoming: IncomingMessage, outgoing: ServerResponse, to: Destination): void {
  const { method, headers, url = '/' } = incoming;
  // Without a servername, Node expects a certificate for the Host header.
  const { hostname: servername } = new URL(to.origin);
  const options = { method, headers, ca: to.ca, agent: false, servername };
  const onward = request(`${to.origin}${url}`, options, (answer) => {
    const { statusCode = 502 } = answer;
    to.note(statusCode);
    outgoing.writeHead(statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', (error) => outgoing.writeHead(502).end(error.message));
  incoming.pipe(onward);
}
