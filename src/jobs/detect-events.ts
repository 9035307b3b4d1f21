import type { Catalogue } from '../detection/catalogue.ts';
import { evaluateEvents } from '../detection/engine.ts';
import type { Enricher } from '../detection/enrich.ts';
import { withoutOutspoken } from '../detection/outspoken.ts';
import type { Plan } from '../detection/plan.ts';
import { replaceCorrelationHits } from '../detection/replace-correlation-hits.ts';
import { replaceHits } from '../detection/replace-hits.ts';
import { foldAlerts } from '../incidents/alert.ts';
import type { StoredEvent } from '../model/event.ts';
import type { Database, Db } from '../store/database.ts';
import { touchGroups } from '../store/correlation-waits.ts';
import { eventsAfter } from '../store/events.ts';
import { assertLease, moveCursor, readCursor, type LeaseKey } from '../store/leases.ts';

/**
 * 1 MB of raw records (a sign-in has 4 KB), of which some ten times that is made while they are looked at, and some 10 ms per
 * transaction. A thousand took 20 MB more and no less time.
 */
const BATCH = 250;

export interface EventsOptions {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly tenantId: string;
  readonly enrolledAt: number | null;
  readonly lease: LeaseKey;
  readonly plan: Plan;
  readonly enricher: Enricher;
  readonly now: number;
  readonly batch?: number;
}

export interface EventsResult {
  events: number;
  hits: number;
  withdrawn: number;
  opened: number;
  changed: number;
  /** Fields for want of which a rule was not evaluated on some record, by detection id. */
  readonly notCarried: Map<string, Set<string>>;
  /** Detections of which a rule was evaluated on some record. */
  readonly evaluated: Set<string>;
  /** Detections whose correlations left groups or values of some record out, because they are too many. */
  readonly truncated: Set<string>;
}

/** Reads events after the tenant's cursor until none is left; each batch is one transaction. */
export async function detectEvents(options: EventsOptions): Promise<EventsResult> {
  const result: EventsResult = {
    events: 0,
    hits: 0,
    withdrawn: 0,
    opened: 0,
    changed: 0,
    notCarried: new Map(),
    evaluated: new Set(),
    truncated: new Set(),
  };
  const { database, tenantId } = options;
  let cursor = await readCursor(database.db, tenantId);
  for (;;) {
    const next = await database.transaction((tx) => detectBatch(options, tx, cursor, result));
    if (next === cursor) return result;
    cursor = next;
  }
}

/** Hits, alerts and the cursor move together or not at all. */
async function detectBatch(
  options: EventsOptions,
  tx: Db,
  cursor: number,
  result: EventsResult,
): Promise<number> {
  const { database, tenantId, lease, now, plan, enricher } = options;
  const events = await eventsAfter(database, tx, tenantId, cursor, options.batch ?? BATCH);
  const last = events.at(-1);
  if (last === undefined) return cursor;
  await assertLease(tx, lease, now);
  await prepareContext(options, tx, events, result);
  const asked = evaluateEvents(events, plan, enricher, now);
  const evaluated = await withoutOutspoken(tx, tenantId, asked, plan);
  const replaced = await replaceHits(database, tx, tenantId, evaluated, now);
  // Correlations are judged when the last batch is in; what is to be judged moves with the cursor.
  await touchGroups(tx, tenantId, await replaceCorrelationHits(database, tx, tenantId, evaluated));
  for (const one of evaluated) for (const id of one.truncated) result.truncated.add(id);
  const detection = (id: string) => options.catalogue.byId.get(id);
  const folded =
    replaced.touched.length === 0
      ? { opened: 0, changed: 0 }
      : await foldAlerts(tx, { tenantId, enrolledAt: options.enrolledAt, now, detection }, replaced.touched);
  await moveCursor(tx, tenantId, cursor, last.ingestSeq);
  result.events += events.length;
  result.hits += replaced.written;
  result.withdrawn += replaced.withdrawn;
  result.opened += folded.opened;
  result.changed += folded.changed;
  return last.ingestSeq;
}

/** Loads the context of a batch, and notes which rules its origins can carry. */
export async function prepareContext(
  options: EventsOptions,
  tx: Db,
  events: readonly StoredEvent[],
  { notCarried, evaluated }: Pick<EventsResult, 'notCarried' | 'evaluated'>,
): Promise<void> {
  const byOrigin = new Map<string, StoredEvent[]>();
  for (const event of events) {
    const group = byOrigin.get(event.origin);
    if (group) group.push(event);
    else byOrigin.set(event.origin, [event]);
  }
  for (const [origin, group] of byOrigin) {
    const plan = options.plan.of(origin);
    await options.enricher.prepare(tx, plan.contextFields, group);
    for (const { detection } of plan.rules) evaluated.add(detection.id);
    for (const { detection, without } of plan.skipped) {
      const fields = notCarried.get(detection.id) ?? new Set();
      notCarried.set(detection.id, fields);
      for (const { field } of without) fields.add(field);
    }
  }
}
