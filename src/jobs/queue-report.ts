import { createHash } from 'node:crypto';
import type { Recipient, TenantConfig } from '../model/tenant.ts';
import type { RenderedMail } from '../reports/digest.ts';
import type { Period } from '../reports/due.ts';
import type { Db } from '../store/database.ts';
import { queueMail } from '../store/outbox.ts';
import { insertReport, type ReportKey } from '../store/reports.ts';

/** Kinds in `report` and `outbox`: the weekly report, and what already was when we began. */
export const DIGEST = 'digest';
export const FIRST_LOOK = 'first-look';

export interface QueuedReport {
  readonly tenantId: string;
  readonly recipient: string;
  readonly number: number;
  readonly period: Period;
  readonly subject: string;
}

export interface NewReport {
  /** `digest` or `first-look`. */
  readonly kind: string;
  readonly tenant: TenantConfig;
  readonly recipient: Recipient;
  readonly number: number;
  readonly period: Period;
  /** What the report says, to be stored as JSON. */
  readonly facts: unknown;
  readonly mail: RenderedMail;
  /** UTC epoch ms. */
  readonly now: number;
  /** Sender as configured; its domain ends the Message-ID. */
  readonly mailFrom: string;
}

export function reportKey(tenant: TenantConfig, recipient: Recipient, kind: string): ReportKey {
  return { tenantId: tenant.id, recipient: recipient.address, kind };
}

/** Stores a report with its mail; null when its reader has one of this kind for this period already. */
export async function queueReport(tx: Db, report: NewReport): Promise<QueuedReport | null> {
  const { tenant, recipient, period, mail, kind } = report;
  const id = reportId(kind, tenant.id, recipient.address, period.from);
  const stored = await insertReport(tx, {
    tenant_id: tenant.id,
    id,
    kind,
    recipient: recipient.address,
    number: report.number,
    period_from: period.from,
    period_to: period.to,
    facts: JSON.stringify(report.facts),
    created_at: report.now,
  });
  if (!stored) return null;
  await queueMail(
    tx,
    {
      tenantId: tenant.id,
      id,
      channel: 'smtp',
      kind,
      recipient: recipient.address,
      messageId: `<${id}@${domainOf(report.mailFrom)}>`,
      payload: { subject: mail.subject, text: mail.text, html: mail.html },
      reportId: id,
    },
    report.now,
  );
  return {
    tenantId: tenant.id,
    recipient: recipient.address,
    number: report.number,
    period,
    subject: mail.subject,
  };
}

/** Deterministic, so that a job that is run again after a crash makes the same report and the same Message-ID. */
function reportId(kind: string, tenantId: string, recipient: string, from: number): string {
  const hash = createHash('sha256').update(JSON.stringify([kind, tenantId, recipient, from]));
  return `${kind}-${hash.digest('hex').slice(0, 24)}`;
}

/** Domain of `name <user@domain>` or `user@domain`; a Message-ID needs one (RFC 5322, 3.6.4). */
function domainOf(mailFrom: string): string {
  return /@([A-Za-z0-9.-]+)/u.exec(mailFrom)?.[1]?.toLowerCase() ?? 'tenantwatch.invalid';
}
