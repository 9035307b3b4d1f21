import { linkRules } from '../matching/collection.ts';
import type { CompiledRule } from '../matching/compile.ts';
import type { SigmaProblem } from '../language/problem.ts';
import { parseRules } from '../language/rule.ts';
import { extractHits } from './extract.ts';
import type { CorrelationHit } from './hit.ts';
import type { LinkedCorrelations } from './link.ts';
import { documentKey, linkCorrelations } from './link.ts';
import { CorrelationEngine } from './stream.ts';
import { parseTimespan } from './timespan.ts';

/** One event of a case: `t` = event time in seconds. */
export interface CaseEvent {
  readonly t: number;
  readonly event: object;
}

/** What a case says about the harness, by the names that case files use. */
export interface CorrelationCaseOptions {
  /** How far behind the newest event one may come, as a timespan; default: any. */
  readonly allowed_lateness?: string;
  /** The field that identifies an event; default: each arrival is an event of its own. */
  readonly dedupe_key?: string;
  /** The field that names the tenant; default: one tenant. */
  readonly tenant_key?: string;
  /** Index of the event after which the engine is made anew from the hits it held. */
  readonly restart_after?: number;
  /** Indices of events that come again after the restart. */
  readonly replay?: readonly number[];
}

/** A group that became true. */
export interface CaseFiring {
  /** Title of the correlation. */
  readonly correlation: string;
  /** Group-by field to folded value. */
  readonly group: Readonly<Record<string, string>>;
  /** Index of the arriving event that first made it true. */
  readonly first_fire: number;
}

/** The outcome of a case. */
export interface CorrelationCaseResult {
  readonly fired: readonly CaseFiring[];
  /** Titles of the documents that give alerts of their own, in the order of the text. */
  readonly reported: readonly string[];
  /** Problems of the rules; with an `error` among them the rest ran without the documents concerned. */
  readonly problems: readonly SigmaProblem[];
}

interface CaseRun {
  readonly linked: LinkedCorrelations;
  readonly rules: readonly CompiledRule[];
  readonly options: CorrelationCaseOptions;
  readonly lateness: number;
  engine: CorrelationEngine;
  watermark: number;
  readonly fired: Map<string, CaseFiring>;
  readonly matched: Set<string>;
}

/**
 * Runs a case of the correlation files: events in the order of arrival, each judged as it comes, the newest event
 * time taken for the watermark. Log sources are not looked at: a case's events are its rules'. Never throws for what
 * the rules' text holds; throws for an `allowed_lateness` that is no timespan.
 */
export function runCorrelationCase(
  rulesText: string,
  events: readonly CaseEvent[],
  options: CorrelationCaseOptions = {},
): CorrelationCaseResult {
  const parsed = parseRules(rulesText, 'case.yml');
  const linked = linkCorrelations(parsed.correlations, parsed.rules);
  const { rules } = linkRules([parsed]);
  const lateness = latenessOf(options);
  const engine = createEngine(linked, lateness);
  const run: CaseRun = {
    linked,
    rules,
    options,
    lateness,
    engine,
    watermark: -Infinity,
    fired: new Map(),
    matched: new Set(),
  };
  for (const index of events.keys()) {
    arrive(run, events, index);
    if (options.restart_after !== index) continue;
    restart(run);
    for (const again of options.replay ?? []) arrive(run, events, again);
  }
  const titles = [...parsed.rules, ...linked.correlations.map(({ correlation }) => correlation)]
    .filter((one) => run.matched.has(documentKey(one)) && !linked.quiet.has(documentKey(one)))
    .map(({ title }) => title);
  const problems = [...parsed.problems, ...linked.problems];
  return { fired: [...run.fired.values()], reported: [...new Set(titles)], problems };
}

function latenessOf({ allowed_lateness: text }: CorrelationCaseOptions): number {
  if (text === undefined) return Infinity;
  const ms = parseTimespan(text);
  if (ms !== null) return ms;
  throw new Error(`run a correlation case: allowed_lateness '${text}' is no timespan; write for example 10m`);
}

function createEngine(linked: LinkedCorrelations, lateness: number): CorrelationEngine {
  return new CorrelationEngine(linked.correlations, { when: 'insert', allowedLatenessMs: lateness });
}

function restart(run: CaseRun): void {
  const kept = run.engine.kept();
  run.engine = createEngine(run.linked, run.lateness);
  run.engine.insert(kept);
}

function arrive(run: CaseRun, events: readonly CaseEvent[], index: number): void {
  const one = events[index];
  if (one === undefined) return;
  const at = one.t * 1000;
  const tenant = textAt(one.event, run.options.tenant_key) ?? 'tenant';
  const event = textAt(one.event, run.options.dedupe_key) ?? `#${index}`;
  const hits: CorrelationHit[] = [];
  for (const { rule, match } of run.rules) {
    if (!match(one.event)) continue;
    const base = documentKey(rule);
    run.matched.add(base);
    const identity = { tenant, event, at, source: 'case' };
    for (const linked of run.linked.correlations) {
      hits.push(...extractHits(linked, base, one.event, identity).hits);
    }
  }
  run.watermark = Math.max(run.watermark, at);
  const updates = [
    ...run.engine.insert(hits),
    ...run.engine.advance(tenant, { watermark: run.watermark, holes: [] }),
  ];
  for (const update of updates) if (update.kind === 'fired') note(run, update.alert, index);
}

function textAt(event: object, key: string | undefined): string | null {
  if (key === undefined || !Object.hasOwn(event, key)) return null;
  return String((event as Record<string, unknown>)[key]);
}

function note(
  run: CaseRun,
  { correlation, tenant, group }: { correlation: string; tenant: string; group: readonly string[] },
  index: number,
): void {
  run.matched.add(correlation);
  const key = JSON.stringify([correlation, tenant, group]);
  const linked = run.linked.correlations.find((one) => one.key === correlation);
  if (linked === undefined || run.fired.has(key)) return;
  const fields = linked.correlation.groupBy.map((field, at) => [field, group[at] ?? ''] as const);
  run.fired.set(key, {
    correlation: linked.correlation.title,
    group: Object.fromEntries(fields),
    first_fire: index,
  });
}
