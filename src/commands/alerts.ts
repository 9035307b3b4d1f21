import { userInfo } from 'node:os';
import { Argument, Option } from 'commander';
import { ActionRefused, closeAlert, personsReasons, type PersonsReason } from '../actions/close-alert.ts';
import type { Runtime } from '../jobs/runtime.ts';
import type { Alert } from '../model/alert.ts';
import { findAlerts, listAlerts, type AlertFilter } from '../store/alerts.ts';
import { currentDetectionVersions, type DetectionVersionRow } from '../store/detection-versions.ts';
import { alertJson, eventsOf, moment, ruleAuthor, stepsOf, textOf } from './alert-text.ts';
import type { Command, CommandContext } from './command.ts';
import { withRuntime } from './runtime.ts';
import { plainTable, printable, safeJson } from './table.ts';

const LEVELS = ['critical', 'high', 'medium', 'low', 'informational'];
/** Exit code for a request that cannot be carried out as it was made. */
const USAGE = 2;

const list: Command = {
  name: 'list',
  summary: 'lists alerts, the most serious first',
  configure(node) {
    node
      .option('--tenant <id>', 'of this tenant only')
      .addOption(
        new Option('--state <state>', 'which of them').choices(['open', 'closed', 'all']).default('open'),
      )
      .addOption(new Option('--level <level>', 'of this level only').choices(LEVELS))
      .option('--json', 'prints one JSON object a line');
  },
  run: (context, _args, options) =>
    withRuntime(context, async (runtime) => {
      const alerts = (await listAlerts(runtime.database.db, filterOf(options))).sort(bySeriousness);
      if (options['json'] === true)
        for (const alert of alerts) context.stdout.write(`${safeJson(alertJson(alert))}\n`);
      else context.stdout.write(await asTable(runtime, alerts, context));
      return 0;
    }),
};

function filterOf(options: Record<string, unknown>): AlertFilter {
  const { tenant, state, level } = options;
  return {
    ...(typeof tenant === 'string' ? { tenantId: tenant.toLowerCase() } : {}),
    ...(state === 'open' || state === 'closed' ? { state } : {}),
    ...(typeof level === 'string' ? { level } : {}),
  };
}

function bySeriousness(a: Alert, b: Alert): number {
  return (
    LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
    b.lastEventAt - a.lastEventAt ||
    (a.id < b.id ? -1 : 1)
  );
}

async function asTable(runtime: Runtime, alerts: readonly Alert[], context: CommandContext): Promise<string> {
  if (alerts.length === 0) return 'no alerts\n';
  const versions = await currentDetectionVersions(runtime.database.db);
  const rows = alerts.map((alert) => [
    alert.id.slice(0, 12),
    alert.level,
    alert.state === 'closed' ? (alert.closeReason ?? 'closed') : noteOf(alert),
    moment(alert.occurrenceStart),
    String(eventsOf(alert).length),
    textOf(alert, versions.get(alert.detectionId), 'title'),
  ]);
  return `${plainTable(['id', 'level', 'state', 'since', 'events', 'what'], rows, context.colour)}\n`;
}

function noteOf(alert: Alert): string {
  const notes = [
    alert.historical ? 'historical' : '',
    alert.withdrawn ? 'withdrawn' : '',
    alert.notVisibleSince === null ? '' : 'not visible',
  ].filter((note) => note !== '');
  return notes.length === 0 ? 'open' : `open, ${notes.join(', ')}`;
}

const show: Command = {
  name: 'show',
  summary: 'shows one alert with its evidence and what to do',
  configure(node) {
    node.argument('<id>', 'the alert, or the beginning of its id').option('--json', 'prints one JSON object');
  },
  run: (context, args, options) =>
    withRuntime(context, async (runtime) => {
      const id = args[0] ?? '';
      const [alert, another] = await findAlerts(runtime.database.db, id);
      if (alert === undefined || another !== undefined) {
        const why =
          alert === undefined ? 'there is no such alert' : 'several ids begin like this; give more of it';
        context.stderr.write(`tenantwatch: show alert ${printable(id)}: ${why}\n`);
        return USAGE;
      }
      if (options['json'] === true) context.stdout.write(`${safeJson(alertJson(alert))}\n`);
      else {
        const versions = await currentDetectionVersions(runtime.database.db);
        context.stdout.write(asText(alert, versions.get(alert.detectionId)));
      }
      return 0;
    }),
};

function asText(alert: Alert, version: DetectionVersionRow | undefined): string {
  const texts = ['what', 'why', 'ask']
    .map((name) => textOf(alert, version, name))
    .filter((text) => text !== '');
  const facts: [string, string][] = [
    ['alert', alert.id],
    ['tenant', alert.tenantId],
    ['detection', `${version?.catalogue ?? ''} ${alert.detectionId} version ${alert.version}`.trim()],
    ...authorOf(version),
    ['level', alert.level],
    ['state', stateOf(alert)],
    ['subject', alert.subject],
    ['cause', alert.cause],
    ['since', moment(alert.occurrenceStart)],
    ['last', moment(alert.lastEventAt)],
    ...Object.entries(alert.words).map(([name, value]): [string, string] => [`word ${name}`, value]),
  ];
  return [
    textOf(alert, version, 'title'),
    ...texts.map((text) => `  ${text}`),
    '',
    ...facts.map(([name, value]) => `${name.padEnd(16)}${printable(value)}`),
    '',
    'evidence',
    ...alert.evidence.map(
      (one) =>
        `  ${moment(one.at)}  ${printable(one.feed)}  ${printable(one.nativeId)}${one.withdrawn ? '  (withdrawn)' : ''}`,
    ),
    '',
    ...stepLines(stepsOf(alert, version)),
  ].join('\n');
}

/** Public rules are licensed on the condition that who wrote them is named with what they find. */
function authorOf(version: DetectionVersionRow | undefined): [string, string][] {
  const author = ruleAuthor(version);
  return author === '' ? [] : [['rule by', author]];
}

/** Imported rules have a title and no steps. */
function stepLines(steps: readonly string[]): string[] {
  if (steps.length === 0) return [];
  return ['what to do', ...steps.map((step, index) => `  ${index + 1}. ${step}`), ''];
}

function stateOf(alert: Alert): string {
  if (alert.mergedInto !== null) return `merged into ${alert.mergedInto}`;
  if (alert.state === 'closed') {
    const at = alert.closedAt === null ? '' : ` at ${moment(alert.closedAt)}`;
    return `closed (${alert.closeReason ?? ''})${at} by ${alert.closedBy ?? 'nobody known'}`;
  }
  const since = alert.notVisibleSince === null ? '' : ` since ${moment(alert.notVisibleSince)}`;
  return `${noteOf(alert)}${since}`;
}

const close: Command = {
  name: 'close',
  summary: 'closes an alert about something that happened',
  configure(node) {
    node
      .addArgument(new Argument('<id>', 'the alert, or the beginning of its id'))
      .addOption(
        new Option('--reason <reason>', 'what it was').choices([...personsReasons]).makeOptionMandatory(),
      )
      .option('--note <text>', 'a sentence for whoever reads it later');
  },
  run: (context, args, options) =>
    withRuntime(context, async (runtime) => {
      try {
        const id = await closeAlert(runtime.database, {
          id: args[0] ?? '',
          reason: options['reason'] as PersonsReason,
          note: typeof options['note'] === 'string' ? options['note'] : null,
          by: userInfo().username,
          now: runtime.clock.now(),
        });
        context.stdout.write(`closed ${id} as ${String(options['reason'])}\n`);
        return 0;
      } catch (error) {
        if (!(error instanceof ActionRefused)) throw error;
        context.stderr.write(`tenantwatch: ${printable(error.message)}\n`);
        return USAGE;
      }
    }),
};

/** `tenantwatch alerts list|show|close`. */
export const command: Command = {
  name: 'alerts',
  summary: 'lists, shows and closes alerts',
  children: [list, show, close],
};
