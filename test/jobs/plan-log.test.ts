import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportLogs } from '../../src/collectors/settings.ts';
import { planOf, type PlanRequest } from '../../src/jobs/plan-log.ts';
import { foldsOf } from '../../src/store/fold-windows.ts';
import { watermarkAfter, type LedgerRow } from '../../src/store/ledger.ts';
import { openSpans, unite } from '../../src/store/spans.ts';
import { PENDING, windowId, type NewWindow, type WindowRow } from '../../src/store/windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 9, 24);
const GIVEN_UP = 'the source no longer keeps this span';

/** A ledger in memory, planned and folded by the functions that the store's is. */
class Ledger {
  windows: WindowRow[] = [];
  row: LedgerRow;

  constructor(now: number) {
    this.row = {
      tenant_id: 't',
      source: 's',
      begun_at: now,
      settle_ms: reportLogs.settleMs,
      lateness_ms: reportLogs.latenessMs,
      watermark: null,
      settled_to: now - reportLogs.settleMs,
      reread_planned_at: now,
      reconciled_at: now,
      deep_planned_at: now,
      folded_at: now,
    };
  }

  plan(now: number, retentionMs = 30 * DAY, request: PlanRequest = {}): void {
    const { windows, row: ledger } = this;
    const plan = planOf({ windows, ledger, settings: reportLogs, retentionMs, now, request });
    const gone = new Set(plan.remove);
    const kept = windows.filter((window) => !gone.has(window.id));
    this.windows = [...kept, ...plan.add.map((window) => rowOf(window, now))];
    this.row = plan.ledger;
  }

  due(now: number): WindowRow[] {
    return this.windows
      .filter((one) => PENDING.includes(one.status) && (one.next_try_at ?? 0) <= now)
      .sort((a, b) => b.to_at - a.to_at || (a.id < b.id ? -1 : 1));
  }

  set(window: WindowRow, values: Partial<WindowRow>): void {
    this.windows = this.windows.map((one) => (one.id === window.id ? { ...one, ...values } : one));
  }

  readAll(now: number): void {
    for (const window of this.due(now))
      this.set(window, { status: 'complete', read_started_at: now, finished_at: now });
    this.close(now);
  }

  close(now: number): void {
    this.row = { ...this.row, watermark: watermarkAfter(this.windows, this.row) };
    if (now - this.row.folded_at < HOUR) return;
    const { remove, add } = foldsOf(this.windows, this.row, now);
    const gone = new Set(remove);
    this.windows = [...this.windows.filter((window) => !gone.has(window.id)), ...add];
    this.row = { ...this.row, folded_at: now };
  }

  spans(...states: string[]) {
    return unite(
      this.windows
        .filter((one) => states.includes(one.status))
        .map((one) => ({ from: one.from_at, to: one.to_at })),
    );
  }

  pending(): unknown[] {
    return this.windows
      .filter((one) => PENDING.includes(one.status))
      .map((one) => [one.kind, (one.from_at - START) / HOUR, (one.to_at - START) / HOUR]);
  }
}

function rowOf(window: NewWindow, now: number): WindowRow {
  return {
    tenant_id: 't',
    source: 's',
    id: windowId(window),
    kind: window.kind,
    from_at: window.fromAt,
    to_at: window.toAt,
    status: window.status ?? 'planned',
    attempts: window.attempts ?? 0,
    pages: 1,
    records: 1,
    next_try_at: window.nextTryAt ?? null,
    read_started_at: null,
    finished_at: null,
    reason: window.reason ?? null,
    created_at: now,
    late: 0,
    late_worst_ms: 0,
    reads: 1,
  };
}

describe('the plan', () => {
  it('reads more of the past, and only that, once a licence lengthens it', () => {
    const ledger = new Ledger(START);
    ledger.plan(START, 7 * DAY);
    ledger.readAll(START);
    ledger.plan(START + MINUTE, 30 * DAY);
    expect(ledger.pending()).toEqual([
      ['head', -1, 1 / 60],
      ['backfill', -336, -168],
      ['backfill', -504, -336],
      ['backfill', -672, -504],
      ['backfill', -720 + 1 / 60, -672],
    ]);
  });

  it('leaves a head that failed alone until its wait is over, and then goes on counting', () => {
    const ledger = new Ledger(START);
    ledger.plan(START);
    ledger.readAll(START);
    ledger.plan(START + 2 * MINUTE);
    const head = ledger.due(START + 2 * MINUTE)[0]!;
    ledger.set(head, { status: 'failed', attempts: 3, next_try_at: START + 6 * MINUTE });
    ledger.plan(START + 4 * MINUTE);
    expect(ledger.due(START + 4 * MINUTE)).toEqual([]);
    ledger.plan(START + 6 * MINUTE);
    const [grown] = ledger.due(START + 6 * MINUTE);
    expect(grown).toMatchObject({ from_at: head.from_at, to_at: START + 6 * MINUTE, attempts: 3 });
    ledger.plan(START + 4 * MINUTE, 30 * DAY, { force: true });
    expect(ledger.spans('planned').at(-1)?.to).toBe(START + 6 * MINUTE);
  });

  it('waits for a settle re-read that failed, and the next one begins where it was planned to end', () => {
    const ledger = new Ledger(START);
    ledger.plan(START);
    ledger.readAll(START);
    ledger.plan(START + 2 * HOUR);
    const settle = ledger.windows.find((one) => one.kind === 'settle')!;
    ledger.set(settle, { status: 'failed', next_try_at: START + 9 * HOUR });
    ledger.readAll(START + 2 * HOUR);
    ledger.plan(START + 4 * HOUR);
    expect(ledger.windows.filter((one) => one.kind === 'settle')).toHaveLength(1);
    // The head over the same hours was read when the first of them had settled.
    expect(ledger.row.watermark).toBe(START + HOUR);
    ledger.readAll(START + 9 * HOUR);
    ledger.plan(START + 9 * HOUR);
    expect(ledger.pending()).toContainEqual(['settle', 1, 8]);
  });

  it('reaches back, after a stop, to what may have come late since the last reconciliation', () => {
    const ledger = new Ledger(START);
    ledger.plan(START);
    ledger.readAll(START);
    ledger.plan(START + 5 * DAY);
    expect(ledger.pending()).toContainEqual(['reread', -48, 120]);
    expect(ledger.pending()).toContainEqual(['reread', -72, -48]);
  });

  it('reaches over all that the source keeps every seventh day', () => {
    const ledger = new Ledger(START);
    for (let day = 0; day <= 7; day += 1) {
      ledger.plan(START + day * DAY);
      if (day < 7) ledger.readAll(START + day * DAY);
    }
    const rereads = ledger.windows.filter((one) => one.kind === 'reread' && one.status === 'planned');
    expect(Math.min(...rereads.map((one) => one.from_at))).toBe(START + 7 * DAY - 30 * DAY);
  });

  it('gives up by name what nobody read in time, keeps the rest of its window, and the watermark passes', () => {
    const ledger = new Ledger(START);
    ledger.plan(START, 7 * DAY);
    ledger.readAll(START);
    const later = START + 10 * DAY;
    ledger.plan(later, 7 * DAY);
    expect(ledger.spans('abandoned')).toEqual([{ from: START - HOUR, to: later - 7 * DAY }]);
    expect(ledger.windows.find((one) => one.status === 'abandoned')?.reason).toBe(GIVEN_UP);
    ledger.readAll(later);
    expect(ledger.row.watermark).toBe(later - HOUR);
    expect(openSpans({ from: START, to: later }, ledger.spans('complete'))).toEqual([
      { from: START, to: later - 7 * DAY },
    ]);
  });

  it('says why it could not be read before it was given up', () => {
    const ledger = new Ledger(START);
    ledger.plan(START, 7 * DAY);
    ledger.set(ledger.windows[0]!, { status: 'failed', reason: 'no_licence', next_try_at: START });
    ledger.plan(START + DAY, 7 * DAY);
    const gone = ledger.windows.filter((one) => one.status === 'abandoned');
    expect(gone.map((one) => one.reason)).toEqual([`${GIVEN_UP}; before: no_licence`]);
    expect(ledger.spans('failed', 'planned').at(0)?.from).toBe(START - 6 * DAY);
  });

  it('plans again what was given up when somebody asks for it, as far as the source keeps it', () => {
    const ledger = new Ledger(START);
    ledger.plan(START);
    ledger.set(ledger.windows[2]!, { status: 'abandoned', reason: 'given up after 24 tries: 500' });
    ledger.readAll(START);
    ledger.plan(START);
    expect(ledger.pending()).toEqual([]);
    ledger.plan(START, 30 * DAY, { backfill: true, since: START - 15 * DAY });
    expect(ledger.pending()).toEqual([['backfill', -360, -336]]);
    ledger.readAll(START);
    ledger.plan(START, 30 * DAY, { backfill: true });
    expect(ledger.pending()).toEqual([['backfill', -504, -360]]);
  });

  it('keeps a bounded number of rows over a year of cycles, and every span as it was', () => {
    const ledger = new Ledger(START);
    let most = 0;
    // Every half hour is enough to see growth; a cycle of two minutes adds rows of the same two hours only.
    for (let now = START; now < START + 400 * DAY; now += 30 * MINUTE) {
      ledger.plan(now);
      ledger.readAll(now);
      most = Math.max(most, ledger.windows.length);
    }
    expect(most).toBeLessThan(500);
    expect(ledger.spans('complete')).toHaveLength(1);
    const counted = ledger.windows.reduce((sum, one) => sum + one.reads, 0);
    expect(counted).toBeGreaterThan(400 * 24 * 2);
  }, 30_000);
});

describe('whatever happens', () => {
  /** Steps of a life: minutes that pass, and what becomes of the windows that are due then. */
  const steps = fc.array(
    fc.record({
      minutes: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 90, max: 9 * 24 * 60 })),
      fate: fc.constantFrom('read', 'read', 'read', 'fail', 'crash', 'down'),
      retention: fc.constantFrom(7 * DAY, 7 * DAY, 30 * DAY),
    }),
    { minLength: 1, maxLength: 60 },
  );

  function live(ledger: Ledger, life: typeof steps extends fc.Arbitrary<infer T> ? T : never): number {
    let now = START;
    ledger.plan(now, 7 * DAY);
    for (const step of life) {
      now += step.minutes * MINUTE;
      if (step.fate === 'down') continue;
      ledger.plan(now, step.retention);
      const due = ledger.due(now);
      due.forEach((window, index) => {
        if (step.fate === 'read' || index > 0)
          ledger.set(window, { status: 'complete', read_started_at: now });
        else if (step.fate === 'fail')
          ledger.set(window, { status: 'failed', next_try_at: now + MINUTE, attempts: window.attempts + 1 });
        else ledger.set(window, { status: 'running', read_started_at: now });
      });
      ledger.close(now);
    }
    return now;
  }

  it('every instant since the beginning is read, to be read, or given up', () => {
    fc.assert(
      fc.property(steps, (life) => {
        const ledger = new Ledger(START);
        const now = live(ledger, life);
        ledger.plan(now + HOUR, 7 * DAY);
        const known = ledger.spans('complete', 'abandoned', ...PENDING);
        expect(openSpans({ from: START - 7 * DAY, to: now + HOUR }, known)).toEqual([]);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it('everything before the watermark was read after it settled, or given up', () => {
    fc.assert(
      fc.property(steps, (life) => {
        const ledger = new Ledger(START);
        live(ledger, life);
        const { watermark } = ledger.row;
        if (watermark === null) return;
        const settled = ledger.windows.flatMap((one) => {
          const to =
            one.kind === 'day'
              ? one.to_at
              : Math.min(one.to_at, (one.read_started_at ?? 0) - reportLogs.settleMs);
          return one.status === 'complete' && to > one.from_at ? [{ from: one.from_at, to }] : [];
        });
        const known = [...settled, ...ledger.spans('abandoned')];
        expect(openSpans({ from: START - 7 * DAY, to: watermark }, known)).toEqual([]);
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  it('folding changes neither what is complete nor what was given up', () => {
    fc.assert(
      fc.property(steps, (life) => {
        const ledger = new Ledger(START);
        const now = live(ledger, life);
        const read = ledger.spans('complete');
        const gone = openSpans({ from: START - 40 * DAY, to: now }, ledger.spans('abandoned'));
        const records = ledger.windows.reduce((sum, one) => sum + one.records, 0);
        ledger.row = { ...ledger.row, folded_at: 0 };
        ledger.close(now);
        expect(ledger.spans('complete')).toEqual(read);
        expect(unite([...ledger.spans('abandoned'), ...read])).toEqual(
          unite([...openSpans({ from: START - 40 * DAY, to: now }, gone), ...read]),
        );
        expect(ledger.windows.reduce((sum, one) => sum + one.records, 0)).toBeLessThanOrEqual(records);
        expect(new Set(ledger.windows.map((one) => one.id)).size).toBe(ledger.windows.length);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
