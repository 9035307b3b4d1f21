import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Clock } from '../clock.ts';

/** ms that the simulator gets to end by itself before it is killed. */
const GRACE_MS = 5_000;

const READY = z.object({
  graph: z.string(),
  authority: z.string(),
  management: z.string().nullable(),
  exchange: z.string().nullable(),
  ca_file: z.string(),
  clock: z.string(),
  control: z.string(),
  smtp: z.object({ url: z.string(), ca_file: z.string() }),
  tenants: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      client_id: z.string(),
      secret: z.string(),
      domain: z.string(),
    }),
  ),
  stories_file: z.string(),
});

/** Where the simulator is, as its one line of JSON says. */
export type SimulatorReady = z.infer<typeof READY>;

/** Arguments of the simulator; what is absent it decides itself. */
export interface SimulatorOptions {
  readonly seed?: string;
  readonly days?: string;
  /** ISO 8601: the end of the history. */
  readonly now?: string;
  /** ISO 8601: where its clock starts. */
  readonly clock?: string;
  readonly port?: string;
  /** One more tenant, of so many users. */
  readonly users?: string;
  /** Where its standard error goes. */
  readonly stderr: Writable;
  readonly time: Clock;
  /** Another program in its place, for tests. */
  readonly program?: string;
}

export interface SimulatorProcess {
  readonly ready: SimulatorReady;
  /** Undefined where the system gave none. */
  readonly pid: number | undefined;
  /** The line as it was printed, without the line break. */
  readonly line: string;
  /** Resolves with the exit code when it has ended, by itself or by `stop`; null = killed by a signal. */
  readonly ended: Promise<number | null>;
  /** Ends it (closes its input, then SIGTERM, after five seconds SIGKILL) and waits until it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the simulator in a process of its own and waits until it is ready. It ends with us even when we are killed,
 * because its input closes. Throws when it ends before it is ready or says something else than its line.
 */
export async function spawnSimulator(options: SimulatorOptions): Promise<SimulatorProcess> {
  const child = spawn(process.execPath, [options.program ?? ownProgram(), ...argumentsOf(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A child that died has closed this pipe; that it died is told by its exit.
  child.stdin.on('error', () => undefined);
  child.stderr.pipe(options.stderr, { end: false });
  // `close` comes after the last byte of its output, `exit` may come before.
  const ended = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  const line = await Promise.race([firstLine(child), ended.then(failedBeforeReady)]);
  const ready = parseReady(line);
  if (!ready) {
    await stopChild(child, ended, options.time);
    throw new Error('start the simulator: its first line is not what it promises; install the package again');
  }
  return { ready, pid: child.pid, line, ended, stop: () => stopChild(child, ended, options.time) };
}

/** The simulator beside us: TypeScript when run from source, JavaScript in dist/. */
function ownProgram(): string {
  return fileURLToPath(new URL(`../simulator/main${extname(import.meta.url)}`, import.meta.url));
}

function argumentsOf(options: SimulatorOptions): string[] {
  const names = ['seed', 'days', 'now', 'clock', 'port', 'users'] as const;
  return names.flatMap((name) => (options[name] === undefined ? [] : [`--${name}`, options[name]]));
}

function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('start the simulator: it has no output');
  const lines = createInterface({ input: child.stdout });
  // Listening goes on, so that a later line can never fill the pipe and stop the simulator.
  return new Promise((resolve) => lines.on('line', resolve));
}

function failedBeforeReady(code: number | null): never {
  throw new Error(
    `start the simulator: it ended with code ${code ?? 'none'} before it was ready; see its message above`,
  );
}

function parseReady(line: string): SimulatorReady | null {
  try {
    return READY.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

async function stopChild(child: ChildProcess, ended: Promise<number | null>, time: Clock): Promise<void> {
  child.stdin?.end();
  child.kill('SIGTERM');
  const patience = new AbortController();
  const late = time.sleep(GRACE_MS, patience.signal).then(
    () => child.kill('SIGKILL'),
    () => false,
  );
  await ended;
  patience.abort();
  await late;
}
