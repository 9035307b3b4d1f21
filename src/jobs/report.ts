import type { Recipient, TenantConfig } from '../model/tenant.ts';
import { gatherDigest } from '../reports/digest-facts.ts';
import { renderDigest, type RenderedMail } from '../reports/digest.ts';
import { duePeriods, lastWeek, nextDue, parseDue, type Due, type Period } from '../reports/due.ts';
import type { DigestFacts } from '../reports/facts.ts';
import type { Database, Db } from '../store/database.ts';
import { lastReport, nextReportNumber, type ReportRow } from '../store/reports.ts';
import { findTenant } from '../store/tenants.ts';
import { DIGEST, FIRST_LOOK, queueReport, reportKey, type QueuedReport } from './queue-report.ts';
import { rollUp } from './rollup.ts';

export type { QueuedReport } from './queue-report.ts';

export interface DigestJob {
  readonly database: Database;
  readonly tenant: TenantConfig;
  /** UTC epoch ms. */
  readonly now: number;
  /** Sender as configured; its domain ends the Message-ID. */
  readonly mailFrom: string;
  /** Report the last whole week now, whether its time has come or not; never twice. */
  readonly force?: boolean;
  /** Report this period instead of the due ones (demo, catching up by hand). */
  readonly period?: Period;
}

export interface DigestOutcome {
  readonly queued: readonly QueuedReport[];
  /** Per recipient: when the next report falls due, UTC epoch ms. */
  readonly next: readonly { readonly recipient: string; readonly dueAt: number }[];
}

/**
 * Writes the weekly reports of one tenant that are due, each with its mail in one transaction. Safe to run twice or by two
 * at once: a report is unique per (tenant, recipient, kind, period), and the second insert does nothing.
 * Throws when the tenant has no row yet (no command has read the configuration into the database).
 */
export async function reportDigest(job: DigestJob): Promise<DigestOutcome> {
  await rollUp(job.database, job.tenant.id, job.now);
  const queued: QueuedReport[] = [];
  for (const recipient of job.tenant.recipients) {
    for (const period of await periodsFor(job, recipient)) {
      const report = await job.database.transaction((tx) => queueDigest(tx, job, recipient, period));
      if (report !== null) queued.push(report);
    }
  }
  const next = job.tenant.recipients.map((recipient) => ({
    recipient: recipient.address,
    dueAt: nextDue(parseDue(recipient.due), recipient.timezone, job.now).dueAt,
  }));
  return { queued, next };
}

async function periodsFor(job: DigestJob, recipient: Recipient): Promise<Period[]> {
  const due = parseDue(recipient.due);
  if (job.period !== undefined) return [job.period];
  const last = await lastReport(job.database.db, reportKey(job.tenant, recipient, DIGEST));
  if (job.force === true) return unreported(lastWeek(due, recipient.timezone, job.now), last);
  const row = await findTenant(job.database.db, job.tenant.id);
  if (row === null) {
    throw new Error(
      `write report: tenant '${job.tenant.name}' is not in the database yet; run 'tenantwatch collect' first`,
    );
  }
  return duePeriods(due, recipient.timezone, job.now, {
    since: row.enrolled_at ?? row.created_at,
    reportedTo: last?.period_to ?? null,
  });
}

/** What of a week has not been reported; nothing when all has. */
function unreported(week: Period, last: ReportRow | null): Period[] {
  if (last === null) return [week];
  return last.period_to >= week.to ? [] : [{ from: last.period_to, to: week.to }];
}

async function queueDigest(
  tx: Db,
  job: DigestJob,
  recipient: Recipient,
  period: Period,
): Promise<QueuedReport | null> {
  const facts = await factsFor(tx, job, recipient, period);
  return queueReport(tx, {
    ...job,
    kind: DIGEST,
    recipient,
    number: facts.number,
    period,
    facts,
    mail: renderDigest(facts),
  });
}

async function factsFor(db: Db, job: DigestJob, recipient: Recipient, period: Period): Promise<DigestFacts> {
  const key = reportKey(job.tenant, recipient, DIGEST);
  const last = await lastReport(db, key);
  const firstLook = await lastReport(db, reportKey(job.tenant, recipient, FIRST_LOOK));
  return gatherDigest(db, {
    tenant: job.tenant,
    recipient,
    number: await nextReportNumber(db, key),
    period,
    writtenAt: job.now,
    nextAt: nextDueAfter(parseDue(recipient.due), recipient.timezone, job.now, period),
    before: last === null ? null : (JSON.parse(last.facts) as DigestFacts).numbers,
    toldAt: firstLook?.period_to ?? null,
    owner: job.tenant.owner?.name ?? null,
  });
}

/** The next report after this one: a forced report takes the place of the due one of its period. */
function nextDueAfter(due: Due, timezone: string, now: number, period: Period): number {
  const next = nextDue(due, timezone, now);
  return next.periodTo > period.to ? next.dueAt : nextDue(due, timezone, next.dueAt).dueAt;
}

/** The report of the last whole week as it would be written now, for each recipient; writes nothing. */
export async function previewDigest(
  job: Omit<DigestJob, 'mailFrom' | 'force'>,
): Promise<{ recipient: string; facts: DigestFacts; mail: RenderedMail }[]> {
  const previews: { recipient: string; facts: DigestFacts; mail: RenderedMail }[] = [];
  for (const recipient of job.tenant.recipients) {
    const period = job.period ?? lastWeek(parseDue(recipient.due), recipient.timezone, job.now);
    const facts = await factsFor(job.database.db, { ...job, mailFrom: '' }, recipient, period);
    previews.push({ recipient: recipient.address, facts, mail: renderDigest(facts) });
  }
  return previews;
}
