/** What of the log sources under a correlation was read, for one tenant. Times are ms, UTC epoch. */
export interface Coverage {
  /** Nothing is known before; left out: everything was read from the beginning. */
  readonly from?: number;
  /** Everything before it was read, except the holes. */
  readonly watermark: number;
  /** Spans that were not read (or abandoned, or read with less capability): from inclusive, to exclusive. */
  readonly holes: readonly Hole[];
}

export interface Hole {
  readonly from: number;
  readonly to: number;
}

/** Before anything was read. */
export const NO_COVERAGE: Coverage = { watermark: -Infinity, holes: [] };

/** True if the closed span [from, to] touches what was not read, the time after the watermark aside. */
export function touchesHole(coverage: Coverage, from: number, to: number): boolean {
  if (coverage.from !== undefined && from < coverage.from) return true;
  return coverage.holes.some((hole) => hole.from <= to && hole.to > from);
}

/** True if both have the same beginning and the same holes. */
export function sameHoles(a: Coverage, b: Coverage): boolean {
  if (a.from !== b.from || a.holes.length !== b.holes.length) return false;
  return a.holes.every((hole, index) => {
    const other = b.holes[index];
    return hole.from === other?.from && hole.to === other.to;
  });
}

const MS_PER_HOUR = 3_600_000;
/** design: new terms need this share of the baseline's hours. */
const NEEDED_SHARE = 0.95;

/** How much of a baseline was read. */
export interface BaselineCoverage {
  readonly enough: boolean;
  /** Gaps within the baseline, by time. */
  readonly gaps: readonly Hole[];
  /** The watermark from which it is enough if no gap is filled; Infinity where only filling gaps helps. */
  readonly enoughFrom: number;
}

/** Counts the hours of the baseline [end - length, end); an hour that a gap touches does not count. */
export function coverBaseline(coverage: Coverage, end: number, length: number): BaselineCoverage {
  const start = end - length;
  const hours = Math.ceil(length / MS_PER_HOUR);
  const allowed = hours - Math.ceil(hours * NEEDED_SHARE);
  const holes = gapsIn(coverage, start, end);
  const tail = coverage.watermark < end ? [{ from: Math.max(start, coverage.watermark), to: end }] : [];
  const enoughFrom = end - newestHoursToSpare(hoursOf(holes, end), allowed) * MS_PER_HOUR;
  return {
    enough: coverage.watermark >= enoughFrom,
    gaps: mergeHoles([...holes, ...tail]),
    enoughFrom,
  };
}

function gapsIn(coverage: Coverage, start: number, end: number): Hole[] {
  const before = coverage.from === undefined ? [] : [{ from: -Infinity, to: coverage.from }];
  const inside = [...before, ...coverage.holes]
    .map((hole) => ({ from: Math.max(start, hole.from), to: Math.min(end, hole.to) }))
    .filter((hole) => hole.from < hole.to);
  return mergeHoles(inside);
}

function mergeHoles(holes: readonly Hole[]): Hole[] {
  const merged: { from: number; to: number }[] = [];
  for (const hole of [...holes].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && hole.from <= last.to) last.to = Math.max(last.to, hole.to);
    else merged.push({ ...hole });
  }
  return merged;
}

/** The hours that sorted gaps touch, as [newest, oldest) counted back from the end, the newest first. */
function hoursOf(gaps: readonly Hole[], end: number): { newest: number; oldest: number }[] {
  const spans: { newest: number; oldest: number }[] = [];
  for (const gap of [...gaps].reverse()) {
    const newest = Math.floor((end - gap.to) / MS_PER_HOUR);
    const oldest = Math.ceil((end - gap.from) / MS_PER_HOUR);
    const last = spans.at(-1);
    if (last !== undefined && newest <= last.oldest) last.oldest = Math.max(last.oldest, oldest);
    else spans.push({ newest, oldest });
  }
  return spans;
}

/** How many of the newest hours may be missing besides the gaps; -Infinity where the gaps alone are too many. */
function newestHoursToSpare(gaps: readonly { newest: number; oldest: number }[], allowed: number): number {
  let spare = allowed;
  for (const { newest, oldest } of gaps) spare -= oldest - newest;
  if (spare < 0) return -Infinity;
  let reached = 0;
  for (const { newest, oldest } of gaps) {
    if (newest - reached > spare) break;
    spare -= newest - reached;
    reached = oldest;
  }
  return reached + spare;
}
