import { expect, test } from 'vitest';
import { Caught, runCommand } from './command-run.ts';

test('simulate prints one line of JSON when ready, and ends with exit code 0 when it is told to', async () => {
  const stop = new AbortController();
  const stdout = new Caught();
  // The line is the sign to stop: nothing here waits for a time.
  const write = stdout.write.bind(stdout);
  stdout.write = (chunk: unknown): boolean => {
    stop.abort(new Error('stopped by SIGTERM'));
    return write(chunk);
  };
  const run = await runCommand(['simulate', '--seed', '7', '--days', '1', '--now', '2026-11-24T00:00:00Z'], {
    stdout,
    signal: stop.signal,
  });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(stdout.text.split('\n')).toHaveLength(2);
  expect(JSON.parse(stdout.text)).toMatchObject({
    graph: expect.stringMatching(/^https:\/\/localhost:\d+$/),
  });
});

test('simulate tells a person at a terminal what to put into .env', async () => {
  const stop = new AbortController();
  const stderr = new Caught();
  const write = stderr.write.bind(stderr);
  stderr.write = (chunk: unknown): boolean => {
    stop.abort(new Error('stopped by SIGTERM'));
    return write(chunk);
  };
  await runCommand(['simulate', '--seed', '7', '--days', '1', '--now', '2026-11-24T00:00:00Z'], {
    stderr,
    isTerminal: true,
    signal: stop.signal,
  });
  expect(stderr.text).toMatch(/^TENANTWATCH_HOSTS=graph=\S+,authority=\S+,clock=https:\S+$/m);
  expect(stderr.text).toMatch(/^TENANTWATCH_CLIENT_SECRET=\S+$/m);
});
