import { Random } from '../random.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** When collecting begins; the records of a trace happen in the 30 days after it. */
export const START = Date.UTC(2026, 9, 1);
export const DAYS = 30;

/** One record of a source, as Microsoft would deliver it. UTC epoch ms. */
export interface TraceRecord {
  readonly id: string;
  readonly at: number;
  readonly readableAt: number;
  /** From then on it stands in every answer a second time: a replay. Null = never. */
  readonly againAt: number | null;
}

export interface TraceSource {
  readonly name: string;
  /** L of the source, ms. */
  readonly latenessMs: number;
  readonly intervalMs: number;
  readonly recordsPerDay: number;
}

export interface Trace {
  readonly source: TraceSource;
  /** By time of the event. */
  readonly records: readonly TraceRecord[];
  /** Spans in which every request fails, and spans in which the collector does not run. */
  readonly outages: readonly { readonly from: number; readonly to: number }[];
  readonly stops: readonly { readonly from: number; readonly to: number }[];
  /** The last instant at which a record may still be found. */
  readonly end: number;
}

/** The sources that are replayed, with the intervals of the design: both kinds of lateness that Graph's reports have (src/collectors/settings.ts). */
export const SOURCES: readonly TraceSource[] = [
  { name: 'sign-ins', latenessMs: 72 * HOUR, intervalMs: 2 * MINUTE, recordsPerDay: 400 },
  { name: 'risk-detections', latenessMs: 7 * DAY, intervalMs: 5 * MINUTE, recordsPerDay: 40 },
];

/** How much later than L a late record of the second trace comes: more than any reconciliation happens to reach. */
const BEYOND = { least: 4 * DAY, most: 8 * DAY };

/**
 * A hostile month of one source: delays with a long tail up to exactly L, duplicates within a page, replays after days,
 * outages of the service and of the collector. With `beyond`, one record in a hundred comes later than L: by four to
 * eight days.
 */
export function hostileTrace(source: TraceSource, seed: number, beyond: boolean): Trace {
  const random = new Random(seed);
  const count = source.recordsPerDay * DAYS;
  const records = Array.from({ length: count }, (_, index): TraceRecord => {
    const at = START + random.below(DAYS * DAY);
    const readableAt = at + delay(random, source.latenessMs, beyond);
    const again = random.chance(0.05) ? readableAt + random.below(8 * DAY) : null;
    return {
      id: `${source.name}-${index}`,
      at,
      readableAt,
      againAt: random.chance(0.02) ? readableAt : again,
    };
  });
  return {
    source,
    records: records.sort((a, b) => a.at - b.at),
    outages: spans(random, 8, 6 * HOUR),
    stops: spans(random, 3, 12 * HOUR),
    end: START + DAYS * DAY + source.latenessMs + (beyond ? BEYOND.most + 8 * DAY : 0) + 2 * DAY,
  };
}

/** Most within minutes, one in ten later than the quarter hour, one in a hundred up to L itself. */
function delay(random: Random, latenessMs: number, beyond: boolean): number {
  if (beyond && random.chance(0.01)) return latenessMs + random.between(BEYOND.least, BEYOND.most);
  const dice = random.next();
  if (dice < 0.9) return random.between(20_000, 6 * MINUTE);
  if (dice < 0.97) return random.between(6 * MINUTE, HOUR);
  if (dice < 0.99) return random.between(HOUR, DAY);
  if (dice < 0.999) return random.between(DAY, latenessMs);
  return latenessMs;
}

function spans(random: Random, count: number, longest: number): { from: number; to: number }[] {
  return Array.from({ length: count }, () => {
    const from = START + DAY + random.below((DAYS - 2) * DAY);
    return { from, to: from + random.between(5 * MINUTE, longest) };
  });
}
