import type { GroupEntry } from './cell.ts';
import { chainedHits } from './evaluate.ts';
import type { OwnedMoment } from './group-state.ts';
import type { CorrelationHit } from './hit.ts';
import { lowerBound } from './hit.ts';
import type { LinkedCorrelation } from './link.ts';

/** Hits of outer correlations that come and go with the moments of a group. */
export interface ChainedChange {
  readonly come: readonly CorrelationHit[];
  readonly gone: readonly CorrelationHit[];
}

/** Compares the group's moments at or after a time with those handed on before, and notes them as handed on. */
export function republish(
  entry: GroupEntry,
  outers: readonly LinkedCorrelation[],
  from: number,
): ChainedChange {
  const old = new Map<string, readonly CorrelationHit[]>();
  for (const one of entry.published.splice(lowerBound(entry.published, from))) {
    old.set(momentKey(one), one.hits);
  }
  const { tenant, linked } = entry.cell;
  const come: CorrelationHit[] = [];
  for (const { at, start, term } of entry.state.moments(from)) {
    const key = momentKey({ at, start, term });
    const known = old.get(key);
    old.delete(key);
    const episode = { tenant, group: entry.group, term, start };
    const hits = known ?? outers.flatMap((outer) => chainedHits(outer, linked, episode, at));
    entry.published.push({ at, start, term, hits });
    if (known === undefined) come.push(...hits);
  }
  return { come, gone: [...old.values()].flat() };
}

function momentKey({ at, start, term }: Pick<OwnedMoment, 'at' | 'start' | 'term'>): string {
  return JSON.stringify([at, start, term]);
}
