import { collectors, type Collector } from '../collectors/index.ts';
import { capabilitySpans } from '../store/capabilities.ts';
import type { Db } from '../store/database.ts';
import { lagBetween, lateBetween, type FoundBy, type Lag, type LateCount } from '../store/lateness.ts';
import { ledgerOf, settledSpan } from '../store/ledger.ts';
import { runsOf } from '../store/reports.ts';
import type { TimeSpan } from '../store/spans.ts';
import { listTenants, tenantTitle } from '../store/tenants.ts';
import { PENDING, windowsSince, type WindowRow } from '../store/windows.ts';
import {
  countHours,
  coverageDays,
  type CoverageDay,
  type HourState,
  type SourceSpans,
} from './coverage-hours.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A state counts as seen for this long after an ok read, as in the weekly mail (slowest interval: a day). */
const STATE_STALE_MS = 26 * HOUR_MS;

export interface SourceCoverageFacts {
  readonly source: string;
  readonly kind: 'log' | 'state';
  readonly days: readonly CoverageDay[];
  readonly hours: Readonly<Record<HourState, number>>;
  /** Hours that were due and visible, and those of them that were read whole. */
  readonly hoursDue: number;
  readonly hoursSeen: number;
  /** UTC epoch ms; null for a state, and before the first. */
  readonly watermark: number | null;
  /** Records that came after their span had been read, by what found them; `beyond` came later than L. */
  readonly late: readonly LateCount[];
  /** Maximum recoverable lateness L, ms. */
  readonly latenessMs: number | null;
  /** From the event to our store; null without records since enrolment. */
  readonly lag: Lag | null;
  /** From readable to our store, where Microsoft says when that was. */
  readonly readableLag: Lag | null;
  /** What waits to be read or was given up, newest first. */
  readonly unread: readonly { from: number; to: number; status: string; reason: string | null }[];
}

export interface TenantCoverage {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly enrolledAt: number | null;
  readonly from: number;
  readonly to: number;
  readonly sources: readonly SourceCoverageFacts[];
}

/** What was seen of each tenant between two instants, source by source and hour by hour; of one tenant when named. */
export async function tenantCoverages(
  db: Db,
  span: TimeSpan,
  now: number,
  tenant: string | null,
): Promise<TenantCoverage[]> {
  const rows = (await listTenants(db)).filter((row) => {
    if (tenant === null) return row.state === 'active';
    return [row.tenant_id, row.name.toLowerCase(), row.domain].includes(tenant.toLowerCase());
  });
  const found: TenantCoverage[] = [];
  for (const row of rows) {
    const sources: SourceCoverageFacts[] = [];
    for (const collector of collectors)
      sources.push(await coverageOf(db, row.tenant_id, collector, { ...row, span, now }));
    found.push({
      id: row.tenant_id,
      name: await tenantTitle(db, { id: row.tenant_id, name: row.name }),
      zone: row.timezone,
      enrolledAt: row.enrolled_at,
      ...span,
      sources,
    });
  }
  return found;
}

interface Question {
  readonly timezone: string;
  readonly enrolled_at: number | null;
  readonly span: TimeSpan;
  readonly now: number;
}

async function coverageOf(
  db: Db,
  tenantId: string,
  collector: Collector,
  question: Question,
): Promise<SourceCoverageFacts> {
  const { source } = collector;
  const { span, now } = question;
  const windows = collector.kind === 'log' ? await windowsSince(db, tenantId, source, 0) : [];
  const ledger = collector.kind === 'log' ? await ledgerOf(db, tenantId, source) : null;
  const off = await capabilitySpans(db, tenantId, `source:${source}`, 'off', { from: span.from, to: now });
  const seen =
    collector.kind === 'log'
      ? logSpans(windows, ledger?.settle_ms ?? 0)
      : await stateSpans(db, tenantId, collector, question);
  const graceMs = Math.max(4 * intervalOf(collector), 10 * MINUTE_MS);
  const spans = { ...seen, notVisible: visibleLater(off, windows), graceMs };
  const days = coverageDays(spans, span, question.timezone, now);
  const hours = countHours(days);
  const due = hours.seen + hours.settling + hours.partly + hours.unseen + hours.given_up;
  return {
    source,
    kind: collector.kind,
    days,
    hours,
    hoursDue: due,
    hoursSeen: hours.seen + hours.settling,
    watermark: ledger?.watermark ?? null,
    late: [...(await lateBetween(db, tenantId, source, span.from, span.to)).values()].sort(
      (a, b) => ORDER.indexOf(a.foundBy) - ORDER.indexOf(b.foundBy),
    ),
    latenessMs: ledger?.lateness_ms ?? null,
    lag: await lagBetween(db, tenantId, source, 'event', span.from, span.to),
    readableLag: await lagBetween(db, tenantId, source, 'readable', span.from, span.to),
    unread: unreadOf(windows, span),
  };
}

const ORDER: readonly FoundBy[] = ['overlap', 'settle', 'reread', 'manual', 'beyond'];

function intervalOf(collector: Collector): number {
  return collector.kind === 'log' ? collector.settings.intervalMs : collector.intervalMs;
}

/**
 * A source that is refused was not visible since the last time that it was read: it is found out only by the next
 * question. Without windows (a state) the capability's own span stands.
 */
function visibleLater(off: readonly TimeSpan[], windows: readonly WindowRow[]): TimeSpan[] {
  return off.map((span) => {
    const before = windows.filter((one) => one.status === 'complete' && one.to_at <= span.from);
    const refused = windows.filter((one) => PENDING.includes(one.status) || one.status === 'abandoned');
    const since = Math.max(...before.map((one) => one.to_at));
    const from = Math.min(span.from, ...refused.map((one) => one.from_at));
    return { from: Number.isFinite(since) ? Math.max(since, from) : from, to: span.to };
  });
}

function logSpans(
  windows: readonly WindowRow[],
  settleMs: number,
): Omit<SourceSpans, 'notVisible' | 'graceMs'> {
  const spansOf = (...states: string[]): TimeSpan[] =>
    windows
      .filter((window) => states.includes(window.status))
      .map((window) => ({ from: window.from_at, to: window.to_at }));
  return {
    begin: windows.length === 0 ? null : Math.min(...windows.map((window) => window.from_at)),
    covered: spansOf('complete'),
    settled: windows.flatMap((window) => settledSpan(window, settleMs) ?? []),
    begun: spansOf('partial', 'running'),
    givenUp: spansOf('abandoned'),
  };
}

/** A state that was read is known for a while; a state of the past cannot be read later. */
async function stateSpans(
  db: Db,
  tenantId: string,
  collector: Collector,
  { enrolled_at: begin, span, now }: Question,
): Promise<Omit<SourceSpans, 'notVisible' | 'graceMs'>> {
  const knownMs = Math.max(intervalOf(collector) + HOUR_MS, STATE_STALE_MS);
  const runs = await runsOf(db, tenantId, collector.source, span.from - knownMs, now + 1);
  const covered = runs
    .filter((run) => run.status === 'ok')
    .map((run) => ({ from: run.started_at, to: Math.min(run.started_at + knownMs, now) }));
  // The hour of the first read counts from that read on.
  const first = covered[0]?.from ?? null;
  const late = begin === null || first === null || first - begin > HOUR_MS;
  return { begin: late ? begin : first, covered, settled: covered, begun: [], givenUp: [] };
}

function unreadOf(windows: readonly WindowRow[], span: TimeSpan): SourceCoverageFacts['unread'] {
  return windows
    .filter((window) => PENDING.includes(window.status) || window.status === 'abandoned')
    .filter((window) => window.from_at < span.to && window.to_at > span.from)
    .sort((a, b) => b.to_at - a.to_at)
    .map((window) => ({
      from: window.from_at,
      to: window.to_at,
      status: window.status,
      reason: window.reason,
    }));
}
