import type { CorrelationHit, Place } from './hit.ts';
import type { TravelCondition } from './model.ts';
import type { Reading, Tally } from './tally.ts';

/** Mean radius of the Earth: R1 of GRS 80 (H. Moritz, "Geodetic Reference System 1980", Journal of Geodesy 74, 2000). */
const EARTH_RADIUS_KM = 6371.0088;

/**
 * Distinct places of one group inside one timespan; a person has a few. Beyond it the place seen longest ago is
 * forgotten, and the tally counts it: work per hit stays bounded on accounts that the whole world uses.
 */
export const MAX_PLACES = 100;

const MS_PER_HOUR = 3_600_000;

/** Two ends of a journey that nobody made. */
export interface TravelPair {
  /** Event ids. */
  readonly from: string;
  readonly to: string;
  readonly km: number;
  /** Infinity where both happened at one time. */
  readonly kmPerHour: number;
}

/** Great-circle distance by the haversine formula (R. W. Sinnott, "Virtues of the Haversine", 1984), on a sphere. */
export function distanceKm(a: Place, b: Place): number {
  const toRadians = Math.PI / 180;
  const north = Math.sin(((b.latitude - a.latitude) * toRadians) / 2);
  const east = Math.sin(((b.longitude - a.longitude) * toRadians) / 2);
  const slope = Math.cos(a.latitude * toRadians) * Math.cos(b.latitude * toRadians);
  const share = north * north + slope * east * east;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, share)));
}

/** The journey between two hits if it is impossible, in the order of the hits given; else null. */
export function impossiblePair(
  condition: TravelCondition,
  from: CorrelationHit,
  to: CorrelationHit,
): TravelPair | null {
  if (from.place === null || to.place === null) return null;
  const others = to.place.same;
  if (from.place.same.some((value, index) => value !== null && value === others[index])) return null;
  const km = distanceKm(from.place, to.place);
  if (km < condition.minimumKm) return null;
  const hours = Math.abs(to.at - from.at) / MS_PER_HOUR;
  const kmPerHour = hours === 0 ? Infinity : km / hours;
  return kmPerHour < condition.minimumKmPerHour ? null : { from: from.event, to: to.event, km, kmPerHour };
}

/** `bounding` compares each hit with the last sighting of every other place, `path` with the first hit. */
export class TravelTally implements Tally {
  readonly strict = true;
  readonly #condition: TravelCondition;
  readonly #timespan: number;
  /** By place, the one seen longest ago first. */
  readonly #places = new Map<string, CorrelationHit>();
  #found: { at: number; pair: TravelPair } | null = null;
  /** Places forgotten because there were too many. */
  forgotten = 0;

  constructor(condition: TravelCondition, timespan: number) {
    this.#condition = condition;
    this.#timespan = timespan;
  }

  add(hit: CorrelationHit, first: CorrelationHit): void {
    if (this.#condition.measure === 'path') {
      // The last hit of a time is the end of its timespan: a pair found before it at the same time does not count.
      const pair = impossiblePair(this.#condition, first, hit);
      this.#found = pair === null ? null : { at: hit.at, pair };
      return;
    }
    for (const other of this.#places.values()) {
      if (other.at < hit.at - this.#timespan) continue;
      const pair = impossiblePair(this.#condition, other, hit);
      if (pair !== null) this.#keepFastest(hit.at, pair);
    }
    this.#remember(hit);
  }

  #keepFastest(at: number, pair: TravelPair): void {
    const found = this.#found;
    if (found === null || found.at < at || pair.kmPerHour > found.pair.kmPerHour) this.#found = { at, pair };
  }

  #remember(hit: CorrelationHit): void {
    const key = JSON.stringify(hit.place);
    this.#places.delete(key);
    this.#places.set(key, hit);
    if (this.#places.size <= MAX_PLACES) return;
    const [oldest] = this.#places.keys();
    if (oldest !== undefined) this.#places.delete(oldest);
    this.forgotten++;
  }

  remove(hit: CorrelationHit): void {
    const key = JSON.stringify(hit.place);
    if (this.#places.get(key) === hit) this.#places.delete(key);
  }

  read(now: number): Reading {
    const found = this.#found;
    if (found === null || found.at !== now) return { holds: false, value: 0 };
    return { holds: true, value: found.pair.kmPerHour, pair: found.pair };
  }
}
