import type { GroupEntry } from './cell.ts';
import { Cell } from './cell.ts';
import { republish } from './chain.ts';
import type { Coverage } from './coverage.ts';
import type { CorrelationUpdate, DropCount, DropKind } from './drops.ts';
import { DropLedger } from './drops.ts';
import type { Mode } from './episode.ts';
import { slides } from './episode.ts';
import type { Alert } from './group-state.ts';
import type { CorrelationHit } from './hit.ts';
import { compareHits } from './hit.ts';
import type { LinkedCorrelation } from './link.ts';
import { fullKey, TenantState } from './tenant.ts';
import type { TermRow } from './terms.ts';

export interface EngineOptions {
  /** How conditions that more hits can make false are judged; default `closed`. */
  readonly when?: Mode['when'];
  /** ms behind the watermark that a hit may come; default: any. */
  readonly allowedLatenessMs?: number;
  /** Hits held per tenant and correlation; default 100,000, about 50 MB. */
  readonly maxHits?: number;
}

/** A fired alert and its first hits with the last. */
export interface AlertWithEvidence {
  readonly alert: Alert;
  readonly evidence: readonly CorrelationHit[];
}

const DEFAULT_MAX_HITS = 100_000;

/** Share of the retention that hits may be kept too long, so that dropping them is worth the walk. */
const TRIM_SLACK = 0.25;

/**
 * Correlations over hits as they come, late ones and repeated ones included. All state is a fold over the hits held:
 * after a restart insert `kept()` (or the stored hits) and `seedTerms` again. The outcome is that of `evaluateAll` over
 * the same hits, whatever their order; only what `late` and `evicted` updates name is missing.
 */
export class CorrelationEngine {
  readonly #links: readonly LinkedCorrelation[];
  readonly #byKey: ReadonlyMap<string, LinkedCorrelation>;
  readonly #outers = new Map<string, LinkedCorrelation[]>();
  readonly #cells = new Map<string, Map<string, Cell>>();
  readonly #tenants = new Map<string, TenantState>();
  readonly #touched = new Map<string, Set<GroupEntry>>();
  readonly #drops = new DropLedger();
  readonly #mode: Mode;
  readonly #lateness: number;
  readonly #maxHits: number;
  /** Told with the next answer. */
  #updates: CorrelationUpdate[] = [];

  /** `correlations` as linked: bases before what stands on them. */
  constructor(correlations: readonly LinkedCorrelation[], options: EngineOptions = {}) {
    this.#links = correlations;
    this.#byKey = new Map(correlations.map((linked) => [linked.key, linked]));
    this.#mode = { when: options.when ?? 'closed' };
    this.#lateness = options.allowedLatenessMs ?? Infinity;
    this.#maxHits = options.maxHits ?? DEFAULT_MAX_HITS;
    for (const linked of correlations) {
      this.#cells.set(linked.key, new Map());
      this.#touched.set(linked.key, new Set());
      for (const { key, kind } of linked.bases) {
        if (kind === 'correlation') this.#outers.set(key, [...(this.#outers.get(key) ?? []), linked]);
      }
    }
  }

  /** Adds hits, in any order; a hit that is held already counts once. */
  insert(hits: readonly CorrelationHit[]): CorrelationUpdate[] {
    for (const hit of [...hits].sort(compareHits)) this.#accept(hit);
    this.#drain();
    return this.#take();
  }

  /** Puts the hits of a re-detected event in the place of those it gave before. Throws if they are not its hits. */
  replace(tenant: string, event: string, hits: readonly CorrelationHit[]): CorrelationUpdate[] {
    if (hits.some((hit) => hit.tenant !== tenant || hit.event !== event)) {
      throw new Error(
        `replace hits of event ${event}: a hit belongs to another event; pass its own hits only`,
      );
    }
    const held = this.#tenantOf(tenant).hitsOf(event);
    const late = [...held, ...hits].find((hit) => this.#isLate(hit));
    if (late !== undefined) {
      this.#drop('late', late, null, Math.max(1, hits.length));
      return this.#take();
    }
    const wanted = new Map(hits.map((hit) => [fullKey(hit), JSON.stringify(hit)]));
    for (const hit of [...held]) {
      if (wanted.get(fullKey(hit)) !== JSON.stringify(hit)) this.#withdraw(hit);
    }
    for (const hit of hits) this.#accept(hit);
    this.#drain();
    return this.#take();
  }

  /** Takes up what has been read: closes timespans, judges pending terms, drops what nothing can need any more. */
  advance(tenant: string, coverage: Coverage): CorrelationUpdate[] {
    const known = this.#tenantOf(tenant);
    if (known.cover(coverage)) this.#judgeAgain(tenant);
    const due = known.takeDue();
    for (const entry of due) this.#touch(entry);
    this.#drain();
    for (const entry of due) if (entry.alive) this.#retain(entry, coverage.watermark);
    return this.#take();
  }

  /** Takes up the stored spans of `new_terms`. */
  seedTerms(rows: readonly TermRow[]): CorrelationUpdate[] {
    for (const row of rows) {
      const entry = this.#cellOf(row.correlation, row.tenant)?.seed(row);
      if (entry !== undefined) this.#touch(entry);
    }
    this.#drain();
    return this.#take();
  }

  /** Every fired alert whose hits are still held, with bounded evidence. */
  alerts(): AlertWithEvidence[] {
    return this.#entries().flatMap((entry) => entry.state.alerts());
  }

  /** The hits of rules that are held: what a restart needs. */
  kept(): CorrelationHit[] {
    return this.#entries().flatMap(({ cell, state }) => {
      const rules = new Set(cell.linked.bases.flatMap(({ kind, key }) => (kind === 'rule' ? [key] : [])));
      return [...state.hits()].filter(({ base }) => rules.has(base));
    });
  }

  /** The spans of terms, to be stored: they outlive the hits. */
  termRows(): TermRow[] {
    return this.#allCells().flatMap((cell) => cell.termRows());
  }

  /** Everything dropped so far. */
  drops(): DropCount[] {
    return this.#drops.list();
  }

  #allCells(): Cell[] {
    return [...this.#cells.values()].flatMap((byTenant) => [...byTenant.values()]);
  }

  #entries(): GroupEntry[] {
    return this.#allCells().flatMap(({ groups }) => [...groups.values()]);
  }

  #tenantOf(tenant: string): TenantState {
    const known = this.#tenants.get(tenant);
    if (known !== undefined) return known;
    const fresh = new TenantState();
    this.#tenants.set(tenant, fresh);
    return fresh;
  }

  #cellOf(correlation: string, tenant: string): Cell | undefined {
    const linked = this.#byKey.get(correlation);
    const byTenant = this.#cells.get(correlation);
    if (linked === undefined || byTenant === undefined) return undefined;
    const cell = byTenant.get(tenant) ?? new Cell(linked, tenant, this.#mode);
    byTenant.set(tenant, cell);
    return cell;
  }

  #isLate(hit: CorrelationHit): boolean {
    return hit.at < this.#tenantOf(hit.tenant).coverage.watermark - this.#lateness;
  }

  #accept(hit: CorrelationHit, chained = false): void {
    const cell = this.#cellOf(hit.correlation, hit.tenant);
    if (cell === undefined) return this.#drop('unknown', hit, null, 1);
    if (!chained && this.#isLate(hit)) return this.#drop('late', hit, null, 1);
    const entry = cell.open(hit.group);
    const before = entry.state.size;
    if (!entry.state.insert(hit)) return;
    cell.size += entry.state.size - before;
    this.#tenantOf(hit.tenant).remember(hit);
    this.#touch(entry);
  }

  #withdraw(hit: CorrelationHit): void {
    const entry = this.#cellOf(hit.correlation, hit.tenant)?.find(hit.group);
    this.#tenantOf(hit.tenant).forget(hit);
    if (entry === undefined) return;
    const before = entry.state.size;
    if (!entry.state.remove(hit)) return;
    entry.cell.size += entry.state.size - before;
    this.#touch(entry);
  }

  #touch(entry: GroupEntry): void {
    this.#touched.get(entry.cell.linked.key)?.add(entry);
  }

  #judgeAgain(tenant: string): void {
    for (const linked of this.#links) {
      if (slides(linked, this.#mode) && linked.correlation.condition.kind !== 'new_terms') continue;
      for (const entry of this.#cells.get(linked.key)?.get(tenant)?.groups.values() ?? []) {
        entry.state.reset();
        this.#touch(entry);
      }
    }
  }

  /** Judges every touched group, inner correlations first, and hands their moments on. */
  #drain(): void {
    const cells = new Set<Cell>();
    for (const linked of this.#links) {
      const touched = this.#touched.get(linked.key) ?? new Set();
      for (const entry of touched) {
        if (!entry.alive) continue;
        const { updates, momentsFrom } = entry.state.flush(this.#tenantOf(entry.cell.tenant).coverage);
        this.#updates.push(...updates);
        const places = entry.state.takeForgotten();
        if (places > 0) this.#drop('places', of(entry.cell), entry.group, places);
        if (momentsFrom < Infinity) this.#publish(entry, momentsFrom);
        this.#settleEntry(entry);
        cells.add(entry.cell);
      }
      touched.clear();
    }
    for (const cell of cells) if (cell.size > this.#maxHits) this.#evict(cell);
  }

  #take(): CorrelationUpdate[] {
    const updates = this.#updates;
    this.#updates = [];
    return updates;
  }

  /** Forgets an empty group, or notes when to look at it again. */
  #settleEntry(entry: GroupEntry): void {
    const { state, cell } = entry;
    const oldest = state.oldest();
    if (state.size === 0 && oldest === Infinity) return cell.forget(entry);
    const keep = this.#retentionOf(cell.linked) + this.#lateness;
    const due = Math.min(state.due(), oldest + keep + cell.linked.correlation.timespanMs * TRIM_SLACK);
    if (due >= entry.scheduled || due === Infinity) return;
    entry.scheduled = due;
    this.#tenantOf(cell.tenant).due.push(due, entry);
  }

  /** ms that hits are needed besides the lateness: a late one needs the timespan before it. Terms are spans by then. */
  #retentionOf({ correlation }: LinkedCorrelation): number {
    return correlation.condition.kind === 'new_terms' ? 0 : correlation.timespanMs;
  }

  #retain(entry: GroupEntry, watermark: number): void {
    const before = watermark - this.#lateness - this.#retentionOf(entry.cell.linked);
    if (entry.state.oldest() < before) this.#trim(entry, before);
    this.#settleEntry(entry);
  }

  /** Returns how many hits went. */
  #trim(entry: GroupEntry, before: number): number {
    const size = entry.state.size;
    const { dropped, retired } = entry.state.trim(before);
    entry.cell.size += entry.state.size - size;
    for (const hit of dropped) this.#tenantOf(hit.tenant).forget(hit);
    for (const alert of retired) this.#updates.push({ kind: 'retired', alert, was: null, into: null });
    entry.published = entry.published.filter(({ at }) => at >= before);
    return dropped.length;
  }

  #evict(cell: Cell): void {
    for (const entry of cell.victims(this.#maxHits)) this.#giveUp(entry);
    while (cell.size > this.#maxHits) {
      const cut = cell.cutOf(this.#maxHits);
      if (cut === null) return;
      const hits = this.#trim(cut.entry, cut.before);
      if (hits === 0) this.#giveUp(cut.entry);
      else {
        this.#drop('evicted', of(cell), cut.entry.group, hits);
        this.#settleEntry(cut.entry);
      }
    }
  }

  /** Forgets a group with all it holds. */
  #giveUp(entry: GroupEntry): void {
    const { cell, state, group } = entry;
    for (const { alert } of state.alerts()) {
      this.#updates.push({ kind: 'retired', alert, was: null, into: null });
    }
    for (const hit of state.hits()) this.#tenantOf(hit.tenant).forget(hit);
    const { size } = state;
    cell.forget(entry);
    this.#drop('evicted', of(cell), group, size);
  }

  #publish(entry: GroupEntry, from: number): void {
    const outers = this.#outers.get(entry.cell.linked.key);
    if (outers === undefined) return;
    const { come, gone } = republish(entry, outers, from);
    const known = this.#tenantOf(entry.cell.tenant);
    for (const hit of come) {
      // A moment whose episode has another start now is the same event, but another act.
      const stale = known.sameAs(hit);
      if (stale !== undefined) this.#withdraw(stale);
      this.#accept(hit, true);
    }
    // What another act has taken the place of is gone already.
    for (const hit of gone) if (known.sameAs(hit) === hit) this.#withdraw(hit);
  }

  #drop(
    kind: DropKind,
    source: { readonly tenant: string; readonly correlation: string },
    group: readonly string[] | null,
    hits: number,
  ): void {
    const { tenant, correlation } = source;
    this.#updates.push({ kind, tenant, correlation, group, hits });
    this.#drops.add(kind, tenant, correlation, hits);
  }
}

function of({ tenant, linked }: Cell): { tenant: string; correlation: string } {
  return { tenant, correlation: linked.key };
}
