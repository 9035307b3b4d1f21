import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reportLogs } from '../../src/collectors/settings.ts';
import { planLog } from '../../src/jobs/plan-log.ts';
import {
  coveredSpans,
  dueWindows,
  finishWindow,
  startWindow,
  type WindowRow,
} from '../../src/store/windows.ts';
import { testDatabases, type TestDatabase } from './open.ts';

const T = '11111111-1111-4111-8111-111111111111';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 1);

describe.each(testDatabases())('the plan of a log source on $name', ({ open }) => {
  let opened: TestDatabase;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.dispose());
  beforeEach(() => opened.database.db.deleteFrom('window').execute());

  const plan = (now: number, retention = 30 * DAY) =>
    opened.database.transaction((tx) => planLog(tx, T, 'sign-ins', reportLogs, retention, now));
  const due = (now: number) => dueWindows(opened.database.db, T, 'sign-ins', now);
  const shape = (rows: WindowRow[]) =>
    rows.map((row) => [row.kind, (row.from_at - START) / HOUR, (row.to_at - START) / HOUR]);

  async function readAll(now: number, status: 'complete' | 'failed' = 'complete') {
    for (const row of await due(now)) {
      await opened.database.transaction(async (tx) => {
        await startWindow(tx, row, now);
        await finishWindow(tx, row, {
          status,
          reason: null,
          nextTryAt: status === 'failed' ? now + MINUTE : null,
          now,
        });
      });
    }
  }

  it('begins with all that the source keeps, newest first, in spans of seven days', async () => {
    await plan(START);
    expect(shape(await due(START)).map(([, from, to]) => [from, to])).toEqual([
      [-168, 0],
      [-336, -168],
      [-504, -336],
      [-672, -504],
      [-720, -672],
    ]);
  });

  it('plans nothing twice when it runs twice', async () => {
    await plan(START);
    await plan(START);
    expect(await due(START)).toHaveLength(5);
  });

  it('follows now with an hour of overlap', async () => {
    await plan(START, DAY);
    await readAll(START);
    await plan(START + 2 * HOUR, DAY);
    expect(shape(await due(START + 2 * HOUR))).toEqual([
      ['head', -1, 2],
      ['settle', -1, 1],
    ]);
  });

  it('lets one pending head grow through an outage instead of piling up windows', async () => {
    await plan(START, 7 * DAY);
    await readAll(START);
    for (let hour = 1; hour <= 5; hour += 1) {
      await plan(START + hour * HOUR, 7 * DAY);
      await readAll(START + hour * HOUR, 'failed');
    }
    await plan(START + 6 * HOUR, 7 * DAY);
    expect(shape(await due(START + 6 * HOUR))).toEqual([
      ['head', -1, 6],
      ['settle', -1, 0],
    ]);
  });

  it('reads everything that may arrive late once more each day', async () => {
    await plan(START, 30 * DAY);
    await readAll(START);
    await plan(START + DAY, 30 * DAY);
    expect(shape(await due(START + DAY))).toEqual([
      ['head', -1, 24],
      // From 72 h before the last read of all, so that what was 72 h late when it appeared since is met.
      ['reread', -72, 24],
      ['settle', -1, 23],
    ]);
  });

  it('gives up by name on what the source no longer keeps', async () => {
    await plan(START, 7 * DAY);
    await readAll(START, 'failed');
    await plan(START + 20 * DAY, 7 * DAY);
    const rows = await opened.database.db
      .selectFrom('window')
      .selectAll()
      .where('status', '=', 'abandoned')
      .orderBy('from_at')
      .execute();
    // The week that was planned and failed, and the days on which nothing ran.
    const reason = 'the source no longer keeps this span';
    expect(rows.map((row) => [row.kind, row.reason])).toEqual([
      ['backfill', reason],
      ['head', reason],
    ]);
    expect(shape(await due(START + 20 * DAY)).every(([, from]) => Number(from) >= 13 * 24)).toBe(true);
  });

  it('says which spans were read, merged, and leaves the others out', async () => {
    await plan(START, DAY);
    await readAll(START);
    await plan(START + HOUR, DAY);
    await readAll(START + HOUR);
    await plan(START + 5 * HOUR, DAY);
    await readAll(START + 5 * HOUR, 'failed');
    const spans = await coveredSpans(opened.database.db, T, 'sign-ins', START - DAY, START + 5 * HOUR);
    expect(spans).toEqual([{ from: START - DAY, to: START + HOUR }]);
  });
});
