import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { spawnSimulator, type SimulatorOptions } from '../../src/commands/simulator-process.ts';
import { Caught } from './command-run.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantwatch-simulator-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

const READY = {
  graph: 'https://localhost:1',
  authority: 'https://localhost:2',
  management: null,
  exchange: null,
  ca_file: '/ca.pem',
  clock: 'https://localhost:3',
  control: 'https://localhost:4',
  smtp: { url: 'smtps://a:b@localhost:5', ca_file: '/ca.pem' },
  tenants: [{ id: 't', name: 'T', client_id: 'c', secret: 's', domain: 't.example' }],
};

/** A stand-in that prints one line whose `stories_file` is its arguments, after doing as told. */
function program(name: string, then: string, line: unknown = READY): SimulatorOptions & { stderr: Caught } {
  const path = join(folder, `${name}.mjs`);
  const print = `console.log(JSON.stringify({ ...${JSON.stringify(line)}, stories_file: process.argv.slice(2).join(' ') }));`;
  // The line comes last, so that whoever reads it finds everything else done.
  writeFileSync(path, `${then}\n${print}\n`);
  return { program: path, stderr: new Caught(), time: systemClock };
}

const UNTIL_CLOSED =
  "process.stdin.resume().on('end', () => process.exit(0)); process.on('SIGTERM', () => undefined);";

test('the simulator gets its arguments, says where it is, and ends when its input closes', async () => {
  const simulator = await spawnSimulator({
    ...program('good', UNTIL_CLOSED),
    seed: '7',
    now: '2026-11-24T00:00:00Z',
  });
  expect(simulator.ready).toEqual({ ...READY, stories_file: '--seed 7 --now 2026-11-24T00:00:00Z' });
  expect(JSON.parse(simulator.line)).toEqual(simulator.ready);
  await simulator.stop();
  expect(await simulator.ended).toBe(0);
});

test('a simulator that ends before it is ready is told with its exit code', async () => {
  const options = program('dead', '');
  writeFileSync(options.program ?? '', "console.error('no port'); process.exitCode = 3;");
  await expect(spawnSimulator(options)).rejects.toThrow(
    'start the simulator: it ended with code 3 before it was ready; see its message above',
  );
});

test('a simulator that says something else is ended and refused', async () => {
  await expect(spawnSimulator(program('odd', UNTIL_CLOSED, { graph: 1 }))).rejects.toThrow(
    'start the simulator: its first line is not what it promises',
  );
});

test('what the simulator writes to standard error is passed on', async () => {
  const options = program('loud', `console.error('busy'); ${UNTIL_CLOSED}`);
  const simulator = await spawnSimulator(options);
  await simulator.stop();
  expect(options.stderr.text).toBe('busy\n');
});
