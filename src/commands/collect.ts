import { SingleBar } from 'cli-progress';
import { collectTenant, type CollectProgress, type SourceResult } from '../jobs/collect.ts';
import type { Runtime } from '../jobs/runtime.ts';
import type { Command, CommandContext } from './command.ts';
import { sinceOf } from './coverage.ts';
import { withRuntime } from './runtime.ts';
import { plainTable, printable, safeJson } from './table.ts';

/** Without a terminal a line tells of progress this often, ms. */
const LINE_EVERY_MS = 10_000;
const USAGE = 2;

/**
 * `tenantwatch collect [--full] [--backfill] [--since ISO] [--json]`: reads every source now; with `--backfill` only
 * logs, and of them what was given up or never read. Exits 1 when a source failed; a skip is no failure.
 */
export const command: Command = {
  name: 'collect',
  summary: 'reads every source of Microsoft 365 now',
  configure(node) {
    node.option('--full', 'reads everything again that Microsoft still keeps');
    node.option(
      '--backfill',
      'reads, of logs, what was given up or never read, as far as Microsoft keeps it',
    );
    node.option('--since <time>', 'how far back --full and --backfill go at most: 7d, or an ISO time');
    node.option('--due', 'reads only sources whose interval has passed');
    node.option('--json', 'prints one JSON object a line');
  },
  run: (context, _args, options) => withRuntime(context, (runtime) => collectAll(context, runtime, options)),
};

async function collectAll(
  context: CommandContext,
  runtime: Runtime,
  options: Record<string, unknown>,
): Promise<number> {
  const now = runtime.clock.now();
  const since = options['since'] === undefined ? undefined : sinceOf(String(options['since']), now);
  const backfill = options['backfill'] === true;
  const full = options['full'] === true;
  if (since === null || (since !== undefined && !backfill && !full)) {
    context.stderr.write(
      'tenantwatch: --since: give a length such as 7d, or a past time such as 2026-11-17, with --full or --backfill\n',
    );
    return USAGE;
  }
  let failed = false;
  for (const tenant of runtime.config.tenants) {
    const bar = progressOf(context, tenant.name);
    const results = await collectTenant(
      {
        database: runtime.database,
        graph: runtime.graph(tenant),
        tenant,
        clock: runtime.clock,
        signal: context.signal,
        signInsApi: runtime.config.signInsApi,
        dns: runtime.dns,
        onProgress: bar.update,
      },
      { force: options['due'] !== true && !backfill, full, backfill, since },
    );
    bar.stop();
    failed ||= results.some((result) => result.outcome.status === 'failed');
    context.stdout.write(
      options['json'] === true ? asLines(tenant.id, results) : asTable(tenant.name, results, context),
    );
  }
  return failed ? 1 : 0;
}

interface Progress {
  readonly update: (progress: CollectProgress) => void;
  readonly stop: () => void;
}

/** A bar on a terminal; elsewhere a line on standard error now and then, so that a long backfill is no silence. */
function progressOf(context: CommandContext, tenant: string): Progress {
  return context.isTerminal ? progressBar(context) : progressLines(context, tenant);
}

function progressLines(context: CommandContext, tenant: string): Progress {
  let told = context.clock.now();
  return {
    update({ source, records, windowsDone, windowsPlanned }) {
      if (context.clock.now() - told < LINE_EVERY_MS) return;
      told = context.clock.now();
      context.stderr.write(
        `${printable(tenant)}: ${source}: ${windowsDone} of ${windowsPlanned} windows, ${records} records\n`,
      );
    },
    stop: () => undefined,
  };
}

function progressBar(context: CommandContext): Progress {
  const bar = new SingleBar({
    stream: context.stderr as NodeJS.WriteStream,
    format: '{source} [{bar}] {value}/{total} windows, {records} records',
    hideCursor: true,
    clearOnComplete: true,
  });
  let started = false;
  return {
    update(progress) {
      const payload = { source: progress.source, records: progress.records };
      if (!started) bar.start(progress.windowsPlanned, 0, payload);
      started = true;
      bar.setTotal(progress.windowsPlanned);
      bar.update(progress.windowsDone, payload);
    },
    stop: () => bar.stop(),
  };
}

function asLines(tenantId: string, results: readonly SourceResult[]): string {
  return results
    .map(
      (result) =>
        `${safeJson({ tenant_id: tenantId, source: result.source, ...result.outcome, ...result.counts })}\n`,
    )
    .join('');
}

function asTable(name: string, results: readonly SourceResult[], context: CommandContext): string {
  const rows = results.map((result) => [
    result.source,
    result.outcome.status === 'skipped' ? `skipped: ${result.outcome.reason}` : result.outcome.status,
    String(result.counts.read),
    String(result.counts.added),
    String(result.counts.changed),
    String(result.counts.rejected),
  ]);
  const notes = results.flatMap((result) => {
    if (result.outcome.status === 'ok') return [];
    return [`  ${result.outcome.status === 'failed' ? result.outcome.error : result.outcome.detail}`];
  });
  const table = plainTable(
    ['source', 'outcome', 'read', 'new', 'changed', 'set aside'],
    rows,
    context.colour,
  );
  // What stops every source, such as a wrong secret, is said once.
  return `${name}\n${table}\n${[...new Set(notes)].map((note) => `${note}\n`).join('')}`;
}
