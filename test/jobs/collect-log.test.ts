import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { collectLog } from '../../src/jobs/collect-log.ts';
import type { CollectOptions } from '../../src/jobs/collect.ts';
import { tenantCoverages } from '../../src/jobs/coverage.ts';
import type { Graph } from '../../src/microsoft/index.ts';
import { countEvents } from '../../src/store/events.ts';
import { lagBetween, lateBetween } from '../../src/store/lateness.ts';
import { coverageOfSource, holesOf, watermarkOf } from '../../src/store/ledger.ts';
import { enrol, syncTenants } from '../../src/store/tenants.ts';
import { PENDING, windowsSince, type WindowRow } from '../../src/store/windows.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { answeringCollector, down, SOURCE, type Answers } from './log-answers.ts';
import { TENANT } from './report-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 9, 24);

describe.each(testDatabases())('a log source on $name', ({ name, open }) => {
  let opened: TestDatabase;
  let clock: ManualClock;
  let answers: Answers;
  let crashAt: string | null;

  beforeEach(async () => {
    crashAt = null;
    opened = await open({
      observe(operation) {
        if (operation === crashAt) throw new Error(`crash at ${operation}`);
      },
    });
    clock = new ManualClock(START);
    answers = { records: [], before: () => undefined, perPage: 1000 };
    await opened.database.transaction((tx) => syncTenants(tx, [TENANT], 'env', START));
    await opened.database.transaction((tx) => enrol(tx, TENANT.id, START));
  });
  afterEach(() => opened.dispose());

  const collector = answeringCollector(
    () => answers,
    () => clock.now(),
  );

  async function collect(at: number, options: CollectOptions = {}, hasP1 = true): Promise<unknown> {
    clock.advanceTo(at);
    const counts = { read: 0, added: 0, changed: 0, rejected: 0 };
    const context = {
      database: opened.database,
      graph: {} as Graph,
      tenant: TENANT,
      clock,
      signal: new AbortController().signal,
      signInsApi: 'beta' as const,
    };
    return collectLog(context, collector, { ...options, hasP1 }, counts).then(
      () => null,
      (error: unknown) => error,
    );
  }

  const db = () => opened.database.db;
  const windows = (): Promise<WindowRow[]> => windowsSince(db(), TENANT.id, SOURCE, 0);
  const stored = async () =>
    (await countEvents(db(), TENANT.id)).find((one) => one.feed === SOURCE)?.count ?? 0;
  const late = async () => lateBetween(db(), TENANT.id, SOURCE, START - DAY, START + 60 * DAY);
  it('counts what came later than L when a full read finds it, and stores it', async () => {
    await collect(START);
    answers.records = [{ id: 'beyond', at: START + HOUR, readableAt: START + 5 * DAY }];
    for (let day = 1; day <= 6; day += 1) await collect(START + day * DAY);
    expect(await stored()).toBe(0);
    await collect(START + 6 * DAY, { full: true });
    expect(await stored()).toBe(1);
    expect(await late()).toEqual(
      new Map([['beyond', { foundBy: 'beyond', records: 1, worstMs: 6 * DAY - HOUR }]]),
    );
  });

  // The rest asks for many rounds, and says the same of each database.
  if (name !== 'sqlite') return;

  it('knows no watermark before its first read, and then ends it where reading has settled', async () => {
    expect(await watermarkOf(db(), TENANT.id, SOURCE)).toBeNull();
    expect(await coverageOfSource(db(), TENANT.id, SOURCE)).toBeNull();
    await collect(START);
    expect(await coverageOfSource(db(), TENANT.id, SOURCE)).toEqual({
      from: START - 30 * DAY,
      watermark: START - HOUR,
      holes: [],
    });
    for (let at = START; at <= START + 3 * HOUR; at += 2 * MINUTE) await collect(at);
    expect(await watermarkOf(db(), TENANT.id, SOURCE)).toBeGreaterThanOrEqual(START + HOUR);
    expect(await holesOf(db(), TENANT.id, SOURCE, START, START + 4 * HOUR)).toEqual([
      { from: START + 3 * HOUR, to: START + 4 * HOUR },
    ]);
  }, 20_000);

  it('finds late records with the settle re-read and the reconciliation, and counts them with their delay', async () => {
    await collect(START);
    const at = START + 10 * MINUTE;
    answers.records = [
      { id: 'soon', at, readableAt: at + 5 * MINUTE },
      { id: 'settle', at, readableAt: at + 75 * MINUTE },
      { id: 'reread', at, readableAt: at + 71 * HOUR },
    ];
    await collect(at + MINUTE);
    await collect(at + 6 * MINUTE);
    for (const minutes of [60, 72, 86]) await collect(START + minutes * MINUTE);
    expect(await stored()).toBe(1);
    await collect(START + 2 * HOUR);
    expect(await stored()).toBe(2);
    for (let hour = 3; hour <= 4 * 24; hour += 3) await collect(START + hour * HOUR);
    expect(await stored()).toBe(3);
    const found = await late();
    expect([...found.keys()].sort()).toEqual(['overlap', 'reread', 'settle']);
    expect(found.get('settle')).toEqual({ foundBy: 'settle', records: 1, worstMs: 110 * MINUTE });
    const delay = found.get('reread')?.worstMs ?? 0;
    expect(delay).toBeGreaterThanOrEqual(71 * HOUR);
    expect(delay).toBeLessThanOrEqual(96 * HOUR);
    const counted = (await windows()).reduce((sum, one) => sum + one.late, 0);
    expect(counted).toBe(3);
    expect(await lagBetween(db(), TENANT.id, SOURCE, 'event', START, clock.now())).toMatchObject({
      records: 3,
    });
  }, 20_000);

  it('reads a window again whole after a crash between two pages, and nothing twice', async () => {
    answers.perPage = 2;
    answers.records = ['a', 'b', 'c', 'd', 'e'].map((id, index) => {
      return { id, at: START - HOUR - index, readableAt: 0 };
    });
    answers.before = (_span, page) => {
      if (page === 2) crashAt = 'store:begin';
    };
    expect(await collect(START)).toMatchObject({ message: 'crash at store:begin' });
    crashAt = null;
    answers.before = () => undefined;
    expect((await windows()).find((one) => one.status === 'running')).toMatchObject({ pages: 1, records: 2 });
    expect(await stored()).toBe(2);
    await collect(START + MINUTE);
    expect(await stored()).toBe(5);
    expect((await windows()).filter((one) => PENDING.includes(one.status))).toEqual([]);
    // What the crash kept from being stored was never read before: it is not late.
    expect(await late()).toEqual(new Map());
  });

  it('marks a window partial that failed after some pages, and waits longer each time', async () => {
    answers.perPage = 1;
    answers.records = ['a', 'b'].map((id) => ({ id, at: START - 10 * DAY, readableAt: 0 }));
    answers.before = ({ from }, page) => {
      if (page === 2 && from < START - 8 * DAY) throw down();
    };
    await collect(START);
    const partial = async () => (await windows()).find((one) => one.status === 'partial');
    expect(await partial()).toMatchObject({ pages: 1, attempts: 1, next_try_at: START + MINUTE });
    await collect(START + MINUTE);
    expect(await partial()).toMatchObject({ attempts: 2, next_try_at: START + 3 * MINUTE });
    await collect(START + 2 * MINUTE);
    // The older ones are read meanwhile, and the one that fails holds up the watermark.
    expect((await windows()).filter((one) => one.status === 'complete').length).toBeGreaterThan(3);
    expect(await watermarkOf(db(), TENANT.id, SOURCE)).toBe(START - 14 * DAY);
  });

  it('gives up a window of the past that goes on failing while the head is read, and says why', async () => {
    answers.before = ({ from, to }) => {
      if (from <= START - 10 * DAY && START - 10 * DAY < to) throw down(400);
    };
    for (let hour = 0; hour < 40; hour += 1) await collect(START + hour * HOUR);
    const gone = (await windows()).filter((one) => one.status === 'abandoned' && one.attempts > 0);
    expect(gone.map((one) => [one.kind, one.reason])).toEqual([
      ['backfill', 'given up after 24 tries: read sign-ins: Graph answered 400'],
    ]);
    const coverage = await coverageOfSource(db(), TENANT.id, SOURCE);
    expect(coverage?.watermark).toBeGreaterThan(START + 36 * HOUR);
    const hole = { from: gone[0]?.from_at, to: gone[0]?.to_at };
    expect(coverage?.holes).toContainEqual(hole);
    answers.before = () => undefined;
    await collect(START + 41 * HOUR, { backfill: true });
    expect((await coverageOfSource(db(), TENANT.id, SOURCE))?.holes).not.toContainEqual(hole);
  }, 20_000);

  it('reads the rest of the past when the licence turns up, and goes on where a crash stopped it', async () => {
    answers.records = [{ id: 'old', at: START - 25 * DAY, readableAt: 0 }];
    await collect(START, {}, false);
    expect(await stored()).toBe(0);
    let reads = 0;
    answers.before = ({ to }) => {
      if (to < START - 6 * DAY) reads += 1;
      if (reads === 2) crashAt = 'store:begin';
    };
    expect(await collect(START + MINUTE)).toMatchObject({ message: 'crash at store:begin' });
    crashAt = null;
    answers.before = () => undefined;
    await collect(START + 2 * MINUTE);
    expect(await stored()).toBe(1);
    expect(await holesOf(db(), TENANT.id, SOURCE, START - 29 * DAY, START)).toEqual([]);
  });

  it('believes nothing that it read under a clock which was ahead', async () => {
    await collect(START);
    await collect(START + 60 * DAY);
    clock = new ManualClock(START + 10 * MINUTE);
    answers.records = [{ id: 'after', at: START + 11 * MINUTE, readableAt: START + 12 * MINUTE }];
    await collect(START + 10 * MINUTE);
    await collect(START + 13 * MINUTE);
    expect(await stored()).toBe(1);
    expect(Math.max(...(await windows()).map((one) => one.to_at))).toBe(START + 13 * MINUTE);
    expect(await holesOf(db(), TENANT.id, SOURCE, START - 29 * DAY, START + 13 * MINUTE)).toEqual([]);
  });

  it('shows hour by hour what was seen, what has not settled, and what was not there', async () => {
    await collect(START);
    for (let hour = 1; hour <= 5; hour += 1) await collect(START + hour * HOUR);
    answers.before = () => {
      throw down();
    };
    for (let hour = 6; hour <= 9; hour += 1) await collect(START + hour * HOUR);
    const now = START + 9 * HOUR;
    const span = { from: START, to: now };
    const [tenant] = await tenantCoverages(db(), span, now, TENANT.name);
    const source = tenant?.sources.find((one) => one.source === SOURCE);
    // Midnight in UTC is two in the morning in Berlin; the clocks go back in the night after.
    expect(source?.days.map((day) => day.date)).toEqual(['2026-10-24']);
    const hours = source?.days[0]?.hours ?? [];
    expect(hours.slice(0, 2)).toEqual(['nothing_due', 'nothing_due']);
    expect(hours.slice(2, 11)).toEqual([
      ...Array.from({ length: 4 }, () => 'seen'),
      'settling',
      ...Array.from({ length: 4 }, () => 'unseen'),
    ]);
    expect(source).toMatchObject({ hoursDue: 9, hoursSeen: 5 });
    const [longer] = await tenantCoverages(db(), { from: START, to: START + 2 * DAY }, now, null);
    const change = longer?.sources.find((one) => one.source === SOURCE)?.days[1];
    expect(change?.hours).toHaveLength(25);
  });
});
