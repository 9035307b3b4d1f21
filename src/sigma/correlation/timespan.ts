/**
 * ms per unit. s, m, h and d are the specification's; w, M and y are pySigma's and sigmahq.io's, where a month is
 * 30.436875 days and a year 365.2425 days (the means of the Gregorian calendar).
 */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
  ['M', 2_629_746_000],
  ['y', 31_556_952_000],
]);

/** Reads `<integer><unit>` as ms; null for anything else, `1h30m` and `0s` among it. */
export function parseTimespan(text: string): number | null {
  const match = /^(\d{1,9})([smhdwMy])$/.exec(text);
  if (match === null) return null;
  const ms = Number(match[1]) * (UNITS.get(match[2] ?? '') ?? 0);
  return ms > 0 && Number.isSafeInteger(ms) ? ms : null;
}
