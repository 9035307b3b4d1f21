import type { Recipient } from '../model/tenant.ts';
import { gatherFirstLook } from '../reports/first-look-facts.ts';
import { renderFirstLook } from '../reports/first-look.ts';
import { ESSENTIAL_SOURCES } from '../reports/coverage.ts';
import { currentAssessments } from '../store/assessments.ts';
import type { Db } from '../store/database.ts';
import { sourceStates } from '../store/reads.ts';
import { lastReport, nextReportNumber } from '../store/reports.ts';
import { findTenant } from '../store/tenants.ts';
import { DIGEST, FIRST_LOOK, queueReport, reportKey, type QueuedReport } from './queue-report.ts';
import type { DigestJob } from './report.ts';

/** A source that fails for so long does not hold the first look back any more; it is told as not seen. */
const LONGEST_WAIT_MS = 24 * 3_600_000;

export type FirstLookJob = Pick<DigestJob, 'database' | 'tenant' | 'now' | 'mailFrom'>;

/**
 * Once per reader, when the tenant's first cycle is complete (every essential source was read or refused, and rules were
 * assessed): one report of what already is, instead of a mail per thing. A reader who has had any report gets none.
 */
export async function reportFirstLook(job: FirstLookJob): Promise<QueuedReport[]> {
  const { db } = job.database;
  const tenant = await findTenant(db, job.tenant.id);
  const enrolledAt = tenant?.enrolled_at ?? null;
  if (enrolledAt === null) return [];
  const readers: Recipient[] = [];
  for (const recipient of job.tenant.recipients) {
    if (!(await hasReport(db, job, recipient))) readers.push(recipient);
  }
  if (readers.length === 0 || !(await isCycleComplete(db, job, enrolledAt))) return [];
  const queued: QueuedReport[] = [];
  for (const recipient of readers) {
    const report = await job.database.transaction((tx) => queueFirstLook(tx, job, recipient, enrolledAt));
    if (report !== null) queued.push(report);
  }
  return queued;
}

async function hasReport(db: Db, { tenant }: FirstLookJob, recipient: Recipient): Promise<boolean> {
  for (const kind of [FIRST_LOOK, DIGEST]) {
    if ((await lastReport(db, reportKey(tenant, recipient, kind))) !== null) return true;
  }
  return false;
}

async function isCycleComplete(db: Db, { tenant, now }: FirstLookJob, enrolledAt: number): Promise<boolean> {
  if ((await currentAssessments(db, tenant.id)).length === 0) return false;
  if (now - enrolledAt >= LONGEST_WAIT_MS) return true;
  const states = await sourceStates(db, tenant.id);
  const answered = new Set(
    states
      .filter((state) => state.last_status === 'ok' || state.last_status === 'skipped')
      .map((state) => state.source),
  );
  return ESSENTIAL_SOURCES.every((source) => answered.has(source));
}

async function queueFirstLook(
  tx: Db,
  job: FirstLookJob,
  recipient: Recipient,
  enrolledAt: number,
): Promise<QueuedReport | null> {
  const { tenant, now } = job;
  // What was found at this very moment is in it: the end of a period is excluded.
  const period = { from: enrolledAt, to: now + 1 };
  const number = await nextReportNumber(tx, reportKey(tenant, recipient, FIRST_LOOK));
  const facts = await gatherFirstLook(tx, { tenant, recipient, number, period, writtenAt: now });
  return queueReport(tx, {
    ...job,
    kind: FIRST_LOOK,
    recipient,
    number,
    period,
    facts,
    mail: renderFirstLook(facts),
  });
}
