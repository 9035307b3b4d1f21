import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from './database.ts';

export interface RejectedRecord {
  readonly origin: string;
  readonly reason: string;
  readonly rawText: string;
}

/** Keeps records that did not parse, once each however often they are read. */
export async function keepRejected(
  tx: Db,
  tenantId: string,
  source: string,
  records: readonly RejectedRecord[],
  now: number,
): Promise<void> {
  for (const record of records) {
    const hash = createHash('sha256').update(record.rawText).digest('base64url');
    await tx
      .insertInto('rejected_record')
      .values({
        tenant_id: tenantId,
        source,
        hash,
        origin: record.origin,
        reason: record.reason,
        raw: record.rawText,
        first_seen_at: now,
        last_seen_at: now,
      })
      .onConflict((c) => c.columns(['tenant_id', 'source', 'hash']).doUpdateSet({ last_seen_at: now }))
      .execute();
  }
}

/** How many distinct records of each source did not parse. */
export async function countRejected(db: Db, tenantId: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('rejected_record')
    .select(['source', sql<number>`count(*)`.as('count')])
    .where('tenant_id', '=', tenantId)
    .groupBy('source')
    .execute();
  return new Map(rows.map((row) => [row.source, row.count]));
}
