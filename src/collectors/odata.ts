import type { Span } from './collector.ts';

/**
 * A filter for one span. signIns takes only eq, le and ge, and its records carry whole seconds, so both ends are
 * rounded outwards and the end is included: a record on the border is read twice and stored once.
 */
export function createdBetween(property: string, span: Span): string {
  return `${property} ge ${wholeSecond(Math.floor(span.from / 1000))} and ${property} le ${wholeSecond(Math.ceil(span.to / 1000))}`;
}

function wholeSecond(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
