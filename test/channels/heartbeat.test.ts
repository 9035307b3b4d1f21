import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ping } from '../../src/channels/heartbeat.ts';

describe('the heartbeat', () => {
  let server: Server;
  let url: string;
  let answer: { status: number; location?: string };
  const seen: string[] = [];

  beforeEach(async () => {
    seen.length = 0;
    answer = { status: 200 };
    server = createServer((request, response) => {
      seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.writeHead(answer.status, answer.location ? { location: answer.location } : {}).end('OK');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/abc`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('pings the address after a complete round, and /fail after one that was not', async () => {
    expect(await ping(url, true)).toBeNull();
    expect(await ping(`${url}/`, false)).toBeNull();
    expect(seen).toEqual(['GET /ping/abc', 'GET /ping/abc/fail']);
  });

  it.each([
    [{ status: 404 }, 'ping the heartbeat: the address answered 404; check TENANTWATCH_HEARTBEAT_URL'],
    [{ status: 302, location: 'http://127.0.0.1:9/' }, 'no answer'],
  ])('says why it did not arrive: %j', async (given, sentence) => {
    answer = given;
    expect(await ping(url, true)).toContain(sentence);
  });

  it('says so when nobody listens', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    expect(await ping(`http://127.0.0.1:${port}/x`, true)).toContain('no answer');
  });
});
