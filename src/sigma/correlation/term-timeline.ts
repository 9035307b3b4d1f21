import type { Coverage } from './coverage.ts';
import type { Alert, AlertUpdate, Flushed, GroupState, OwnedMoment, Trimmed } from './group-state.ts';
import { tellChanges } from './group-state.ts';
import type { CorrelationHit } from './hit.ts';
import { compareHits, hitKey, lowerBound, preferredHit, upperBound } from './hit.ts';
import { boundedEvidence } from './episode.ts';
import type { LinkedCorrelation } from './link.ts';
import type { TermSpan, TermVerdict } from './terms.ts';
import { judgeTerm, mergeTerms } from './terms.ts';

interface TermEpisode {
  readonly from: number;
  to: number;
  count: number;
  verdict: TermVerdict | null;
  told: Alert | null;
}

/** One term of a group. */
interface Track {
  readonly term: string;
  /** What is left of stored and dropped hits. */
  base: readonly TermSpan[];
  hits: CorrelationHit[];
  episodes: TermEpisode[];
  dirty: boolean;
}

/** One group of a `new_terms` correlation: the sightings of each term. */
export class TermTimeline implements GroupState {
  readonly #linked: LinkedCorrelation;
  readonly #timespan: number;
  readonly #tenant: string;
  readonly #group: readonly string[];
  readonly #held = new Map<string, CorrelationHit>();
  readonly #tracks = new Map<string, Track>();
  readonly #touched = new Set<Track>();
  readonly #pending = new Set<Track>();
  /** The group's first sighting among what is not held any more. */
  #knownBefore = Infinity;
  #known = Infinity;
  /** The first sighting may have changed. */
  #recount = false;
  #judgeAll = false;
  #watermark = -Infinity;
  #due = Infinity;
  /** At most the time of the oldest thing that can be dropped. */
  #oldest = Infinity;

  constructor(linked: LinkedCorrelation, first: Pick<CorrelationHit, 'tenant' | 'group'>) {
    this.#linked = linked;
    this.#timespan = linked.correlation.timespanMs;
    this.#tenant = first.tenant;
    this.#group = first.group;
  }

  /** Hits, terms, and one for being known. */
  get size(): number {
    // A group that is only known from before is worth keeping: its next term is new.
    return this.#held.size + this.#tracks.size + (this.#knownBefore < Infinity ? 1 : 0);
  }

  insert(hit: CorrelationHit): boolean {
    const key = hitKey(hit);
    const known = this.#held.get(key);
    if (known !== undefined) {
      if (preferredHit(known, hit) === known) return false;
      this.remove(known);
    }
    this.#held.set(key, hit);
    this.#recount ||= hit.at < this.#known;
    this.#oldest = Math.min(this.#oldest, hit.at);
    for (const term of new Set(hit.values)) this.#sight(this.#trackOf(term), hit);
    return true;
  }

  #trackOf(term: string): Track {
    const known = this.#tracks.get(term);
    if (known !== undefined) return known;
    const track: Track = { term, base: [], hits: [], episodes: [], dirty: false };
    this.#tracks.set(term, track);
    return track;
  }

  #sight(track: Track, hit: CorrelationHit): void {
    this.#touched.add(track);
    const { hits } = track;
    let index = hits.length;
    if (compareHits(hits.at(-1) ?? hit, hit) > 0) {
      index = lowerBound(hits, hit.at);
      while (compareHits(hits[index] ?? hit, hit) < 0) index++;
    }
    hits.splice(index, 0, hit);
    const last = track.episodes.at(-1);
    if (last === undefined || hit.at - last.to > this.#timespan) {
      track.episodes.push({ from: hit.at, to: hit.at, count: 1, verdict: null, told: null });
    } else if (hit.at >= last.from) {
      last.to = Math.max(last.to, hit.at);
      last.count++;
    } else track.dirty = true;
  }

  /** Takes a stored row up. */
  seed(term: string, span: TermSpan): void {
    const track = this.#trackOf(term);
    track.base = mergeTerms([...track.base, span], this.#timespan);
    track.dirty = true;
    this.#recount = true;
    this.#oldest = Math.min(this.#oldest, span.to + this.#timespan);
    this.#touched.add(track);
  }

  remove(hit: CorrelationHit): boolean {
    const known = this.#held.get(hitKey(hit));
    if (known === undefined) return false;
    this.#held.delete(hitKey(hit));
    this.#recount = true;
    for (const term of new Set(known.values)) {
      const track = this.#trackOf(term);
      track.hits.splice(track.hits.indexOf(known), 1);
      track.dirty = true;
      this.#touched.add(track);
    }
    return true;
  }

  flush(coverage: Coverage): Flushed {
    const before = new Map<Track, Alert[]>();
    for (const track of this.#touched) {
      before.set(track, toldOf(track));
      if (track.dirty) this.#rebuild(track);
    }
    if (this.#recount) this.#findKnown();
    const updates: AlertUpdate[] = [];
    for (const track of this.#toJudge(coverage)) {
      const told = before.get(track) ?? toldOf(track);
      updates.push(...tellChanges(told, this.#judge(track, coverage)));
      if (track.episodes.length === 0) this.#tracks.delete(track.term);
    }
    this.#touched.clear();
    this.#judgeAll = false;
    return { updates, momentsFrom: updates.length === 0 ? Infinity : -Infinity };
  }

  #toJudge(coverage: Coverage): Set<Track> {
    const moved = this.#judgeAll || coverage.watermark !== this.#watermark;
    this.#watermark = coverage.watermark;
    if (moved) this.#due = Infinity;
    if (this.#judgeAll) return new Set([...this.#tracks.values(), ...this.#touched]);
    return new Set(moved ? [...this.#touched, ...this.#pending] : this.#touched);
  }

  #rebuild(track: Track): void {
    const points = track.hits.map(({ at }) => ({ from: at, to: at }));
    const spans = mergeTerms([...track.base, ...points], this.#timespan);
    track.episodes = spans.map(({ from, to }) => ({
      from,
      to,
      count: upperBound(track.hits, to) - lowerBound(track.hits, from),
      verdict: null,
      told: null,
    }));
    track.dirty = false;
  }

  /** A change of the group's first sighting concerns all of its terms. */
  #findKnown(): void {
    this.#recount = false;
    let known = this.#knownBefore;
    for (const { episodes } of this.#tracks.values()) known = Math.min(known, episodes[0]?.from ?? Infinity);
    if (known === this.#known) return;
    this.#known = known;
    this.reset();
  }

  #judge(track: Track, coverage: Coverage): Alert[] {
    this.#pending.delete(track);
    return track.episodes.map((episode) => {
      if (episode.verdict === null || episode.verdict.state === 'pending') {
        episode.verdict = judgeTerm(this.#linked, episode.from, this.#known, coverage);
      }
      if (episode.verdict.state === 'pending') {
        this.#pending.add(track);
        this.#due = Math.min(this.#due, episode.verdict.due);
      }
      episode.told = this.#alertOf(track, episode, episode.verdict);
      return episode.told;
    });
  }

  #alertOf(track: Track, { from, to, count }: TermEpisode, { state, reason }: TermVerdict): Alert {
    const fired = state === 'fired';
    return {
      correlation: this.#linked.key,
      tenant: this.#tenant,
      group: this.#group,
      term: track.term,
      start: from,
      end: to,
      state,
      firedAt: fired ? from : null,
      value: fired ? 1 : null,
      pair: null,
      reason,
      count,
    };
  }

  reset(): void {
    this.#judgeAll = true;
    for (const { episodes } of this.#tracks.values()) for (const one of episodes) one.verdict = null;
  }

  /** Hits become spans; what ended a baseline ago says only that the group is known. */
  trim(before: number): Trimmed {
    const dropped = [...this.#held.values()].filter(({ at }) => at < before);
    for (const hit of dropped) this.#held.delete(hitKey(hit));
    const retired: Alert[] = [];
    for (const track of this.#tracks.values()) {
      const index = lowerBound(track.hits, before);
      const points = track.hits.slice(0, index).map(({ at }) => ({ from: at, to: at }));
      if (points.length > 0) track.base = mergeTerms([...track.base, ...points], this.#timespan);
      track.hits = track.hits.slice(index);
      retired.push(...this.#forget(track, before - this.#timespan));
    }
    this.#oldest = Infinity;
    for (const { hits, episodes } of this.#tracks.values()) {
      const ends = (episodes[0]?.to ?? Infinity) + this.#timespan;
      this.#oldest = Math.min(this.#oldest, hits[0]?.at ?? Infinity, ends);
    }
    return { dropped, retired };
  }

  #forget(track: Track, before: number): Alert[] {
    const gone = track.episodes.filter(({ to }) => to < before);
    if (gone.length === 0) return [];
    this.#knownBefore = Math.min(this.#knownBefore, ...gone.map(({ from }) => from));
    track.episodes = track.episodes.slice(gone.length);
    const start = track.episodes[0]?.from ?? Infinity;
    track.base = track.base.filter(({ from }) => from >= start);
    if (track.episodes.length === 0) {
      this.#tracks.delete(track.term);
      this.#pending.delete(track);
    }
    return gone.flatMap(({ told }) => (told?.state === 'fired' ? [told] : []));
  }

  due(): number {
    return this.#due;
  }

  oldest(): number {
    return this.#oldest;
  }

  progress(): number {
    for (const { episodes } of this.#tracks.values()) {
      if (episodes.some(({ told }) => told?.state === 'fired')) return Infinity;
    }
    return this.#held.size;
  }

  alerts(): { alert: Alert; evidence: readonly CorrelationHit[] }[] {
    return [...this.#tracks.values()].flatMap((track) =>
      toldOf(track)
        .filter(({ state }) => state === 'fired')
        .map((alert) => {
          const inside = track.hits.slice(
            lowerBound(track.hits, alert.start),
            upperBound(track.hits, alert.end),
          );
          return { alert, evidence: boundedEvidence(inside) };
        }),
    );
  }

  moments(from: number): OwnedMoment[] {
    const found = this.alerts().map(({ alert }) => ({
      at: alert.start,
      value: 1,
      start: alert.start,
      term: alert.term,
    }));
    return found.filter(({ at }) => at >= from).sort((a, b) => a.at - b.at);
  }

  takeForgotten(): number {
    return 0;
  }

  hits(): Iterable<CorrelationHit> {
    return this.#held.values();
  }

  /** The spans of every term, to be stored: they outlive the hits. */
  spans(): { term: string; span: TermSpan }[] {
    return [...this.#tracks.values()].flatMap(({ term, episodes }) =>
      episodes.map(({ from, to }) => ({ term, span: { from, to } })),
    );
  }
}

function toldOf(track: Track): Alert[] {
  return track.episodes.map(({ told }) => told).filter((told) => told !== null);
}
