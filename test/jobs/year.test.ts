import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Channel, OutgoingMail } from '../../src/channels/channel.ts';
import { ManualClock } from '../../src/clock.ts';
import { deliver } from '../../src/jobs/deliver.ts';
import { reportFirstLook } from '../../src/jobs/first-look.ts';
import { reportDigest } from '../../src/jobs/report.ts';
import type { Recipient, TenantConfig } from '../../src/model/tenant.ts';
import { saveAssessments } from '../../src/store/assessments.ts';
import { countOutbox } from '../../src/store/outbox.ts';
import { listReports } from '../../src/store/reports.ts';
import { enrol, syncTenants } from '../../src/store/tenants.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { TENANT } from './report-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** A Wednesday; the year holds both clock changes of Berlin (28 March, 31 October) and New York (14 March, 7 November). */
const ENROLLED = Date.UTC(2026, 11, 2, 15);
const WEEKS = 52;
const FIRST_SUNDAY = Date.UTC(2026, 11, 6);
const SQLITE = testDatabases()[0]!;

/** Zones and due times: some on Mondays, the others on the very days when clocks change. */
const berlin = reader('berlin', 'Europe/Berlin', 'mon 07:00');
const york = reader('york', 'America/New_York', 'mon 07:00');
const utc = reader('utc', 'UTC', 'mon 07:00');
const berlinSunday = reader('berlin-sunday', 'Europe/Berlin', 'sun 07:00');
const yorkSunday = reader('york-sunday', 'America/New_York', 'sun 07:00');
/** 02:30 is skipped once, and 01:30 comes twice once. */
const berlinNight = reader('berlin-night', 'Europe/Berlin', 'sun 02:30');
const yorkNight = reader('york-night', 'America/New_York', 'sun 01:30');

/** Two readers read of two tenants, as an MSP's technician does. */
const tenants: readonly TenantConfig[] = [
  tenant('Muster Bau', 1, [berlin, york, utc]),
  tenant('Beispiel', 2, [berlinSunday, yorkSunday, utc]),
  tenant('Sample Works', 3, [berlinNight, yorkNight, berlin]),
];
const readings = tenants.flatMap((of) => of.recipients.map((recipient) => ({ tenant: of, recipient })));

/** Half hours around every due time, in winter as in summer: hours of UTC after Sunday's beginning. */
const NEAR = [
  [0, 2],
  [4.5, 6.5],
  [10.5, 12.5],
  [28.5, 31.5],
  [34.5, 36.5],
] as const;

function reader(name: string, timezone: string, due: string): Recipient {
  return { address: `${name}@msp.example`, kind: 'management', language: 'en', timezone, due };
}

function tenant(name: string, digit: number, recipients: readonly Recipient[]): TenantConfig {
  return { ...TENANT, id: `8f6b2c1e-1111-4222-8333-94445555666${digit}`, name, recipients };
}

interface Arrival extends OutgoingMail {
  readonly at: number;
}

/** Where in its work the process dies. */
type Crash = 'before sending' | 'after sending' | 'while marking';
const CRASHES: readonly Crash[] = ['before sending', 'after sending', 'while marking'];

/** A process that lives through a year, dies again and again by a seed, and is started anew. */
class Year implements Channel {
  readonly name = 'smtp';
  readonly arrivals: Arrival[] = [];
  readonly crashed = { 'before sending': 0, 'after sending': 0, 'while marking': 0 };
  readonly #opened: TestDatabase;
  readonly #side: BetterSqlite3.Database;
  readonly #clock = new ManualClock(ENROLLED);
  #starts = 0;
  #state = 20_261_202;

  constructor(opened: TestDatabase) {
    this.#opened = opened;
    this.#side = new BetterSqlite3(opened.url.replace(/^sqlite:/u, ''));
  }

  #random(): number {
    this.#state = (this.#state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return this.#state / 2_147_483_648;
  }

  /** One mail in five meets a crash, whichever attempt it is. */
  async send(mail: OutgoingMail): Promise<void> {
    const crash = this.#random() < 0.2 ? CRASHES[Math.floor(this.#random() * CRASHES.length)] : undefined;
    if (crash !== undefined) this.crashed[crash] += 1;
    if (crash === 'before sending') throw new Error('crash');
    this.arrivals.push({ ...mail, at: this.#clock.now() });
    if (crash === 'after sending') throw new Error('crash');
    if (crash === 'while marking') {
      this.#side.exec(
        `CREATE TRIGGER crash BEFORE UPDATE OF status ON outbox BEGIN SELECT RAISE(ABORT, 'crash'); END`,
      );
    }
    await Promise.resolve();
  }

  close(): void {
    this.#side.close();
  }

  async begin(): Promise<void> {
    const { database } = this.#opened;
    await database.transaction((tx) => syncTenants(tx, tenants, 'yaml', ENROLLED));
    for (const { id } of tenants) {
      await enrol(database.db, id, ENROLLED);
      await saveAssessments(database.db, id, [{ detectionId: 'd', state: 'full', reason: null }], ENROLLED);
    }
  }

  /** What `run` does at one time; after a crash it is started again, and the dead one's claim stands for ten minutes. */
  async tick(at: number): Promise<void> {
    this.#clock.advanceTo(at);
    for (;;) {
      try {
        return await this.#round();
      } catch (error) {
        if (!String(error).includes('crash')) throw error;
        this.#side.exec('DROP TRIGGER IF EXISTS crash');
        this.#starts += 1;
      }
    }
  }

  async #round(): Promise<void> {
    const { database } = this.#opened;
    const clock = this.#clock;
    for (const one of tenants) {
      const job = { database, tenant: one, now: clock.now(), mailFrom: 'watch@msp.example' };
      await reportFirstLook(job);
      await reportDigest(job);
    }
    await deliver({ database, channel: this, clock, holder: `run-${this.#starts}` });
  }
}

let opened: TestDatabase;
let year: Year;

beforeAll(async () => {
  opened = await SQLITE.open({ now: ENROLLED });
  year = new Year(opened);
  await year.begin();
  await year.tick(ENROLLED);
  // A day after it began, sources that never answered hold the first look back no longer.
  for (let at = ENROLLED + DAY; at <= ENROLLED + DAY + 2 * HOUR; at += HOUR / 2) await year.tick(at);
  for (let week = 0; week < WEEKS; week += 1) {
    const sunday = FIRST_SUNDAY + week * WEEK;
    for (const [from, to] of NEAR) {
      for (let hour = from; hour <= to; hour += 0.5) await year.tick(sunday + hour * HOUR);
    }
  }
}, 60_000);

afterAll(async () => {
  year.close();
  await opened.dispose();
});

/** First arrivals only, by Message-ID. */
function mails(kind: string): Arrival[] {
  const first = new Map<string, Arrival>();
  for (const arrival of year.arrivals) {
    if (arrival.messageId.startsWith(`<${kind}-`) && !first.has(arrival.messageId))
      first.set(arrival.messageId, arrival);
  }
  return [...first.values()];
}

function digestsOf(of: TenantConfig, address: string): Arrival[] {
  return mails('digest').filter(
    (mail) => mail.recipient === address && mail.subject.startsWith(`${of.name}, `),
  );
}

/** By Intl's knowledge of zones, not by the product's own arithmetic: `sun 07:00`. */
function localTime(timezone: string, at: number): string {
  const format = { timeZone: timezone, weekday: 'short', hour: '2-digit', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat('en-GB', format).format(at).replace(',', '').toLowerCase();
}

function localDay(timezone: string, at: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' }).format(at);
}

describe('a year of weekly reports to three zones about three tenants, with crashes', () => {
  it('the process died in every way, and often', () => {
    for (const crash of CRASHES) expect(year.crashed[crash]).toBeGreaterThan(25);
  });

  it('each reader had one first look at each tenant', async () => {
    expect(mails('first-look')).toHaveLength(readings.length);
    for (const of of tenants) {
      const reports = await listReports(opened.database.db, of.id);
      const readers = reports.filter((one) => one.kind === 'first-look').map((one) => one.recipient);
      expect(readers.toSorted()).toEqual(of.recipients.map((one) => one.address).toSorted());
    }
  });

  it.each(readings)(
    '$recipient.address had one mail about $tenant.name each week, when it is $recipient.due in $recipient.timezone',
    ({ tenant: of, recipient: { address, timezone, due } }) => {
      const sent = digestsOf(of, address);
      expect(sent).toHaveLength(WEEKS);
      const days = sent.map((mail) => localDay(timezone, mail.writtenAt));
      const steps = days.slice(1).map((day, index) => Date.parse(day) - Date.parse(days[index] ?? ''));
      expect(new Set(steps)).toEqual(new Set([WEEK]));
      const others = sent.map((mail) => localTime(timezone, mail.writtenAt)).filter((time) => time !== due);
      // 02:30 does not exist in Berlin on 28 March: clocks go from 02:00 to 03:00.
      expect(others).toEqual(address === berlinNight.address ? ['sun 03:30'] : []);
    },
  );

  it.each([
    [
      1,
      berlin,
      { '2027-03-22': '06:00', '2027-03-29': '05:00', '2027-10-25': '05:00', '2027-11-01': '06:00' },
    ],
    [
      2,
      berlinSunday,
      { '2027-03-21': '06:00', '2027-03-28': '05:00', '2027-10-24': '05:00', '2027-10-31': '06:00' },
    ],
    [
      3,
      berlinNight,
      { '2027-03-21': '01:30', '2027-03-28': '01:30', '2027-04-04': '00:30', '2027-10-31': '00:30' },
    ],
    [1, york, { '2027-03-08': '12:00', '2027-03-15': '11:00', '2027-11-01': '11:00', '2027-11-08': '12:00' }],
    [
      2,
      yorkSunday,
      { '2027-03-07': '12:00', '2027-03-14': '11:00', '2027-10-31': '11:00', '2027-11-07': '12:00' },
    ],
    [
      3,
      yorkNight,
      { '2027-03-07': '06:30', '2027-03-14': '06:30', '2027-03-21': '05:30', '2027-11-07': '05:30' },
    ],
    [
      1,
      utc,
      { '2027-03-14': undefined, '2027-03-29': '07:00', '2027-11-01': '07:00', '2027-11-08': '07:00' },
    ],
  ])(
    'tenant %i, reader %#: the instants around the clock changes are those of the zone',
    (digit, one, instants) => {
      const sent = digestsOf(tenants[digit - 1]!, one.address).map((mail) =>
        new Date(mail.writtenAt).toISOString(),
      );
      const found = Object.keys(instants).map((day) => [
        day,
        sent.find((time) => time.startsWith(day))?.slice(11, 16),
      ]);
      expect(Object.fromEntries(found)).toEqual(instants);
    },
  );

  it('a repeat after a crash is the same mail under the same Message-ID, and nothing else repeats', () => {
    const byId = new Map<string, Arrival[]>();
    for (const arrival of year.arrivals)
      byId.set(arrival.messageId, [...(byId.get(arrival.messageId) ?? []), arrival]);
    const total = readings.length * (WEEKS + 1);
    expect(byId.size).toBe(total);
    const died = year.crashed['after sending'] + year.crashed['while marking'];
    expect(year.arrivals.length - total).toBe(died);
    for (const [first, ...repeats] of byId.values()) {
      for (const repeat of repeats) expect({ ...repeat, at: 0 }).toEqual({ ...first, at: 0 });
    }
  });

  it('every mail came on its own day, and none is left', async () => {
    const late = [...mails('digest'), ...mails('first-look')].filter(
      (mail) => mail.at - mail.writtenAt > 6 * HOUR,
    );
    expect(late).toEqual([]);
    expect((await countOutbox(opened.database.db)).filter((row) => row.status !== 'sent')).toEqual([]);
  });
});
