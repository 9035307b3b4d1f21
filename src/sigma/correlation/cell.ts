import type { Mode } from './episode.ts';
import type { GroupState } from './group-state.ts';
import type { CorrelationHit } from './hit.ts';
import { groupKey } from './hit.ts';
import type { LinkedCorrelation } from './link.ts';
import type { TermRow } from './terms.ts';
import { TermTimeline } from './term-timeline.ts';
import { Timeline } from './timeline.ts';

/** A fulfilled timespan that was handed to outer correlations. */
export interface Published {
  readonly at: number;
  readonly start: number;
  readonly term: string | null;
  readonly hits: readonly CorrelationHit[];
}

/** One group of one tenant and correlation. */
export interface GroupEntry {
  readonly cell: Cell;
  readonly key: string;
  readonly group: readonly string[];
  readonly state: GroupState;
  published: Published[];
  /** When the heap will hand it out; Infinity: not in the heap. */
  scheduled: number;
  /** False once it was forgotten. */
  alive: boolean;
}

/** Evicting goes on to this share of the cap, so that it is not needed at each hit. */
const EVICT_TO = 0.9;

/** The groups of one tenant and correlation. The cap counts over them. */
export class Cell {
  readonly linked: LinkedCorrelation;
  readonly tenant: string;
  readonly groups = new Map<string, GroupEntry>();
  /** Hits held. */
  size = 0;
  readonly #mode: Mode;

  constructor(linked: LinkedCorrelation, tenant: string, mode: Mode) {
    this.linked = linked;
    this.tenant = tenant;
    this.#mode = mode;
  }

  find(group: readonly string[]): GroupEntry | undefined {
    return this.groups.get(groupKey(group));
  }

  open(group: readonly string[]): GroupEntry {
    const key = groupKey(group);
    const known = this.groups.get(key);
    if (known !== undefined) return known;
    const { linked, tenant } = this;
    const terms = linked.correlation.condition.kind === 'new_terms';
    const state = terms
      ? new TermTimeline(linked, { tenant, group })
      : new Timeline(linked, { tenant, group }, this.#mode);
    const entry: GroupEntry = {
      cell: this,
      key,
      group,
      state,
      published: [],
      scheduled: Infinity,
      alive: true,
    };
    this.groups.set(key, entry);
    return entry;
  }

  /** Takes a stored span up; undefined where the correlation keeps none. */
  seed(row: TermRow): GroupEntry | undefined {
    if (this.linked.correlation.condition.kind !== 'new_terms') return undefined;
    const entry = this.open(row.group);
    if (!(entry.state instanceof TermTimeline)) return undefined;
    const before = entry.state.size;
    entry.state.seed(row.term, { from: row.from, to: row.to });
    this.size += entry.state.size - before;
    return entry;
  }

  /** The spans to be stored. */
  termRows(): TermRow[] {
    const { tenant, linked } = this;
    return [...this.groups.values()].flatMap(({ group, state }) => {
      if (!(state instanceof TermTimeline)) return [];
      const spans = state.spans();
      return spans.map(({ term, span }) => ({ tenant, correlation: linked.key, group, term, ...span }));
    });
  }

  forget(entry: GroupEntry): void {
    entry.alive = false;
    this.groups.delete(entry.key);
    this.size -= entry.state.size;
  }

  /**
   * The groups to give up so that the cap holds: those with the least progress, the oldest first. The one nearest to
   * its alert stays, and so does what has fired: a flood of new groups cannot push a slow attack out.
   */
  victims(cap: number): GroupEntry[] {
    const target = cap * EVICT_TO;
    const unfired = [...this.groups.values()]
      .map((entry) => ({ entry, progress: entry.state.progress(), oldest: entry.state.oldest() }))
      .filter(({ progress }) => progress < Infinity)
      .sort((a, b) => a.progress - b.progress || a.oldest - b.oldest);
    if (unfired.length === this.groups.size) unfired.pop();
    const chosen: GroupEntry[] = [];
    let left = this.size;
    for (const { entry } of unfired) {
      if (left <= target) break;
      chosen.push(entry);
      left -= entry.state.size;
    }
    return chosen;
  }

  /** Where to cut the largest group so that about as many hits go as are too many; null: nothing to cut. */
  cutOf(cap: number): { entry: GroupEntry; before: number } | null {
    let largest: GroupEntry | null = null;
    for (const entry of this.groups.values()) {
      if (largest === null || entry.state.size > largest.state.size) largest = entry;
    }
    if (largest === null || largest.state.size < 2) return null;
    const times = [...largest.state.hits()].map(({ at }) => at).sort((a, b) => a - b);
    const excess = Math.min(times.length - 1, Math.ceil(this.size - cap * EVICT_TO));
    const newest = times.at(-1) ?? 0;
    const before = times[excess] ?? newest;
    return { entry: largest, before };
  }
}
