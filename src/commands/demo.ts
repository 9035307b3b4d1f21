import { join, relative, resolve } from 'node:path';
import { loadCatalogue, type Catalogue } from '../detection/catalogue.ts';
import { cycleTenant, deliverDue } from '../jobs/cycle.ts';
import { openRuntime, type Runtime } from '../jobs/runtime.ts';
import { openLog } from '../log.ts';
import { openSimulatorClock, type SimulatorClock } from '../microsoft/index.ts';
import type { Command, CommandContext } from './command.ts';
import { demoConfig, endOfWeek } from './demo-config.ts';
import { compareWithStories, type StoryStep } from './demo-compare.ts';
import { keepMails, prepareFolder } from './demo-mails.ts';
import { openChannel } from './run.ts';
import { spawnSimulator, type SimulatorReady } from './simulator-process.ts';
import { plainTable, safeJson } from './table.ts';

const HOUR = 3_600_000;
/** The week that is watched live, in steps of two hours; the history before it is read in one go. */
const WATCHED_MS = 7 * 24 * HOUR;
const STEP_MS = 2 * HOUR;

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
  const out = resolve(context.cwd, String(options['out']));
  prepareFolder(out);
  const end = endOfWeek(context.clock.now(), options['now']);
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
    const mails = await keepMails(runtime.database, ready, demo.out);
    const steps = await compareWithStories(runtime.database, catalogue, ready.stories_file, STEP_MS);
    print(context, demo, steps, mails);
    return steps.some((step) => step.foundAt === null) ? 1 : 0;
  } finally {
    await runtime.close();
  }
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
      if ((at - demo.end) % (24 * HOUR) === 0)
        demo.say(`watched until ${new Date(at).toISOString().slice(0, 16)}Z`);
    }
  } finally {
    channel?.close();
  }
}

function print(
  context: CommandContext,
  demo: DemoRun,
  steps: readonly StoryStep[],
  mails: readonly string[],
): void {
  if (demo.json) {
    context.stdout.write(`${safeJson({ steps, mails })}\n`);
    return;
  }
  const rows = steps.map((step) => [step.tenant, step.story, step.catalogue, step.at, step.verdict]);
  const found = steps.filter((step) => step.foundAt !== null).length;
  context.stdout.write(
    [
      plainTable(['tenant', 'story', 'expected', 'happened', 'found'], rows, context.colour),
      '',
      `${found} of ${steps.length} expected findings were found. The demo looks every two hours, the service every two minutes.`,
      'Mails:',
      ...mails.map((file) => `  ${relative(context.cwd, file)}`),
      `Database: ${relative(context.cwd, join(demo.out, 'demo.db'))}`,
      '',
    ].join('\n'),
  );
}
