import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DateTime } from 'luxon';
import { loadConfig, type Config } from '../config/config.ts';
import { loadCatalogue, type Catalogue } from '../detection/catalogue.ts';
import { cycleTenant, deliverDue } from '../jobs/cycle.ts';
import { openRuntime, type Runtime } from '../jobs/runtime.ts';
import { openLog } from '../log.ts';
import type { SimulatorClock } from '../microsoft/index.ts';
import { openSimulatorClock } from '../microsoft/index.ts';
import type { Command, CommandContext } from './command.ts';
import { compareWithStories, type StoryStep } from './demo-compare.ts';
import { keepMails } from './demo-mails.ts';
import { openChannel } from './run.ts';
import { spawnSimulator, type SimulatorReady } from './simulator-process.ts';
import { plainTable } from './table.ts';

const HOUR = 3_600_000;
/** The week that is watched live, in steps of two hours; the history before it is read in one go. */
const WATCHED_MS = 7 * 24 * HOUR;
const STEP_MS = 2 * HOUR;
const ZONE = 'Europe/Berlin';

/** `tenantwatch demo`: the product, unchanged, against a simulated Microsoft 365 with labelled stories in it. */
export const command: Command = {
  name: 'demo',
  summary: 'watches a simulated Microsoft 365 for a week and mails the digest',
  configure(node) {
    node.option('--seed <number>', 'seed of the simulated tenants', '7');
    node.option('--now <iso>', 'end of the watched week (default: the last Monday, 07:30 in Berlin)');
    node.option('--out <folder>', 'where the database and the mails go', 'demo-output');
    node.option('--json', 'prints one JSON object instead of the table');
  },
  run: runDemo,
};

async function runDemo(
  context: CommandContext,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<number> {
  const out = join(context.cwd, String(options['out']));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const end = endOfWeek(context, options['now']);
  const say = (text: string) => context.stderr.write(`${text}\n`);
  say('starting a simulated Microsoft 365 …');
  const simulator = await spawnSimulator({
    seed: String(options['seed']),
    days: '30',
    now: new Date(end).toISOString(),
    clock: new Date(end - WATCHED_MS).toISOString(),
    stderr: context.stderr,
    time: context.clock,
  });
  try {
    return await watch(context, simulator.ready, { out, end, json: options['json'] === true, say });
  } finally {
    await simulator.stop();
  }
}

/** Shortly after the digest is due, so that the week ends with its mail. */
function endOfWeek(context: CommandContext, now: unknown): number {
  if (typeof now === 'string') {
    const at = DateTime.fromISO(now, { zone: 'utc' });
    if (!at.isValid) throw new Error(`run the demo: --now ${now} is no ISO 8601 time; write for example 2026-11-23T06:30:00Z`);
    return at.toMillis();
  }
  const today = DateTime.fromMillis(context.clock.now(), { zone: ZONE });
  const monday = today.startOf('week').set({ hour: 7, minute: 30 });
  return (monday > today ? monday.minus({ weeks: 1 }) : monday).toMillis();
}

interface DemoRun {
  readonly out: string;
  readonly end: number;
  readonly json: boolean;
  readonly say: (text: string) => void;
}

async function watch(context: CommandContext, ready: SimulatorReady, demo: DemoRun): Promise<number> {
  const config = demoConfig(ready, demo.out);
  const clock = await openSimulatorClock(ready.clock, config.caPem ?? '');
  const runtime = await openRuntime({ config, log: openLog(config.logLevel), signal: context.signal, clock });
  try {
    const catalogue = await loadCatalogue();
    await liveWeek(context, runtime, catalogue, clock, demo);
    const mails = keepMails(ready, demo.out);
    const steps = await compareWithStories(runtime.database, catalogue, ready.stories_file);
    print(context, demo, steps, mails);
    return steps.some((step) => step.foundAt === null) ? 1 : 0;
  } finally {
    await runtime.close();
  }
}

/** One configuration per simulated tenant, as an operator would write it in `.env`, joined into one. */
function demoConfig(ready: SimulatorReady, out: string): Config {
  const configs = ready.tenants.map((tenant) =>
    loadConfig(
      {
        TENANTWATCH_TENANT_ID: tenant.id,
        TENANTWATCH_TENANT_NAME: tenant.name,
        TENANTWATCH_CLIENT_ID: tenant.client_id,
        TENANTWATCH_CLIENT_SECRET: tenant.secret,
        TENANTWATCH_CLOUD: 'custom',
        TENANTWATCH_HOSTS: `graph=${ready.graph},authority=${ready.authority},clock=${ready.clock}`,
        TENANTWATCH_CA_FILE: ready.ca_file,
        TENANTWATCH_DATABASE_URL: `sqlite:${join(out, 'demo.db')}`,
        TENANTWATCH_TIMEZONE: ZONE,
        TENANTWATCH_ALLOWED_COUNTRIES: 'DE,AT,CH',
        TENANTWATCH_SMTP_URL: ready.smtp.url,
        TENANTWATCH_MAIL_FROM: `watch@${tenant.domain}`,
        TENANTWATCH_RECIPIENTS: `management@${tenant.domain}`,
        TENANTWATCH_LOG_LEVEL: 'warn',
      },
      out,
    ),
  );
  const first = configs[0];
  if (first === undefined) throw new Error('run the demo: the simulator has no tenants');
  return { ...first, tenants: configs.flatMap((config) => config.tenants) };
}

async function liveWeek(
  context: CommandContext,
  runtime: Runtime,
  catalogue: Catalogue,
  clock: SimulatorClock,
  demo: DemoRun,
): Promise<void> {
  const channel = openChannel(runtime.config, runtime.observe);
  try {
    for (let at = demo.end - WATCHED_MS; at <= demo.end; at += STEP_MS) {
      context.signal.throwIfAborted();
      await clock.advanceTo(at);
      for (const tenant of runtime.config.tenants) await cycleTenant(runtime, catalogue, tenant);
      await deliverDue(runtime, channel);
      if ((at - demo.end) % (24 * HOUR) === 0) demo.say(`watched until ${new Date(at).toISOString().slice(0, 16)}Z`);
    }
  } finally {
    channel?.close();
  }
}

function print(context: CommandContext, demo: DemoRun, steps: readonly StoryStep[], mails: readonly string[]): void {
  if (demo.json) {
    context.stdout.write(`${JSON.stringify({ steps, mails })}\n`);
    return;
  }
  const rows = steps.map((step) => [step.tenant, step.story, step.catalogue, step.at, step.verdict]);
  const found = steps.filter((step) => step.foundAt !== null).length;
  context.stdout.write(
    [
      plainTable(['tenant', 'story', 'expected', 'happened', 'found'], rows, context.colour),
      '',
      `${found} of ${steps.length} expected findings were found.`,
      'Mails:',
      ...mails.map((file) => `  ${relative(context.cwd, file)}`),
      `Database: ${relative(context.cwd, join(demo.out, 'demo.db'))}`,
      '',
    ].join('\n'),
  );
}
