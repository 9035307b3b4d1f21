/** One record (or one lasting truth of a check) that shows what an alert says. Times are UTC epoch ms. */
export interface Evidence {
  readonly feed: string;
  readonly nativeId: string;
  /** Event time; for a lasting truth its start. */
  readonly at: number;
  /**
   * `point`: it happened at `at`. `between`: it happened somewhere in [from, to], the previous and this read.
   * `lasting`: it was true all through [from, to].
   */
  readonly certainty: 'point' | 'between' | 'lasting';
  readonly from: number;
  readonly to: number;
}

/** Something that ended what the alert says: a removal, a closing read, a closing by a person. */
export interface Undo {
  readonly certainty: 'point' | 'between';
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** One continuous holding. `evidence` is sorted by event time. */
export interface Occurrence {
  readonly start: number;
  readonly end: number;
  readonly evidence: readonly Evidence[];
}

interface Span {
  readonly evidence: Evidence;
  readonly start: number;
  readonly end: number;
}

/**
 * Splits evidence into occurrences. A new one starts after an undo, or after a gap longer than `rearmMs`.
 * Evidence `between` two reads joins the latest thing known to have happened inside that span.
 * A pure function of the two sets: neither order nor repetition changes the result.
 */
export function occurrences(
  evidence: readonly Evidence[],
  undos: readonly Undo[],
  rearmMs: number,
): Occurrence[] {
  const distinct = [...new Map(evidence.map((one) => [evidenceKey(one), one])).values()];
  const anchors = distinct.filter((one) => one.certainty !== 'between').map((one) => one.at);
  const spans = distinct.map((one) => spanOf(one, anchors)).sort(bySpan);
  const ends = undoTimes(undos);
  const groups: Span[][] = [];
  let reach = 0;
  for (const span of spans) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group && last && span.start - reach <= rearmMs && !endedBetween(ends, last.start, span.start)) {
      group.push(span);
      reach = Math.max(reach, span.end);
    } else {
      groups.push([span]);
      reach = span.end;
    }
  }
  return groups.map(toOccurrence);
}

export function evidenceKey(evidence: { readonly feed: string; readonly nativeId: string }): string {
  return `${evidence.feed}\n${evidence.nativeId}`;
}

function spanOf(evidence: Evidence, anchors: readonly number[]): Span {
  if (evidence.certainty === 'point') return { evidence, start: evidence.at, end: evidence.at };
  if (evidence.certainty === 'lasting') return { evidence, start: evidence.from, end: evidence.to };
  const inside = anchors.filter((at) => at >= evidence.from && at <= evidence.to);
  // Nothing inside: the read that saw it is all that is known. Something inside: it held from then until that read.
  const start = inside.length === 0 ? evidence.to : Math.max(...inside);
  return { evidence, start, end: evidence.to };
}

function bySpan(a: Span, b: Span): number {
  return (
    a.start - b.start || rank(a) - rank(b) || compareText(evidenceKey(a.evidence), evidenceKey(b.evidence))
  );
}

/** At the same instant the thing itself comes before the snapshot that also shows it. */
function rank(span: Span): number {
  return span.evidence.certainty === 'between' ? 1 : 0;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Instants of the undos, sorted. A snapshot's removal counts only when no dated one lies inside its span, and then just
 * before the read that saw it: what that same read saw as added came after.
 */
function undoTimes(undos: readonly Undo[]): number[] {
  const dated = undos.filter((undo) => undo.certainty === 'point').map((undo) => undo.at);
  const seen = undos
    .filter((undo) => undo.certainty === 'between' && !dated.some((at) => at >= undo.from && at <= undo.to))
    .map((undo) => undo.to - 0.5);
  return [...dated, ...seen].sort((a, b) => a - b);
}

function endedBetween(ends: readonly number[], from: number, to: number): boolean {
  return ends.some((at) => from <= at && at < to);
}

function toOccurrence(spans: readonly Span[]): Occurrence {
  const first = spans[0];
  if (first === undefined) throw new Error('make occurrence: it has no evidence');
  return {
    start: first.start,
    end: Math.max(...spans.map((span) => span.end)),
    evidence: spans.map((span) => span.evidence),
  };
}
