import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { openSimulatorClock } from '../../src/microsoft/index.ts';
import { caught, NOW, startServer, type TestServer } from './server.ts';

let server: TestServer;
let now: number;
beforeAll(async () => void (server = await startServer()));
beforeEach(() => {
  server.reset();
  now = NOW;
  server.on('GET', '/clock', () => ({ body: { now_ms: now } }));
  server.on('POST', '/clock/advance-to', (seen) => {
    now = Math.max(now, (JSON.parse(seen.body) as { to_ms: number }).to_ms);
    return { body: { now_ms: now } };
  });
});
afterAll(() => server.close());

it('sleeping asks the simulator to advance, and now is what it last said', async () => {
  const clock = await openSimulatorClock(`${server.origin}/clock/`, server.caPem);
  expect(clock.now()).toBe(NOW);
  await clock.sleep(600_000);
  expect(clock.now()).toBe(NOW + 600_000);
  expect(now).toBe(NOW + 600_000);
  await clock.close();
});

it('two who sleep at once wake at the same time, not one after the other', async () => {
  const clock = await openSimulatorClock(`${server.origin}/clock`, server.caPem);
  await Promise.all([clock.sleep(1000), clock.sleep(1000)]);
  expect(clock.now()).toBe(NOW + 1000);
  await clock.close();
});

it('never goes back, and follows when somebody else has moved on', async () => {
  const clock = await openSimulatorClock(`${server.origin}/clock`, server.caPem);
  await clock.advanceTo(NOW - 5000);
  expect(clock.now()).toBe(NOW);
  now = NOW + 7000;
  await clock.sleep(1000);
  expect(clock.now()).toBe(NOW + 7000);
  await clock.close();
});

it('a sleep of nothing asks nothing, and an aborted one moves nothing', async () => {
  const clock = await openSimulatorClock(`${server.origin}/clock`, server.caPem);
  await clock.sleep(0);
  const reason = new Error('shutting down');
  expect(await caught(clock.sleep(1000, AbortSignal.abort(reason)))).toBe(reason);
  expect(server.count('/clock/advance-to')).toBe(0);
  await clock.close();
});

it('lives on this machine only', async () => {
  expect(await caught(openSimulatorClock('https://clock.example/clock', server.caPem))).toBeInstanceOf(
    ConfigError,
  );
});

it('says what to do when it does not answer', async () => {
  server.on('GET', '/clock', { status: 404, body: {} });
  expect((await caught(openSimulatorClock(`${server.origin}/clock`, server.caPem))).message).toMatch(
    /^ask the simulator's clock: .*it answered 404; start it again with tenantwatch simulate$/,
  );
  server.on('GET', '/clock', { body: { time: 1 } });
  expect((await caught(openSimulatorClock(`${server.origin}/clock`, server.caPem))).message).toMatch(
    /no now_ms/,
  );
});
