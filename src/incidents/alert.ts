import { createHash } from 'node:crypto';
import type { Level, Life } from '../model/alert.ts';
import {
  alertRowsOfKeys,
  changeEvidence,
  saveAlert,
  type AlertRow,
  type EvidenceRow,
} from '../store/alerts.ts';
import type { Db } from '../store/database.ts';
import { hitsOfKeys, keyText, type AlertKey, type HitRow } from '../store/hits.ts';
import { matchAlerts, type KnownAlert } from './match.ts';
import { evidenceKey, occurrences, type Evidence, type Occurrence, type Undo } from './occurrences.ts';

/** Feed of a check's truths: hits that last from the first to the last read under which a row failed. */
export const CHECKS_FEED = 'checks';

/** What the fold needs of a detection. */
export interface DetectionFacts {
  readonly id: string;
  readonly version: string;
  readonly level: Level;
  readonly life: Life;
  /** Gap in ms after which a new occurrence starts. */
  readonly rearmMs: number;
}

export interface FoldOptions {
  readonly tenantId: string;
  /** UTC epoch ms; evidence wholly before it is history. */
  readonly enrolledAt: number | null;
  readonly now: number;
  /** What opens now is about the past, whenever it was: a detection was added or changed. */
  readonly asHistory?: boolean;
  detection(id: string): DetectionFacts | undefined;
}

export interface FoldCounts {
  readonly opened: number;
  readonly changed: number;
}

/** A key's stored alerts by a person's closing are undos; hits of kind `undo` and closing reads are hits already. */
const PERSONS_REASONS = new Set(['true', 'expected', 'false_positive', 'duplicate']);

/**
 * Folds the hits of the given keys into alerts, in the caller's transaction under the `detect` lease.
 * Running it again, or over the same hits in another order, changes nothing.
 */
export async function foldAlerts(
  tx: Db,
  options: FoldOptions,
  keys: readonly AlertKey[],
): Promise<FoldCounts> {
  const distinct = [...new Map(keys.map((key) => [keyText(key), key])).values()];
  const hits = groupBy(await hitsOfKeys(tx, options.tenantId, distinct), hitKey);
  const stored = await alertRowsOfKeys(tx, options.tenantId, distinct);
  const alerts = groupBy(stored.alerts, hitKey);
  const evidence = groupBy(stored.evidence, (row) => row.alert_id);
  const counts = { opened: 0, changed: 0 };
  for (const key of distinct) {
    const detection = options.detection(key.detectionId);
    if (detection === undefined) continue;
    const text = keyText(key);
    const fold = foldKey(key, detection, options, hits.get(text) ?? [], alerts.get(text) ?? [], evidence);
    for (const result of fold) {
      if (await write(tx, result, evidence.get(result.row.id) ?? []))
        counts[result.before ? 'changed' : 'opened'] += 1;
    }
  }
  return counts;
}

function hitKey(row: { detection_id: string; subject: string; cause: string }): string {
  return keyText({ detectionId: row.detection_id, subject: row.subject, cause: row.cause });
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

interface FoldedAlert {
  readonly before: AlertRow | null;
  readonly row: AlertRow;
  readonly evidence: readonly EvidenceRow[];
}

function foldKey(
  key: AlertKey,
  detection: DetectionFacts,
  options: FoldOptions,
  hits: readonly HitRow[],
  alerts: readonly AlertRow[],
  evidence: ReadonlyMap<string, EvidenceRow[]>,
): FoldedAlert[] {
  const active = hits.filter((hit) => hit.status === 'active');
  const found = occurrences(
    active.filter((hit) => hit.kind === 'do').map(toEvidence),
    [...active.filter((hit) => hit.kind === 'undo').map(toUndo), ...alerts.flatMap(closingOf)],
    detection.rearmMs,
  );
  const matching = matchAlerts(
    found,
    alerts.map((alert) => toKnown(alert, evidence.get(alert.id) ?? [])),
  );
  const rows = new Map(alerts.map((alert) => [alert.id, alert]));
  const folded: FoldedAlert[] = [];
  const ids: string[] = [];
  for (const [index, occurrence] of found.entries()) {
    const before = rows.get(matching.alertOf[index] ?? '') ?? null;
    const id = before?.id ?? freshId(options.tenantId, key, occurrence, rows);
    ids.push(id);
    const used = hitsOf(occurrence, active);
    const row = { ...toRow(key, detection, options, occurrence, used, before), id };
    rows.set(id, row);
    folded.push({
      before,
      row,
      evidence: evidenceRows(options.tenantId, id, occurrence, evidence.get(id) ?? [], hits),
    });
  }
  for (const alert of alerts) {
    const into = matching.mergedInto.get(alert.id);
    const kept = evidence.get(alert.id) ?? [];
    if (into !== undefined) folded.push(mergedAlert(alert, ids[into] ?? '', kept, options.now));
    if (matching.orphans.includes(alert.id)) folded.push(withdrawnAlert(alert, kept, options.now));
  }
  return folded;
}

function toEvidence(hit: HitRow): Evidence {
  const lasting = hit.feed === CHECKS_FEED;
  return {
    feed: hit.feed,
    nativeId: hit.native_id,
    at: lasting ? hit.from_at : hit.occurred_at,
    certainty: lasting ? 'lasting' : certaintyOf(hit),
    from: hit.from_at,
    to: hit.to_at,
  };
}

function toUndo(hit: HitRow): Undo {
  return { certainty: certaintyOf(hit), at: hit.occurred_at, from: hit.from_at, to: hit.to_at };
}

function certaintyOf(hit: HitRow): 'point' | 'between' {
  return hit.to_at > hit.from_at ? 'between' : 'point';
}

function closingOf(alert: AlertRow): Undo[] {
  if (alert.closed_at === null || !PERSONS_REASONS.has(alert.close_reason ?? '')) return [];
  return [{ certainty: 'point', at: alert.closed_at, from: alert.closed_at, to: alert.closed_at }];
}

function toKnown(alert: AlertRow, evidence: readonly EvidenceRow[]): KnownAlert {
  return {
    id: alert.id,
    open: alert.state === 'open',
    merged: alert.merged_into !== null,
    createdAt: alert.created_at,
    firstEventAt: alert.first_event_at,
    lastEventAt: alert.last_event_at,
    evidence: new Set(evidence.map((row) => evidenceKey({ feed: row.feed, nativeId: row.native_id }))),
  };
}

function hitsOf(occurrence: Occurrence, hits: readonly HitRow[]): HitRow[] {
  const keys = new Set(occurrence.evidence.map(evidenceKey));
  return hits.filter(
    (hit) => hit.kind === 'do' && keys.has(evidenceKey({ feed: hit.feed, nativeId: hit.native_id })),
  );
}

function toRow(
  key: AlertKey,
  detection: DetectionFacts,
  options: FoldOptions,
  occurrence: Occurrence,
  hits: readonly HitRow[],
  before: AlertRow | null,
): AlertRow {
  const truths = hits.filter((hit) => hit.feed === CHECKS_FEED).sort((a, b) => b.to_at - a.to_at);
  const row: AlertRow = {
    ...(before ?? emptyAlert(options)),
    detection_id: key.detectionId,
    version: detection.version,
    subject: key.subject,
    cause: key.cause,
    occurrence_start: occurrence.start,
    life: detection.life,
    level: levelOf(truths[0]) ?? detection.level,
    historical: isHistory(options, occurrence, before) ? 1 : 0,
    first_event_at: occurrence.start,
    last_event_at: occurrence.end,
    last_true_at: occurrence.end,
    capability: capabilityOf(truths[0]) ?? before?.capability ?? null,
    withdrawn: 0,
    merged_into: null,
    words: JSON.stringify(wordsOf(hits)),
  };
  return before !== null && sameRow(before, row) ? before : { ...row, updated_at: options.now };
}

const LEVELS: ReadonlySet<string> = new Set([
  'informational',
  'low',
  'medium',
  'high',
  'critical',
] satisfies Level[]);

/** A check may say the level of each row in a column `level`; the newest truth's counts. */
function levelOf(truth: HitRow | undefined): Level | null {
  if (truth === undefined) return null;
  const { level } = JSON.parse(truth.words) as { level?: unknown };
  return typeof level === 'string' && LEVELS.has(level) ? (level as Level) : null;
}

/** Older than the enrolment, or found by looking back; new evidence makes it news again. */
function isHistory(options: FoldOptions, occurrence: Occurrence, before: AlertRow | null): boolean {
  if (options.enrolledAt !== null && occurrence.end < options.enrolledAt) return true;
  if (before === null) return options.asHistory === true;
  return before.historical === 1 && occurrence.end <= before.last_event_at;
}

function emptyAlert(options: FoldOptions): AlertRow {
  return {
    tenant_id: options.tenantId,
    id: '',
    detection_id: '',
    version: '',
    subject: '',
    cause: '',
    occurrence_start: 0,
    life: 'event',
    state: 'open',
    close_reason: null,
    closed_at: null,
    closed_by: null,
    close_note: null,
    level: 'low',
    expected_by: null,
    historical: 0,
    first_event_at: 0,
    last_event_at: 0,
    last_true_at: null,
    capability: null,
    not_visible_since: null,
    withdrawn: 0,
    merged_into: null,
    words: '{}',
    created_at: options.now,
    updated_at: options.now,
  };
}

/**
 * The richest record's words win; poorer and later ones fill what it leaves empty. Of a correlation the latest wins: it has
 * counted all before it.
 */
function wordsOf(hits: readonly HitRow[]): Record<string, string> {
  const time = (hit: HitRow) => (hit.group_hash === '' ? hit.occurred_at : -hit.occurred_at);
  const ordered = [...hits].sort(
    (a, b) => b.origin_rank - a.origin_rank || time(a) - time(b) || (a.native_id < b.native_id ? -1 : 1),
  );
  const words: Record<string, string> = {};
  for (const hit of ordered) {
    for (const [name, value] of Object.entries(JSON.parse(hit.words) as Record<string, string>)) {
      if (value !== '' && !words[name]) words[name] = value;
    }
  }
  return words;
}

function capabilityOf(truth: HitRow | undefined): string | null {
  if (truth === undefined) return null;
  const context = JSON.parse(truth.context) as { capability?: Record<string, string> };
  return context.capability === undefined ? null : JSON.stringify(context.capability);
}

function sameRow(a: AlertRow, b: AlertRow): boolean {
  return Object.entries(a).every(
    ([name, value]) => name === 'updated_at' || b[name as keyof AlertRow] === value,
  );
}

/** Fixed at first sight; the same evidence read by another process gives the same id. */
function freshId(
  tenantId: string,
  key: AlertKey,
  occurrence: Occurrence,
  taken: ReadonlyMap<string, AlertRow>,
): string {
  const first = occurrence.evidence[0];
  const parts = [tenantId, key.detectionId, key.subject, key.cause, first?.feed, first?.nativeId];
  for (let attempt = 0; ; attempt += 1) {
    const text = JSON.stringify(attempt === 0 ? parts : [...parts, attempt]);
    const id = `a_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`;
    if (!taken.has(id)) return id;
  }
}

function evidenceRows(
  tenantId: string,
  alertId: string,
  occurrence: Occurrence,
  before: readonly EvidenceRow[],
  hits: readonly HitRow[],
): EvidenceRow[] {
  const rows = occurrence.evidence.map((one) => ({
    tenant_id: tenantId,
    alert_id: alertId,
    feed: one.feed,
    native_id: one.nativeId,
    at: one.at,
    withdrawn: 0,
  }));
  const gone = new Set(
    hits
      .filter((hit) => hit.status === 'withdrawn')
      .map((hit) => evidenceKey({ feed: hit.feed, nativeId: hit.native_id })),
  );
  const active = new Set(occurrence.evidence.map(evidenceKey));
  const withdrawn = before.filter((row) => {
    const key = evidenceKey({ feed: row.feed, nativeId: row.native_id });
    return gone.has(key) && !active.has(key);
  });
  return [...rows, ...withdrawn.map((row) => ({ ...row, withdrawn: 1 }))];
}

/** Keeps its evidence, so that a later split gives the alert back. */
function mergedAlert(
  alert: AlertRow,
  into: string,
  evidence: readonly EvidenceRow[],
  now: number,
): FoldedAlert {
  const row = alert.merged_into === into ? alert : { ...alert, merged_into: into, updated_at: now };
  return { before: alert, row, evidence };
}

/** Microsoft changed every record behind it: it stays as it is and says so. */
function withdrawnAlert(alert: AlertRow, evidence: readonly EvidenceRow[], now: number): FoldedAlert {
  const row = alert.withdrawn === 1 ? alert : { ...alert, withdrawn: 1, updated_at: now };
  return { before: alert, row, evidence: evidence.map((one) => ({ ...one, withdrawn: 1 })) };
}

async function write(tx: Db, folded: FoldedAlert, stored: readonly EvidenceRow[]): Promise<boolean> {
  const { row, evidence } = folded;
  const rowChanged = row !== folded.before;
  if (rowChanged) await saveAlert(tx, row);
  const evidenceChanged = await changeEvidence(tx, row.tenant_id, row.id, stored, evidence);
  return rowChanged || evidenceChanged;
}
