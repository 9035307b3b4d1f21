import type { Db } from './database.ts';

/** Under which match_hash each detection's hits were made in this tenant, by detection id. */
export async function detectionBuilds(db: Db, tenantId: string): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('detection_build')
    .select(['detection_id', 'match_hash'])
    .where('tenant_id', '=', tenantId)
    .execute();
  return new Map(rows.map((row) => [row.detection_id, row.match_hash]));
}

export async function saveDetectionBuild(
  tx: Db,
  tenantId: string,
  detectionId: string,
  matchHash: string,
): Promise<void> {
  await tx
    .insertInto('detection_build')
    .values({ tenant_id: tenantId, detection_id: detectionId, match_hash: matchHash })
    .onConflict((c) => c.columns(['tenant_id', 'detection_id']).doUpdateSet({ match_hash: matchHash }))
    .execute();
}
