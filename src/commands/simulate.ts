import { once } from 'node:events';
import { InvalidArgumentError } from 'commander';
import type { Command } from './command.ts';
import { spawnSimulator, type SimulatorReady } from './simulator-process.ts';

/** `tenantwatch simulate`: starts the simulator, prints its line, and keeps it until it or we are ended. */
export const command: Command = {
  name: 'simulate',
  summary: 'starts a simulated Microsoft 365',
  configure(node) {
    node
      .option('--seed <number>', 'the world to make; the same seed makes the same world', wholeNumber)
      .option('--days <number>', 'days of history', wholeNumber)
      .option('--now <time>', 'ISO 8601 time at which the history ends; unless given, now', instant)
      .option(
        '--clock <time>',
        'ISO 8601 time at which its clock starts; unless given, the end of the history',
        instant,
      )
      .option('--users <number>', 'one more tenant, of so many users', wholeNumber)
      .option('--port <number>', 'port of Graph; unless given, a free one', wholeNumber);
  },
  async run(context, _args, options) {
    const simulator = await spawnSimulator({
      now: new Date(context.clock.now()).toISOString(),
      ...textOptions(options, ['seed', 'days', 'now', 'clock', 'port', 'users']),
      stderr: context.stderr,
      time: context.clock,
    });
    context.stdout.write(`${simulator.line}\n`);
    if (context.isTerminal) context.stderr.write(environmentLines(simulator.ready));
    const stopped = context.signal.aborted ? Promise.resolve() : once(context.signal, 'abort');
    const code = await Promise.race([simulator.ended, stopped.then(() => 'stopped' as const)]);
    if (code === 'stopped') await simulator.stop();
    return code === 'stopped' || code === 0 ? 0 : 1;
  },
};

/** What `.env` needs to watch the first tenant; without the simulator's clock its quotas would never refill. */
function environmentLines(ready: SimulatorReady): string {
  const { graph, authority, clock, tenants, smtp } = ready;
  const [tenant] = tenants;
  const values = {
    TENANTWATCH_CLOUD: 'custom',
    TENANTWATCH_HOSTS: `graph=${graph},authority=${authority},clock=${clock}`,
    TENANTWATCH_CA_FILE: ready.ca_file,
    TENANTWATCH_TENANT_ID: tenant?.id ?? '',
    TENANTWATCH_CLIENT_ID: tenant?.client_id ?? '',
    TENANTWATCH_CLIENT_SECRET: tenant?.secret ?? '',
    TENANTWATCH_SMTP_URL: smtp.url,
  };
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  return ['To watch its first tenant, put this into .env:', ...lines, ''].join('\n');
}

function textOptions(options: Record<string, unknown>, names: readonly string[]): Record<string, string> {
  const entries = names.map((name) => [name, options[name]] as const);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function wholeNumber(text: string): string {
  if (/^\d{1,9}$/.test(text)) return text;
  throw new InvalidArgumentError('Write a whole number.');
}

function instant(text: string): string {
  if (!Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError('Write a time as 2026-11-24T00:00:00Z.');
}
