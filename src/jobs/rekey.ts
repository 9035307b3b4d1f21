import { foldAlerts, type FoldOptions } from '../incidents/alert.ts';
import { rekeyAlerts } from '../store/alerts.ts';
import { usersByName } from '../store/context.ts';
import type { Db } from '../store/database.ts';
import { deleteHit, hitsOfNames, saveHits, type HitRow } from '../store/hits.ts';

/**
 * Gives hits and alerts about a name (`upn:…`) the person's object id, once a read of users tells it. The fold then
 * merges what were two alerts of one person into the older. Returns how many hits were given another subject.
 */
export async function rekeyNames(
  tx: Db,
  options: FoldOptions,
  detectionIds: readonly string[],
): Promise<number> {
  const { tenantId, now } = options;
  const named = await hitsOfNames(tx, tenantId, detectionIds);
  if (named.length === 0) return 0;
  const ids = await usersByName(tx, tenantId, [...new Set(named.map(nameOf))]);
  const known = named.filter((hit) => ids.has(nameOf(hit)));
  const moved: HitRow[] = [];
  for (const hit of known) {
    const subject = `user:${ids.get(nameOf(hit)) ?? ''}`;
    await rekeyAlerts(
      tx,
      tenantId,
      { detectionId: hit.detection_id, subject: hit.subject, cause: hit.cause },
      subject,
    );
    await deleteHit(tx, hit);
    moved.push({ ...hit, subject, updated_at: now });
  }
  await saveHits(tx, moved);
  await foldAlerts(
    tx,
    options,
    moved.map((hit) => ({ detectionId: hit.detection_id, subject: hit.subject, cause: hit.cause })),
  );
  return moved.length;
}

function nameOf(hit: HitRow): string {
  return hit.subject.slice('upn:'.length).toLowerCase();
}
