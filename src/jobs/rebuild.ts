import type { Catalogue, Detection } from '../detection/catalogue.ts';
import { evaluateEvents, hitKey } from '../detection/engine.ts';
import { withoutOutspoken } from '../detection/outspoken.ts';
import { Plan, tenantHash } from '../detection/plan.ts';
import { CHECKS_FEED, foldAlerts } from '../incidents/alert.ts';
import { detectionBuilds, saveDetectionBuild } from '../store/detection-builds.ts';
import { eventsAfter } from '../store/events.ts';
import { deleteHit, eventHitsOfDetection, saveHits, type HitRow } from '../store/hits.ts';
import { assertLease, readCursor } from '../store/leases.ts';
import { prepareContext } from './detect-events.ts';
import type { CorrelationsOptions } from './judge-correlations.ts';
import {
  clearStaged,
  forgetCorrelations,
  stageCorrelationHits,
  swapCorrelations,
} from './rebuild-correlations.ts';

/**
 * Makes the hits of new and changed detections anew from stored events, and swaps them in; until then the old ones
 * stand. Only another match_hash asks for it: texts may change freely. What it finds is history and goes into no mail.
 */
export async function rebuildChanged(options: CorrelationsOptions): Promise<number> {
  const { database, catalogue, tenantId, lease, now } = options;
  const cursor = await readCursor(database.db, tenantId);
  const builds = await detectionBuilds(database.db, tenantId);
  const hashOf = (one: Detection) => tenantHash(one, options.enricher.placeholders);
  const changed = catalogue.detections.filter((one) => builds.get(one.id) !== hashOf(one));
  if (changed.length === 0) return 0;
  if (cursor > 0) await database.transaction((tx) => clearStaged(tx, tenantId, changed));
  const hits = cursor === 0 ? [] : await hitsUpTo(options, changed, cursor);
  await database.transaction(async (tx) => {
    await assertLease(tx, lease, now);
    for (const detection of changed) {
      if (cursor > 0) {
        const own = hits.filter((hit) => hit.detection_id === detection.id);
        await swap(options, tx, detection, own);
        await swapCorrelations(options, tx, detection);
      }
      await saveDetectionBuild(tx, tenantId, detection.id, hashOf(detection));
    }
    await forgetCorrelations(tx, tenantId, catalogue);
  });
  return cursor === 0 ? 0 : changed.length;
}

/** What the changed detections say of every event that the cursor has passed; later ones come in their turn. */
async function hitsUpTo(
  options: CorrelationsOptions,
  changed: readonly Detection[],
  cursor: number,
): Promise<HitRow[]> {
  const { database, tenantId, enricher, now } = options;
  const only: Catalogue = {
    ...options.catalogue,
    detections: changed,
    byId: new Map(changed.map((one) => [one.id, one])),
  };
  const plan = new Plan(only, (field) => enricher.missing(field), enricher.placeholders);
  const richest = new Map<string, HitRow>();
  let at = 0;
  while (at < cursor) {
    // A transaction, since on SQLite another one may be half done on the same connection.
    const { last, hits } = await database.transaction(async (tx) => {
      const events = (await eventsAfter(database, tx, tenantId, at, options.batch ?? 1000)).filter(
        (event) => event.ingestSeq <= cursor,
      );
      const run = { ...options, plan };
      await prepareContext(run, tx, events, { notCarried: new Map(), evaluated: new Set() });
      const asked = evaluateEvents(events, plan, enricher, now);
      const evaluated = await withoutOutspoken(tx, tenantId, asked, plan);
      await stageCorrelationHits(database, tx, tenantId, evaluated);
      const found = evaluated.flatMap((one) => one.hits);
      return { last: events.at(-1)?.ingestSeq ?? cursor, hits: found };
    });
    at = last;
    for (const hit of hits) {
      const before = richest.get(hitKey(hit));
      if (before === undefined || before.origin_rank <= hit.origin_rank) richest.set(hitKey(hit), hit);
    }
  }
  return [...richest.values()];
}

async function swap(
  options: CorrelationsOptions,
  tx: Parameters<typeof saveHits>[0],
  detection: Detection,
  hits: readonly HitRow[],
): Promise<void> {
  const { tenantId, now, enrolledAt } = options;
  const stored = await eventHitsOfDetection(tx, tenantId, detection.id, CHECKS_FEED);
  const old = new Map(stored.filter((hit) => hit.group_hash === '').map((hit) => [hitKey(hit), hit]));
  const wanted = new Set(hits.map(hitKey));
  const gone = [...old].filter(([key]) => !wanted.has(key)).map(([, hit]) => hit);
  for (const hit of gone) await deleteHit(tx, hit);
  await saveHits(
    tx,
    hits.map((hit) => ({ ...hit, created_at: old.get(hitKey(hit))?.created_at ?? now })),
  );
  const touched = [...gone, ...hits].map((hit) => ({
    detectionId: hit.detection_id,
    subject: hit.subject,
    cause: hit.cause,
  }));
  const one = (id: string) => options.catalogue.byId.get(id);
  await foldAlerts(tx, { tenantId, enrolledAt, now, detection: one, asHistory: true }, touched);
}
