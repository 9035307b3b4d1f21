import type { LogSettings } from '../collectors/index.ts';
import type { Db } from '../store/database.ts';
import { ledgerOf, saveLedger, settledSpan, type LedgerRow } from '../store/ledger.ts';
import { openSpans, type TimeSpan } from '../store/spans.ts';
import {
  PENDING,
  planWindows,
  releaseWindows,
  removeWindows,
  rewindWindows,
  windowsSince,
  type NewWindow,
  type WindowKind,
  type WindowRow,
} from '../store/windows.ts';

export { partsFor, splitWindow } from './split-window.ts';

const NO_LONGER_KEPT = 'the source no longer keeps this span';

/** What a person asked for beyond the ordinary plan. */
export interface PlanRequest {
  /** Failed windows are tried at once. */
  readonly force?: boolean;
  /** Everything that the source keeps is read once more. */
  readonly full?: boolean;
  /** What was given up is planned again as far as the source keeps it. */
  readonly backfill?: boolean;
  /** Limits `full` and `backfill`; UTC epoch ms. */
  readonly since?: number;
}

/** The ledger of one source as it stands, and what it is planned by. */
export interface PlanState {
  /** Windows that end after the watermark or within what the source keeps, and all that are still to be read. */
  readonly windows: readonly WindowRow[];
  readonly ledger: LedgerRow;
  readonly settings: LogSettings;
  readonly retentionMs: number;
  readonly now: number;
  readonly request: PlanRequest;
}

export interface Plan {
  /** Ids of windows whose spans are planned otherwise now. */
  readonly remove: readonly string[];
  readonly add: readonly NewWindow[];
  readonly ledger: LedgerRow;
}

/**
 * Plans what a log source is to be read for now. Runs inside the caller's transaction; a second run at the same time
 * plans nothing more. How: `planOf`.
 */
export async function planLog(
  tx: Db,
  tenantId: string,
  source: string,
  settings: LogSettings,
  retentionMs: number,
  now: number,
  request: PlanRequest = {},
): Promise<void> {
  if (request.force === true || request.full === true || request.backfill === true)
    await releaseWindows(tx, tenantId, source, now);
  const stored = await ledgerOf(tx, tenantId, source);
  const ledger = currentLedger(stored ?? newLedger(tenantId, source, settings, now), settings, now);
  const windows = await loadWindows(tx, ledger, retentionMs, now);
  const plan = planOf({ windows, ledger, settings, retentionMs, now, request });
  await removeWindows(tx, tenantId, source, plan.remove);
  await planWindows(tx, tenantId, source, plan.add, now);
  if (stored === null || changed(stored, plan.ledger)) await saveLedger(tx, plan.ledger);
}

async function loadWindows(
  tx: Db,
  ledger: LedgerRow,
  retentionMs: number,
  now: number,
): Promise<WindowRow[]> {
  const { tenant_id: tenantId, source } = ledger;
  const since = Math.min(now - retentionMs, ledger.watermark ?? Number.MIN_SAFE_INTEGER);
  const windows = await windowsSince(tx, tenantId, source, since);
  if (windows.every((window) => window.to_at <= now)) return windows;
  await rewindWindows(tx, tenantId, source, now);
  return windowsSince(tx, tenantId, source, since);
}

function newLedger(tenantId: string, source: string, settings: LogSettings, now: number): LedgerRow {
  return {
    tenant_id: tenantId,
    source,
    begun_at: now,
    settle_ms: settings.settleMs,
    lateness_ms: settings.latenessMs,
    watermark: null,
    // The first read of all begins now: it settles what is older, and counts as a reconciliation.
    settled_to: now - settings.settleMs,
    reread_planned_at: now,
    reconciled_at: now,
    deep_planned_at: now,
    folded_at: now,
  };
}

/** The row with the settings of this program, and nothing in it ahead of a clock that was put back. */
function currentLedger(row: LedgerRow, settings: LogSettings, now: number): LedgerRow {
  return {
    ...row,
    settle_ms: settings.settleMs,
    lateness_ms: settings.latenessMs,
    begun_at: Math.min(row.begun_at, now),
    watermark: row.watermark === null ? null : Math.min(row.watermark, now),
    settled_to: Math.min(row.settled_to, now - settings.settleMs),
    reread_planned_at: Math.min(row.reread_planned_at, now),
    reconciled_at: Math.min(row.reconciled_at, now),
    deep_planned_at: Math.min(row.deep_planned_at, now),
    folded_at: Math.min(row.folded_at, now),
  };
}

function changed(before: LedgerRow, after: LedgerRow): boolean {
  return (Object.keys(after) as (keyof LedgerRow)[]).some((name) => before[name] !== after[name]);
}

/**
 * The plan, pure. In this order:
 * 1. what the source no longer keeps is given up by name; the rest of such a window is kept;
 * 2. one head follows now with overlap; heads that could not be read grow into it, once their wait is over;
 * 3. whatever no window accounts for, as far as the source keeps it, is planned as backfill, newest first: the whole
 *    past at first, more of it when a licence lengthens it, and any hole a crash or a clock may have left;
 * 4. hourly, what has settled since is read once more;
 * 5. daily, the reconciliation over all that may still arrive late; now and then over all that is kept.
 * Settle re-reads and reconciliations that could not be read are waited for, and not piled up: each reaches back to
 * where the last one that was read whole began.
 */
export function planOf(state: PlanState): Plan {
  const draft = new Draft(state);
  draft.giveUp();
  draft.planHead();
  draft.fillHoles();
  draft.planSettle();
  draft.planReread();
  if (state.request.full === true) draft.planManual();
  return draft.plan();
}

class Draft {
  readonly #state: PlanState;
  readonly #forgotten: number;
  readonly #remove: string[] = [];
  readonly #add: NewWindow[] = [];
  #windows: readonly WindowRow[];
  #ledger: LedgerRow;

  constructor(state: PlanState) {
    this.#state = state;
    this.#forgotten = state.now - state.retentionMs;
    this.#windows = state.windows;
    this.#ledger = state.ledger;
  }

  plan(): Plan {
    return { remove: this.#remove, add: this.#add, ledger: this.#ledger };
  }

  giveUp(): void {
    for (const window of this.#pending()) {
      if (window.from_at >= this.#forgotten) continue;
      const reason = window.reason === null ? NO_LONGER_KEPT : `${NO_LONGER_KEPT}; before: ${window.reason}`;
      const toAt = Math.min(window.to_at, this.#forgotten);
      this.#take(window);
      this.#plan({ ...asNew(window), fromAt: window.from_at, toAt, status: 'abandoned', reason });
      if (window.to_at > this.#forgotten) this.#plan({ ...asNew(window), fromAt: this.#forgotten });
    }
    this.#giveUpForgotten();
  }

  /**
   * Nothing ran while the source still kept this: no window accounts for it, or it was read but once, too soon to have
   * settled, and neither can be made good. Given up, so that the watermark passes.
   */
  #giveUpForgotten(): void {
    const { windows, ledger } = this.#state;
    const first = Math.min(...windows.map((window) => window.from_at));
    const before = { from: ledger.watermark ?? first, to: this.#forgotten };
    if (before.from >= before.to) return;
    const accounted = this.#accounted((window) =>
      window.status === 'complete' ? settledSpan(window, ledger.settle_ms) : spanOf(window),
    );
    for (const { from, to } of openSpans(before, accounted))
      this.#plan({ kind: 'head', fromAt: from, toAt: to, status: 'abandoned', reason: NO_LONGER_KEPT });
  }

  planHead(): void {
    const { now, settings } = this.#state;
    const end = this.#end();
    if (end === null || end >= now) return;
    const heads = this.#pending().filter((window) => window.kind === 'head');
    const planned = this.#add.filter((window) => window.kind === 'head' && window.status !== 'abandoned');
    const waits = [...heads.map((one) => one.next_try_at), ...planned.map((one) => one.nextTryAt ?? null)];
    if (waits.some((at) => at !== null && at > now)) return;
    const froms = [...heads.map((one) => one.from_at), ...planned.map((one) => one.fromAt)];
    const attempts = [...heads.map((one) => one.attempts), ...planned.map((one) => one.attempts ?? 0)];
    for (const window of heads) this.#take(window);
    for (const window of planned) this.#add.splice(this.#add.indexOf(window), 1);
    const from = Math.max(this.#forgotten, Math.min(end - settings.overlapMs, ...froms));
    for (const span of this.#spans(from, now))
      this.#plan({ kind: 'head', ...span, attempts: Math.max(0, ...attempts) });
  }

  fillHoles(): void {
    const { now, request } = this.#state;
    // What was given up is planned again only when somebody asks, and no further back than they say.
    const since = request.backfill === true ? (request.since ?? this.#forgotten) : Number.POSITIVE_INFINITY;
    for (const window of this.#windows)
      if (window.status === 'abandoned' && window.from_at >= Math.max(since, this.#forgotten))
        this.#take(window);
    const accounted = this.#accounted((window) =>
      window.status === 'abandoned'
        ? { from: window.from_at, to: Math.min(window.to_at, Math.max(since, window.from_at)) }
        : spanOf(window),
    );
    // What is newer than the latest window is the head's, also while a head that failed has to wait.
    const holes = openSpans({ from: this.#forgotten, to: this.#end() ?? now }, accounted);
    for (const hole of holes.reverse())
      for (const span of this.#spans(hole.from, hole.to)) this.#plan({ kind: 'backfill', ...span });
  }

  planSettle(): void {
    const { now, settings } = this.#state;
    const from = Math.max(this.#ledger.settled_to, this.#forgotten);
    const to = now - settings.settleMs;
    if (to - this.#ledger.settled_to < settings.settleEveryMs || this.#isPending('settle')) return;
    for (const span of this.#spans(from, to)) this.#plan({ kind: 'settle', ...span });
    this.#ledger = { ...this.#ledger, settled_to: to };
  }

  planReread(): void {
    const { now, settings } = this.#state;
    if (this.#isPending('reread')) return;
    // Every window of the last one has been read: it is the one that the next reaches back to.
    const reconciledAt = this.#ledger.reread_planned_at;
    this.#ledger = { ...this.#ledger, reconciled_at: reconciledAt };
    if (now - reconciledAt < settings.reconcileEveryMs) return;
    const deep = now - this.#ledger.deep_planned_at >= this.#deepEveryMs();
    const from = deep ? this.#forgotten : Math.max(this.#forgotten, reconciledAt - settings.latenessMs);
    for (const span of this.#spans(from, now)) this.#plan({ kind: 'reread', ...span });
    this.#ledger = {
      ...this.#ledger,
      reread_planned_at: now,
      deep_planned_at: deep ? now : this.#ledger.deep_planned_at,
    };
  }

  planManual(): void {
    const { now, request } = this.#state;
    const from = Math.max(this.#forgotten, request.since ?? this.#forgotten);
    for (const span of this.#spans(from, now)) this.#plan({ kind: 'manual', ...span });
  }

  #deepEveryMs(): number {
    const { settings, retentionMs } = this.#state;
    return settings.deepEveryMs[retentionMs === settings.retentionMs.p1 ? 'p1' : 'free'];
  }

  #pending(): WindowRow[] {
    return this.#windows.filter((window) => PENDING.includes(window.status));
  }

  #isPending(kind: WindowKind): boolean {
    const added = this.#add.some((window) => window.kind === kind && window.status !== 'abandoned');
    return added || this.#pending().some((window) => window.kind === kind);
  }

  /** Spans that stand in the ledger, each as `counts` sees its window; parts of a split window stand for themselves. */
  #accounted(counts: (window: WindowRow) => TimeSpan | null): TimeSpan[] {
    const stored = this.#windows.filter((window) => window.status !== 'split');
    return [
      ...stored.flatMap((window) => counts(window) ?? []),
      ...this.#add.map((window) => ({ from: window.fromAt, to: window.toAt })),
    ];
  }

  /** Where the latest window ends; null without any. */
  #end(): number | null {
    const ends = [...this.#windows.map((window) => window.to_at), ...this.#add.map((window) => window.toAt)];
    return ends.length === 0 ? null : Math.max(...ends);
  }

  #take(window: WindowRow): void {
    this.#remove.push(window.id);
    this.#windows = this.#windows.filter((one) => one !== window);
  }

  #plan(window: NewWindow): void {
    this.#add.push(window);
  }

  #spans(from: number, to: number): { fromAt: number; toAt: number }[] {
    const size = this.#state.settings.backfillSpanMs;
    const spans: { fromAt: number; toAt: number }[] = [];
    for (let end = to; end > from; end -= size) spans.push({ fromAt: Math.max(from, end - size), toAt: end });
    return spans;
  }
}

function spanOf(window: WindowRow): TimeSpan {
  return { from: window.from_at, to: window.to_at };
}

/** The window as a plan of its rest: attempts and wait go on. */
function asNew(window: WindowRow): NewWindow {
  return {
    kind: window.kind as WindowKind,
    fromAt: window.from_at,
    toAt: window.to_at,
    status: window.status === 'running' ? 'planned' : window.status,
    attempts: window.attempts,
    nextTryAt: window.next_try_at,
    reason: window.reason,
  };
}
