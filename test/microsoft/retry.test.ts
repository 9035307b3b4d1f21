import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, type Clock } from '../../src/clock.ts';
import type { GraphError } from '../../src/errors.ts';
import {
  caught,
  jwt,
  NOW,
  open,
  startServer,
  tokenPath,
  tokenReply,
  type Reply,
  type TestServer,
} from './server.ts';

const WHAT = { what: 'read sign-ins', needs: 'AuditLog.Read.All' };
const OK: Reply = { body: { value: [1] }, headers: { 'request-id': 'r-ok' } };
const PATH = '/v1.0/auditLogs/signIns';

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
beforeEach(() => server.reset());
afterAll(() => server.close());

function refusal(
  status: number,
  code: string,
  message = 'Words.',
  headers: Record<string, string> = {},
): Reply {
  return { status, headers: { 'request-id': 'r-1', ...headers }, body: { error: { code, message } } };
}

describe('retries', () => {
  it.each<[string, Reply, number]>([
    [
      'Retry-After of 600 s, not capped',
      refusal(429, 'TooManyRequests', '', { 'retry-after': '600' }),
      600_000,
    ],
    [
      'Retry-After as a date',
      refusal(503, 'x', '', { 'retry-after': new Date(NOW + 90_000).toUTCString() }),
      90_000,
    ],
    ['Retry-After as garbage', refusal(429, 'x', '', { 'retry-after': 'soon' }), 999],
    [
      'Retry-After as a date that Date.parse alone would take',
      refusal(429, 'x', '', { 'retry-after': 'May 5' }),
      999,
    ],
    [
      'Retry-After in the past',
      refusal(503, 'x', '', { 'retry-after': new Date(NOW - 5000).toUTCString() }),
      999,
    ],
    ['Retry-After 0', refusal(503, 'x', '', { 'retry-after': '0' }), 999],
    ['no Retry-After', refusal(429, 'TooManyRequests'), 999],
    ['408', refusal(408, 'x'), 999],
    ['500', refusal(500, 'x'), 999],
    ['HTML 502', { status: 502, body: '<html>' }, 999],
    ['504', refusal(504, 'x'), 999],
    ['a connection that hangs up', { hangUp: true }, 999],
  ])('%s waits exactly that long on the clock', async (_name, reply, wait) => {
    server.on('GET', PATH, reply, OK);
    const { graph, elapsed } = open(server);
    const answer = await graph.get('/auditLogs/signIns', WHAT);
    expect(answer.body).toEqual({ value: [1] });
    expect(elapsed()).toBe(wait);
    expect(answer.startedAt).toBe(NOW + wait);
    expect(server.count(PATH)).toBe(2);
    await graph.close();
  });

  it('backs off exponentially with full jitter, and gives up in the end with the last error', async () => {
    server.on('GET', PATH, refusal(500, 'first'), refusal(503, 'last'));
    const waits: number[] = [];
    const inner = new ManualClock(NOW);
    const clock: Clock = {
      now: () => inner.now(),
      sleep: (ms, signal) => {
        waits.push(ms);
        return inner.sleep(ms, signal);
      },
    };
    const { graph } = open(server, { clock, random: () => 0.5 });
    expect(((await caught(graph.get('/auditLogs/signIns', WHAT))) as GraphError).code).toBe('last');
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    await graph.close();
  });

  it.each([400, 401, 403, 404, 410, 501])('does not wait on %i', async (status) => {
    server.on('GET', PATH, refusal(status, 'x'));
    const { graph, elapsed } = open(server);
    await caught(graph.get('/auditLogs/signIns', WHAT));
    expect(elapsed()).toBe(0);
    expect(server.count(PATH)).toBe(status === 401 ? 2 : 1);
    await graph.close();
  });

  it('throws at once what the budget cannot wait for, and says how long the service asked', async () => {
    server.on('GET', PATH, refusal(429, 'x', '', { 'retry-after': '901' }), OK);
    const { graph, elapsed } = open(server);
    const error = (await caught(graph.get('/auditLogs/signIns', WHAT))) as GraphError;
    expect(error.retryAfterMs).toBe(901_000);
    expect(elapsed()).toBe(0);
    await graph.close();
  });

  it('stops in the middle of a wait when aborted, with the reason given', async () => {
    server.on('GET', PATH, refusal(503, 'x', '', { 'retry-after': '600' }), OK);
    const asleep = Promise.withResolvers<void>();
    const clock: Clock = {
      now: () => NOW,
      sleep: (_ms, signal) => {
        asleep.resolve();
        return new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(new Error('the clock’s own error'))),
        );
      },
    };
    const { graph } = open(server, { clock });
    const controller = new AbortController();
    const running = caught(graph.get('/auditLogs/signIns', { ...WHAT, signal: controller.signal }));
    await asleep.promise;
    const reason = new Error('shutting down');
    controller.abort(reason);
    expect(await running).toBe(reason);
    expect(server.count(PATH)).toBe(1);
    await graph.close();
  });

  it('stops a request in flight when aborted', async () => {
    server.on('GET', PATH, { silent: true });
    const { graph } = open(server);
    const controller = new AbortController();
    const running = caught(graph.get('/auditLogs/signIns', { ...WHAT, signal: controller.signal }));
    while (server.count(PATH) === 0) await turn();
    const reason = new Error('shutting down');
    controller.abort(reason);
    expect(await running).toBe(reason);
    await graph.close();
  });

  it('reads refused answers to their end, so that one connection serves them all', async () => {
    const big = refusal(503, 'x', 'y'.repeat(300_000));
    server.on('GET', PATH, big, big, big, big, big, OK);
    const { graph } = open(server);
    await graph.roles();
    const before = server.connections();
    await graph.get('/auditLogs/signIns', WHAT);
    expect(server.count(PATH)).toBe(6);
    // Unread answers would open one each.
    expect(server.connections() - before).toBeLessThanOrEqual(1);
    await graph.close();
  });
});

describe('a refused token', () => {
  it('is dropped and the request repeated once with a fresh one', async () => {
    server.on('POST', tokenPath, tokenReply('old'), tokenReply('new'));
    server.on('GET', PATH, (seen) =>
      seen.headers['authorization']?.includes(jwt({ jti: 'new', roles: ['AuditLog.Read.All'] }))
        ? OK
        : refusal(401, 'InvalidAuthenticationToken'),
    );
    const { graph } = open(server);
    const all = await Promise.all([1, 2, 3].map(() => graph.get('/auditLogs/signIns', WHAT)));
    expect(all.map((answer) => answer.requestId)).toEqual(['r-ok', 'r-ok', 'r-ok']);
    expect(server.count(tokenPath)).toBe(2);
    await graph.close();
  });

  it('is fetched anew after a 403 once it is old enough to lack a new consent', async () => {
    server.on('POST', tokenPath, tokenReply('a', []), tokenReply('b', ['AuditLog.Read.All']));
    server.on('GET', PATH, refusal(403, 'Authorization_RequestDenied'));
    const { graph, clock } = open(server);
    await caught(graph.get('/auditLogs/signIns', WHAT));
    expect(await graph.roles()).toEqual([]);
    clock.advanceTo(NOW + 6 * 60_000);
    await caught(graph.get('/auditLogs/signIns', WHAT));
    expect(await graph.roles()).toEqual(['AuditLog.Read.All']);
    await graph.close();
  });
});
