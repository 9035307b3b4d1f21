import { HOUR, MINUTE, SECOND } from './calendar.ts';
import type { Random } from './random.ts';

/** ln of the median (120 s) and the spread that puts the 95th percentile at 10 min: ln(5) / 1.645. */
const MEDIAN_LN = Math.log(120);
const SPREAD = Math.log(5) / 1.645;
/** Share of records that come 1 to 3 hours late: no service level promises otherwise (graph-facts 1). */
const VERY_LATE = 0.004;

/** ms from an event until its record can be read: median 2 min, 95 % within 10 min, a few hours for some. */
export function deliveryDelay(draw: Random): number {
  if (draw.chance(VERY_LATE)) return draw.int(HOUR, 3 * HOUR);
  const seconds = Math.exp(MEDIAN_LN + SPREAD * normal(draw));
  return Math.round(Math.min(Math.max(seconds * SECOND, 15 * SECOND), 45 * MINUTE));
}

/** The same for records of stories: never so late that the story's deadline cannot be kept. */
export function promptDelay(draw: Random): number {
  return draw.int(30, 600) * SECOND;
}

/** A standard normal value (Box and Muller). */
function normal(draw: Random): number {
  return Math.sqrt(-2 * Math.log(1 - draw.next())) * Math.cos(2 * Math.PI * draw.next());
}
