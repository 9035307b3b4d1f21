import { mergeTerms, type LinkedCorrelation } from '../sigma/index.ts';
import type { CorrelationHitRow } from '../store/correlation-hits.ts';
import type { TermRow } from '../store/terms.ts';
import { shortHash, toHit } from './correlation-rows.ts';

/** What is left of stored spans once the hits of the same time were read: the part before them. */
export function spansBefore(terms: readonly TermRow[], cutoff: number): TermRow[] {
  return terms
    .filter((row) => row.from_at < cutoff)
    .map((row) => ({ ...row, to_at: Math.min(row.to_at, cutoff) }));
}

/** Whether sightings only carry known terms on, so that nothing is to be judged; the spans then, else null. */
export function carriedOn(
  linked: LinkedCorrelation,
  rows: readonly CorrelationHitRow[],
  terms: readonly TermRow[],
  evidenceMs: number,
): TermRow[] | null {
  const { timespanMs } = linked.correlation;
  const spans: { -readonly [K in keyof TermRow]: TermRow[K] }[] = terms.map((row) => ({ ...row }));
  for (const row of rows) {
    for (const value of toHit(row).values) {
      const term = shortHash(value);
      const own = spans.filter((span) => span.term_hash === term);
      const span = own.find(
        (one) => one.from_at + evidenceMs < row.occurred_at && row.occurred_at <= one.to_at + timespanMs,
      );
      if (span === undefined) return null;
      span.to_at = Math.max(span.to_at, row.occurred_at);
      if (
        mergeTerms(
          own.map((one) => ({ from: one.from_at, to: one.to_at })),
          timespanMs,
        ).length < own.length
      )
        return null;
    }
  }
  return spans;
}
