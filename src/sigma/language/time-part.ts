import type { TimePart, TimePartValue } from './ast.ts';
import type { LeafTest } from '../matching/path.ts';

/** Smallest and largest value of each part. */
export const TIME_PARTS: ReadonlyMap<TimePart, readonly [number, number]> = new Map<
  TimePart,
  readonly [number, number]
>([
  ['minute', [0, 59]],
  ['hour', [0, 23]],
  ['day', [1, 31]],
  ['week', [1, 53]],
  ['month', [1, 12]],
  ['year', [1, 9999]],
]);

/** ISO 8601 as Microsoft writes it: up to seven decimals; no zone (the unified audit log) means UTC. */
const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?:[Zz]|([+-])(\d{2}):?(\d{2}))?)?$/;
const LONGEST_TIMESTAMP = 40;
const MINUTE = 60_000;
const DAY = 86_400_000;
/** The range of Date, ECMA-262 "Time Values and Time Range". */
const MAX_TIME = 8.64e15;

/** Compiles the test of one leaf: a timestamp as text, or a number of ms since 1970 UTC; anything else fails. */
export function compileTimePart(wanted: TimePartValue): LeafTest {
  const { part, operator, value } = wanted;
  return (leaf) => {
    const time = typeof leaf === 'number' ? leaf : typeof leaf === 'string' ? parseTimestamp(leaf) : null;
    if (time === null || !(Math.abs(time) <= MAX_TIME)) return false;
    const found = readPart(new Date(time), part);
    if (operator === 'eq') return found === value;
    if (operator === 'lt') return found < value;
    if (operator === 'lte') return found <= value;
    return operator === 'gt' ? found > value : found >= value;
  };
}

/** UTC epoch in ms (fractions of a second left out), or null where the text is no ISO 8601 date or time. */
export function parseTimestamp(text: string): number | null {
  const match = text.length > LONGEST_TIMESTAMP ? null : TIMESTAMP.exec(text);
  if (match === null) return null;
  const number = (group: number): number => Number(match[group] ?? 0);
  const day = dayOf(number(1), number(2), number(3));
  const [hour, minute, second] = [number(4), number(5), number(6)];
  if (day === null || hour > 23 || minute > 59 || second > 60) return null;
  const shift = (number(8) * 60 + number(9)) * MINUTE;
  const local = day + (hour * 60 + minute) * MINUTE + second * 1000;
  return match[7] === '-' ? local + shift : local - shift;
}

/** UTC midnight of a day, or null where the calendar does not have it. */
function dayOf(year: number, month: number, day: number): number | null {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : null;
}

function readPart(date: Date, part: TimePart): number {
  switch (part) {
    case 'minute':
      return date.getUTCMinutes();
    case 'hour':
      return date.getUTCHours();
    case 'day':
      return date.getUTCDate();
    case 'week':
      return isoWeek(date);
    case 'month':
      return date.getUTCMonth() + 1;
    case 'year':
      return date.getUTCFullYear();
  }
}

/** ISO 8601: weeks begin on Monday, and week 1 holds the year's first Thursday. */
function isoWeek(date: Date): number {
  const midnight = Math.floor(date.getTime() / DAY) * DAY;
  const weekday = (date.getUTCDay() + 6) % 7;
  const thursday = new Date(midnight + (3 - weekday) * DAY);
  const newYear = new Date(0);
  newYear.setUTCFullYear(thursday.getUTCFullYear(), 0, 1);
  return 1 + Math.floor((thursday.getTime() - newYear.getTime()) / (7 * DAY));
}
