import {
  correlationHitsOf,
  deleteCorrelationHits,
  saveCorrelationHits,
  type CorrelationHitRow,
} from '../store/correlation-hits.ts';
import type { Touched } from '../store/correlation-waits.ts';
import type { Database, Db } from '../store/database.ts';
import { feedKey, type Evaluated } from './engine.ts';

/**
 * Makes what correlations have stored of the given events what was just evaluated: a record changed by Microsoft takes
 * its former hits back, and a poorer record of a happening leaves those of a richer one as they are. Runs in the
 * caller's transaction; returns the groups that are to be judged.
 */
export async function replaceCorrelationHits(
  database: Database,
  tx: Db,
  tenantId: string,
  evaluated: readonly Evaluated[],
): Promise<Touched[]> {
  const asking = evaluated.filter((one) => one.fed.size > 0);
  if (asking.length === 0) return [];
  const ids = [...new Set(asking.map((one) => one.event.canonicalId))];
  const stored = groupRows(await correlationHitsOf(database, tx, tenantId, ids));
  const added: CorrelationHitRow[] = [];
  const removed: CorrelationHitRow[] = [];
  for (const [key, { rank, rows }] of spokenFor(asking)) {
    const before = stored.get(key) ?? [];
    if (before.some((row) => row.origin_rank > rank)) continue;
    const same = before.filter((row) => rows.some((other) => sameRow(row, other)));
    added.push(...rows.filter((row) => !same.some((other) => sameRow(row, other))));
    removed.push(...before.filter((row) => !same.includes(row)));
  }
  await deleteCorrelationHits(tx, removed);
  await saveCorrelationHits(database, tx, added);
  return touchedBy(added, removed);
}

interface Spoken {
  readonly rank: number;
  readonly rows: readonly CorrelationHitRow[];
}

/** By happening, correlation and rule: what the richest record of this batch says; the later one of two alike. */
function spokenFor(asking: readonly Evaluated[]): Map<string, Spoken> {
  const spoken = new Map<string, Spoken>();
  for (const { event, originRank, correlated, fed } of asking) {
    const rows = correlated.length === 0 ? new Map<string, CorrelationHitRow[]>() : groupRows(correlated);
    for (const feed of fed) {
      const key = `${event.canonicalId} ${feed}`;
      const before = spoken.get(key);
      if (before === undefined || before.rank <= originRank)
        spoken.set(key, { rank: originRank, rows: rows.get(key) ?? [] });
    }
  }
  return spoken;
}

function groupRows(rows: readonly CorrelationHitRow[]): Map<string, CorrelationHitRow[]> {
  const groups = new Map<string, CorrelationHitRow[]>();
  for (const row of rows) {
    const key = `${row.canonical_id} ${feedKey(row.correlation, row.rule)}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

function sameRow(a: CorrelationHitRow, b: CorrelationHitRow): boolean {
  return (Object.keys(a) as (keyof CorrelationHitRow)[]).every((name) => a[name] === b[name]);
}

/** Groups whose hits came or went, with the span of event time that is concerned. */
export function touchedBy(came: readonly CorrelationHitRow[], went: readonly CorrelationHitRow[]): Touched[] {
  const touched = new Map<string, { -readonly [K in keyof Touched]: Touched[K] }>();
  for (const [rows, gone] of [
    [came, false],
    [went, true],
  ] as const) {
    for (const { correlation, group_hash: groupHash, occurred_at: at } of rows) {
      const key = feedKey(correlation, groupHash);
      const one = touched.get(key);
      if (one === undefined) {
        touched.set(key, { correlation, groupHash, from: at, to: at, went: gone });
        continue;
      }
      one.from = Math.min(one.from, at);
      one.to = Math.max(one.to, at);
      one.went ||= gone;
    }
  }
  return [...touched.values()];
}
