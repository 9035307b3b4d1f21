import {
  CorrelationEngine,
  documentKey,
  extractHits,
  readPath,
  RuleIndex,
  type AlertWithEvidence,
  type CompiledRule,
  type EventLogSource,
  type LinkedCorrelation,
} from '../sigma/index.ts';
import { authorOf, creditedTitle } from '../detection/imported.ts';
import type { Command, CommandContext } from './command.ts';
import { eventTime, parseLogSource, readEvents } from './sigma-events.ts';
import { loadRules, writeErrors, type LoadedRules } from './sigma-files.ts';
import { printable, safeJson } from './table.ts';

/** Events between two signs of life on a terminal. */
const PROGRESS_EVERY = 20_000;

/** `sigma match --rules PATH --events FILE`: exits 0 when all was read, 1 when a rule or a line could not be used. */
export const match: Command = {
  name: 'match',
  summary: 'matches rules and correlations against a file of events',
  configure(node) {
    node
      .requiredOption('--rules <path>', 'a rule file, or a folder of them')
      .requiredOption('--events <file>', 'JSON lines, .gz too, or - for standard input')
      .option('--source <source>', 'log source of the events; without it every rule is tried')
      .option('--time <field>', 'field that says when; unless given, the usual ones are tried')
      .option('--id <field>', 'field that identifies an event; unless given, each line is one')
      .option('--tenant <field>', 'field that names the tenant')
      .option('--json', 'prints one JSON object a line, one per match');
  },
  async run(context, _args, options) {
    const loaded = loadRules(context, String(options['rules']));
    const broken = writeErrors(context, loaded.problems);
    const run = new MatchRun(context, loaded, options);
    const totals = await run.all(String(options['events']));
    if (options['json'] !== true) context.stdout.write(`${totals}\n`);
    return broken > 0 || run.unread > 0 ? 1 : 0;
  },
};

/** The event that is looked at, as far as its line and its fields say. */
interface Looked {
  readonly line: number;
  readonly event: object;
  readonly at: number | null;
  readonly id: string;
  readonly tenant: string;
}

class MatchRun {
  unread = 0;
  readonly #context: CommandContext;
  readonly #loaded: LoadedRules;
  readonly #index: RuleIndex;
  readonly #source: EventLogSource;
  readonly #options: Record<string, unknown>;
  readonly #engine: CorrelationEngine;
  /** By key of a base rule. */
  readonly #above = new Map<string, LinkedCorrelation[]>();
  readonly #counts = { events: 0, matches: 0, untimed: 0 };
  /** Events that each filter took out, by its key. */
  readonly #excluded = new Map<string, number>();

  constructor(context: CommandContext, loaded: LoadedRules, options: Record<string, unknown>) {
    const source = text(options['source']);
    this.#context = context;
    this.#loaded = loaded;
    this.#options = options;
    this.#source = source === null ? {} : parseLogSource(source);
    this.#index = new RuleIndex(source === null ? loaded.rules.map(ofAnySource) : loaded.rules);
    // A file ends: what waits for a timespan to close is judged at its end.
    this.#engine = new CorrelationEngine(loaded.correlations.correlations, { when: 'closed' });
    for (const linked of loaded.correlations.correlations)
      for (const base of linked.bases)
        if (base.kind === 'rule') this.#above.set(base.key, [...(this.#above.get(base.key) ?? []), linked]);
  }

  async all(path: string): Promise<string> {
    for await (const { line, event } of readEvents(this.#context, path)) {
      if (event === null) this.#skip(line);
      else this.#look({ line, event, ...this.#identity(line, event) });
    }
    this.#clearProgress();
    const alerts = this.#finish();
    const { events, matches, untimed } = this.#counts;
    const notes = [
      ...[...this.#excluded].map(
        ([key, events]) => `filter ${printable(key)} took out ${plural(events, 'match', 'matches')}`,
      ),
      ...(this.unread > 0 ? [`without a JSON object: ${plural(this.unread, 'line')}`] : []),
      ...(untimed > 0 ? [`${untimed} matches without a time took no part in correlations; see --time`] : []),
    ];
    const rules = this.#loaded.rules.length;
    return [
      [
        plural(events, 'event'),
        plural(rules, 'rule'),
        plural(matches, 'match', 'matches'),
        plural(alerts, 'correlation alert'),
      ].join(', '),
      ...notes,
    ].join('; ');
  }

  #identity(line: number, event: object): Pick<Looked, 'at' | 'id' | 'tenant'> {
    const at = eventTime(event, text(this.#options['time']));
    const read = (option: string): string | null => {
      const field = text(this.#options[option]);
      const [value] = field === null ? [] : readPath(event, field);
      return value === undefined || value === null || typeof value === 'object' ? null : String(value);
    };
    return { at, id: read('id') ?? `line ${line}`, tenant: read('tenant') ?? '' };
  }

  #skip(line: number): void {
    this.unread += 1;
    this.#context.stderr.write(`line ${line}: no JSON object\n`);
  }

  #look(looked: Looked): void {
    this.#counts.events += 1;
    if (this.#counts.events % PROGRESS_EVERY === 0) this.#progress();
    const { event, at, tenant } = looked;
    const judged = { ...(at === null ? {} : { at }), ...(tenant === '' ? {} : { tenant }) };
    for (const { rule, matched, excludedBy } of this.#index.judge(event, this.#source, judged)) {
      for (const key of excludedBy) this.#excluded.set(key, (this.#excluded.get(key) ?? 0) + 1);
      if (!matched) continue;
      this.#correlate(looked, rule);
      if (this.#loaded.correlations.quiet.has(documentKey(rule.rule))) continue;
      this.#counts.matches += 1;
      this.#tell(looked, rule);
    }
  }

  #correlate({ event, at, id, tenant }: Looked, rule: CompiledRule): void {
    const key = documentKey(rule.rule);
    const above = this.#above.get(key);
    if (above === undefined) return;
    if (at === null) {
      this.#counts.untimed += 1;
      return;
    }
    for (const linked of above) {
      const identity = { tenant, event: id, at, source: text(this.#options['source']) ?? '' };
      this.#engine.insert(extractHits(linked, key, event, identity).hits);
    }
  }

  #tell({ line, id, at }: Looked, { rule }: CompiledRule): void {
    const { title, level } = rule;
    const author = authorOf(rule);
    if (this.#options['json'] === true)
      this.#write(safeJson({ line, event: id, time: iso(at), rule: title, id: rule.id, level, author }));
    else this.#write(printable(`${line}: ${level ?? 'no level'}: ${creditedTitle(title, author)}`));
  }

  /** Closes every timespan and tells what fired. */
  #finish(): number {
    const everything = { watermark: Number.MAX_SAFE_INTEGER, holes: [] };
    const before = this.#engine.alerts();
    const held = this.#engine.kept().map((hit) => hit.tenant);
    for (const tenant of new Set([...before.map(({ alert }) => alert.tenant), ...held]))
      this.#engine.advance(tenant, everything);
    // What is retired by the end of time is not listed any more.
    const all = [...before, ...this.#engine.alerts()];
    const kept = new Map(all.map((one) => [alertKey(one), one]));
    const told = [...kept.values()].filter(
      ({ alert }) => !this.#loaded.correlations.quiet.has(alert.correlation),
    );
    for (const one of told) this.#tellAlert(one);
    return told.length;
  }

  #tellAlert({ alert, evidence }: AlertWithEvidence): void {
    const linked = this.#loaded.correlations.correlations.find((one) => one.key === alert.correlation);
    const { title = alert.correlation, level = null, groupBy = [] } = linked?.correlation ?? {};
    const group = Object.fromEntries(groupBy.map((name, i) => [name, alert.group[i] ?? '']));
    const events = [...new Set(evidence.map((hit) => hit.event))];
    const { tenant, start, end, count, value } = alert;
    if (this.#options['json'] === true) {
      const span = { start: iso(start), end: iso(end) };
      this.#write(
        safeJson({
          correlation: title,
          id: linked?.correlation.id ?? null,
          level,
          tenant,
          group,
          ...span,
          count,
          value,
          events,
        }),
      );
      return;
    }
    const words = Object.entries(group).map(([name, word]) => `${name}=${word}`);
    this.#write(
      printable(
        `${iso(start) ?? ''} to ${iso(end) ?? ''}: ${level ?? 'no level'}: ${title}: ${[...words, `${plural(count, 'event')}`].join(', ')}`,
      ),
    );
  }

  #write(line: string): void {
    this.#clearProgress();
    this.#context.stdout.write(`${line}\n`);
  }

  #progress(): void {
    if (this.#context.isTerminal) this.#context.stderr.write(`\r${this.#counts.events} events read`);
  }

  #clearProgress(): void {
    if (this.#context.isTerminal && this.#counts.events >= PROGRESS_EVERY)
      this.#context.stderr.write('\r\u001b[K');
  }
}

function alertKey({ alert }: AlertWithEvidence): string {
  return JSON.stringify([alert.correlation, alert.tenant, alert.group, alert.start]);
}

/** Without `--source` a rule's own log source says nothing about the events. */
function ofAnySource(rule: CompiledRule): CompiledRule {
  const logsource = { product: null, category: null, service: null };
  return { ...rule, rule: { ...rule.rule, logsource } };
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function text(option: unknown): string | null {
  return typeof option === 'string' ? option : null;
}

function iso(at: number | null): string | null {
  return at === null || Math.abs(at) > 8.64e15 ? null : new Date(at).toISOString();
}
