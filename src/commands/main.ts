import { readFileSync } from 'node:fs';
import { Command as Commander, CommanderError } from 'commander';
import { systemClock } from '../clock.ts';
import { processEnvironment } from '../config/environment.ts';
import { ConfigError } from '../errors.ts';
import type { Command, CommandContext, CommandEntry } from './command.ts';
import { commands } from './index.ts';

const DONE = 0;
const FAILED = 1;
const USAGE = 2;

/** Runs the command line of this process and sets its exit code. */
export async function runProcess(): Promise<void> {
  // `tenantwatch … | head` closes our output: nobody reads the rest, so there is nothing to report.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(DONE);
    throw error;
  });
  process.exitCode = await main(process.argv.slice(2), processContext());
}

function processContext(): CommandContext {
  const env = processEnvironment();
  const isTerminal = process.stdout.isTTY === true;
  const controller = new AbortController();
  // SIGHUP is also what Windows sends when the console closes.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => controller.abort(new Error(`stopped by ${name}`)));
  }
  return {
    env,
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    isTerminal,
    columns: process.stdout.columns || 80,
    colour: isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    clock: systemClock,
    signal: controller.signal,
  };
}

/** Runs one command line (without the program's name). Resolves with the exit code and never rejects. */
export async function main(
  argv: readonly string[],
  context: CommandContext,
  entries: readonly CommandEntry[] = commands,
): Promise<number> {
  const result = { code: DONE };
  try {
    const program = await buildProgram(argv, entries, context, result);
    await program.parseAsync([...argv], { from: 'user' });
    return result.code;
  } catch (error) {
    return report(error, context);
  }
}

async function buildProgram(
  argv: readonly string[],
  entries: readonly CommandEntry[],
  context: CommandContext,
  result: { code: number },
): Promise<Commander> {
  const program = new Commander('tenantwatch')
    .description('Watches Microsoft 365 / Entra ID tenants and mails what matters.')
    .version(readVersion(), '--version', 'prints the version')
    .helpOption('-h, --help', 'shows help')
    .helpCommand('help [command]', 'shows help for a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => context.columns,
      getErrHelpWidth: () => context.columns,
      getOutHasColors: () => context.colour,
    });
  const wanted = argv.filter((word) => !word.startsWith('-')).slice(0, 2);
  for (const entry of entries) {
    const asked = wanted[0] === entry.name || (wanted[0] === 'help' && wanted[1] === entry.name);
    // The others are only listed: loading them all would cost a second of imports.
    attach(program, asked ? (await entry.load()).command : entry, context, result);
  }
  return program;
}

function attach(
  parent: Commander,
  command: Command | CommandEntry,
  context: CommandContext,
  result: { code: number },
): void {
  const node = parent.command(command.name).description(command.summary);
  if ('load' in command) return;
  command.configure?.(node);
  for (const child of command.children ?? []) attach(node, child, context, result);
  const run = command.run?.bind(command);
  if (!run) return;
  node.action(async () => {
    result.code = await run(context, node.args, node.optsWithGlobals());
  });
}

/** Commander has already written its own message. Everything else becomes words here and nowhere else. */
function report(error: unknown, context: CommandContext): number {
  if (error instanceof CommanderError) {
    const asked = ['commander.helpDisplayed', 'commander.version'].includes(error.code);
    return asked || (error.code === 'commander.help' && error.exitCode === 0) ? DONE : USAGE;
  }
  if (error instanceof ConfigError) {
    context.stderr.write(`tenantwatch: ${error.message}\n`);
    return USAGE;
  }
  const message = error instanceof Error ? error.message : String(error);
  context.stderr.write(`tenantwatch: ${oneLine(message)}\n`);
  if (context.env['TENANTWATCH_LOG_LEVEL'] === 'debug' && error instanceof Error) {
    context.stderr.write(`${error.stack ?? ''}\n`);
  }
  return FAILED;
}

/** Messages may quote a tenant's text: no line breaks, no terminal control sequences. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

/** package.json stands one folder above both src/ and dist/. */
function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const content: unknown = JSON.parse(text);
  if (typeof content === 'object' && content !== null && 'version' in content) return String(content.version);
  throw new Error('read the version: package.json names none; install the package again');
}
