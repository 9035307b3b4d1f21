import type { LinkedCorrelation } from '../sigma/index.ts';
import {
  hitsOfGroup,
  newestHitsOfGroup,
  type CorrelationHitRow,
  type GroupKey,
} from '../store/correlation-hits.ts';
import type { CorrelationWaitRow } from '../store/correlation-waits.ts';
import type { Database, Db } from '../store/database.ts';
import type { TermRow } from '../store/terms.ts';
import { eventOf } from './correlation-rows.ts';
import { begun, reachOf } from './group-evidence.ts';
import { chainedFrom, MOST_HITS, type JudgedPart, type Stretch } from './judge-group.ts';
import { spansBefore } from './term-spans.ts';

/** As long as events (db/README.md): what is older is left of terms only. */
const KEPT_MS = 400 * 86_400_000;
const ALWAYS: Stretch = { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER };

export interface ApplyRun {
  readonly database: Database;
  readonly tenantId: string;
  readonly now: number;
}

export function groupOf(due: CorrelationWaitRow): GroupKey {
  return { correlation: due.correlation, groupHash: due.group_hash };
}

/**
 * The hits that decide about a span of event time. What more hits can only make truer is looked at around the span, the rest
 * as a whole. The cap keeps the earliest.
 */
export async function loadGroup(run: ApplyRun, tx: Db, judged: JudgedPart, due: CorrelationWaitRow) {
  const { linked } = judged;
  const reach = reachOf(linked);
  const { timespanMs } = linked.correlation;
  // What a lower correlation hands on is shown by records from up to its timespan before.
  const before = timespanBelow(judged);
  const around = { from: due.from_at - reach - before, to: due.to_at + timespanMs + reach };
  const stretch = linked.monotone ? around : ALWAYS;
  const span = linked.monotone
    ? { from: around.from - reach - timespanMs, to: around.to + reach + before }
    : ALWAYS;
  const rows = await loadHits(run, tx, linked, due, span);
  if (rows.length <= MOST_HITS) return { rows, capped: false, terms: [], stretch };
  const kept = rows.slice(0, MOST_HITS);
  const to = Math.min(stretch.to, kept.at(-1)?.occurred_at ?? stretch.to);
  return { rows: kept, capped: true, terms: [], stretch: { from: stretch.from, to } };
}

/**
 * Where every rule is asked for, a group lacks one of them nearly always: then nothing is read of the others, which may be
 * many (everybody who signs in from one office). Of an order only what follows its first rule within the timespan is read.
 */
async function loadHits(
  run: ApplyRun,
  tx: Db,
  linked: LinkedCorrelation,
  due: CorrelationWaitRow,
  span: Stretch,
): Promise<CorrelationHitRow[]> {
  const rules = linked.bases.map((base) => base.key);
  const read = (some: readonly string[], within: Stretch, limit: number) =>
    hitsOfGroup(tx, run.tenantId, groupOf(due), some, within, limit);
  if (!asksForAll(linked)) return read(rules, span, MOST_HITS + 1);
  for (const rule of rules) if ((await read([rule], span, 1)).length === 0) return [];
  if (linked.correlation.type !== 'temporal_ordered') return read(rules, span, MOST_HITS + 1);
  const begins = await read(rules.slice(0, 1), span, MOST_HITS + 1);
  const last = begins.at(-1)?.occurred_at ?? span.from;
  const within = {
    from: begins[0]?.occurred_at ?? span.to,
    to: Math.min(span.to, last + linked.correlation.timespanMs),
  };
  return begun(linked, await read(rules, within, MOST_HITS + 1));
}

/** Whether no timespan is fulfilled in which one of the rules found nothing. */
function asksForAll({ correlation, bases }: LinkedCorrelation): boolean {
  const { condition, type } = correlation;
  if (type !== 'temporal' && type !== 'temporal_ordered') return false;
  if (condition.kind !== 'threshold') return false;
  return condition.bounds.some(
    ({ operator, value }) =>
      ((operator === 'gte' || operator === 'eq') && value >= bases.length) ||
      (operator === 'gt' && value >= bases.length - 1),
  );
}

function timespanBelow({ detection, linked }: Pick<JudgedPart, 'detection' | 'linked'>): number {
  const below = linked.bases.flatMap((base) => {
    const inner = detection.parts.find((part) => part.id === base.key)?.correlation;
    if (inner == null) return [];
    return [inner.correlation.timespanMs + timespanBelow({ detection, linked: inner })];
  });
  return Math.max(0, ...below);
}

/** The hits behind what lower correlations handed on: those of the timespan that it stands for. */
export async function loadUnder(
  run: ApplyRun,
  tx: Db,
  { detection, linked }: Pick<JudgedPart, 'detection' | 'linked'>,
  rows: readonly CorrelationHitRow[],
): Promise<Map<string, readonly CorrelationHitRow[]>> {
  const under = new Map<string, readonly CorrelationHitRow[]>();
  for (const base of linked.bases.filter(({ kind }) => kind === 'correlation')) {
    const inner = detection.parts.find((part) => part.id === base.key)?.correlation;
    const handed = rows.filter((row) => row.rule === base.key);
    if (inner == null || handed.length === 0) continue;
    for (const [groupHash, own] of groupBy(handed, (row) => chainedFrom(row))) {
      const times = own.map((row) => row.occurred_at);
      const { timespanMs } = inner.correlation;
      const span = { from: Math.min(...times) - timespanMs, to: Math.max(...times) };
      const group = { correlation: inner.key, groupHash };
      const rules = inner.bases.map((one) => one.key);
      const hits = await hitsOfGroup(tx, run.tenantId, group, rules, span, MOST_HITS);
      const lower = await loadUnder(run, tx, { detection, linked: inner }, hits);
      for (const row of own) {
        const within = hits.filter(
          ({ occurred_at: at }) => row.occurred_at - timespanMs <= at && at <= row.occurred_at,
        );
        under.set(
          eventOf(row),
          within.flatMap((hit) => lower.get(eventOf(hit)) ?? [hit]),
        );
      }
    }
  }
  return under;
}

/** The newest hits of a group, and the spans of what is older. */
export async function loadTermGroup(
  run: ApplyRun,
  tx: Db,
  due: CorrelationWaitRow,
  terms: readonly TermRow[],
) {
  const kept = run.now - KEPT_MS;
  const rows = await newestHitsOfGroup(tx, run.tenantId, groupOf(due), kept, MOST_HITS);
  const cutoff = rows.length < MOST_HITS ? kept : (rows[0]?.occurred_at ?? kept);
  const stretch = { from: cutoff, to: ALWAYS.to };
  return { rows, capped: false, terms: spansBefore(terms, cutoff), stretch };
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
