import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import {
  duePeriods,
  lastWeek,
  latestDue,
  nextDue,
  parseDue,
  weekOf,
  workingDay,
} from '../../src/reports/due.ts';

const HOUR = 3_600_000;
const MONDAY = parseDue('mon 07:00');

/** Every hour from Sunday noon to Monday evening (UTC), once a day otherwise. */
function aYearOfTicks(): number[] {
  const ticks: number[] = [];
  for (let time = at('2026-01-01T00:00:00Z'); time < at('2026-12-31T00:00:00Z'); time += HOUR) {
    const date = new Date(time);
    const near =
      (date.getUTCDay() === 0 && date.getUTCHours() > 12) ||
      (date.getUTCDay() === 1 && date.getUTCHours() < 18);
    if (near || date.getUTCHours() === 0) ticks.push(time);
  }
  return ticks;
}

function at(iso: string): number {
  return Date.parse(iso);
}

describe('parseDue', () => {
  it('reads weekday and time', () => {
    expect(parseDue(' Fri 16:30 ')).toEqual({ weekday: 5, hour: 16, minute: 30 });
  });

  it.each(['', 'monday 07:00', 'mon 24:00', 'mon 7:00', 'xyz 07:00', 'mon 07:60'])('refuses %j', (text) => {
    expect(() => parseDue(text)).toThrow("write for instance 'mon 07:00'");
  });
});

describe('a due time', () => {
  it.each([
    ['Berlin, winter', 'Europe/Berlin', '2026-11-23T06:00:00Z'],
    ['Berlin, after the change to summer time (29 March 2026)', 'Europe/Berlin', '2026-03-30T05:00:00Z'],
    ['Berlin, after the change to winter time (25 October 2026)', 'Europe/Berlin', '2026-10-26T06:00:00Z'],
    ['New York, after the change to summer time (8 March 2026)', 'America/New_York', '2026-03-09T11:00:00Z'],
    [
      'New York, after the change to winter time (1 November 2026)',
      'America/New_York',
      '2026-11-02T12:00:00Z',
    ],
    ['UTC', 'UTC', '2026-11-23T07:00:00Z'],
  ])("is seven in the reader's morning: %s", (_, zone, due) => {
    expect(latestDue(MONDAY, zone, at(due)).dueAt).toBe(at(due));
    expect(nextDue(MONDAY, zone, at(due) - 1).dueAt).toBe(at(due));
    expect(latestDue(MONDAY, zone, at(due) - 1).dueAt).toBeLessThan(at(due));
  });

  it('that the clock skips falls as much later as the clock jumps', () => {
    const due = parseDue('sun 02:30');
    expect(latestDue(due, 'Europe/Berlin', at('2026-03-29T12:00:00Z')).dueAt).toBe(
      at('2026-03-29T01:30:00Z'),
    );
  });

  it('that the clock shows twice falls once, the first time', () => {
    const due = parseDue('sun 02:30');
    expect(latestDue(due, 'Europe/Berlin', at('2026-10-25T12:00:00Z')).dueAt).toBe(
      at('2026-10-25T00:30:00Z'),
    );
    expect(nextDue(due, 'Europe/Berlin', at('2026-10-25T00:45:00Z')).dueAt).toBe(at('2026-11-01T01:30:00Z'));
  });

  it.each(['Europe/Berlin', 'America/New_York', 'UTC', 'Asia/Kathmandu'])(
    'comes once a week all year in %s',
    (zone) => {
      const seen = new Set<number>();
      for (let now = at('2026-01-06T12:00:00Z'); now < at('2027-01-05T12:00:00Z'); now += 12 * HOUR) {
        seen.add(latestDue(MONDAY, zone, now).dueAt);
      }
      const times = [...seen].map((time) => DateTime.fromMillis(time, { zone }).toFormat('ccc HH:mm'));
      expect(seen.size).toBe(53);
      expect(new Set(times)).toEqual(new Set(['Mon 07:00']));
    },
  );
});

describe('a period', () => {
  it.each([
    ['a plain week', '2026-11-23T08:00:00Z', 168],
    ['the week of the change to summer time', '2026-03-30T08:00:00Z', 167],
    ['the week of the change to winter time', '2026-10-26T08:00:00Z', 169],
  ])('is seven local days: %s', (_, now, hours) => {
    const week = lastWeek(MONDAY, 'Europe/Berlin', at(now));
    expect((week.to - week.from) / HOUR).toBe(hours);
    expect(DateTime.fromMillis(week.from, { zone: 'Europe/Berlin' }).toFormat('ccc HH:mm')).toBe('Mon 00:00');
  });

  it("has the number of the week it lies in, across the year's end too", () => {
    const week = (now: string) => weekOf(lastWeek(MONDAY, 'UTC', at(now)), 'UTC');
    expect([week('2026-11-23T08:00:00Z'), week('2027-01-04T08:00:00Z')]).toEqual([47, 53]);
    expect(weekOf({ from: 0, to: 30 * 24 * HOUR }, 'UTC')).toBeNull();
  });
});

describe('duePeriods', () => {
  const now = at('2026-11-23T07:30:00Z');
  const monday = at('2026-11-23T00:00:00Z');
  const week = 7 * 24 * HOUR;

  function periods(since: number, reportedTo: number | null, due = MONDAY) {
    return duePeriods(due, 'UTC', now, { since, reportedTo });
  }

  it('gives a new reader the last week', () => {
    expect(periods(0, null)).toEqual([{ from: monday - week, to: monday }]);
  });

  it('gives nothing to a tenant that came after the due time', () => {
    expect(periods(at('2026-11-23T07:00:01Z'), null)).toEqual([]);
    expect(periods(at('2026-11-23T07:00:00Z'), null)).toHaveLength(1);
  });

  it('gives nothing twice', () => {
    expect(periods(0, monday)).toEqual([]);
  });

  it('gives each week that was missed, without a hole', () => {
    const missed = periods(0, monday - 3 * week);
    expect(missed).toHaveLength(3);
    expect(missed[0]?.from).toBe(monday - 3 * week);
    expect(missed.slice(1).every((period, index) => period.from === missed[index]?.to)).toBe(true);
  });

  it('tells a long absence in four reports that leave nothing out', () => {
    const missed = periods(0, monday - 30 * week);
    expect(missed).toHaveLength(4);
    expect([missed[0]?.from, missed[3]?.to]).toEqual([monday - 30 * week, monday]);
    expect(missed.slice(1).every((period, index) => period.from === missed[index]?.to)).toBe(true);
  });

  it('joins a few days to the next week when the weekday was changed', () => {
    const friday = parseDue('fri 07:00');
    expect(periods(0, at('2026-11-18T00:00:00Z'), friday)).toEqual([]);
    expect(periods(0, at('2026-11-16T00:00:00Z'), friday)).toEqual([
      { from: at('2026-11-16T00:00:00Z'), to: at('2026-11-20T00:00:00Z') },
    ]);
  });

  it('sends one report a week through both clock changes, asked every hour around the due time', () => {
    for (const zone of ['Europe/Berlin', 'America/New_York', 'UTC']) {
      let reportedTo: number | null = null;
      const sent: string[] = [];
      for (const time of aYearOfTicks()) {
        for (const period of duePeriods(MONDAY, zone, time, {
          since: at('2026-01-01T00:00:00Z'),
          reportedTo,
        })) {
          sent.push(DateTime.fromMillis(time, { zone }).toFormat('ccc HH:mm'));
          if (reportedTo !== null) expect(period.from).toBe(reportedTo);
          reportedTo = period.to;
        }
      }
      expect(sent).toEqual(Array.from({ length: 52 }, () => 'Mon 07:00'));
    }
  });
});

it.each([
  ['Monday', '2026-11-23T07:00:00+01:00', 1, '2026-11-24T00:00:00+01:00'],
  ['Friday', '2026-11-27T23:59:00+01:00', 1, '2026-11-30T00:00:00+01:00'],
  ['Saturday', '2026-11-28T12:00:00+01:00', 1, '2026-11-30T00:00:00+01:00'],
  ['Thursday, three days', '2026-11-26T07:00:00+01:00', 3, '2026-12-01T00:00:00+01:00'],
  ['over a change of the clock', '2026-10-23T07:00:00+02:00', 1, '2026-10-26T00:00:00+01:00'],
])('the next working days are Monday to Friday of the reader: %s', (_, from, count, expected) => {
  expect(workingDay('Europe/Berlin', Date.parse(from), count)).toBe(Date.parse(expected));
});
