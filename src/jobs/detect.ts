import { assess, lookAround, type Missing, type Sight } from '../detection/assess.ts';
import { brokenFiles, recordCatalogue, type Catalogue, type Detection } from '../detection/catalogue.ts';
import { runChecks, type CheckFailure, type CheckResult } from '../detection/checks.ts';
import { Enricher } from '../detection/enrich.ts';
import { Plan } from '../detection/plan.ts';
import { saveAssessments, type Assessment } from '../store/assessments.ts';
import type { Database } from '../store/database.ts';
import { assertLease, type LeaseKey } from '../store/leases.ts';
import { findTenant, listTenants } from '../store/tenants.ts';
import { applyChecks, type AppliedChecks } from './detect-checks.ts';
import { detectEvents, type EventsResult } from './detect-events.ts';
import { underDetectLease } from './lease.ts';
import { retireStates } from './retire.ts';

export interface DetectOptions {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly tenantId: string;
  /** UTC epoch ms. */
  readonly now: number;
  /** Events per transaction; for tests. */
  readonly batch?: number;
}

/** What one run did for one tenant. `busy` = another run holds the lease and does the work. */
export interface DetectResult {
  readonly tenantId: string;
  readonly status: 'ok' | 'busy';
  readonly events: number;
  readonly hits: number;
  readonly withdrawn: number;
  readonly opened: number;
  readonly changed: number;
  readonly closed: number;
  readonly assessments: readonly Assessment[];
  /** By detection id: fields for want of which a rule was not evaluated on some record of this run. */
  readonly notCarried: ReadonlyMap<string, ReadonlySet<string>>;
  /** Ids of detections of which a rule was evaluated on some record, or a check ran, in this run. */
  readonly evaluated: ReadonlySet<string>;
  /** Checks that did not run to their end, in sentences. */
  readonly failures: readonly string[];
}

/**
 * Brings one tenant's hits, alerts and assessments up to what is stored: events after the cursor, then checks.
 * Safe to run twice and to be killed anywhere. Throws when the tenant is unknown or the lease is lost midway.
 */
export async function detect(options: DetectOptions): Promise<DetectResult> {
  const { database, catalogue, tenantId, now } = options;
  const tenant = await findTenant(database.db, tenantId);
  if (tenant === null) throw new Error(`detect: tenant ${tenantId} is not in the database; collect first`);
  const enricher = await Enricher.open(database.db, tenantId);
  const plan = new Plan(catalogue, (field) => enricher.missing(field));
  // Outside the lease: a slow check must not hold up a person's act.
  const sight = await lookAround(database.db, catalogue, tenantId, plan);
  const checks = await runChecks(database, catalogue, tenantId, sight, now);
  const run = { ...options, enrolledAt: tenant.enrolled_at, plan, enricher, sight, checks };
  const outcome = await underDetectLease(database, tenantId, now, (lease) => detectUnderLease(run, lease));
  return outcome?.done ?? busy(tenantId);
}

interface Run extends DetectOptions {
  readonly enrolledAt: number | null;
  readonly plan: Plan;
  readonly enricher: Enricher;
  readonly sight: Sight;
  readonly checks: { readonly results: readonly CheckResult[]; readonly failures: readonly CheckFailure[] };
}

async function detectUnderLease(run: Run, lease: LeaseKey): Promise<DetectResult> {
  const { database, catalogue, tenantId, now } = run;
  const events = await detectEvents({ ...run, lease });
  // Which origins and fields there are may have changed with the events just read.
  const sight = await lookAround(database.db, catalogue, tenantId, run.plan);
  const assessments = catalogue.detections.map((one) =>
    assessed(one, assess(one, sight), run.checks.failures),
  );
  const applied = await database.transaction(async (tx) => {
    await assertLease(tx, lease, now);
    await recordCatalogue(tx, catalogue, now);
    const result = await applyChecks(tx, run, run.checks.results);
    result.closed += await retireStates(tx, tenantId, catalogue.byId, brokenFiles(catalogue), now);
    await saveAssessments(tx, tenantId, assessments, now);
    return result;
  });
  return toResult(run, events, applied, assessments);
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

function toResult(
  run: Run,
  events: EventsResult,
  applied: AppliedChecks,
  assessments: readonly Assessment[],
): DetectResult {
  return {
    tenantId: run.tenantId,
    status: 'ok',
    events: events.events,
    hits: events.hits,
    withdrawn: events.withdrawn,
    opened: events.opened + applied.opened,
    changed: events.changed + applied.changed,
    closed: applied.closed,
    assessments,
    notCarried: events.notCarried,
    evaluated: new Set([...events.evaluated, ...run.checks.results.map((result) => result.detection.id)]),
    failures: run.checks.failures.map((failure) => failure.message),
  };
}

function busy(tenantId: string): DetectResult {
  const nothing = { events: 0, hits: 0, withdrawn: 0, opened: 0, changed: 0, closed: 0 };
  return {
    tenantId,
    status: 'busy',
    ...nothing,
    assessments: [],
    notCarried: new Map(),
    evaluated: new Set(),
    failures: [],
  };
}

/** Detects in every tenant that is not paused, one after another. */
export async function detectAll(options: Omit<DetectOptions, 'tenantId'>): Promise<DetectResult[]> {
  const results: DetectResult[] = [];
  for (const tenant of await listTenants(options.database.db)) {
    if (tenant.state === 'paused') continue;
    results.push(await detect({ ...options, tenantId: tenant.tenant_id }));
  }
  return results;
}
