/** Forms of a word by plural category; `other` always exists. English uses one and other, Polish also few and many. */
export type PluralForms = { readonly other: string } & Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;

/** The form for `count`, with `#` replaced by the number as the language writes it. */
export function plural(language: string, count: number, forms: PluralForms): string {
  const form = forms[new Intl.PluralRules(language).select(count)] ?? forms.other;
  return form.replaceAll('#', formatNumber(language, count));
}

export function formatNumber(language: string, value: number): string {
  return new Intl.NumberFormat(language).format(value);
}

/** A reader: language tag and IANA zone. All times below are UTC epoch ms, told in that zone. */
export interface Locale {
  readonly language: string;
  readonly timezone: string;
}

function format(locale: Locale, at: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale.language, { timeZone: locale.timezone, ...options }).format(at);
}

/** `Tuesday` */
export function weekday(locale: Locale, at: number): string {
  return format(locale, at, { weekday: 'long' });
}

/** `09:41` */
export function clockTime(locale: Locale, at: number): string {
  return format(locale, at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** `17 November` */
export function dayMonth(locale: Locale, at: number): string {
  return format(locale, at, { day: 'numeric', month: 'long' });
}

/** `17 November 2026` */
export function fullDate(locale: Locale, at: number): string {
  return format(locale, at, { day: 'numeric', month: 'long', year: 'numeric' });
}

/** `2026-11-17` in the reader's zone: to ask whether two times fall on one day. */
export function dayKey(locale: Locale, at: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: locale.timezone }).format(at);
}

/** `Netherlands` for `NL` (ISO 3166-1 alpha-2); what is no code stays as it is. */
export function countryName(language: string, code: string): string {
  if (!/^[A-Z]{2}$/u.test(code)) return code;
  return new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code;
}

/** `Anna, Bo and Cy` */
export function listOf(language: string, words: readonly string[]): string {
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(words);
}
