import { assess, lookAround, type Missing } from '../detection/assess.ts';
import { brokenFiles, recordCatalogue, type Catalogue, type Detection } from '../detection/catalogue.ts';
import type { CheckFailure, CheckResult } from '../detection/checks.ts';
import type { Plan } from '../detection/plan.ts';
import { undecidedOf, withUndecided } from '../detection/undecided.ts';
import { judgeSuppressions } from '../incidents/suppression.ts';
import { saveAssessments, type Assessment } from '../store/assessments.ts';
import type { Database } from '../store/database.ts';
import { assertLease, type LeaseKey } from '../store/leases.ts';
import { applyChecks, type AppliedChecks } from './detect-checks.ts';
import { rekeyNames } from './rekey.ts';
import { retireStates } from './retire.ts';

export interface StateOptions {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly tenantId: string;
  readonly enrolledAt: number | null;
  readonly now: number;
  readonly plan: Plan;
  readonly checks: { readonly results: readonly CheckResult[]; readonly failures: readonly CheckFailure[] };
  /** Detections whose correlations left out what was too much of some record in this run. */
  readonly truncated: ReadonlySet<string>;
}

export interface StateResult extends AppliedChecks {
  readonly assessments: readonly Assessment[];
}

/** Everything that is not about events, in one transaction: names that have ids now, checks, what is retired, what was not seen. */
export async function detectState(options: StateOptions, lease: LeaseKey): Promise<StateResult> {
  const { database, catalogue, tenantId, enrolledAt, now } = options;
  // Looked at again: which origins and fields there are may have changed with the events just read.
  const sight = await lookAround(database.db, catalogue, tenantId, options.plan);
  const undecided = await undecidedOf(database.db, tenantId, catalogue, options.truncated, now);
  const assessments = catalogue.detections.map((one) =>
    withUndecided(assessed(one, assess(one, sight), options.checks.failures), undecided.get(one.id) ?? []),
  );
  const detection = (id: string) => catalogue.byId.get(id);
  const applied = await database.transaction(async (tx) => {
    await assertLease(tx, lease, now);
    await recordCatalogue(tx, catalogue, now);
    await rekeyNames(tx, { tenantId, enrolledAt, now, detection }, [...catalogue.byId.keys()]);
    const result = await applyChecks(tx, options, options.checks.results);
    result.closed += await retireStates(tx, tenantId, catalogue.byId, brokenFiles(catalogue), now);
    await saveAssessments(tx, tenantId, assessments, now);
    await judgeSuppressions(tx, tenantId, now);
    return result;
  });
  return { ...applied, assessments };
}

/** A check that failed has judged nothing, whatever its sources say. */
function assessed(
  detection: Detection,
  assessment: Assessment,
  failures: readonly CheckFailure[],
): Assessment {
  if (!failures.some((failure) => failure.detection.id === detection.id)) return assessment;
  const known = assessment.reason === null ? [] : (JSON.parse(assessment.reason) as Missing[]);
  const state = detection.parts.length === 1 || assessment.state === 'off' ? 'off' : 'reduced';
  return { ...assessment, state, reason: JSON.stringify([...known, { without: 'check', why: 'failed' }]) };
}
