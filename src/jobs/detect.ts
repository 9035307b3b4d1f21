import { lookAround } from '../detection/assess.ts';
import type { Catalogue } from '../detection/catalogue.ts';
import { runChecks, type CheckFailure, type CheckResult } from '../detection/checks.ts';
import { Enricher } from '../detection/enrich.ts';
import { Plan } from '../detection/plan.ts';
import type { Database } from '../store/database.ts';
import type { LeaseKey } from '../store/leases.ts';
import { findTenant, listTenants } from '../store/tenants.ts';
import { detectEvents } from './detect-events.ts';
import { busy, type DetectResult } from './detect-result.ts';
import { detectState } from './detect-state.ts';
import { coveragesFor, judgeCorrelations } from './judge-correlations.ts';
import { underDetectLease } from './lease.ts';
import { rebuildChanged } from './rebuild.ts';

export type { DetectResult } from './detect-result.ts';

export interface DetectOptions {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly tenantId: string;
  /** UTC epoch ms. */
  readonly now: number;
  /** Events per transaction; for tests. */
  readonly batch?: number;
}

interface Run extends DetectOptions {
  readonly enrolledAt: number | null;
  readonly plan: Plan;
  readonly enricher: Enricher;
  readonly checks: { readonly results: readonly CheckResult[]; readonly failures: readonly CheckFailure[] };
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
  const plan = new Plan(catalogue, (field) => enricher.missing(field), enricher.placeholders);
  // Outside the lease: a slow check must not hold up a person's act.
  const sight = await lookAround(database.db, catalogue, tenantId, plan);
  const checks = await runChecks(database, catalogue, tenantId, sight, now);
  const run = { ...options, enrolledAt: tenant.enrolled_at, plan, enricher, checks };
  const outcome = await underDetectLease(database, tenantId, now, (lease) => detectUnderLease(run, lease));
  return outcome?.done ?? busy(tenantId);
}

async function detectUnderLease(run: Run, lease: LeaseKey): Promise<DetectResult> {
  const coverages = await coveragesFor(run);
  await rebuildChanged({ ...run, lease, coverages });
  const events = await detectEvents({ ...run, lease });
  const correlations = await judgeCorrelations({ ...run, lease, coverages });
  const state = await detectState({ ...run, truncated: events.truncated }, lease);
  return {
    tenantId: run.tenantId,
    status: 'ok',
    events: events.events,
    hits: events.hits,
    withdrawn: events.withdrawn,
    opened: events.opened + correlations.opened + state.opened,
    changed: events.changed + correlations.changed + state.changed,
    closed: state.closed,
    assessments: state.assessments,
    notCarried: events.notCarried,
    evaluated: new Set([...events.evaluated, ...run.checks.results.map((result) => result.detection.id)]),
    failures: run.checks.failures.map((failure) => failure.message),
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
