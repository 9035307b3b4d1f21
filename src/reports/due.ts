import { DateTime } from 'luxon';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** When a weekly report is due, in the reader's own time. */
export interface Due {
  /** ISO weekday, 1 = Monday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

/** Reads `mon 07:00`. Throws when it is anything else. */
export function parseDue(text: string): Due {
  const match = /^([a-z]{3}) ([01]\d|2[0-3]):([0-5]\d)$/u.exec(text.trim().toLowerCase());
  const weekday = WEEKDAYS.indexOf(match?.[1] ?? '') + 1;
  if (match === null || weekday === 0) {
    throw new Error(`read due time: '${text}' is no weekday and time; write for instance 'mon 07:00'`);
  }
  return { weekday, hour: Number(match[2]), minute: Number(match[3]) };
}

/** One time a report falls due. UTC epoch ms. */
export interface DueTime {
  readonly dueAt: number;
  /** Where its period ends: the local midnight that begins the due day, so that a period is whole local days. */
  readonly periodTo: number;
}

/** The latest due time not after `now`. A time that a clock change skips falls due as much later as the clock jumps. */
export function latestDue(due: Due, timezone: string, now: number): DueTime {
  const local = DateTime.fromMillis(now, { zone: timezone });
  const day = local.startOf('day').minus({ days: (local.weekday - due.weekday + 7) % 7 });
  const candidate = dueOn(due, day);
  return candidate.dueAt <= now ? candidate : dueOn(due, day.minus({ weeks: 1 }));
}

/** The first due time after `now`. */
export function nextDue(due: Due, timezone: string, now: number): DueTime {
  return neighbour(due, timezone, latestDue(due, timezone, now), 1);
}

function neighbour(due: Due, timezone: string, of: DueTime, weeks: number): DueTime {
  return dueOn(due, DateTime.fromMillis(of.periodTo, { zone: timezone }).plus({ weeks }));
}

function dueOn(due: Due, day: DateTime): DueTime {
  // startOf again: in some zones a clock change takes midnight away.
  const start = day.startOf('day');
  return {
    dueAt: start.set({ hour: due.hour, minute: due.minute }).toMillis(),
    periodTo: start.toMillis(),
  };
}

/** A span of time, UTC epoch ms, the end excluded. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** The last whole week before the latest due time. */
export function lastWeek(due: Due, timezone: string, now: number): Period {
  const latest = latestDue(due, timezone, now);
  return { from: neighbour(due, timezone, latest, -1).periodTo, to: latest.periodTo };
}

/** Less than this since the last report is no week of its own (a zone or weekday was changed): it joins the next. */
const SHORTEST_MS = 3.5 * 86_400_000;
/** Reports sent at once after the service was down; weeks before that are told in the first of them. */
const MOST_AT_ONCE = 4;

/**
 * The periods that are due and not yet reported, oldest first. They follow each other without a hole from the end of the
 * last report, so that what was first detected while nobody reported is told once. A reader without a report gets the
 * last week, if the tenant was there (`since`) when it fell due.
 */
export function duePeriods(
  due: Due,
  timezone: string,
  now: number,
  history: { readonly since: number; readonly reportedTo: number | null },
): Period[] {
  const latest = latestDue(due, timezone, now);
  if (history.reportedTo === null) {
    return latest.dueAt >= history.since ? [lastWeek(due, timezone, now)] : [];
  }
  const periods: Period[] = [];
  let from = history.reportedTo;
  let next = latestDue(due, timezone, from);
  while (next.periodTo < latest.periodTo) {
    next = neighbour(due, timezone, next, 1);
    if (next.periodTo - from < SHORTEST_MS) continue;
    periods.push({ from, to: next.periodTo });
    from = next.periodTo;
  }
  return joinOldest(periods);
}

function joinOldest(periods: readonly Period[]): Period[] {
  const surplus = periods.length - MOST_AT_ONCE;
  const first = periods[0];
  const last = periods[surplus];
  if (surplus <= 0 || first === undefined || last === undefined) return [...periods];
  return [{ from: first.from, to: last.to }, ...periods.slice(surplus + 1)];
}

/** ISO week that holds the middle of a period of about a week; null for a longer or shorter one. */
export function weekOf(period: Period, timezone: string): number | null {
  const days = (period.to - period.from) / 86_400_000;
  if (days < 6.5 || days > 7.5) return null;
  return DateTime.fromMillis((period.from + period.to) / 2, { zone: timezone }).weekNumber;
}

/** Local midnight that begins the `count`th working day (Monday to Friday) after the day of `at`. UTC epoch ms. */
export function workingDay(timezone: string, at: number, count: number): number {
  let day = DateTime.fromMillis(at, { zone: timezone }).startOf('day');
  for (let left = count; left > 0;) {
    day = day.plus({ days: 1 });
    if (day.weekday <= 5) left -= 1;
  }
  return day.startOf('day').toMillis();
}
