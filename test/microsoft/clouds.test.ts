import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { ConfigError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { assertLoopback, cloudHosts, customHosts, openGraph } from '../../src/microsoft/index.ts';
import { NOW, open, startServer, tenantOf, tokenPath, type TestServer } from './server.ts';

const CLOUDS = ['global', 'gcc_high', 'dod', 'china'] as const;
/** MSAL asks China's authority under its newer name. */
const TOKEN_HOST = {
  global: 'login.microsoftonline.com',
  gcc_high: 'login.microsoftonline.us',
  dod: 'login.microsoftonline.us',
  china: 'login.partner.microsoftonline.cn',
};

let server: TestServer;
let proxyUrl: string;
let stopProxy: () => void;
const tunnels: string[] = [];

beforeAll(async () => {
  const names = CLOUDS.flatMap((cloud) => [new URL(cloudHosts(cloud).graph).host, TOKEN_HOST[cloud]]);
  server = await startServer(['localhost', ...names]);
  const target = Number(new URL(server.origin).port);
  const sockets = new Set<Socket>();
  const proxy = createServer().on('connect', (request, client: Socket) => {
    tunnels.push(request.url ?? '');
    const upstream = connect(target, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  proxy.listen(0, '127.0.0.1');
  await new Promise((resolve) => proxy.once('listening', resolve));
  proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  stopProxy = () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  };
});
afterAll(async () => {
  stopProxy();
  await server.close();
});

describe('under its production names, through a proxy', () => {
  it.each(CLOUDS)('%s needs one token request and reaches its own hosts only', async (cloud) => {
    server.reset();
    tunnels.length = 0;
    server.on('GET', '/v1.0/organization', { body: { value: [] } });
    const graph = openGraph({
      tenant: { ...tenantOf(server), cloud, hosts: cloudHosts(cloud) },
      clock: new ManualClock(NOW),
      log: silentLog(),
      caPem: server.caPem,
      proxy: { httpsProxy: proxyUrl },
    });
    await graph.get('/organization', { what: 'read the organization' });
    expect(server.seen.map((seen) => `${seen.method} https://${seen.headers['host']}${seen.path}`)).toEqual([
      `POST https://${TOKEN_HOST[cloud]}${tokenPath}`,
      `GET ${cloudHosts(cloud).graph}/v1.0/organization`,
    ]);
    expect(tunnels).toEqual([`${TOKEN_HOST[cloud]}:443`, `${new URL(cloudHosts(cloud).graph).host}:443`]);
    await graph.close();
  });

  it('a custom cloud never goes through the proxy', async () => {
    tunnels.length = 0;
    server.on('GET', '/v1.0/organization', { body: { value: [] } });
    const { graph } = open(server, { proxy: { httpsProxy: proxyUrl } });
    await graph.get('/organization', { what: 'read the organization' });
    expect(tunnels).toEqual([]);
    await graph.close();
  });
});

describe('a custom cloud', () => {
  it.each([
    'https://127.0.0.1:8443',
    'https://127.9.9.9',
    'https://[::1]:1',
    'https://localhost:18443/x',
    'https://127.1',
  ])('may live at %s', (url) => expect(() => assertLoopback(url)).not.toThrow());

  it.each([
    'http://localhost:1',
    'https://graph.microsoft.com',
    'https://localhost.evil.example',
    'https://127.0.0.1.evil.example',
    'https://localhost@evil.example',
    'https://x@localhost',
    'https://10.0.0.1',
    'https://[::ffff:10.0.0.1]',
    'https://0.0.0.0',
    'localhost',
    '',
  ])('may not live at %s', (url) => expect(() => assertLoopback(url)).toThrow(ConfigError));

  it('names every URL that is wrong, and loses trailing slashes', () => {
    const good = {
      graph: 'https://localhost:1/',
      authority: 'https://localhost:1',
      clock: 'https://localhost:1/clock/',
    };
    expect(customHosts(good)).toEqual({
      graph: 'https://localhost:1',
      authority: 'https://localhost:1',
      management: null,
      exchange: null,
      clock: 'https://localhost:1/clock',
    });
    const wrong = { graph: 'https://a.example', authority: 'nothing', management: 'https://b.example' };
    try {
      customHosts(wrong);
      expect.unreachable();
    } catch (error) {
      expect((error as ConfigError).problems).toHaveLength(3);
    }
  });

  it('a tenant of a Microsoft cloud cannot be given other hosts', () => {
    const tenant = { ...tenantOf(server), cloud: 'global' as const };
    expect(() => openGraph({ tenant, clock: new ManualClock(NOW), log: silentLog() })).toThrow(ConfigError);
    expect(() => open(server, { tenant: { ...tenantOf(server), hosts: cloudHosts('global') } })).toThrow(
      ConfigError,
    );
  });
});
