/** Where a hit happened. */
export interface Place {
  /** Degrees, north positive. */
  readonly latitude: number;
  /** Degrees, east positive. */
  readonly longitude: number;
  /** Folded values of the condition's `same` fields, in its order; null where absent. */
  readonly same: readonly (string | null)[];
}

/**
 * One base rule matched one event, seen by one correlation and one of its groups. Plain data: it can be stored as it
 * is, and the stored hits are all the state there is.
 */
export interface CorrelationHit {
  /** Key of the linked correlation. */
  readonly correlation: string;
  readonly tenant: string;
  /** Folded values of group-by, in its order. */
  readonly group: readonly string[];
  /** Key of the base. */
  readonly base: string;
  readonly event: string;
  /** What was done, however many records show it; counts are over these. The event itself where no act is known. */
  readonly act: string;
  /** Event time, ms, UTC epoch. */
  readonly at: number;
  readonly source: string;
  /** Counted values or terms, folded; tuples as JSON. */
  readonly values: readonly string[];
  /** Summed or averaged numbers. */
  readonly numbers: readonly number[];
  readonly place: Place | null;
}

/** Event time, then event id, then base: the same for every order of arrival. */
export function compareHits(a: CorrelationHit, b: CorrelationHit): number {
  return a.at - b.at || compareTexts(a.event, b.event) || compareTexts(a.base, b.base);
}

/** By UTF-16 units: no locale may change the order. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What makes two hits of one group the same hit. */
export function hitKey(hit: CorrelationHit): string {
  return `${hit.base}\0${hit.event}`;
}

/** A group's key within its tenant and correlation. */
export function groupKey(group: readonly string[]): string {
  return JSON.stringify(group);
}

/**
 * The hit to keep of two with one key. They differ only if a record was read twice with other content and not
 * replaced; the choice must then not depend on which came first.
 */
export function preferredHit(a: CorrelationHit, b: CorrelationHit): CorrelationHit {
  const order = compareHits(a, b) || compareTexts(JSON.stringify(a), JSON.stringify(b));
  return order > 0 ? b : a;
}

/** Index of the first hit at or after a time. */
export function lowerBound(list: readonly { readonly at: number }[], at: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.at ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first hit after a time. */
export function upperBound(list: readonly { readonly at: number }[], at: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.at ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
