import type { Catalogue } from '../detection/catalogue.ts';
import {
  judgedAt,
  signatureOf,
  sourcesBehind,
  type CheckResult,
  type FailingRow,
} from '../detection/checks.ts';
import { CHECKS_FEED, foldAlerts } from '../incidents/alert.ts';
import { closeState, noteVisibility, type Closing } from '../incidents/state-life.ts';
import { openAlertRows, type AlertRow } from '../store/alerts.ts';
import type { Db } from '../store/database.ts';
import { hitsOfDetection, keyText, saveHits, type AlertKey, type HitRow } from '../store/hits.ts';
import { knownUsers, readStates, type SourceReads } from '../store/read-states.ts';
import { closingOf, lostSince, type Held } from './closing.ts';

export interface ApplyOptions {
  readonly tenantId: string;
  readonly enrolledAt: number | null;
  readonly catalogue: Catalogue;
  readonly now: number;
}

export interface AppliedChecks {
  opened: number;
  changed: number;
  closed: number;
  /** Results thrown away because a newer read has come in meanwhile; the next run judges it. */
  stale: number;
}

/** Applies what checks found, in the caller's transaction under the `detect` lease. */
export async function applyChecks(
  tx: Db,
  options: ApplyOptions,
  results: readonly CheckResult[],
): Promise<AppliedChecks> {
  const applied: AppliedChecks = { opened: 0, changed: 0, closed: 0, stale: 0 };
  const latest = new Map<string, SourceReads>();
  for (const source of new Set(results.flatMap((result) => sourcesBehind(result.part)))) {
    latest.set(source, await readStates(tx, options.tenantId, source));
  }
  for (const [id, group] of groupByDetection(results)) {
    const fresh = group.filter((result) => isFresh(result, latest));
    applied.stale += group.length - fresh.length;
    // One life may have several checks: it is judged by all of them or not at all.
    if (fresh.length === group.length) await applyDetection(tx, options, id, fresh, applied);
  }
  return applied;
}

function groupByDetection(results: readonly CheckResult[]): Map<string, CheckResult[]> {
  const groups = new Map<string, CheckResult[]>();
  for (const result of results) {
    const group = groups.get(result.detection.id);
    if (group) group.push(result);
    else groups.set(result.detection.id, [result]);
  }
  return groups;
}

function isFresh(result: CheckResult, latest: ReadonlyMap<string, SourceReads>): boolean {
  const now = new Map(sourcesBehind(result.part).map((source) => [source, latest.get(source) ?? new Map()]));
  return signatureOf(now) === result.signature;
}

async function applyDetection(
  tx: Db,
  options: ApplyOptions,
  id: string,
  results: readonly CheckResult[],
  applied: AppliedChecks,
): Promise<void> {
  const { tenantId, now } = options;
  const truths = await hitsOfDetection(tx, tenantId, id, CHECKS_FEED);
  const ends = endsOf(truths);
  const episodes = openEpisodes(truths, ends);
  const written: HitRow[] = [];
  const failing = new Set<string>();
  for (const result of results) {
    for (const row of result.failing) {
      const key = keyText({ detectionId: id, subject: row.subject, cause: row.cause });
      // Two checks of one life may find the same thing: that is one truth.
      if (failing.has(key)) continue;
      failing.add(key);
      const truth = truthHit(options, result, row, episodes.get(key), ends.get(key) ?? -1);
      if (truth !== null) written.push(truth);
    }
  }
  const alerts = await openAlertRows(tx, tenantId, id);
  const closings = await findClosings(tx, options, results, alerts, episodes, failing);
  written.push(...closings.map((closing) => closing.undo));
  await saveHits(tx, written);
  const detection = (one: string) => options.catalogue.byId.get(one);
  const folded = await foldAlerts(
    tx,
    { tenantId, enrolledAt: options.enrolledAt, now, detection },
    written.map(toKey),
  );
  applied.opened += folded.opened;
  applied.changed += folded.changed;
  const closedIds = new Set<string>();
  for (const closing of closings) {
    for (const alert of closing.alerts) {
      applied.closed += await closeState(tx, alert, closing, now);
      closedIds.add(alert.id);
    }
  }
  for (const alert of alerts) {
    if (alert.life !== 'state' || closedIds.has(alert.id)) continue;
    await noteVisibility(tx, alert, lostSince(results, entityOfAlert(alert, episodes)), now);
  }
}

/** When each key's truth last ended. */
function endsOf(truths: readonly HitRow[]): Map<string, number> {
  const ends = new Map<string, number>();
  for (const hit of truths) {
    const key = keyText(toKey(hit));
    if (hit.kind === 'undo') ends.set(key, Math.max(ends.get(key) ?? -1, hit.occurred_at));
  }
  return ends;
}

/** The truth of each key that has not ended, by key. */
function openEpisodes(truths: readonly HitRow[], ends: ReadonlyMap<string, number>): Map<string, HitRow> {
  const open = new Map<string, HitRow>();
  for (const hit of truths) {
    const key = keyText(toKey(hit));
    if (hit.kind === 'do' && hit.from_at > (ends.get(key) ?? -1)) open.set(key, hit);
  }
  return open;
}

function toKey(hit: { detection_id: string; subject: string; cause: string }): AlertKey {
  return { detectionId: hit.detection_id, subject: hit.subject, cause: hit.cause };
}

/** The row's truth, begun or carried on; null when nothing about it is new. */
function truthHit(
  options: ApplyOptions,
  result: CheckResult,
  row: FailingRow,
  before: HitRow | undefined,
  lastEnded: number,
): HitRow | null {
  const at = Math.max(judgedAt(result, row.entityId), lastEnded + 1);
  const words = JSON.stringify(row.words);
  const context = JSON.stringify({ entity_id: row.entityId, capability: capabilities(result, row.entityId) });
  const to = Math.max(at, before?.to_at ?? 0);
  if (before?.to_at === to && before.words === words && before.context === context) return null;
  return before === undefined
    ? newTruth(options, result, row, { from: at, to, words, context })
    : { ...before, version: result.detection.version, to_at: to, words, context, updated_at: options.now };
}

function newTruth(
  options: ApplyOptions,
  result: CheckResult,
  row: FailingRow,
  truth: { readonly from: number; readonly to: number; readonly words: string; readonly context: string },
): HitRow {
  const id = `${result.part.id}:${row.entityId}:${truth.from}`;
  return {
    ...checkHit(options, result.detection.id, result.part.id, result.detection.version),
    canonical_id: id,
    kind: 'do',
    subject: row.subject,
    cause: row.cause,
    native_id: id,
    occurred_at: truth.from,
    from_at: truth.from,
    to_at: truth.to,
    words: truth.words,
    context: truth.context,
  };
}

/** What all hits of checks have in common. */
function checkHit(options: ApplyOptions, detectionId: string, partId: string, version: string) {
  return {
    tenant_id: options.tenantId,
    detection_id: detectionId,
    part_id: partId,
    version,
    feed: CHECKS_FEED,
    origin: CHECKS_FEED,
    origin_rank: 0,
    status: 'active',
    created_at: options.now,
    updated_at: options.now,
    group_hash: '',
  };
}

function capabilities(result: CheckResult, entityId: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const source of result.part.sources) {
    const reads = result.reads.get(source);
    found[source] = (reads?.get(entityId) ?? reads?.get('*'))?.capability ?? '';
  }
  return found;
}

interface FoundClosing extends Closing {
  readonly alerts: readonly AlertRow[];
  readonly undo: HitRow;
}

async function findClosings(
  tx: Db,
  options: ApplyOptions,
  results: readonly CheckResult[],
  alerts: readonly AlertRow[],
  episodes: ReadonlyMap<string, HitRow>,
  failing: ReadonlySet<string>,
): Promise<FoundClosing[]> {
  // A check that did not run leaves open whether it still holds.
  const checks = results[0]?.detection.parts.filter((part) => part.check !== null).length ?? 0;
  if (results.length < checks) return [];
  const held = new Map<string, Held>();
  for (const [key, truth] of episodes) held.set(key, heldByTruth(truth));
  for (const alert of alerts) {
    const key = keyText(toKey(alert));
    if (alert.life === 'state') held.set(key, later(held.get(key), heldByAlert(alert, episodes)));
  }
  const gone = [...held].filter(([key]) => !failing.has(key)).map(([, one]) => one);
  const known = await knownUsers(tx, options.tenantId, [...new Set(gone.map((one) => one.entityId))]);
  return gone.flatMap((one) => {
    const closing = closingOf(one, results, known);
    if (closing === null) return [];
    const own = alerts.filter((row) => row.life === 'state' && keyText(toKey(row)) === keyText(one.key));
    return [{ ...closing, alerts: own, undo: endHit(options, results, one, closing.at) }];
  });
}

/** Two open occurrences of one key end together, after the later of them was last true. */
function later(a: Held | undefined, b: Held): Held {
  return a !== undefined && a.lastTrueAt > b.lastTrueAt ? a : b;
}

function heldByTruth(truth: HitRow): Held {
  const context = JSON.parse(truth.context) as { entity_id?: string; capability?: Record<string, string> };
  return {
    key: toKey(truth),
    entityId: context.entity_id ?? entityOfSubject(truth.subject),
    lastTrueAt: truth.to_at,
    capability: context.capability ?? {},
  };
}

function heldByAlert(alert: AlertRow, episodes: ReadonlyMap<string, HitRow>): Held {
  const truth = episodes.get(keyText(toKey(alert)));
  const lastTrueAt = Math.max(alert.last_true_at ?? alert.last_event_at, truth?.to_at ?? 0);
  if (truth !== undefined) return { ...heldByTruth(truth), lastTrueAt };
  const capability =
    alert.capability === null ? {} : (JSON.parse(alert.capability) as Record<string, string>);
  return { key: toKey(alert), entityId: entityOfSubject(alert.subject), lastTrueAt, capability };
}

function entityOfAlert(alert: AlertRow, episodes: ReadonlyMap<string, HitRow>): string {
  return heldByAlert(alert, episodes).entityId;
}

function entityOfSubject(subject: string): string {
  return subject.slice(subject.indexOf(':') + 1);
}

/** Ends the occurrence at the start of the closing read: what becomes true after it is a new one. */
function endHit(options: ApplyOptions, results: readonly CheckResult[], held: Held, at: number): HitRow {
  const [first] = results;
  const id = `end:${held.entityId}:${at}`;
  return {
    ...checkHit(options, held.key.detectionId, first?.part.id ?? '', first?.detection.version ?? ''),
    canonical_id: id,
    kind: 'undo',
    subject: held.key.subject,
    cause: held.key.cause,
    native_id: id,
    occurred_at: at,
    from_at: at,
    to_at: at,
    words: '{}',
    context: '{}',
  };
}
