import { tenantStatuses, type SourceStatus, type TenantStatus } from '../jobs/status.ts';
import type { Command, CommandContext } from './command.ts';
import { withRuntime } from './runtime.ts';
import { plainTable, printable, safeJson } from './table.ts';

/** `tenantwatch status [--json]`: what was read and when. Exits 1 when something that may be read was not read in time. */
export const command: Command = {
  name: 'status',
  summary: 'says what was read, when, and what could not be seen',
  configure(node) {
    node.option('--json', 'prints one JSON object a line, one per tenant');
  },
  run: (context, _args, options) =>
    withRuntime(context, async (runtime) => {
      const tenants = await tenantStatuses(runtime.database, runtime.clock.now());
      for (const tenant of tenants) {
        context.stdout.write(options['json'] === true ? `${safeJson(tenant)}\n` : asText(tenant, context));
      }
      return tenants.some((tenant) => tenant.problems.length > 0) ? 1 : 0;
    }),
};

function asText(tenant: TenantStatus, context: CommandContext): string {
  const rows = tenant.sources.map((source) => [
    source.source,
    source.status === 'skipped' ? `skipped: ${source.reason ?? ''}` : source.status,
    moment(source.lastOkAt),
    String(source.pending),
    String(source.rejected),
    String(source.requests),
    source.sees,
  ]);
  const events = tenant.events.map((feed) => `${feed.feed} ${feed.count}`).join(', ');
  return [
    `${printable(tenant.name)} (${tenant.id}, ${tenant.state})`,
    plainTable(
      ['source', 'last run', 'last read', 'waiting', 'set aside', 'requests/24 h', 'sees'],
      rows,
      context.colour,
    ),
    `requests in the last 24 hours: ${tenant.requests}`,
    `events: ${events === '' ? 'none' : events}; open alerts: ${tenant.openAlerts}; mails waiting: ${tenant.mailsWaiting}, refused: ${tenant.mailsFailed}`,
    ...tenant.sources
      .filter(isRefused)
      .map((source) => `not seen: ${printable(source.detail ?? source.source)}`),
    ...tenant.sources
      .filter((source) => source.sees === 'reduced')
      .map((source) => `seen in part: ${source.source}: ${printable(source.why ?? '')}`),
    ...detectionLines(tenant),
    ...tenant.problems.map((problem) => `problem: ${printable(problem)}`),
    '',
  ].join('\n');
}

/** How many detections can do how much, and why not all. */
function detectionLines({ detections }: TenantStatus): string[] {
  const of = (state: string) => detections.filter((one) => one.state === state);
  if (detections.length === 0) return [];
  return [
    `detections: ${of('full').length} full, ${of('reduced').length} reduced, ${of('off').length} off`,
    ...[...of('off'), ...of('reduced')].map(
      (one) => `${one.state}: ${printable(one.title)}: ${printable(one.why ?? '')}`,
    ),
  ];
}

function isRefused(source: SourceStatus): boolean {
  return source.status === 'skipped';
}

function moment(at: number | null): string {
  return at === null ? 'never' : new Date(at).toISOString().replace('.000Z', 'Z');
}
