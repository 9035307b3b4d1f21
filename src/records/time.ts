// Graph: `2026-07-17T14:10:02Z`, with up to 7 decimals; diagnostic exports write `+00:00` [wire-facts].
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

/** UTC epoch ms of a Graph time, cut to the ms; null for anything else and for year 1, .NET's word for "no time". */
export function instant(value: unknown): number | null {
  if (typeof value !== 'string' || !INSTANT.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) || value.startsWith('0001-') ? null : ms;
}
