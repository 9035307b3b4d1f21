import type { Writable } from 'node:stream';
import type { Command as CommanderCommand } from 'commander';
import type { Clock } from '../clock.ts';
import type { Environment } from '../config/environment.ts';

/** What a command gets from the process it runs in; tests hand in their own. */
export interface CommandContext {
  readonly env: Environment;
  /** Working directory: `.env` is looked for there, relative paths start there. */
  readonly cwd: string;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Standard output is a terminal: progress and colour may be shown. */
  readonly isTerminal: boolean;
  /** Width of the terminal in characters; 80 where there is none. */
  readonly columns: number;
  /** A terminal, and NO_COLOR is not set (no-color.org). */
  readonly colour: boolean;
  readonly clock: Clock;
  /** Aborted by the first SIGINT or SIGTERM; a second one ends the process at once. */
  readonly signal: AbortSignal;
}

/** One command, or one word below a command (`alerts list`). A command with children has no `run`. */
export interface Command {
  readonly name: string;
  /** One line for `--help`, in the third person, without a full stop. */
  readonly summary: string;
  /** Adds options and arguments; commander checks them, and wrong ones exit 2. */
  configure?(command: CommanderCommand): void;
  /**
   * Does it. `args` are the positional arguments, `options` those of the command and of its parents. Returns the exit
   * code: 0 done, 1 done with failures or findings that the command exists to report. Throws ConfigError (exit 2) or
   * anything else (one line on standard error, exit 1).
   */
  run?(context: CommandContext, args: readonly string[], options: Record<string, unknown>): Promise<number>;
  readonly children?: readonly Command[];
}

/** A command as the list knows it: its module, which exports it as `command`, is loaded only when it is asked for. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}
