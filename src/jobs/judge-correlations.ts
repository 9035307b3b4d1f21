import { applyGroup } from '../detection/apply-group.ts';
import type { Detection } from '../detection/catalogue.ts';
import {
  NOTHING_READ,
  readCoverages,
  type Coverages,
  type ReadCoverage,
} from '../detection/correlation-coverage.ts';
import type { JudgedPart } from '../detection/judge-group.ts';
import { foldAlerts } from '../incidents/alert.ts';
import { dueGroups } from '../store/correlation-waits.ts';
import type { Db } from '../store/database.ts';
import type { AlertKey } from '../store/hits.ts';
import { assertLease } from '../store/leases.ts';
import type { EventsOptions } from './detect-events.ts';

/** Groups judged in one transaction: some 100 ms, so that a person's act need not wait long. */
const GROUPS = 200;

export interface CorrelationsOptions extends EventsOptions {
  readonly coverages: Coverages;
}

export interface CorrelationsResult {
  opened: number;
  changed: number;
}

/**
 * Judges every group of every correlation that is due: hits came or went, a timespan has closed, or more was read. Runs
 * when all events have been detected that were stored when the coverage was taken, so that a watermark never speaks for
 * an event that nobody has looked at. What is due stands in the database: after a crash it is judged by the next run.
 */
export async function judgeCorrelations(options: CorrelationsOptions): Promise<CorrelationsResult> {
  const result: CorrelationsResult = { opened: 0, changed: 0 };
  for (const judged of judgedParts(options.catalogue.detections)) {
    const coverage = coverageFor(options, judged);
    for (;;) {
      const groups = await options.database.transaction((tx) =>
        judgeSome(options, tx, judged, coverage, result),
      );
      if (groups < GROUPS) break;
    }
  }
  return result;
}

/** What was read of the sources under each correlation; to be taken before events are detected. */
export function coveragesFor(
  run: Pick<EventsOptions, 'database' | 'tenantId' | 'catalogue'>,
): Promise<Coverages> {
  return readCoverages(run.database.db, run.tenantId, run.catalogue.detections);
}

function coverageFor({ coverages }: CorrelationsOptions, { part }: JudgedPart): ReadCoverage {
  return coverages.get(part.id) ?? NOTHING_READ;
}

async function judgeSome(
  options: CorrelationsOptions,
  tx: Db,
  judged: JudgedPart,
  coverage: ReadCoverage,
  result: CorrelationsResult,
): Promise<number> {
  const { tenantId, lease, now } = options;
  const due = await dueGroups(tx, tenantId, judged.part.id, coverage, GROUPS);
  if (due.length === 0) return 0;
  await assertLease(tx, lease, now);
  const touched: AlertKey[] = [];
  for (const group of due) touched.push(...(await applyGroup(options, tx, judged, group, coverage)));
  const folded = await foldTouched(options, tx, touched, false);
  result.opened += folded.opened;
  result.changed += folded.changed;
  return due.length;
}

/**
 * Judges all groups of a detection's correlations that are touched, as history and in the caller's transaction; `before`
 * are the keys of the hits that it had.
 */
export async function judgeAsHistory(
  options: CorrelationsOptions,
  tx: Db,
  detection: Detection,
  before: readonly AlertKey[],
): Promise<void> {
  const touched: AlertKey[] = [...before];
  for (const judged of judgedParts([detection])) {
    const coverage = coverageFor(options, judged);
    for (;;) {
      const due = await dueGroups(tx, options.tenantId, judged.part.id, coverage, GROUPS);
      for (const group of due) touched.push(...(await applyGroup(options, tx, judged, group, coverage)));
      if (due.length < GROUPS) break;
    }
  }
  await foldTouched(options, tx, touched, true);
}

async function foldTouched(
  options: CorrelationsOptions,
  tx: Db,
  touched: readonly AlertKey[],
  asHistory: boolean,
): Promise<CorrelationsResult> {
  if (touched.length === 0) return { opened: 0, changed: 0 };
  const { tenantId, enrolledAt, now, catalogue } = options;
  const detection = (id: string) => catalogue.byId.get(id);
  return foldAlerts(tx, { tenantId, enrolledAt, now, detection, asHistory }, touched);
}

/** Lower correlations before those that stand on them. */
export function judgedParts(detections: readonly Detection[]): JudgedPart[] {
  const judged = detections.flatMap((detection) =>
    detection.parts.flatMap((part): JudgedPart[] => {
      const linked = part.correlation;
      if (linked === null) return [];
      const above = detection.parts.flatMap((other) =>
        other.correlation?.bases.some((base) => base.key === part.id) === true ? [other.correlation] : [],
      );
      return [{ detection, part, linked, above }];
    }),
  );
  return judged.sort((a, b) => a.linked.depth - b.linked.depth);
}
