import type { AlertUpdate } from './group-state.ts';

/**
 * `late`: behind the allowed lateness. `evicted`: the cap was reached. `unknown`: no such correlation. `places`: a group
 * has more places in one timespan than are compared; its hits are kept, but the places seen longest ago are not looked at.
 */
export type DropKind = 'late' | 'evicted' | 'unknown' | 'places';

/** Hits that the engine did not keep or not use. */
export interface DropUpdate {
  readonly kind: DropKind;
  readonly tenant: string;
  readonly correlation: string;
  /** Null where it is not about one group. */
  readonly group: readonly string[] | null;
  readonly hits: number;
}

export type CorrelationUpdate = AlertUpdate | DropUpdate;

/** How many hits were dropped since the engine was made. */
export interface DropCount {
  readonly tenant: string;
  readonly correlation: string;
  readonly kind: DropKind;
  readonly hits: number;
}

/** Counts what is dropped: never silently. */
export class DropLedger {
  readonly #counts = new Map<string, DropCount>();

  add(kind: DropKind, tenant: string, correlation: string, hits: number): void {
    const key = JSON.stringify([kind, tenant, correlation]);
    const before = this.#counts.get(key)?.hits ?? 0;
    this.#counts.set(key, { tenant, correlation, kind, hits: before + hits });
  }

  list(): DropCount[] {
    return [...this.#counts.values()];
  }
}
