import { logSources } from '../records/index.ts';
import type { Db } from '../store/database.ts';
import { originsOfHappenings } from '../store/events.ts';
import { feedKey, feedKeysOf, type Evaluated } from './engine.ts';
import type { Plan } from './plan.ts';

/**
 * Leaves out what a poorer record says where a richer one of the same happening was judged by the same detection: the richer one
 * has spoken, also by saying nothing. A sign-in that Graph shows is judged by what Graph says of it; its copy in the audit
 * log, which knows less and guesses the country, adds neither hits nor withdrawals. Runs in the caller's transaction.
 */
export async function withoutOutspoken(
  tx: Db,
  tenantId: string,
  evaluated: readonly Evaluated[],
  plan: Plan,
): Promise<readonly Evaluated[]> {
  // Only records that run by the rules of another feed too have richer ones beside them.
  const poor = new Set(
    evaluated.filter((one) => one.hits.length + one.correlated.length > 0 && isPoorCopy(one)),
  );
  if (poor.size === 0) return evaluated;
  const ids = [...new Set([...poor].map((one) => one.event.canonicalId))];
  const origins = await originsOfHappenings(tx, tenantId, ids);
  return evaluated.map((one) => {
    if (!poor.has(one)) return one;
    const richer = (origins.get(one.event.canonicalId) ?? [])
      .map((origin) => plan.of(origin))
      .filter((other) => other.rank > one.originRank);
    const spoken = new Set(richer.flatMap((other) => other.rules.map((rule) => rule.detection.id)));
    if (spoken.size === 0) return one;
    const counted = new Set(richer.flatMap(feedKeysOf));
    return {
      ...one,
      hits: one.hits.filter((hit) => !spoken.has(hit.detection_id)),
      correlated: one.correlated.filter((row) => !counted.has(feedKey(row.correlation, row.rule))),
    };
  });
}

function isPoorCopy({ event }: Evaluated): boolean {
  const feeds = logSources.get(event.feed)?.rulesOf;
  return feeds !== undefined && feeds.some((feed) => feed !== event.feed);
}
