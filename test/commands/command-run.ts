import { Writable } from 'node:stream';
import { ManualClock } from '../../src/clock.ts';
import type { CommandContext, CommandEntry } from '../../src/commands/command.ts';
import { main } from '../../src/commands/main.ts';

export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process, with its output caught. */
export async function runCommand(
  argv: readonly string[],
  context: Partial<CommandContext> = {},
  entries?: readonly CommandEntry[],
): Promise<CommandRun> {
  const stdout = new Caught();
  const stderr = new Caught();
  const code = await main(argv, { ...bareContext(), stdout, stderr, ...context }, entries);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

function bareContext(): Omit<CommandContext, 'stdout' | 'stderr'> {
  return {
    env: {},
    cwd: import.meta.dirname,
    isTerminal: false,
    columns: 80,
    colour: false,
    clock: new ManualClock(Date.UTC(2026, 10, 24, 12)),
    signal: new AbortController().signal,
  };
}

/** Keeps what is written to it. */
export class Caught extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}
