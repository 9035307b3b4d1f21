import type { Period } from './due.ts';

const HOUR_MS = 3_600_000;

/** Sorted spans without overlap. */
export function unite(spans: readonly Period[]): Period[] {
  const united: Period[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = united.at(-1);
    if (last === undefined || span.from > last.to) united.push(span);
    else united[united.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
  }
  return united;
}

/** What two sorted lists share. */
export function intersect(left: readonly Period[], right: readonly Period[]): Period[] {
  const shared = left.flatMap((a) =>
    right.map((b) => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) })),
  );
  return unite(shared.filter((span) => span.from < span.to));
}

/** What of `whole` the sorted spans leave open. */
export function holes(whole: Period, spans: readonly Period[]): Period[] {
  const open: Period[] = [];
  let from = whole.from;
  for (const span of intersect([whole], spans)) {
    if (span.from > from) open.push({ from, to: span.from });
    from = span.to;
  }
  if (from < whole.to) open.push({ from, to: whole.to });
  return open;
}

/** Hours of a period, counted from its start; an hour counts as covered only when it is covered to the last ms. */
export function coveredHours(whole: Period, spans: readonly Period[]): { covered: number; of: number } {
  const inside = intersect([whole], spans);
  const of = Math.round((whole.to - whole.from) / HOUR_MS);
  const covered = inside.reduce((sum, span) => {
    const first = Math.ceil((span.from - whole.from) / HOUR_MS);
    const last = Math.floor((span.to - whole.from) / HOUR_MS);
    return sum + Math.max(0, last - first);
  }, 0);
  return { covered: Math.min(covered, of), of };
}
