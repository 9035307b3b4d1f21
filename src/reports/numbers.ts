import type { Level } from '../model/alert.ts';
import type { AlertRow } from '../store/alerts.ts';
import { currentCapabilities } from '../store/capabilities.ts';
import type { Db } from '../store/database.ts';
import { joinersIn } from '../store/people.ts';
import { sourceStates, type SourceStateRow } from '../store/reads.ts';
import { accountNames, leavers } from '../store/reports.ts';
import { cleanWord } from '../text/hostile.ts';
import { ESSENTIAL_SOURCES, readSpans } from './coverage.ts';
import type { Period } from './due.ts';
import type { Numbers, People } from './facts.ts';
import { isSerious } from './level.ts';
import { coveredHours, intersect } from './spans.ts';
import { isSkip } from './causes.ts';

/** A leaver of the report: gone in the period, or still with something open. */
type Leaver = Awaited<ReturnType<typeof leavers>>[number];

/** Accounts that left in the period or still have something open. */
export async function leaversOf(db: Db, tenantId: string, period: Period, at: number): Promise<Leaver[]> {
  const gone = await leavers(db, tenantId, at);
  return gone.filter((person) => person.open > 0 || within(period, person.since));
}

function within(period: Period, at: number | null): boolean {
  return at !== null && at >= period.from && at < period.to;
}

export function seriousOf(news: readonly AlertRow[]): Numbers['serious'] {
  const serious = news.filter((alert) => isSerious(alert.level as Level) && alert.expected_by === null);
  const subjects = (alerts: readonly AlertRow[]): number =>
    new Set(alerts.map((alert) => alert.subject)).size;
  return { count: subjects(serious), open: subjects(serious.filter((alert) => alert.state === 'open')) };
}

/** Hours we could watch, judged now: a late window or a read that came in since counts. */
export async function hoursOf(db: Db, tenantId: string, period: Period): Promise<Numbers['hours']> {
  const spans = new Map<string, Period[]>();
  for (const source of ESSENTIAL_SOURCES) spans.set(source, await readSpans(db, tenantId, source, period));
  const off = await sourcesOff(db, tenantId);
  // A source that was read in part of the period is not left out: its unread hours are the reader's loss.
  const without = [...spans.keys()].filter(
    (source) => off.has(source) && intersect([period], spans.get(source) ?? []).length === 0,
  );
  const needed = [...spans].filter(([source]) => !without.includes(source)).map(([, covered]) => covered);
  const watched = needed.length === 0 ? [] : needed.reduce(intersect, [period]);
  const covered = (source: string): number => coveredHours(period, spans.get(source) ?? []).covered;
  return {
    watched: coveredHours(period, watched).covered,
    signIns: covered('sign-ins'),
    audits: covered('directory-audits'),
    of: coveredHours(period, []).of,
    without,
  };
}

/** Off as last answered: a run that failed since (a secret that ended) does not bring a licence back. */
async function sourcesOff(db: Db, tenantId: string): Promise<Set<string>> {
  const known = await currentCapabilities(db, tenantId);
  const states = await sourceStates(db, tenantId);
  const reasonOf = (state: SourceStateRow): string | null =>
    state.last_status === 'failed'
      ? (known.get(`source:${state.source}`)?.reason ?? null)
      : state.last_status === 'skipped'
        ? state.last_reason
        : null;
  return new Set(
    states
      .filter((state) => isSkip(reasonOf(state)) && reasonOf(state) !== 'paused')
      .map((state) => state.source),
  );
}

/** Who came and who went. */
export async function peopleOf(
  db: Db,
  tenantId: string,
  period: Period,
  left: readonly Leaver[],
): Promise<People> {
  const joiners = await joinersIn(db, tenantId, period.from, period.to);
  const open = [...left].filter((person) => person.open > 0).sort((a, b) => b.open - a.open);
  const names = await accountNames(
    db,
    tenantId,
    open.map((person) => person.id),
  );
  return {
    joined: { count: joiners.length, complete: joiners.filter((one) => !one.open).length },
    left: {
      count: left.length,
      open: open.map(({ id, open: items }) => ({ name: cleanWord(names.get(id) ?? '') || null, items })),
    },
  };
}
