import { loadCatalogue, shippedDetections, type Catalogue } from '../detection/catalogue.ts';
import { detectAll, type DetectResult } from '../jobs/detect.ts';
import type { Runtime } from '../jobs/runtime.ts';
import { watchOurselves } from '../jobs/self-watch.ts';
import { findTenant } from '../store/tenants.ts';
import type { Command, CommandContext } from './command.ts';
import { withRuntime } from './runtime.ts';
import { plainTable, printable, safeJson } from './table.ts';

/** Runs detection and checks for every tenant that is not paused; commands and the scheduler call the same. */
export async function runDetect(runtime: Runtime, catalogue: Catalogue): Promise<DetectResult[]> {
  const { database, config, clock } = runtime;
  for (const tenant of config.tenants) {
    if ((await findTenant(database.db, tenant.id)) !== null)
      await watchOurselves({ database, catalogue, tenant, now: clock.now() });
  }
  return detectAll({ database: runtime.database, catalogue, now: runtime.clock.now() });
}

/** `tenantwatch detect`: judges what is stored and not yet judged. Exits 1 when a detection or check could not be run. */
export const command: Command = {
  name: 'detect',
  summary: 'judges what was read: rules on events, checks on state',
  configure(node) {
    node.option('--json', 'prints one JSON object a line, one per tenant');
  },
  run(context, _args, options) {
    return withRuntime(context, async (runtime) => {
      const catalogue = await loadCatalogue(shippedDetections, runtime.config.importedRules);
      const results = await runDetect(runtime, catalogue);
      for (const problem of problemsOf(catalogue, results)) context.stderr.write(`${printable(problem)}\n`);
      if (options['json'] === true) {
        for (const result of results) context.stdout.write(`${safeJson(toJson(result))}\n`);
      } else context.stdout.write(asText(context, results));
      return problemsOf(catalogue, results).length > 0 ? 1 : 0;
    });
  },
};

function problemsOf(catalogue: Catalogue, results: readonly DetectResult[]): string[] {
  const files = catalogue.problems.filter((problem) => problem.severity === 'error');
  return [
    ...files.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`),
    ...results.flatMap((result) => result.failures),
  ];
}

function toJson(result: DetectResult): Record<string, unknown> {
  const blind = result.assessments.filter((one) => one.state !== 'full');
  return {
    tenant_id: result.tenantId,
    status: result.status,
    events: result.events,
    hits: result.hits,
    withdrawn: result.withdrawn,
    opened: result.opened,
    changed: result.changed,
    closed: result.closed,
    not_full: blind.map((one) => ({ detection_id: one.detectionId, state: one.state })),
    failures: result.failures,
  };
}

function asText(context: CommandContext, results: readonly DetectResult[]): string {
  const rows = results.map((result) => [
    result.tenantId,
    result.status === 'busy' ? 'busy: another run is at it' : 'done',
    String(result.events),
    String(result.opened),
    String(result.closed),
    String(result.assessments.filter((one) => one.state === 'reduced').length),
    String(result.assessments.filter((one) => one.state === 'off').length),
  ]);
  const head = ['tenant', 'run', 'events', 'opened', 'closed', 'reduced', 'off'];
  return `${plainTable(head, rows, context.colour)}\n`;
}
