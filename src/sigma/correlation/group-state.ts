import type { Coverage } from './coverage.ts';
import type { EpisodeFacts, Moment } from './episode.ts';
import type { CorrelationHit } from './hit.ts';

/** An episode as the streaming engine tells it: without its hits. */
export interface Alert extends EpisodeFacts {
  /** Hits that contributed; for `new_terms` those still held. */
  readonly count: number;
}

/** What happened to an alert. */
export interface AlertUpdate {
  /**
   * `fired`: new. `grown`: the same alert, with `was` its start before. `merged`: `alert`, as told last, is now part of
   * the one that starts at `into`. `withdrawn`: `alert`, as told last, is not true any more. `retired`: no hit can
   * change it any more and the engine has forgotten it. The others are states of an episode that has not fired.
   */
  readonly kind:
    'fired' | 'grown' | 'merged' | 'withdrawn' | 'waiting' | 'not_assessed' | 'pending' | 'retired';
  readonly alert: Alert;
  readonly was: number | null;
  readonly into: number | null;
}

/** The outcome of judging what changed in a group. */
export interface Flushed {
  readonly updates: readonly AlertUpdate[];
  /** Moments at or after it may differ from before; Infinity: none. */
  readonly momentsFrom: number;
}

/** A fulfilled timespan, with the episode it belongs to. */
export interface OwnedMoment extends Moment {
  readonly start: number;
  readonly term: string | null;
}

/** What was dropped because nothing can need it any more. */
export interface Trimmed {
  readonly dropped: readonly CorrelationHit[];
  /** Fired alerts that nothing can change any more. */
  readonly retired: readonly Alert[];
}

/** The hits of one group of one tenant and what follows from them, kept up to date hit by hit. */
export interface GroupState {
  /** Hits held. */
  readonly size: number;
  /** False: the hit is held already. */
  insert(hit: CorrelationHit): boolean;
  remove(hit: CorrelationHit): boolean;
  /** Judges what changed since the last time. */
  flush(coverage: Coverage): Flushed;
  /** Everything that depends on coverage is to be judged again. */
  reset(): void;
  /** Drops what lies before a time, exactly: what follows from later hits stays the same. */
  trim(before: number): Trimmed;
  /** The watermark at which something is to be judged; Infinity: only new hits change anything. */
  due(): number;
  /** Event time of the oldest thing that `trim` could drop; Infinity: nothing. */
  oldest(): number;
  /** How near the group is to its alert, to compare groups of one correlation; Infinity: it has fired. */
  progress(): number;
  /** Fired episodes, with bounded evidence. */
  alerts(): { alert: Alert; evidence: readonly CorrelationHit[] }[];
  /** Fulfilled timespans at or after a time. */
  moments(from: number): OwnedMoment[];
  /** Sightings left out since the last call, to bound the work. */
  takeForgotten(): number;
  hits(): Iterable<CorrelationHit>;
}

/** What to tell of a stretch of a group: the alerts told before, and how things are now; both by time. */
export function tellChanges(before: readonly Alert[], now: readonly Alert[]): AlertUpdate[] {
  const updates: AlertUpdate[] = [];
  const heirs = new Map<Alert, Alert[]>();
  for (const old of before) {
    if (old.state !== 'fired') continue;
    const heir = now.find((alert) => alert.state === 'fired' && overlaps(alert, old));
    if (heir === undefined) updates.push({ kind: 'withdrawn', alert: old, was: null, into: null });
    else heirs.set(heir, [...(heirs.get(heir) ?? []), old]);
  }
  for (const alert of now) {
    if (alert.state === 'fired') updates.push(...tellFired(alert, heirs.get(alert) ?? []));
    else if (alert.state !== 'quiet') {
      const told = before.some((old) => old.state === alert.state && overlaps(old, alert));
      if (!told) updates.push({ kind: alert.state, alert, was: null, into: null });
    }
  }
  return updates;
}

/** The oldest survives. */
function tellFired(alert: Alert, ancestors: readonly Alert[]): AlertUpdate[] {
  const [oldest, ...others] = ancestors;
  if (oldest === undefined) return [{ kind: 'fired', alert, was: null, into: null }];
  const updates: AlertUpdate[] = [];
  if (!isSame(oldest, alert)) updates.push({ kind: 'grown', alert, was: oldest.start, into: null });
  for (const old of others) updates.push({ kind: 'merged', alert: old, was: null, into: alert.start });
  return updates;
}

function overlaps(a: Alert, b: Alert): boolean {
  return a.term === b.term && a.start <= b.end && b.start <= a.end;
}

function isSame(a: Alert, b: Alert): boolean {
  if (a.start !== b.start || a.end !== b.end) return false;
  return a.count === b.count && a.firedAt === b.firedAt && a.value === b.value;
}
