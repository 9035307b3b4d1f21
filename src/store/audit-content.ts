import type { Db } from './database.ts';

/** A piece of content of the unified audit log that was read whole. Times are UTC epoch ms. */
export interface ReadContent {
  readonly id: string;
  readonly createdAt: number;
  readonly records: number;
}

/** Ids per statement stay below the databases' parameter limits. */
const CHUNK = 500;

/** From when on content can exist; null while no subscription was started. */
export async function subscriptionStart(db: Db, tenantId: string, source: string): Promise<number | null> {
  const row = await db
    .selectFrom('audit_subscription')
    .select('started_at')
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .executeTakeFirst();
  return row?.started_at ?? null;
}

export async function saveSubscription(
  tx: Db,
  tenantId: string,
  source: string,
  startedAt: number,
): Promise<void> {
  await tx
    .insertInto('audit_subscription')
    .values({ tenant_id: tenantId, source, started_at: startedAt })
    .onConflict((c) => c.columns(['tenant_id', 'source']).doUpdateSet({ started_at: startedAt }))
    .execute();
}

/** Somebody stopped it: it is started anew, and what lies between is not there. */
export async function forgetSubscription(tx: Db, tenantId: string, source: string): Promise<void> {
  await tx
    .deleteFrom('audit_subscription')
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .execute();
}

/** Which of these pieces were read before. */
export async function contentRead(
  db: Db,
  tenantId: string,
  source: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const known = new Set<string>();
  for (let at = 0; at < ids.length; at += CHUNK) {
    const rows = await db
      .selectFrom('audit_content')
      .select('content_id')
      .where('tenant_id', '=', tenantId)
      .where('source', '=', source)
      .where('content_id', 'in', ids.slice(at, at + CHUNK))
      .execute();
    for (const row of rows) known.add(row.content_id);
  }
  return known;
}

/** Notes a piece in the transaction that stores its records. */
export async function saveContent(
  tx: Db,
  tenantId: string,
  source: string,
  content: ReadContent,
  now: number,
): Promise<void> {
  const { id, createdAt, records } = content;
  const row = { content_created: createdAt, records, read_at: now };
  await tx
    .insertInto('audit_content')
    .values({ tenant_id: tenantId, source, content_id: id, ...row })
    .onConflict((c) => c.columns(['tenant_id', 'source', 'content_id']).doUpdateSet(row))
    .execute();
}

/** Takes away what Microsoft does not list any more. */
export async function pruneContent(tx: Db, tenantId: string, source: string, before: number): Promise<void> {
  await tx
    .deleteFrom('audit_content')
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('content_created', '<', before)
    .execute();
}
