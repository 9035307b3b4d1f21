import type { Selectable } from 'kysely';
import type { Db } from './database.ts';
import type { DetectionVersionTable } from './schema.ts';

export type DetectionVersionRow = Readonly<Selectable<DetectionVersionTable>>;

/**
 * Writes the loaded detections; a version seen before keeps its `seen_at`. Reports and pages read texts from here.
 * Detections that are not in `rows` stop being current, except those of `keepFiles` (files that do not load now).
 */
export async function saveDetectionVersions(
  tx: Db,
  rows: readonly DetectionVersionRow[],
  keepFiles: readonly string[],
): Promise<void> {
  const known = await tx
    .selectFrom('detection_version')
    .select(['id', 'version', 'current', 'file'])
    .execute();
  const loaded = new Map(rows.map((row) => [row.id, row]));
  for (const before of known) {
    const row = loaded.get(before.id);
    if (before.current === 0 || row?.version === before.version) continue;
    if (row === undefined && keepFiles.includes(before.file)) continue;
    await setCurrent(tx, before.id, before.version, 0);
  }
  for (const row of rows) {
    const before = known.find((one) => one.id === row.id && one.version === row.version);
    if (before === undefined) await insertVersion(tx, row);
    else if (before.current === 0) await setCurrent(tx, row.id, row.version, 1);
  }
}

/** Two programs that start at once write the same row. */
async function insertVersion(tx: Db, row: DetectionVersionRow): Promise<void> {
  await tx
    .insertInto('detection_version')
    .values(row)
    .onConflict((c) => c.columns(['id', 'version']).doUpdateSet({ current: 1 }))
    .execute();
}

async function setCurrent(tx: Db, id: string, version: string, current: 0 | 1): Promise<void> {
  await tx
    .updateTable('detection_version')
    .set({ current })
    .where('id', '=', id)
    .where('version', '=', version)
    .execute();
}

/** The current version of every detection, by id. */
export async function currentDetectionVersions(db: Db): Promise<Map<string, DetectionVersionRow>> {
  const rows = await db
    .selectFrom('detection_version')
    .selectAll()
    .where('current', '=', 1)
    .orderBy('catalogue')
    .orderBy('id')
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** The file that a detection was last loaded from; null when it was never loaded. */
export async function detectionFileOf(db: Db, id: string): Promise<string | null> {
  const row = await db
    .selectFrom('detection_version')
    .select('file')
    .where('id', '=', id)
    .orderBy('seen_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.file ?? null;
}
