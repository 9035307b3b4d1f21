import type { GroupEntry } from './cell.ts';
import type { Coverage } from './coverage.ts';
import { NO_COVERAGE, sameHoles } from './coverage.ts';
import { DueHeap } from './due-heap.ts';
import type { CorrelationHit } from './hit.ts';
import { groupKey, hitKey } from './hit.ts';

/** What the engine knows of one tenant besides its groups. */
export class TenantState {
  coverage: Coverage = NO_COVERAGE;
  readonly due = new DueHeap<GroupEntry>();
  readonly #events = new Map<string, CorrelationHit[]>();

  /** Takes up what was read; true: what was judged before must be judged again. */
  cover(coverage: Coverage): boolean {
    const before = this.coverage;
    this.coverage = coverage;
    return !sameHoles(before, coverage) || coverage.watermark < before.watermark;
  }

  /** The groups to look at now. */
  takeDue(): GroupEntry[] {
    const due: GroupEntry[] = [];
    const { watermark } = this.coverage;
    for (let next = this.due.pop(watermark); next !== null; next = this.due.pop(watermark)) {
      const { due: time, item } = next;
      if (!item.alive || item.scheduled !== time) continue;
      item.scheduled = Infinity;
      due.push(item);
    }
    return due;
  }

  /** The hits held of an event. */
  hitsOf(event: string): readonly CorrelationHit[] {
    return this.#events.get(event) ?? [];
  }

  /** The hit held in the place of this one. */
  sameAs(hit: CorrelationHit): CorrelationHit | undefined {
    return this.hitsOf(hit.event).find((other) => fullKey(other) === fullKey(hit));
  }

  remember(hit: CorrelationHit): void {
    const held = this.#events.get(hit.event);
    if (held === undefined) {
      this.#events.set(hit.event, [hit]);
      return;
    }
    const index = held.findIndex((other) => fullKey(other) === fullKey(hit));
    if (index < 0) held.push(hit);
    else held[index] = hit;
  }

  forget(hit: CorrelationHit): void {
    const left = this.hitsOf(hit.event).filter((other) => fullKey(other) !== fullKey(hit));
    if (left.length === 0) this.#events.delete(hit.event);
    else this.#events.set(hit.event, left);
  }
}

/** What makes two hits of one event the same hit. */
export function fullKey(hit: CorrelationHit): string {
  return `${hit.correlation}\0${groupKey(hit.group)}\0${hitKey(hit)}`;
}
