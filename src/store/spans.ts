/** Half-open span of time, UTC epoch ms. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** Sorted spans without overlap; those that touch become one. */
export function unite(spans: readonly TimeSpan[]): TimeSpan[] {
  const united: { from: number; to: number }[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = united.at(-1);
    if (last === undefined || span.from > last.to) united.push({ from: span.from, to: span.to });
    else last.to = Math.max(last.to, span.to);
  }
  return united;
}

/** What of `whole` the spans leave open, in order; they may overlap and need no order. */
export function openSpans(whole: TimeSpan, spans: readonly TimeSpan[]): TimeSpan[] {
  const open: TimeSpan[] = [];
  let from = whole.from;
  for (const span of unite(spans)) {
    if (span.to <= from) continue;
    if (span.from >= whole.to) break;
    if (span.from > from) open.push({ from, to: span.from });
    from = span.to;
  }
  if (from < whole.to) open.push({ from, to: whole.to });
  return open;
}

/** Whether one of the united, sorted spans holds the whole of `span`. */
export function holdsSpan(united: readonly TimeSpan[], span: TimeSpan): boolean {
  return united.some((one) => one.from <= span.from && span.to <= one.to);
}
