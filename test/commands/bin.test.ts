import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Command, CommandEntry } from '../../src/commands/command.ts';
import { commands } from '../../src/commands/index.ts';
import { runCommand, type CommandRun } from './command-run.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The real program in a process of its own. */
function runBin(argv: readonly string[], nodeArguments: readonly string[] = []): Promise<CommandRun> {
  return new Promise((resolve) => {
    const parts = [...nodeArguments, join(ROOT, 'src/bin.ts'), ...argv];
    const child = execFile(
      process.execPath,
      parts,
      { env: {}, cwd: import.meta.dirname },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr });
      },
    );
  });
}

function pretendNode(version: string): string[] {
  const code = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}

describe('the program', () => {
  test.each(['18.20.4', '20.19.0', '22.12.0'])('refuses Node %s and says what to do', async (version) => {
    expect(await runBin(['--version'], pretendNode(version))).toEqual({
      code: 2,
      stdout: '',
      stderr: `tenantwatch: start: Node ${version} is too old; install Node 24 (22.13 is the oldest that works)\n`,
    });
  });

  test.each(['22.13.0', '24.0.0', '30.1.0'])('starts on Node %s', async (version) => {
    const { version: own } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await runBin(['--version'], pretendNode(version))).toEqual({
      code: 0,
      stdout: `${own}\n`,
      stderr: '',
    });
  });

  test('gives its exit code to whoever started it', async () => {
    const run = await runBin(['config']);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('TENANTWATCH_TENANT_ID is not set');
  });
});

describe('help', () => {
  test('lists every command', async () => {
    const run = await runCommand(['--help'], { columns: 200 });
    expect(run.code).toBe(0);
    const lines = run.stdout.split('\n').map((line) => line.trim().replace(/\s{2,}/, ': '));
    for (const { name, summary } of commands) expect(lines).toContain(`${name}: ${summary}`);
  });

  test.each(commands.map(({ name }) => name))('of %s is shown both ways', async (name) => {
    const asked = await runCommand([name, '--help']);
    const helped = await runCommand(['help', name]);
    expect(asked).toEqual(helped);
    expect(asked.code).toBe(0);
    expect(asked.stdout).toContain(`Usage: tenantwatch ${name}`);
  });

  test.each(commands)('of $name says what the list says', async ({ name, summary, load }) => {
    const { command } = await load();
    expect({ name: command.name, summary: command.summary }).toEqual({ name, summary });
    expect(Boolean(command.run)).toBe(!command.children);
  });

  test('is what a bare call gets, as a wrong usage', async () => {
    const run = await runCommand([]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('Usage: tenantwatch');
  });
});

describe('wrong usage', () => {
  test.each([
    [['cnfig'], "error: unknown command 'cnfig'\n(Did you mean config?)\n"],
    [['config', '--jsn'], "error: unknown option '--jsn'\n(Did you mean --json?)\n"],
    [['config', 'now'], "error: too many arguments for 'config'. Expected 0 arguments but got 1: now.\n"],
    [
      ['simulate', '--days', 'many'],
      "error: option '--days <number>' argument 'many' is invalid. Write a whole number.\n",
    ],
    [
      ['simulate', '--now', 'soon'],
      "error: option '--now <time>' argument 'soon' is invalid. Write a time as 2026-11-24T00:00:00Z.\n",
    ],
  ])('%j exits 2', async (argv, stderr) => {
    expect(await runCommand(argv)).toEqual({ code: 2, stdout: '', stderr });
  });
});

describe('a command', () => {
  const seen: unknown[] = [];
  const list: Command = {
    name: 'list',
    summary: 'lists',
    configure: (node) => node.argument('[kind]').option('--json', 'as JSON'),
    run: (_context, args, options) => {
      seen.push(args, options);
      return Promise.resolve(1);
    },
  };

  function entries(command: Command): CommandEntry[] {
    return [{ name: command.name, summary: command.summary, load: () => Promise.resolve({ command }) }];
  }

  function failing(error: unknown): CommandEntry[] {
    return entries({ name: 'fail', summary: 'fails', run: () => Promise.reject(error as Error) });
  }

  test('may have commands below it, whose exit code counts', async () => {
    const parent: Command = { name: 'things', summary: 'has things', children: [list] };
    const run = await runCommand(['things', 'list', 'open', '--json'], {}, entries(parent));
    expect(run).toEqual({ code: 1, stdout: '', stderr: '' });
    expect(seen).toEqual([['open'], { json: true }]);
  });

  test('is loaded only when it is asked for', async () => {
    const never: CommandEntry = {
      name: 'heavy',
      summary: 'is heavy',
      load: () => Promise.reject(new Error('loaded')),
    };
    const run = await runCommand(['list'], {}, [...entries(list), never]);
    expect(run).toEqual({ code: 1, stdout: '', stderr: '' });
  });

  test('that fails says so in one line without control characters, and exits 1', async () => {
    const run = await runCommand(
      ['fail'],
      {},
      failing(new Error('read \u001b[31musers:\n403 \u202erefused')),
    );
    expect(run).toEqual({ code: 1, stdout: '', stderr: 'tenantwatch: read [31musers: 403 refused\n' });
  });

  test('that fails shows where only when it is asked to', async () => {
    const run = await runCommand(
      ['fail'],
      { env: { TENANTWATCH_LOG_LEVEL: 'debug' } },
      failing(new Error('broken')),
    );
    expect(run.stderr).toMatch(/^tenantwatch: broken\nError: broken\n {4}at /);
  });
});
