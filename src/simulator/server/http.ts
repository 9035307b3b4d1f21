import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { Answer } from './exchange.ts';
import type { TlsMaterial } from './tls.ts';

export type App = Hono<{ Bindings: HttpBindings }>;

export function createApp(): App {
  return new Hono<{ Bindings: HttpBindings }>();
}

export interface Listener {
  /** `https://localhost:PORT` */
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves an app over HTTPS on loopback. Port 0 takes a free one. */
export async function listen(app: App, tls: TlsMaterial, port: number): Promise<Listener> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    createServer,
    serverOptions: { key: tls.keyPem, cert: tls.certificatePem },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

/** Path of a request as sent, with its percent encoding, without leading slash; and its query. */
export function targetOf(c: Context): string {
  const { pathname, search } = new URL(c.req.url);
  return `${pathname.slice(1)}${search}`;
}

/** Sends an answer, or breaks the connection in the way it says. */
export function send(c: Context<{ Bindings: HttpBindings }>, answer: Answer): Response {
  const { outgoing } = c.env;
  if (answer.damage === 'close') {
    outgoing.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  if (answer.damage === 'truncated') {
    const bytes = Buffer.from(answer.body);
    outgoing.writeHead(answer.status, { ...answer.headers, 'Content-Length': bytes.length });
    outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.destroy());
    return RESPONSE_ALREADY_SENT;
  }
  return new Response(answer.body === '' ? null : answer.body, {
    status: answer.status,
    headers: answer.headers,
  });
}
