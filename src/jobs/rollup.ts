import { coveredHours, intersect } from '../reports/spans.ts';
import { ESSENTIAL, readSpans } from '../reports/coverage.ts';
import type { Database, Db } from '../store/database.ts';
import { countDay, lastRollupDay, saveRollups, type Rollup } from '../store/rollups.ts';

const DAY_MS = 86_400_000;
/** Days that are counted again once a day: late records of sign-ins and audits come for 72 h (design: lateness L). */
const LATE_DAYS = 4;
/** Days counted when a tenant has none yet: about the first backfill. */
const FIRST_DAYS = 31;

/** Counts of whole UTC days up to yesterday, so that trends survive pruning. Once a day; a second run does nothing. */
export async function rollUp(database: Database, tenantId: string, now: number): Promise<void> {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const last = await lastRollupDay(database.db, tenantId);
  if (last !== null && last >= dayName(today - DAY_MS)) return;
  const missing = last === null ? FIRST_DAYS : Math.round((today - Date.parse(`${last}T00:00:00Z`)) / DAY_MS);
  const days = Math.min(FIRST_DAYS, missing + LATE_DAYS - 1);
  await database.transaction(async (tx) => {
    for (let back = days; back >= 1; back -= 1) {
      await saveRollups(tx, tenantId, await rollupsOf(tx, tenantId, today - back * DAY_MS));
    }
  });
}

async function rollupsOf(tx: Db, tenantId: string, from: number): Promise<Rollup[]> {
  const to = from + DAY_MS;
  const counts = await countDay(tx, tenantId, from, to);
  let watched = [{ from, to }];
  for (const source of ESSENTIAL)
    watched = intersect(watched, await readSpans(tx, tenantId, source, { from, to }));
  counts.set('hours.watched', coveredHours({ from, to }, watched).covered);
  return [...counts].map(([name, value]) => ({ day: dayName(from), name, value }));
}

/** UTC day of an instant: `2026-11-17`. */
function dayName(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
