import type { Db } from '../store/database.ts';
import { runsOf } from '../store/reports.ts';
import { coveredSpans } from '../store/windows.ts';
import type { Period } from './due.ts';
import { unite } from './spans.ts';

const HOUR_MS = 3_600_000;

/** Logs without which we cannot say how a week was: their hours are counted. */
export const ESSENTIAL = ['sign-ins', 'directory-audits'] as const;
/**
 * Sources whose records show the same as an essential one, where that one is off: sign-ins also stand in the audit log of
 * Entra ID. Its windows are spans of when Microsoft put the records together, up to an hour and a half after the sign-in.
 */
const STAND_INS: Readonly<Record<string, string>> = { 'sign-ins': 'audit-azure-ad' };

/** The source that shows the same as this one; null when none does. */
export function standInOf(source: string): string | null {
  return STAND_INS[source] ?? null;
}

/** States without which we cannot either. */
export const ESSENTIAL_STATES = ['users', 'role-assignments', 'mailbox-rules'] as const;
/** All that the hours of the weekly mail count. */
export const ESSENTIAL_SOURCES: readonly string[] = [...ESSENTIAL, ...ESSENTIAL_STATES];

/** What every rule leans on without naming it: own domains, licences, names of roles. */
export const CONTEXT_SOURCES: readonly string[] = ['organization', 'subscribed-skus', 'role-definitions'];

/** A source without an ok run for longer than this is told even when nothing failed (slowest interval: a day). */
export const STALE_MS = 26 * HOUR_MS;

/** When an essential source, or one that shows the same, was read: windows of a log, and for a state 26 hours from each run that was ok. */
export async function readSpans(db: Db, tenantId: string, source: string, period: Period): Promise<Period[]> {
  if (!ESSENTIAL_STATES.some((state) => state === source)) {
    const { from, to } = period;
    const own = await coveredSpans(db, tenantId, source, from, to);
    const standIn = standInOf(source);
    return standIn === null ? own : unite([...own, ...(await coveredSpans(db, tenantId, standIn, from, to))]);
  }
  const runs = await runsOf(db, tenantId, source, period.from - STALE_MS, period.to);
  return unite(
    runs
      .filter((run) => run.status === 'ok')
      .map((run) => ({ from: run.started_at, to: run.started_at + STALE_MS })),
  );
}
