import { DateTime } from 'luxon';
import { openSpans, unite, type TimeSpan } from '../store/spans.ts';

const HOUR_MS = 3_600_000;

/**
 * One hour of one source. `settling` = read, but what comes late may still be missing; `partly` = not to the last minute;
 * `unseen` = still to be read, or not looked at; `given_up` = it can or will not be read any more; `not_visible` = licence
 * or permission was missing; `nothing_due` = before the beginning, or still to come.
 */
export type HourState =
  'seen' | 'settling' | 'partly' | 'unseen' | 'given_up' | 'not_visible' | 'nothing_due';

/** One day of a source in the tenant's zone; 23 or 25 hours when the clocks change. */
export interface CoverageDay {
  /** `2026-11-17`. */
  readonly date: string;
  readonly hours: readonly HourState[];
}

/** What is known of a source, UTC epoch ms; spans need no order. */
export interface SourceSpans {
  /** Nothing was due before: enrolment, or as far as the source kept data then. Null = nothing was ever planned. */
  readonly begin: number | null;
  readonly covered: readonly TimeSpan[];
  readonly settled: readonly TimeSpan[];
  readonly begun: readonly TimeSpan[];
  readonly givenUp: readonly TimeSpan[];
  readonly notVisible: readonly TimeSpan[];
  /** What was not read since is not missing yet while it is younger than this, ms. */
  readonly graceMs: number;
}

/** The days of [from, to) in a zone, hour by hour, as known at `now`. */
export function coverageDays(
  spans: SourceSpans,
  { from, to }: TimeSpan,
  zone: string,
  now: number,
): CoverageDay[] {
  const judge = hourJudge(spans, now);
  const days: CoverageDay[] = [];
  let day = DateTime.fromMillis(from, { zone }).startOf('day');
  while (day.toMillis() < to) {
    const next = day.plus({ days: 1 }).startOf('day');
    const hours: HourState[] = [];
    for (let at = day.toMillis(); at < next.toMillis(); at += HOUR_MS)
      hours.push(at + HOUR_MS <= from ? 'nothing_due' : judge(at, Math.min(at + HOUR_MS, next.toMillis())));
    days.push({ date: day.toISODate() ?? '', hours });
    day = next;
  }
  return days;
}

function hourJudge(spans: SourceSpans, now: number): (from: number, to: number) => HourState {
  const covered = unite(spans.covered);
  const settled = unite(spans.settled);
  // The newest minutes are not due while the next read is not.
  const lastRead = covered.at(-1)?.to ?? -Infinity;
  const due = now - lastRead <= spans.graceMs ? Math.min(now, lastRead) : now;
  return (from, to) => {
    if (spans.begin === null || to <= spans.begin || from >= now) return 'nothing_due';
    const hour = { from: Math.max(from, spans.begin), to: Math.min(to, due) };
    if (hour.from >= hour.to) return 'nothing_due';
    const open = openSpans(hour, covered);
    if (open.length === 0) {
      const whole = openSpans({ ...hour, to: Math.min(to, now) }, settled).length === 0;
      return whole ? 'seen' : 'settling';
    }
    const unread = open.reduce((sum, span) => sum + span.to - span.from, 0);
    if (unread < hour.to - hour.from) return 'partly';
    return unreadState(spans, hour);
  };
}

function unreadState(spans: SourceSpans, hour: TimeSpan): HourState {
  const touches = (list: readonly TimeSpan[]): boolean =>
    list.some((span) => span.from < hour.to && span.to > hour.from);
  if (touches(spans.notVisible)) return 'not_visible';
  if (touches(spans.givenUp)) return 'given_up';
  return touches(spans.begun) ? 'partly' : 'unseen';
}

/** Hours by state over all days. */
export function countHours(days: readonly CoverageDay[]): Readonly<Record<HourState, number>> {
  const counts: Record<HourState, number> = {
    seen: 0,
    settling: 0,
    partly: 0,
    unseen: 0,
    given_up: 0,
    not_visible: 0,
    nothing_due: 0,
  };
  for (const day of days) for (const hour of day.hours) counts[hour] += 1;
  return counts;
}
