import type { Catalogue, Detection } from '../detection/catalogue.ts';
import type { Evaluated } from '../detection/engine.ts';
import { replaceCorrelationHits } from '../detection/replace-correlation-hits.ts';
import { CHECKS_FEED } from '../incidents/alert.ts';
import {
  clearCorrelation,
  groupsOfCorrelation,
  renameCorrelation,
  storedCorrelations,
} from '../store/correlation-hits.ts';
import { clearWaits, touchGroups } from '../store/correlation-waits.ts';
import type { Database, Db } from '../store/database.ts';
import { deleteHit, eventHitsOfDetection } from '../store/hits.ts';
import { clearTerms } from '../store/terms.ts';
import { judgeAsHistory, type CorrelationsOptions } from './judge-correlations.ts';

/** Hits that are made anew stand beside those in use, under another name, until all of them are there. */
const STAGED = 'new:';

function correlationsOf(detection: Detection): string[] {
  return detection.parts.filter((part) => part.correlation !== null).map((part) => part.id);
}

/** Takes away what a rebuild has left that did not come to its end. */
export async function clearStaged(tx: Db, tenantId: string, detections: readonly Detection[]): Promise<void> {
  for (const id of detections.flatMap(correlationsOf)) await clearCorrelation(tx, tenantId, STAGED + id);
}

/** Keeps what correlations count of some events, aside. */
export async function stageCorrelationHits(
  database: Database,
  tx: Db,
  tenantId: string,
  evaluated: readonly Evaluated[],
): Promise<void> {
  const aside = evaluated.map((one) => ({
    ...one,
    fed: new Set([...one.fed].map((feed) => STAGED + feed)),
    correlated: one.correlated.map((row) => ({ ...row, correlation: STAGED + row.correlation })),
  }));
  await replaceCorrelationHits(database, tx, tenantId, aside);
}

/** Puts the hits that were made aside in the place of those in use, and judges every group. */
export async function swapCorrelations(
  options: CorrelationsOptions,
  tx: Db,
  detection: Detection,
): Promise<void> {
  const { tenantId } = options;
  const hits = await eventHitsOfDetection(tx, tenantId, detection.id, CHECKS_FEED);
  const old = hits.filter((hit) => hit.group_hash !== '');
  const ids = correlationsOf(detection);
  if (old.length === 0 && ids.length === 0) return;
  for (const hit of old) await deleteHit(tx, hit);
  for (const id of ids) {
    await clearCorrelation(tx, tenantId, id);
    await clearWaits(tx, tenantId, id);
    await clearTerms(tx, tenantId, id);
    await renameCorrelation(tx, tenantId, STAGED + id, id);
    const groups = await groupsOfCorrelation(tx, tenantId, id);
    const touched = groups.map((group) => ({ ...group, correlation: id, went: false }));
    await touchGroups(tx, tenantId, touched);
  }
  const before = old.map((hit) => ({
    detectionId: hit.detection_id,
    subject: hit.subject,
    cause: hit.cause,
  }));
  await judgeAsHistory(options, tx, detection, before);
}

/** Forgets what correlations have stored that no detection has any more; while a file is broken, nothing is. */
export async function forgetCorrelations(tx: Db, tenantId: string, catalogue: Catalogue): Promise<void> {
  if (catalogue.problems.some((problem) => problem.severity === 'error')) return;
  const known = new Set(catalogue.detections.flatMap(correlationsOf));
  for (const id of await storedCorrelations(tx, tenantId)) {
    if (known.has(id)) continue;
    await clearCorrelation(tx, tenantId, id);
    await clearWaits(tx, tenantId, id);
    await clearTerms(tx, tenantId, id);
  }
}
