import type { Database } from '../store/database.ts';
import { openCheckDatabase, type CheckDatabase, type CheckRow } from '../store/check-database.ts';
import type { ScopeState, SourceReads } from '../store/read-states.ts';
import { PROGRAM_SOURCE } from '../store/program.ts';
import type { Sight } from './assess.ts';
import { keysOf, type Catalogue, type Detection, type Part } from './catalogue.ts';
import { fillTemplate, type Template } from './template.ts';

/** One row that fails, under its alert's keys. */
export interface FailingRow {
  readonly entityId: string;
  readonly subject: string;
  readonly cause: string;
  readonly words: Readonly<Record<string, string>>;
}

/** What one check found, and the reads it looked at: it may be applied only while they are the latest. */
export interface CheckResult {
  readonly detection: Detection;
  readonly part: Part;
  readonly failing: readonly FailingRow[];
  /** Entities that the check judges; null when it names no scope. */
  readonly scope: ReadonlySet<string> | null;
  readonly reads: ReadonlyMap<string, SourceReads>;
  readonly signature: string;
}

/** A check that did not run to its end; the others do. */
export interface CheckFailure {
  readonly detection: Detection;
  readonly message: string;
}

/** Runs every check that can be assessed. Writes nothing and holds no lease: it may take seconds. */
export async function runChecks(
  database: Database,
  catalogue: Catalogue,
  tenantId: string,
  sight: Sight,
  now: number,
): Promise<{ results: CheckResult[]; failures: CheckFailure[] }> {
  const results: CheckResult[] = [];
  const failures: CheckFailure[] = [];
  const parts = catalogue.detections.flatMap((detection) =>
    detection.parts.filter((part) => isAssessable(part, sight)).map((part) => ({ detection, part })),
  );
  if (parts.length === 0) return { results, failures };
  const views = openCheckDatabase(database, tenantId);
  try {
    for (const { detection, part } of parts) {
      try {
        results.push(await runCheck(views, detection, part, sight.reads, now));
      } catch (error) {
        failures.push({ detection, message: `run check '${part.title}': ${(error as Error).message}` });
      }
    }
  } finally {
    views.close();
  }
  return { results, failures };
}

/** A source that was read once and is refused now leaves its last state, which is still worth judging. */
function isAssessable(part: Part, sight: Sight): boolean {
  if (part.check === null) return false;
  return part.sources.every((source) =>
    [...(sight.reads.get(source)?.values() ?? [])].some((one) => one.okAt !== null),
  );
}

/** The reads were looked up first: one that ends in between makes the signature stale, and the result is thrown away. */
async function runCheck(
  views: CheckDatabase,
  detection: Detection,
  part: Part,
  known: ReadonlyMap<string, SourceReads>,
  now: number,
): Promise<CheckResult> {
  const check = part.check;
  if (check === null) throw new Error('it is no check');
  const reads = new Map(sourcesBehind(part).map((source) => [source, known.get(source) ?? new Map()]));
  const scope =
    check.scope === undefined ? null : new Set((await views.query(check.scope, now)).map(entityOf));
  const rows = (await views.query(check.sql, now)).filter(
    (row) => scope === null || scope.has(entityOf(row)),
  );
  const failing = new Map(
    rows.map((row) => toFailing(detection, part, row)).map((row) => [rowKey(row), row]),
  );
  return { detection, part, failing: [...failing.values()], scope, reads, signature: signatureOf(reads) };
}

/** Whether a check looks at our own state only: then it is about no person. */
export function isAboutProgram(part: Part): boolean {
  return part.sources.every((source) => source === PROGRAM_SOURCE);
}

/** The sources that a check reads, and `users`, whose read proves that a person is gone. */
export function sourcesBehind(part: Part): string[] {
  return isAboutProgram(part) ? [PROGRAM_SOURCE] : [...new Set([...part.sources, 'users'])];
}

/** Equal while the latest ok read of every source and scope is the same. */
export function signatureOf(reads: ReadonlyMap<string, SourceReads>): string {
  const parts = [...reads].map(([source, scopes]) => {
    const ok = [...scopes].filter(([, state]) => state.okAt !== null);
    return [source, ok.map(([scope, state]) => [scope, state.okReadId]).sort()];
  });
  return JSON.stringify(parts);
}

function entityOf(row: CheckRow): string {
  return String(row['entity_id'] ?? '');
}

function rowKey(row: FailingRow): string {
  return JSON.stringify([row.subject, row.cause]);
}

function toFailing(detection: Detection, part: Part, row: CheckRow): FailingRow {
  const keys = keysOf(detection, part);
  const words = wordsOf(row);
  const fill = (template: Template | null) =>
    template === null ? null : fillTemplate(template, (name) => words[name] ?? '');
  return {
    entityId: entityOf(row),
    subject: fill(keys.subject) ?? `user:${entityOf(row)}`,
    cause: fill(keys.cause) ?? part.id,
    words,
  };
}

/** Every selected column is a word; `upn` is also the subject's. */
function wordsOf(row: CheckRow): Record<string, string> {
  const words: Record<string, string> = {};
  for (const [name, value] of Object.entries(row)) words[name] = value === null ? '' : String(value);
  if (words['upn'] !== undefined) words['subject'] ??= words['upn'];
  return words;
}

/** The scope's own state, else that of the whole source; null when neither was ever tried. */
export function stateFor(reads: SourceReads | undefined, entityId: string): ScopeState | null {
  const states = [reads?.get(entityId), reads?.get('*')].filter((state) => state !== undefined);
  return states.sort((a, b) => (b.okAt ?? -1) - (a.okAt ?? -1))[0] ?? null;
}

/** Start of the newest read that a row of this entity was judged by; 0 when nothing is known. */
export function judgedAt(result: CheckResult, entityId: string): number {
  const starts = result.part.sources.map((source) => stateFor(result.reads.get(source), entityId)?.okAt ?? 0);
  return Math.max(0, ...starts);
}
