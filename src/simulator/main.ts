import { parseArgs } from 'node:util';
import v8 from 'node:v8';
import { generateWorld } from './generate/index.ts';
import { startSimulator } from './server/index.ts';

const USAGE =
  'usage: node src/simulator/main.ts --seed N --days N --now ISO [--clock ISO] [--port N] [--dir DIR] [--names own|microsoft] [--users N]';

interface Arguments {
  readonly seed: number;
  readonly days: number;
  /** End of the data, UTC epoch ms. */
  readonly now: number;
  readonly clock: number;
  readonly port: number;
  readonly directory: string | null;
  readonly names: 'own' | 'microsoft';
  /** One more tenant, of so many users. */
  readonly users: number | undefined;
}

/** Throws with a sentence for the person who typed it. */
function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      days: { type: 'string', default: '30' },
      now: { type: 'string' },
      clock: { type: 'string' },
      port: { type: 'string', default: '0' },
      dir: { type: 'string' },
      names: { type: 'string', default: 'own' },
      users: { type: 'string' },
    },
  });
  if (values.now === undefined) throw new Error(`--now is missing; ${USAGE}`);
  const now = readInstant('--now', values.now);
  return {
    seed: readWhole('--seed', values.seed),
    days: readWhole('--days', values.days),
    now,
    clock: values.clock === undefined ? now : readInstant('--clock', values.clock),
    port: readWhole('--port', values.port),
    directory: values.dir ?? null,
    names: readNames(values.names),
    users: values.users === undefined ? undefined : readWhole('--users', values.users),
  };
}

function readNames(text: string): 'own' | 'microsoft' {
  if (text === 'own' || text === 'microsoft') return text;
  throw new Error(`--names "${text}" is neither "own" nor "microsoft"`);
}

function readInstant(name: string, text: string): number {
  const instant = Date.parse(text);
  if (!Number.isNaN(instant)) return instant;
  throw new Error(`${name} "${text}" is no time; write it as 2026-11-24T00:00:00Z`);
}

function readWhole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${name} "${text}" is no whole number`);
}

/** Resolves when the process is told to stop, or when its parent is gone: its end of the pipe closes. */
function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    process.stdin.once('end', () => resolve());
    process.stdin.once('close', () => resolve());
    process.stdin.once('error', () => resolve());
    process.stdin.resume();
  });
}

async function main(): Promise<void> {
  const { seed, days, now, users, ...options } = readArguments(process.argv.slice(2));
  const stop = stopRequested();
  // Of a large tenant each page is made anew: on a machine with much memory V8 would let a gigabyte of them lie.
  if (users !== undefined) v8.setFlagsFromString('--heap-growing-percent=20');
  const simulator = await startSimulator(generateWorld({ seed, days, to: now, users }), options);
  process.stdout.write(`${JSON.stringify(simulator.ready)}\n`);
  await stop;
  await simulator.close();
}

try {
  await main();
} catch (error) {
  process.stderr.write(`simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
// Nothing may keep the process alive: it must not outlive its parent.
process.exit();
