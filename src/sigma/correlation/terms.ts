import type { Coverage } from './coverage.ts';
import { coverBaseline } from './coverage.ts';
import type { EpisodeState } from './episode.ts';
import { holeText, timeText } from './episode.ts';
import type { LinkedCorrelation } from './link.ts';

/** A term was seen from one time to another without a gap longer than the baseline. ms, UTC epoch. */
export interface TermSpan {
  readonly from: number;
  readonly to: number;
}

/** A stored span: what outlives the hits it was made of. */
export interface TermRow extends TermSpan {
  readonly tenant: string;
  readonly correlation: string;
  readonly group: readonly string[];
  readonly term: string;
}

/**
 * Adds a sighting to the spans of one term, which are sorted and do not touch. Pure, and the same for every order:
 * spans are merged while the gap is at most the timespan. Each span's beginning is an occurrence of a new term.
 */
export function foldTerm(rows: readonly TermSpan[], at: number, timespan: number): TermSpan[] {
  return mergeTerms([...rows, { from: at, to: at }], timespan);
}

/** Merges spans of one term in any order. */
export function mergeTerms(spans: readonly TermSpan[], timespan: number): TermSpan[] {
  const merged: { from: number; to: number }[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && span.from - last.to <= timespan) last.to = Math.max(last.to, span.to);
    else merged.push({ from: span.from, to: span.to });
  }
  return merged;
}

/** Most gaps named in a reason. */
const MAX_GAPS = 5;

/** Whether an occurrence fires. */
export interface TermVerdict {
  readonly state: EpisodeState;
  readonly reason: string | null;
  /** The watermark from which a pending occurrence is to be judged again; Infinity: only when gaps are filled. */
  readonly due: number;
}

/**
 * Judges a term that was first seen at `start`, for a group known since `known`. A baseline that was not read enough
 * is pending; a group that is young although all was read is just new itself and stays quiet.
 */
export function judgeTerm(
  linked: LinkedCorrelation,
  start: number,
  known: number,
  coverage: Coverage,
): TermVerdict {
  const { condition, timespanMs } = linked.correlation;
  const minimum = condition.kind === 'new_terms' ? condition.minimumBaselineMs : 0;
  const baseline = coverBaseline(coverage, start, timespanMs);
  if (!baseline.enough) {
    const named = baseline.gaps.slice(0, MAX_GAPS).map(holeText).join(', ');
    const more = baseline.gaps.length > MAX_GAPS ? ` and ${baseline.gaps.length - MAX_GAPS} more` : '';
    const reason = `less than 95 % of the baseline's hours were read; missing: ${named}${more}`;
    return { state: 'pending', reason, due: baseline.enoughFrom };
  }
  if (known <= start - minimum) return { state: 'fired', reason: null, due: Infinity };
  return { state: 'quiet', reason: `the group is known only since ${timeText(known)}`, due: Infinity };
}
