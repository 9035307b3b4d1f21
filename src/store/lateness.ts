import type { Db } from './database.ts';

const DAY_MS = 86_400_000;

/**
 * What found a late record: the overlap of the head, the settle re-read, the reconciliation, a read that a person
 * asked for, or, `beyond`, any read after the last reconciliation that would have reached it.
 */
export type FoundBy = 'overlap' | 'settle' | 'reread' | 'manual' | 'beyond';

export interface LateCount {
  readonly foundBy: FoundBy;
  readonly records: number;
  /** Longest time from the event to the read that found it, ms. */
  readonly worstMs: number;
}

/** Adds late records to the day on which they were found. */
export async function countLate(
  tx: Db,
  tenantId: string,
  source: string,
  late: readonly LateCount[],
  now: number,
): Promise<void> {
  for (const { foundBy, records, worstMs } of late) {
    const row = {
      tenant_id: tenantId,
      source,
      day: dayOf(now),
      found_by: foundBy,
      records,
      worst_ms: worstMs,
    };
    await tx
      .insertInto('late_record')
      .values(row)
      .onConflict((c) =>
        c.columns(['tenant_id', 'source', 'day', 'found_by']).doUpdateSet((eb) => ({
          records: eb('late_record.records', '+', records),
          worst_ms: eb
            .case()
            .when('late_record.worst_ms', '<', worstMs)
            .then(worstMs)
            .else(eb.ref('late_record.worst_ms'))
            .end(),
        })),
      )
      .execute();
  }
}

/** Late records of a source that were found on UTC days which end after `from` and begin before `to`. */
export async function lateBetween(
  db: Db,
  tenantId: string,
  source: string,
  from: number,
  to: number,
): Promise<Map<FoundBy, LateCount>> {
  const rows = await db
    .selectFrom('late_record')
    .select((eb) => [
      'found_by',
      eb.fn.sum<number>('records').as('records'),
      eb.fn.max('worst_ms').as('worst'),
    ])
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('day', '>', from - DAY_MS)
    .where('day', '<', to)
    .groupBy('found_by')
    .execute();
  return new Map(
    rows.map((row) => {
      const foundBy = row.found_by as FoundBy;
      return [foundBy, { foundBy, records: Number(row.records), worstMs: Number(row.worst) }];
    }),
  );
}

/** `event` = from the event to our store; `readable` = from when Microsoft made it readable, where it says so. */
export type LagMeasure = 'event' | 'readable';

export interface Lag {
  readonly records: number;
  /** ms, each the upper end of its bucket: at most 19 % too long. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The smallest bucket ends here; whatever is quicker is not told apart. */
const SHORTEST_MS = 1000;
/** Four buckets an octave: a second to 400 days are 101 of them. */
const PER_OCTAVE = 4;

function bucketOf(ms: number): number {
  return ms <= SHORTEST_MS ? 0 : Math.ceil(PER_OCTAVE * Math.log2(ms / SHORTEST_MS));
}

function endOfBucket(bucket: number): number {
  return Math.round(SHORTEST_MS * 2 ** (bucket / PER_OCTAVE));
}

/** Counts delays (ms) under the day on which the records were stored. */
export async function countLag(
  tx: Db,
  tenantId: string,
  source: string,
  measure: LagMeasure,
  delays: readonly number[],
  now: number,
): Promise<void> {
  const buckets = new Map<number, number>();
  for (const delay of delays) buckets.set(bucketOf(delay), (buckets.get(bucketOf(delay)) ?? 0) + 1);
  if (buckets.size === 0) return;
  const key = { tenant_id: tenantId, source, day: dayOf(now), measure };
  await tx
    .insertInto('lag')
    .values([...buckets].map(([bucket, records]) => ({ ...key, bucket, records })))
    .onConflict((c) =>
      c
        .columns(['tenant_id', 'source', 'day', 'measure', 'bucket'])
        .doUpdateSet((eb) => ({ records: eb('lag.records', '+', eb.ref('excluded.records')) })),
    )
    .execute();
}

/** Percentiles of what was stored on UTC days which end after `from` and begin before `to`; null without records. */
export async function lagBetween(
  db: Db,
  tenantId: string,
  source: string,
  measure: LagMeasure,
  from: number,
  to: number,
): Promise<Lag | null> {
  const rows = await db
    .selectFrom('lag')
    .select((eb) => ['bucket', eb.fn.sum<number>('records').as('records')])
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .where('measure', '=', measure)
    .where('day', '>', from - DAY_MS)
    .where('day', '<', to)
    .groupBy('bucket')
    .orderBy('bucket')
    .execute();
  const counts = rows.map((row) => ({ bucket: row.bucket, records: Number(row.records) }));
  const records = counts.reduce((sum, row) => sum + row.records, 0);
  if (records === 0) return null;
  const at = (share: number): number => {
    let seen = 0;
    const reached = counts.find((row) => (seen += row.records) >= share * records);
    return endOfBucket(reached?.bucket ?? 0);
  };
  return { records, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** Lag is of interest for weeks, late records as long as the coverage they belong to. */
const LAG_KEPT_MS = 35 * DAY_MS;
const LATE_KEPT_MS = 400 * DAY_MS;

/** Forgets counts of a source that are past their time. */
export async function pruneCounts(tx: Db, tenantId: string, source: string, now: number): Promise<void> {
  for (const [table, kept] of [
    ['lag', LAG_KEPT_MS],
    ['late_record', LATE_KEPT_MS],
  ] as const) {
    await tx
      .deleteFrom(table)
      .where('tenant_id', '=', tenantId)
      .where('source', '=', source)
      .where('day', '<', now - kept)
      .execute();
  }
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}
