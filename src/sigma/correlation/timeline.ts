import type { Coverage } from './coverage.ts';
import type { EpisodeState, Mode, Moment } from './episode.ts';
import { MAX_EVIDENCE } from './episode.ts';
import type { Alert, Flushed, GroupState, OwnedMoment, Trimmed } from './group-state.ts';
import { tellChanges } from './group-state.ts';
import type { CorrelationHit } from './hit.ts';
import { compareHits, hitKey, lowerBound, preferredHit, upperBound } from './hit.ts';
import type { Judge, Stretch } from './judge.ts';
import { createJudge } from './judge.ts';
import type { LinkedCorrelation } from './link.ts';
import { SmallMap } from './small-map.ts';

/** What is left of hits that were dropped while their episode goes on. */
interface Frozen {
  readonly start: number;
  readonly end: number;
  readonly count: number;
  readonly moment: Moment | null;
  readonly unfired: { state: EpisodeState; reason: string | null };
  readonly evidence: readonly CorrelationHit[];
}

interface LiveEpisode {
  start: number;
  end: number;
  count: number;
  readonly frozen: Frozen | null;
  /** As told last. */
  told: Alert | null;
}

/** One group: its hits by time, episodes cut at gaps, fulfilled timespans found by a judge. */
export class Timeline implements GroupState {
  readonly #linked: LinkedCorrelation;
  readonly #timespan: number;
  readonly #judge: Judge;
  readonly #tenant: string;
  readonly #group: readonly string[];
  readonly #known = new SmallMap<CorrelationHit>();
  #hits: CorrelationHit[] = [];
  #episodes: LiveEpisode[] = [];
  /** Where hits came late or went. */
  #dirty: Stretch | null = null;
  /** Where anything changed. */
  #touched: Stretch | null = null;

  constructor(linked: LinkedCorrelation, first: Pick<CorrelationHit, 'tenant' | 'group'>, mode: Mode) {
    this.#linked = linked;
    this.#timespan = linked.correlation.timespanMs;
    this.#judge = createJudge(linked, mode);
    this.#tenant = first.tenant;
    this.#group = first.group;
  }

  get size(): number {
    return this.#hits.length;
  }

  insert(hit: CorrelationHit): boolean {
    const key = hitKey(hit);
    const known = this.#known.get(key);
    if (known !== undefined) {
      if (preferredHit(known, hit) === known) return false;
      this.remove(known);
    }
    this.#known.set(key, hit);
    const last = this.#hits.at(-1);
    this.#touched = union(this.#touched, hit.at);
    if (this.#dirty === null && this.#isNewest(hit) && this.#judge.append(hit, last)) {
      this.#place(hit);
      this.#extend(hit);
    } else {
      this.#place(hit);
      this.#dirty = union(this.#dirty, hit.at);
    }
    return true;
  }

  #isNewest(hit: CorrelationHit): boolean {
    return hit.at >= (this.#episodes.at(-1)?.end ?? -Infinity);
  }

  #place(hit: CorrelationHit): void {
    let index = this.#hits.length;
    if (index === 0) {
      // A literal has room for what it holds; adding to an empty array reserves seventeen places.
      this.#hits = [hit];
      return;
    }
    if (index > 0 && compareHits(this.#hits[index - 1] ?? hit, hit) > 0) {
      index = lowerBound(this.#hits, hit.at);
      while (compareHits(this.#hits[index] ?? hit, hit) < 0) index++;
    }
    this.#hits.splice(index, 0, hit);
  }

  #extend(hit: CorrelationHit): void {
    const last = this.#episodes.at(-1);
    if (last !== undefined && hit.at - last.end <= this.#timespan) {
      last.end = hit.at;
      last.count++;
    } else this.#open({ start: hit.at, end: hit.at, count: 1, frozen: null, told: null });
  }

  #open(episode: LiveEpisode): void {
    if (this.#episodes.length === 0) this.#episodes = [episode];
    else this.#episodes.push(episode);
  }

  remove(hit: CorrelationHit): boolean {
    const key = hitKey(hit);
    const known = this.#known.get(key);
    if (known === undefined) return false;
    this.#known.delete(key);
    let index = lowerBound(this.#hits, known.at);
    while (this.#hits[index] !== known) index++;
    this.#hits.splice(index, 1);
    this.#dirty = union(this.#dirty, known.at);
    this.#touched = union(this.#touched, known.at);
    return true;
  }

  flush(coverage: Coverage): Flushed {
    const dirty = this.#dirty;
    if (dirty !== null) this.#judge.recompute(this.#hits, dirty);
    const settled = this.#judge.settle(this.#hits, coverage);
    let touched = this.#touched;
    if (settled !== null) touched = union(union(touched, settled.from), settled.to);
    this.#dirty = null;
    this.#touched = null;
    if (touched === null) return { updates: [], momentsFrom: Infinity };
    const first = this.#firstFrom(touched.from - this.#timespan);
    let last = first;
    while ((this.#episodes[last]?.start ?? Infinity) <= touched.to + this.#timespan) last++;
    const before = this.#episodes.slice(first, last);
    const told = before.map((episode) => episode.told).filter((alert) => alert !== null);
    const now = dirty === null ? before : this.#split(before, touched);
    if (dirty !== null) this.#episodes.splice(first, before.length, ...now);
    const alerts = now.map((episode, index) => this.#tell(episode, this.#episodes[first + index + 1]));
    const since = dirty === null ? touched.from : Math.min(touched.from, ...starts(before), ...starts(now));
    return { updates: tellChanges(told, alerts), momentsFrom: since };
  }

  /** Index of the first episode that ends at or after a time. */
  #firstFrom(time: number): number {
    let low = 0;
    let high = this.#episodes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#episodes[middle]?.end ?? Infinity) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Cuts the hits of a stretch into episodes again. */
  #split(before: readonly LiveEpisode[], touched: Stretch): LiveEpisode[] {
    const [first] = before;
    const from = lowerBound(this.#hits, Math.min(touched.from, first?.start ?? Infinity));
    const to = upperBound(this.#hits, Math.max(touched.to, before.at(-1)?.end ?? -Infinity));
    const now: LiveEpisode[] = first?.frozen ? [thaw(first.frozen)] : [];
    for (const { at } of this.#hits.slice(from, to)) {
      const last = now.at(-1);
      if (last !== undefined && at - last.end <= this.#timespan) {
        last.end = Math.max(last.end, at);
        last.count++;
      } else now.push({ start: at, end: at, count: 1, frozen: null, told: null });
    }
    return now;
  }

  #tell(episode: LiveEpisode, next: LiveEpisode | undefined): Alert {
    const { start, end, count } = episode;
    const before = next?.start ?? Infinity;
    const moment = episode.frozen?.moment ?? this.#judge.first(start, before);
    const told = moment === null ? this.#unfired(episode, before) : { state: 'fired' as const, reason: null };
    episode.told = {
      correlation: this.#linked.key,
      tenant: this.#tenant,
      group: this.#group,
      term: null,
      start,
      end,
      count,
      ...told,
      firedAt: moment?.at ?? null,
      value: moment?.value ?? null,
      pair: moment?.pair ?? null,
    };
    return episode.told;
  }

  #unfired(episode: LiveEpisode, before: number): { state: EpisodeState; reason: string | null } {
    const live = this.#judge.state(episode.start, before);
    return live.state === 'quiet' ? (episode.frozen?.unfired ?? live) : live;
  }

  reset(): void {
    this.#judge.reset();
    this.#touched = { from: this.#hits[0]?.at ?? -Infinity, to: this.#hits.at(-1)?.at ?? Infinity };
  }

  trim(before: number): Trimmed {
    const cut = this.#judge.cut(before);
    const index = lowerBound(this.#hits, cut);
    const dropped = this.#hits.slice(0, index);
    const retired: Alert[] = [];
    const kept: LiveEpisode[] = [];
    for (const [at, episode] of this.#episodes.entries()) {
      if (episode.end < cut) {
        if (episode.told?.state === 'fired') retired.push(episode.told);
      } else if (episode.start < cut) kept.push(this.#freeze(episode, dropped, cut, this.#episodes[at + 1]));
      else kept.push(episode);
    }
    this.#episodes = kept;
    this.#hits = this.#hits.slice(index);
    for (const hit of dropped) this.#known.delete(hitKey(hit));
    this.#judge.trim(cut);
    return { dropped, retired };
  }

  #freeze(
    episode: LiveEpisode,
    dropped: readonly CorrelationHit[],
    cut: number,
    next: LiveEpisode | undefined,
  ): LiveEpisode {
    const own = dropped.slice(lowerBound(dropped, episode.start));
    const last = own.at(-1);
    if (last === undefined) return episode;
    const before = episode.frozen ?? { count: 0, moment: null, unfired: null, evidence: [] };
    const moment = this.#judge.first(episode.start, next?.start ?? Infinity);
    const unfired = this.#judge.state(episode.start, cut);
    const frozen: Frozen = {
      start: episode.start,
      end: last.at,
      count: before.count + own.length,
      moment: before.moment ?? (moment !== null && moment.at < cut ? moment : null),
      unfired: unfired.state === 'quiet' ? (before.unfired ?? unfired) : unfired,
      evidence: [...before.evidence, ...own].slice(0, MAX_EVIDENCE),
    };
    return { ...episode, frozen };
  }

  due(): number {
    return this.#judge.due();
  }

  oldest(): number {
    return Math.min(this.#hits[0]?.at ?? Infinity, this.#episodes[0]?.end ?? Infinity);
  }

  progress(): number {
    if (this.#episodes.some(({ told }) => told?.state === 'fired')) return Infinity;
    return this.#judge.reading(this.#hits.at(-1)?.at ?? 0) || this.#hits.length;
  }

  alerts(): { alert: Alert; evidence: readonly CorrelationHit[] }[] {
    return this.#episodes.flatMap((episode) => {
      const { told } = episode;
      return told?.state === 'fired' ? [{ alert: told, evidence: this.#evidenceOf(episode) }] : [];
    });
  }

  /** The first hits and the last. */
  #evidenceOf({ start, end, frozen }: LiveEpisode): readonly CorrelationHit[] {
    const from = lowerBound(this.#hits, start);
    const to = upperBound(this.#hits, end);
    const early = frozen?.evidence ?? [];
    const hits = [...early, ...this.#hits.slice(from, Math.min(to, from + MAX_EVIDENCE - early.length))];
    const last = this.#hits[to - 1];
    return last === undefined || to <= from || hits.at(-1) === last ? hits : [...hits, last];
  }

  moments(from: number): OwnedMoment[] {
    // A closed timespan may end after the last hit of its episode, but never in the next one.
    let index = Math.max(0, this.#firstFrom(from) - 1);
    return this.#judge.since(from).map((moment) => {
      while ((this.#episodes[index + 1]?.start ?? Infinity) <= moment.at) index++;
      return { ...moment, start: this.#episodes[index]?.start ?? moment.at, term: null };
    });
  }

  takeForgotten(): number {
    return this.#judge.takeForgotten();
  }

  hits(): Iterable<CorrelationHit> {
    return this.#hits;
  }
}

function thaw(frozen: Frozen): LiveEpisode {
  return { start: frozen.start, end: frozen.end, count: frozen.count, frozen, told: null };
}

function starts(episodes: readonly LiveEpisode[]): number[] {
  return episodes.map(({ start }) => start);
}

function union(stretch: Stretch | null, at: number): Stretch {
  if (stretch === null) return { from: at, to: at };
  return { from: Math.min(stretch.from, at), to: Math.max(stretch.to, at) };
}
