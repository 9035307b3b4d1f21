import { textsFor, type Texts } from '../text/catalogue.ts';
import { clockTime, dayKey, dayMonth, fullDate, weekday, type Locale } from '../text/intl.ts';
import { weekOf, type Period } from './due.ts';

/** A reader's words and zone. */
export interface Voice {
  readonly texts: Texts;
  readonly locale: Locale;
}

export function voiceOf(reader: { readonly language: string; readonly timezone: string }): Voice {
  const texts = textsFor(reader.language);
  return { texts, locale: { language: texts.tag, timezone: reader.timezone } };
}

export function periodText(period: Period, { texts, locale }: Voice): string {
  const week = weekOf(period, locale.timezone);
  if (week !== null) return texts.week(week);
  return texts.days(dayMonth(locale, period.from), dayMonth(locale, period.to - 1));
}

/** `Tuesday 09:41` inside the period, `3 October 14:02` outside it. */
export function momentText(at: number, period: Period, { texts, locale }: Voice): string {
  const inside = at >= period.from && at < period.to;
  return texts.at(inside ? weekday(locale, at) : dayMonth(locale, at), clockTime(locale, at));
}

/** `Friday 27 November`, with the year only where it is another than that of `now`. */
export function dateText(at: number, now: number, { texts, locale }: Voice): string {
  const sameYear = dayKey(locale, at).slice(0, 4) === dayKey(locale, now).slice(0, 4);
  return texts.onDay(weekday(locale, at), sameYear ? dayMonth(locale, at) : fullDate(locale, at));
}

const MINUTE_MS = 60_000;

/** `3 hours`; null below a minute. */
export function durationText(ms: number, { texts }: Voice): string | null {
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 1) return null;
  if (minutes < 90) return texts.duration.minutes(minutes);
  const hours = Math.round(minutes / 60);
  return hours < 48 ? texts.duration.hours(hours) : texts.duration.days(Math.round(hours / 24));
}

/** Titles are headlines without a full stop; in a row of sentences they need one. */
export function sentence(text: string): string {
  return text === '' || /[.!?…]$/u.test(text) ? text : `${text}.`;
}
