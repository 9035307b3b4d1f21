import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DetectionError } from '../errors.ts';
import type { Alert } from '../model/alert.ts';
import type { EventRecord } from '../model/event.ts';
import { listAlerts } from '../store/alerts.ts';
import { openDatabase, type Database } from '../store/database.ts';
import { parseCases, type Case } from './case-file.ts';
import { coverLogs } from './case-coverage.ts';
import { Seen, type CaseDetectResult } from './case-seen.ts';
import { applyReads, CaseError, ingestRecords, makeTenant, parseRecords } from './case-tenant.ts';
import { compareAlerts, type Snapshot } from './case-verdict.ts';
import type { Catalogue, Detection } from './catalogue.ts';

export type CaseDetect = (options: {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly tenantId: string;
  readonly now: number;
}) => Promise<CaseDetectResult>;

export interface CaseResult {
  /** Path of the cases' file, relative to the detections' folder. */
  readonly file: string;
  /** Line of the case in its file, from 1. */
  readonly line: number;
  readonly detection: string;
  readonly name: string;
  readonly kind: 'fires' | 'silent' | 'not_assessed' | 'unreadable';
  /** Sentences; empty = it passed. */
  readonly problems: readonly string[];
}

/** Path of a detection's cases, relative to the folder. */
export function casesFileOf(detection: Detection): string {
  return detection.file.replace(/\.ya?ml$/, '.cases.yml');
}

/**
 * Runs the cases of the given detections on a throw-away SQLite database, each in a tenant of its own. Records pass
 * through src/records first, so that a field which exists only in the author's mind fails.
 */
export async function runCases(
  catalogue: Catalogue,
  detections: readonly Detection[],
  detect: CaseDetect,
): Promise<CaseResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tenantwatch-cases-'));
  const database = await openDatabase(`sqlite:${join(folder, 'cases.db')}`, { now: 0 });
  try {
    const results: CaseResult[] = [];
    for (const detection of detections) {
      results.push(...(await runFile({ database, detect, catalogue, detection })));
    }
    return results;
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface CaseRun {
  readonly database: Database;
  readonly detect: CaseDetect;
  readonly catalogue: Catalogue;
  readonly detection: Detection;
}

async function runFile(run: CaseRun): Promise<CaseResult[]> {
  const file = casesFileOf(run.detection);
  const path = join(run.catalogue.folder, file);
  const base = { file, detection: run.detection.catalogue };
  const unreadable = (line: number, problem: string): CaseResult[] => [
    { ...base, line, name: 'the file can be read', kind: 'unreadable', problems: [problem] },
  ];
  if (!existsSync(path)) return unreadable(1, `${file} does not exist; a detection has its cases beside it`);
  let cases: Case[];
  try {
    cases = parseCases(readFileSync(path, 'utf8'), file);
  } catch (error) {
    if (error instanceof DetectionError) return unreadable(error.line, error.message);
    throw error;
  }
  const results: CaseResult[] = [];
  for (const [index, one] of cases.entries()) {
    const problems = await problemsOf(run, one, `${file}#${index}`);
    results.push({ ...base, line: one.line, name: one.name, kind: kindOf(one), problems });
  }
  return results;
}

function kindOf(one: Case): CaseResult['kind'] {
  if (one.fires !== undefined) return 'fires';
  return one.silent === true ? 'silent' : 'not_assessed';
}

async function problemsOf(run: CaseRun, one: Case, tenantId: string): Promise<string[]> {
  try {
    const records = parseRecords(one);
    const problems = await playCase(run, one, tenantId, records);
    const distinct =
      new Set(records.map((record) => `${record.feed}/${record.nativeId}`)).size === records.length;
    if (problems.length > 0 || records.length === 0 || !distinct) return problems;
    // Delivery is neither ordered nor unique: backwards and twice must come to the same.
    const again = [...records].reverse().flatMap((record) => [record, record]);
    const other = await playCase(run, one, `${tenantId}/again`, again);
    return other.map((problem) => `with the records reversed and doubled: ${problem}`);
  } catch (error) {
    if (error instanceof CaseError) return [error.message];
    throw error;
  }
}

/** Plays one case in a tenant of its own and says what is not as expected. */
async function playCase(
  run: CaseRun,
  one: Case,
  tenantId: string,
  records: readonly EventRecord[],
): Promise<string[]> {
  const { database, detection } = run;
  const catalogue: Catalogue = {
    detections: [detection],
    byId: new Map([[detection.id, detection]]),
    problems: [],
    folder: run.catalogue.folder,
  };
  const times = [...one.reads.map((step) => step.at), ...records.map((record) => record.occurredAt)];
  const earliest = Math.min(...times, one.at ?? Infinity);
  await makeTenant(
    database,
    tenantId,
    one,
    one.enrolled_at ?? (Number.isFinite(earliest) ? earliest - 1 : 0),
  );
  const seen = new Seen();
  const snapshots: Snapshot[] = [];
  for (const step of one.reads) {
    await applyReads(database, tenantId, step);
    seen.add(detection, await run.detect({ database, catalogue, tenantId, now: step.at }));
    snapshots.push(await alertsOf(database, tenantId));
  }
  const now = one.at ?? one.reads.at(-1)?.at ?? Math.max(0, ...times);
  await ingestRecords(database, tenantId, records, now);
  await coverLogs(database, tenantId, one, { from: earliest, to: now });
  seen.add(detection, await run.detect({ database, catalogue, tenantId, now }));
  const final = await alertsOf(database, tenantId);
  return [...seen.failures, ...verdict(one, seen, final, snapshots)];
}

async function alertsOf(database: Database, tenantId: string): Promise<Alert[]> {
  const alerts = await listAlerts(database.db, { tenantId });
  return alerts.filter((alert) => !alert.withdrawn);
}

function verdict(one: Case, seen: Seen, final: readonly Alert[], snapshots: readonly Snapshot[]): string[] {
  if (one.fires !== undefined) return compareAlerts(one.fires, final, snapshots);
  const problems = final.map((alert) => `it fired for ${alert.subject}, ${alert.cause}`);
  if (one.silent === true && seen.undecided.size > 0) {
    problems.push(`it is silent because it could not be judged (${[...seen.undecided].join(', ')})`);
  }
  if (one.silent === true && !seen.evaluated) {
    problems.push(
      `it is silent because nothing could look (${[...seen.without].join(', ') || 'no record of its feeds'})`,
    );
  }
  if (one.not_assessed !== undefined && !seen.without.has(one.not_assessed)) {
    problems.push(
      `it was assessed in spite of ${one.not_assessed} (not seen: ${[...seen.without].join(', ') || 'nothing'})`,
    );
  }
  return problems;
}
