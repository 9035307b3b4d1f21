import type { Db } from '../store/database.ts';
import { givenUpSince } from '../store/program-facts.ts';
import { NO_TROUBLE, type ProgramFacts } from '../store/program.ts';
import { openSpans } from '../store/spans.ts';
import { findTenant } from '../store/tenants.ts';
import { coveredSpans } from '../store/windows.ts';

type Trouble = ProgramFacts['troubles'][number];

/** Shorter holes come from the edge of what Microsoft keeps, which moves while we read. */
const SHORTEST_GAP_MS = 60_000;

/**
 * What was given up and not read by any other window, before or since: a second read that was given up is no gap. What a
 * source that is off did not bring is told as that.
 */
export async function gatherGaps(
  db: Db,
  tenantId: string,
  states: ReadonlyMap<string, string>,
  since: number,
  now: number,
): Promise<Trouble[]> {
  const enrolledAt = (await findTenant(db, tenantId))?.enrolled_at ?? now;
  const found: Trouble[] = [];
  for (const row of await givenUpSince(db, tenantId, since, enrolledAt)) {
    const { source, from_at: from, to_at: to, reason, finished_at: at } = row;
    if (states.get(`source:${source}`) === 'off') continue;
    const read = await coveredSpans(db, tenantId, source, from, to);
    for (const hole of openSpans({ from, to }, read)) {
      if (hole.to - hole.from < SHORTEST_GAP_MS) continue;
      const span = { id: `${source}/${hole.from}`, since: hole.from, ends_at: hole.to };
      found.push({ ...NO_TROUBLE, kind: 'gap', name: source, reason, amount: at ?? now, ...span });
    }
  }
  return [...new Map(found.map((one) => [one.id, one])).values()];
}
