import type { Database, Db } from '../store/database.ts';
import { hitsOfCanonicals, saveHits, withdrawHit, type AlertKey, type HitRow } from '../store/hits.ts';
import { hitKey, type Evaluated } from './engine.ts';

export interface ReplacedHits {
  readonly written: number;
  readonly withdrawn: number;
  /** Keys whose alerts must be folded again. */
  readonly touched: readonly AlertKey[];
}

/**
 * Makes the hits of the given events what was just evaluated. A hit from a richer record is neither overwritten nor
 * withdrawn by a poorer one; a hit that no longer matches becomes `withdrawn`. Runs in the caller's transaction.
 */
export async function replaceHits(
  database: Database,
  tx: Db,
  tenantId: string,
  evaluated: readonly Evaluated[],
  now: number,
): Promise<ReplacedHits> {
  const ids = [...new Set(evaluated.map((one) => one.event.canonicalId))];
  const stored = new Map(
    (await hitsOfCanonicals(database, tx, tenantId, ids)).map((hit) => [hitKey(hit), hit]),
  );
  const wanted = richestOf(evaluated);
  const changed: HitRow[] = [];
  for (const [key, hit] of wanted) {
    const before = stored.get(key);
    if (before === undefined) changed.push(hit);
    else if (before.origin_rank <= hit.origin_rank || before.status === 'withdrawn') {
      if (!sameHit(before, hit)) changed.push({ ...hit, created_at: before.created_at });
    }
  }
  const gone = contradicted(stored, wanted, evaluated);
  await saveHits(tx, changed);
  for (const hit of gone) await withdrawHit(tx, hit, now);
  const touched = [...changed, ...gone].map(toKey);
  return { written: changed.length, withdrawn: gone.length, touched };
}

function toKey(hit: HitRow): AlertKey {
  return { detectionId: hit.detection_id, subject: hit.subject, cause: hit.cause };
}

/** Within one batch too, the richest record of a happening speaks. */
function richestOf(evaluated: readonly Evaluated[]): Map<string, HitRow> {
  const wanted = new Map<string, HitRow>();
  for (const { hits } of evaluated) {
    for (const hit of hits) {
      const key = hitKey(hit);
      const before = wanted.get(key);
      if (before === undefined || before.origin_rank < hit.origin_rank) wanted.set(key, hit);
    }
  }
  return wanted;
}

/** Stored hits whose part was asked again, of a record at least as rich, and no longer says so. */
function contradicted(
  stored: ReadonlyMap<string, HitRow>,
  wanted: ReadonlyMap<string, HitRow>,
  evaluated: readonly Evaluated[],
): HitRow[] {
  if (stored.size === 0) return [];
  const byHappening = new Map<string, Evaluated[]>();
  for (const one of evaluated) {
    const group = byHappening.get(one.event.canonicalId);
    if (group) group.push(one);
    else byHappening.set(one.event.canonicalId, [one]);
  }
  return [...stored].flatMap(([key, hit]) => {
    if (wanted.has(key) || hit.status === 'withdrawn') return [];
    const asked = byHappening
      .get(hit.canonical_id)
      ?.some((one) => one.originRank >= hit.origin_rank && one.asked.has(hit.part_id));
    return asked === true ? [hit] : [];
  });
}

const COMPARED = [
  'part_id',
  'version',
  'feed',
  'native_id',
  'occurred_at',
  'from_at',
  'to_at',
  'origin',
  'words',
  'context',
  'status',
] as const satisfies readonly (keyof HitRow)[];

/** Whether two rows of one identity say the same. */
export function sameHit(a: HitRow, b: HitRow): boolean {
  return COMPARED.every((name) => a[name] === b[name]);
}
