import { DateTime } from 'luxon';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** One calendar day in a zone. */
export interface LocalDay {
  /** Local date, `2026-03-29`. */
  readonly date: string;
  /** ISO weekday, 1 = Monday. */
  readonly weekday: number;
  /** ISO week number, 1 to 53. */
  readonly week: number;
  readonly working: boolean;
  /** UTC epoch ms of a wall-clock time on this day, daylight saving aware; 7.5 = 07:30. */
  at(hour: number): number;
}

/** The local days that touch [from, to] (UTC epoch ms), oldest first. */
export function localDays(from: number, to: number, zone: string): LocalDay[] {
  const days: LocalDay[] = [];
  let day = DateTime.fromMillis(from, { zone }).startOf('day');
  while (day.toMillis() <= to) {
    days.push(localDay(day));
    day = day.plus({ days: 1 });
  }
  return days;
}

/** The n-th working day before the local date of `to`: 1 = the last complete one. */
export function workingDayBefore(to: number, zone: string, n: number): LocalDay {
  let day = DateTime.fromMillis(to, { zone }).startOf('day');
  for (let found = 0; found < n;) {
    day = day.minus({ days: 1 });
    if (day.weekday <= 5) found += 1;
  }
  return localDay(day);
}

/** `2026-07-17T14:10:02Z`: whole seconds, as sign-ins and directory objects have them. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function localDay(day: DateTime): LocalDay {
  return {
    date: day.toISODate() ?? '',
    weekday: day.weekday,
    week: day.weekNumber,
    working: day.weekday <= 5,
    at(hour) {
      const seconds = Math.round(hour * 3600);
      const wall = {
        hour: Math.floor(seconds / 3600),
        minute: Math.floor(seconds / 60) % 60,
        second: seconds % 60,
      };
      return day.set(wall).toMillis();
    },
  };
}
