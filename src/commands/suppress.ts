import { userInfo } from 'node:os';
import { DateTime } from 'luxon';
import { ActionRefused } from '../actions/close-alert.ts';
import { acceptExisting, suppress, unsuppress } from '../actions/suppress.ts';
import { loadCatalogue, shippedDetections } from '../detection/catalogue.ts';
import type { Runtime } from '../jobs/runtime.ts';
import { findAlerts } from '../store/alerts.ts';
import { countCovered, listSuppressions, type SuppressionRow } from '../store/suppressions.ts';
import { findTenant } from '../store/tenants.ts';
import type { Command, CommandContext } from './command.ts';
import { withRuntime } from './runtime.ts';
import { plainTable, safeJson } from './table.ts';

const USAGE = 2;
const UNITS = { h: 3_600_000, d: 24 * 3_600_000 } as const;

type Options = Record<string, unknown>;

const add: Command = {
  name: 'add',
  summary: 'says beforehand or afterwards that something is expected',
  configure(node) {
    node
      .option('--tenant <id>', 'the tenant; may be left out when there is one')
      .option('--alert <id>', 'takes detection, subject and cause from this alert')
      .option('--detection <id>', 'UUID or catalogue id of the detection')
      .option('--subject <subject>', 'for example user:<object id>')
      .option('--cause <cause>', 'as the alert shows it')
      .requiredOption('--reason <text>', 'why it is expected')
      .option('--author <name>', 'who says so (default: the user of this machine)')
      .option('--from <iso>', 'from this event time on (default: now; with --alert: from its first event)')
      .option('--to <iso>', 'until this event time')
      .option('--for <time>', 'how long from now, for example 8h or 30d', '30d');
  },
  run: (context, _args, options) => attempt(context, (runtime) => addOne(context, runtime, options)),
};

const accept: Command = {
  name: 'accept',
  summary: 'accepts what was already there at the start, one suppression for each thing',
  configure(node) {
    node
      .option('--tenant <id>', 'the tenant; may be left out when there is one')
      .option('--detection <id>', 'only of this detection (UUID or catalogue id)')
      .requiredOption('--reason <text>', 'why it is as it should be')
      .option('--author <name>', 'who says so (default: the user of this machine)')
      .option('--for <time>', 'how long from now, for example 30d', '365d');
  },
  run: (context, _args, options) =>
    attempt(context, async (runtime) => {
      const now = runtime.clock.now();
      const ids = await acceptExisting(runtime.database, {
        tenantId: tenantOf(runtime, options),
        detectionId: await detectionOf(
          runtime,
          typeof options['detection'] === 'string' ? options['detection'] : null,
        ),
        reason: String(options['reason']),
        author: author(options),
        validTo: now + span(String(options['for'])),
        now,
      });
      context.stdout.write(`accepted ${ids.length} thing${ids.length === 1 ? '' : 's'}\n`);
      return 0;
    }),
};

const list: Command = {
  name: 'list',
  summary: 'lists what is expected, and how much each covered',
  configure(node) {
    node.option('--tenant <id>', 'of this tenant only').option('--json', 'prints one JSON object a line');
  },
  run: (context, _args, options) => attempt(context, (runtime) => listAll(context, runtime, options)),
};

const remove: Command = {
  name: 'remove',
  summary: 'ends a suppression now; what it covered stays on record',
  configure(node) {
    node.argument('<id>', 'its id').option('--tenant <id>', 'the tenant; may be left out when there is one');
  },
  run: (context, args, options) =>
    attempt(context, async (runtime) => {
      const now = runtime.clock.now();
      const id = String(args[0]);
      await unsuppress(runtime.database, {
        tenantId: tenantOf(runtime, options),
        id,
        by: author(options),
        now,
      });
      context.stdout.write(`ended ${id}\n`);
      return 0;
    }),
};

/** `tenantwatch suppress add|list|remove`: the only thing that quiets anything. */
export const command: Command = {
  name: 'suppress',
  summary: 'records expected things, with a reason and an end',
  children: [add, accept, list, remove],
};

async function attempt(
  context: CommandContext,
  work: (runtime: Runtime) => Promise<number>,
): Promise<number> {
  try {
    return await withRuntime(context, work);
  } catch (error) {
    if (!(error instanceof ActionRefused)) throw error;
    context.stderr.write(`tenantwatch: ${error.message}\n`);
    return USAGE;
  }
}

interface Scope {
  readonly tenantId: string;
  readonly detectionId: string | null;
  readonly subject: string | null;
  readonly cause: string | null;
  /** UTC epoch ms of the first event, when an alert gives the scope. */
  readonly since: number | null;
}

async function addOne(context: CommandContext, runtime: Runtime, options: Options): Promise<number> {
  const now = runtime.clock.now();
  const scope =
    typeof options['alert'] === 'string'
      ? await scopeOfAlert(runtime, options['alert'])
      : await scopeOf(runtime, options);
  if ((await findTenant(runtime.database.db, scope.tenantId)) === null)
    throw new ActionRefused(`suppress: there is no tenant ${scope.tenantId}`);
  const validFrom = instant(options['from'], '--from') ?? Math.min(now, scope.since ?? now);
  const validTo = instant(options['to'], '--to') ?? now + span(String(options['for']));
  const act = {
    ...scope,
    reason: String(options['reason']),
    author: author(options),
    validFrom,
    validTo,
    now,
  };
  const id = await suppress(runtime.database, act);
  const covered = (await countCovered(runtime.database.db, scope.tenantId)).get(id) ?? 0;
  context.stdout.write(
    `${id} until ${iso(validTo)}, covers ${covered} alert${covered === 1 ? '' : 's'} now\n`,
  );
  return 0;
}

async function scopeOfAlert(runtime: Runtime, id: string): Promise<Scope> {
  const [alert, another] = await findAlerts(runtime.database.db, id);
  if (alert === undefined)
    throw new ActionRefused(`suppress: there is no alert ${id}; 'tenantwatch alerts list' shows them`);
  if (another !== undefined)
    throw new ActionRefused(`suppress: several alerts begin with ${id}; give more of it`);
  const { tenantId, detectionId, subject, cause } = alert;
  return {
    tenantId,
    detectionId,
    subject,
    cause,
    since: Math.min(alert.firstEventAt, alert.occurrenceStart),
  };
}

async function scopeOf(runtime: Runtime, options: Options): Promise<Scope> {
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : null);
  return {
    tenantId: tenantOf(runtime, options),
    detectionId: await detectionOf(runtime, text('detection')),
    subject: text('subject'),
    cause: text('cause'),
    since: null,
  };
}

async function detectionOf(runtime: Runtime, name: string | null): Promise<string | null> {
  if (name === null) return null;
  const { detections } = await loadCatalogue(shippedDetections, runtime.config.importedRules);
  const found = detections.find(
    (one) => one.id === name.toLowerCase() || one.catalogue === name.toUpperCase(),
  );
  if (found === undefined)
    throw new ActionRefused(
      `suppress: there is no detection ${name}; 'tenantwatch detections list' shows them`,
    );
  return found.id;
}

function tenantOf(runtime: Runtime, options: Options): string {
  if (typeof options['tenant'] === 'string') return options['tenant'].toLowerCase();
  const [only, another] = runtime.config.tenants;
  if (only === undefined || another !== undefined)
    throw new ActionRefused('suppress: there are several tenants; say which with --tenant');
  return only.id;
}

function author(options: Options): string {
  return typeof options['author'] === 'string' ? options['author'] : userInfo().username;
}

function instant(value: unknown, option: string): number | null {
  if (typeof value !== 'string') return null;
  const at = DateTime.fromISO(value, { zone: 'utc' });
  if (!at.isValid)
    throw new ActionRefused(
      `suppress: ${option} ${value} is no ISO 8601 time; write for example 2026-11-24T18:00:00Z`,
    );
  return at.toMillis();
}

function span(text: string): number {
  const match = /^(\d{1,5})([hd])$/.exec(text);
  if (!match)
    throw new ActionRefused(`suppress: --for ${text} is no length of time; write for example 8h or 30d`);
  return Number(match[1]) * UNITS[match[2] as 'h' | 'd'];
}

async function listAll(context: CommandContext, runtime: Runtime, options: Options): Promise<number> {
  const wanted =
    typeof options['tenant'] === 'string'
      ? [options['tenant'].toLowerCase()]
      : runtime.config.tenants.map((one) => one.id);
  const now = runtime.clock.now();
  const rows: string[][] = [];
  for (const tenantId of wanted) {
    const covered = await countCovered(runtime.database.db, tenantId);
    for (const row of await listSuppressions(runtime.database.db, tenantId)) {
      const count = covered.get(row.id) ?? 0;
      if (options['json'] === true) context.stdout.write(`${safeJson({ ...row, covered: count })}\n`);
      else rows.push(asRow(row, count, now));
    }
  }
  if (options['json'] === true) return 0;
  const head = ['id', 'state', 'until', 'detection', 'subject', 'cause', 'covered', 'reason', 'by'];
  context.stdout.write(
    rows.length === 0 ? 'nothing is suppressed\n' : `${plainTable(head, rows, context.colour)}\n`,
  );
  return 0;
}

function asRow(row: SuppressionRow, covered: number, now: number): string[] {
  const state = row.removed_at !== null ? 'removed' : row.valid_to < now ? 'ended' : 'in force';
  const scope = [row.detection_id ?? 'any', row.subject ?? 'any', row.cause ?? 'any'];
  return [row.id, state, iso(row.valid_to), ...scope, String(covered), row.reason, row.author];
}

function iso(at: number): string {
  return new Date(at).toISOString().slice(0, 16) + 'Z';
}
