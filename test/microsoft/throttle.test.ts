import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { openMemoryLedger } from '../../src/microsoft/index.ts';
import { openLimiter } from '../../src/microsoft/throttle.ts';
import { caught, CLIENT, NOW, open, startServer, TENANT, tenantOf, type TestServer } from './server.ts';

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
beforeEach(() => server.reset());
afterAll(() => server.close());

const PATH = '/v1.0/auditLogs/signIns';
const REPORTS = { what: 'read sign-ins', quota: 'reports' as const };

function most(times: readonly number[], windowMs: number): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length));
}

describe('quotas on the clock', () => {
  it.each([
    ['reports', 5, 10_000],
    ['identity_protection', 1, 1_000],
  ] as const)(
    '%s: never more than %i in any %i ms, and no slower than that by more than the margin',
    async (quota, limit, window) => {
      server.on('GET', PATH, { body: { value: [] } });
      const { graph } = open(server);
      const times: number[] = [];
      for (let i = 0; i < 23; i += 1)
        times.push((await graph.get('/auditLogs/signIns', { what: 'x', quota })).startedAt);
      expect(most(times, window)).toBe(limit);
      const rounds = Math.ceil(23 / limit) - 1;
      expect((times.at(-1) ?? 0) - NOW).toBeGreaterThanOrEqual(rounds * window);
      expect((times.at(-1) ?? 0) - NOW).toBeLessThanOrEqual(rounds * (window + 100));
      await graph.close();
    },
  );

  it('hold for many callers at once', async () => {
    server.on('GET', PATH, { body: { value: [] } });
    const { graph } = open(server);
    const answers = await Promise.all(
      Array.from({ length: 17 }, () => graph.get('/auditLogs/signIns', REPORTS)),
    );
    expect(
      most(
        answers.map((answer) => answer.startedAt),
        10_000,
      ),
    ).toBe(5);
    await graph.close();
  });

  it('slide: five requests spread out do not let five more in together', async () => {
    server.on('GET', PATH, { body: { value: [] } });
    const { graph, clock } = open(server);
    const times: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      clock.advanceTo(NOW + i * 1_900);
      times.push((await graph.get('/auditLogs/signIns', REPORTS)).startedAt);
    }
    expect(most(times, 10_000)).toBe(5);
    await graph.close();
  });

  it('count retries too', async () => {
    server.on('GET', PATH, { status: 500 });
    const { graph, elapsed } = open(server, { random: () => 0 });
    await caught(graph.get('/auditLogs/signIns', REPORTS));
    expect(server.count(PATH)).toBe(9);
    expect(elapsed()).toBe(10_100);
    await graph.close();
  });

  it('are shared by all who share the ledger, and only by the same tenant and app', async () => {
    server.on('GET', PATH, { body: { value: [] } });
    const quota = openMemoryLedger();
    const clock = new ManualClock(NOW);
    const [a, b] = [open(server, { quota, clock }), open(server, { quota, clock })];
    for (const { graph } of [a, b, a, b, a]) await graph.get('/auditLogs/signIns', REPORTS);
    const tenant = tenantOf(server, {
      type: 'secret',
      clientId: '33333333-3333-4333-8333-333333333333',
      secret: 'x',
    });
    const other = open(server, { quota, clock, tenant });
    expect((await other.graph.get('/auditLogs/signIns', REPORTS)).startedAt).toBe(NOW);
    expect((await b.graph.get('/auditLogs/signIns', REPORTS)).startedAt).toBe(NOW + 10_100);
    await Promise.all([a, b, other].map(({ graph }) => graph.close()));
  });

  it('after a 429 nobody of that class asks before Retry-After has passed, other classes do', async () => {
    server.on('GET', PATH, { status: 429, headers: { 'retry-after': '600' } }, { body: { value: [] } });
    server.on('GET', '/v1.0/auditLogs/directoryAudits', { body: { value: [] } });
    server.on('GET', '/v1.0/users', { body: { value: [] } });
    const { graph, clock } = open(server, { retryBudgetMs: 0 });
    await caught(graph.get('/auditLogs/signIns', REPORTS));
    expect((await graph.get('/users', { what: 'read users' })).startedAt).toBe(NOW);
    const audits = await graph.get('/auditLogs/directoryAudits', { ...REPORTS, what: 'read audits' });
    expect(audits.startedAt).toBe(NOW + 600_000);
    expect(clock.now()).toBe(NOW + 600_000);
    await graph.close();
  });

  it('after a 429 without Retry-After the class waits as long as the one who was refused', async () => {
    server.on('GET', PATH, { status: 429 }, { body: { value: [] } });
    server.on('GET', '/v1.0/identityProtection/riskyUsers', { body: { value: [] } });
    const { graph } = open(server);
    const o = { what: 'x', quota: 'identity_protection' as const };
    await graph.get('/auditLogs/signIns', o);
    expect((await graph.get('/identityProtection/riskyUsers', o)).startedAt).toBeGreaterThanOrEqual(
      NOW + 999,
    );
    await graph.close();
  });

  it('a wait for the quota can be aborted', async () => {
    const ledger = openMemoryLedger();
    const asleep = Promise.withResolvers<void>();
    const clock = {
      now: () => NOW,
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise<void>((_resolve, reject) => {
          asleep.resolve();
          signal?.addEventListener('abort', () => reject(new Error('the clock’s own error')));
        }),
    };
    const limiter = openLimiter(TENANT, CLIENT, clock, ledger);
    const flying = await limiter.enter('identity_protection', ['/x']);
    const early = new AbortController();
    const first = caught(limiter.enter('identity_protection', ['/x'], early.signal));
    const gone = new Error('not needed');
    early.abort(gone);
    expect(await first).toBe(gone);
    await flying();
    const controller = new AbortController();
    const waiting = caught(limiter.enter('identity_protection', ['/x'], controller.signal));
    await asleep.promise;
    const reason = new Error('shutting down');
    controller.abort(reason);
    expect(await waiting).toBe(reason);
  });
});

describe('Outlook', () => {
  const rule = (user: string): string => `/users/${user}/mailFolders/inbox/messageRules`;
  const limiter = () => openLimiter(TENANT, CLIENT, new ManualClock(NOW), openMemoryLedger());

  it('has at most four requests of one mailbox at work, whatever its letter case; others go on', async () => {
    const slots = limiter();
    const held = await Promise.all([1, 2, 3, 4].map(() => slots.enter('outlook', [rule('a')])));
    let fifth = false;
    const waiting = slots.enter('outlook', [rule('A')]).then((release) => {
      fifth = true;
      return release;
    });
    await slots.enter('outlook', [rule('b')]);
    await turn();
    expect(fifth).toBe(false);
    await held[0]?.();
    await (
      await waiting
    )();
    expect(fifth).toBe(true);
  });

  it('batches that want the same mailboxes in another order do not wait for each other for ever', async () => {
    const slots = limiter();
    const four = (user: string): string[] => Array.from({ length: 4 }, () => rule(user));
    const run = async (paths: string[]): Promise<void> => {
      const release = await slots.enter('outlook', paths);
      await turn();
      await release();
    };
    await Promise.all([
      run([...four('a'), ...four('b')]),
      run([...four('b'), ...four('a')]),
      run([rule('a'), rule('b')]),
    ]);
  });

  it('a waiter that is aborted leaves the queue', async () => {
    const slots = limiter();
    const held = await Promise.all([1, 2, 3, 4].map(() => slots.enter('outlook', [rule('a')])));
    const controller = new AbortController();
    const gone = caught(slots.enter('outlook', [rule('a')], controller.signal));
    const next = slots.enter('outlook', [rule('a')]);
    const reason = new Error('shutting down');
    controller.abort(reason);
    expect(await gone).toBe(reason);
    await held[0]?.();
    await (
      await next
    )();
  });

  it('really sends no more than four at once', async () => {
    let now = 0;
    let top = 0;
    server.on('GET', '/v1.0/users/a/messages', () => ({ body: { value: [] } }));
    const { graph } = open(server, {
      observe(operation) {
        if (!operation.includes('messages')) return;
        now += 1;
        top = Math.max(top, now);
      },
    });
    const all = Array.from({ length: 10 }, () =>
      graph.get('/users/a/messages', { what: 'x', quota: 'outlook' }).then(() => (now -= 1)),
    );
    await Promise.all(all);
    expect(top).toBe(4);
    await graph.close();
  });
});
