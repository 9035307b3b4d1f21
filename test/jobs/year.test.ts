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
/** The Saturday evening on which the first reports come near; each weekend is lived through in half hours. */
const FIRST_WEEKEND = Date.UTC(2026, 11, 5, 22);
const WEEKEND_MS = 39 * HOUR;
const SQLITE = testDatabases()[0]!;

/** The zones and due times of the year: one on Mondays, the others on the very days when clocks change. */
const READERS = [
  ['Europe/Berlin', 'mon 07:00'],
  ['Europe/Berlin', 'sun 07:00'],
  ['Europe/Berlin', 'sun 02:30'],
  ['America/New_York', 'mon 07:00'],
  ['America/New_York', 'sun 07:00'],
  ['America/New_York', 'sun 01:30'],
  ['UTC', 'mon 07:00'],
] as const;

function reader(timezone: string, due: string, index: number): Recipient {
  const kind = index % 2 === 0 ? 'management' : 'technical';
  return {
    address: `reader-${index}@msp.example`,
    kind,
    language: index % 3 === 0 ? 'de' : 'en',
    timezone,
    due,
  };
}

const recipients = READERS.map(([timezone, due], index) => reader(timezone, due, index));
/** Every reader is a reader of every tenant, as an MSP's technician is. */
const tenants: readonly TenantConfig[] = ['Muster Bau', 'Beispiel', 'Sample Works'].map((name, index) => ({
  ...TENANT,
  id: `8f6b2c1e-1111-4222-8333-94445555666${index}`,
  name,
  recipients,
}));

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
    await database.transaction((tx) => syncTenants(tx, tenants, 'file', ENROLLED));
    for (const { id } of tenants) {
      await enrol(database.db, id, ENROLLED);
      await saveAssessments(database.db, id, [{ detectionId: 'd', state: 'full', reason: null }], ENROLLED);
    }
  }

  /** What `run` does at one time; after a crash it is started again, and waits until the dead one's claim is over. */
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
    for (const tenant of tenants) {
      const job = { database, tenant, now: clock.now(), mailFrom: 'watch@msp.example' };
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
    const from = FIRST_WEEKEND + week * WEEK;
    for (let at = from; at <= from + WEEKEND_MS; at += HOUR / 2) await year.tick(at);
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

/** By the C library's rules of zones as ICU has them, not by the product's own arithmetic: `Sun 07:00`. */
function localTime(timezone: string, at: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}

function localDay(timezone: string, at: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' }).format(at);
}

describe('a year of weekly reports to three zones about three tenants, with crashes', () => {
  it('the process died in every way, and often', () => {
    for (const crash of CRASHES) expect(year.crashed[crash]).toBeGreaterThan(40);
  });

  it('each reader had one first look at each tenant', async () => {
    expect(mails('first-look')).toHaveLength(tenants.length * recipients.length);
    for (const tenant of tenants) {
      const reports = (await listReports(opened.database.db, tenant.id)).filter(
        (one) => one.kind === 'first-look',
      );
      expect(reports.map((one) => one.recipient).toSorted()).toEqual(recipients.map((one) => one.address));
    }
  });

  it.each(recipients)(
    '$address ($timezone, $due) had one mail per tenant and week, at that local time',
    (one) => {
      const { timezone, due, address } = one;
      const expected = due.replace(/^./u, (letter) => letter.toUpperCase());
      const sent = mails('digest').filter((mail) => mail.recipient === address);
      expect(sent).toHaveLength(tenants.length * WEEKS);
      for (const tenant of tenants) {
        const own = sent.filter((mail) => mail.subject.startsWith(`${tenant.name}:`));
        const days = own.map((mail) => localDay(timezone, mail.writtenAt));
        const steps = days.slice(1).map((day, index) => Date.parse(day) - Date.parse(days[index] ?? ''));
        expect(new Set(steps)).toEqual(new Set([WEEK]));
        const others = own.filter((mail) => localTime(timezone, mail.writtenAt) !== expected);
        // 02:30 does not exist in Berlin on 28 March: clocks go from 02:00 to 03:00.
        const skipped = due === 'sun 02:30' ? ['Sun 03:30'] : [];
        expect(others.map((mail) => localTime(timezone, mail.writtenAt))).toEqual(skipped);
      }
    },
  );

  it('the zones keep their local time on the days when clocks change, and UTC its own', () => {
    const at = (address: string, day: string): string[] => {
      const sent = mails('digest').filter((mail) => mail.recipient === address);
      const times = sent.map((mail) => new Date(mail.writtenAt).toISOString());
      return [...new Set(times.filter((time) => time.startsWith(day)))].map((time) => time.slice(11, 16));
    };
    const [, berlin, berlinNight, , york, yorkNight, utc] = recipients.map((one) => one.address);
    expect(['2027-03-21', '2027-03-28', '2027-10-24', '2027-10-31'].map((day) => at(berlin!, day))).toEqual([
      ['06:00'],
      ['05:00'],
      ['05:00'],
      ['06:00'],
    ]);
    expect(['2027-03-21', '2027-03-28', '2027-04-04'].map((day) => at(berlinNight!, day))).toEqual([
      ['01:30'],
      ['01:30'],
      ['00:30'],
    ]);
    expect(['2027-03-07', '2027-03-14', '2027-10-31', '2027-11-07'].map((day) => at(york!, day))).toEqual([
      ['12:00'],
      ['11:00'],
      ['11:00'],
      ['12:00'],
    ]);
    // 01:30 comes twice on 7 November: one mail, at the first.
    expect(['2027-10-31', '2027-11-07', '2027-11-14'].map((day) => at(yorkNight!, day))).toEqual([
      ['05:30'],
      ['05:30'],
      ['06:30'],
    ]);
    expect(['2027-03-29', '2027-11-01'].map((day) => at(utc!, day))).toEqual([['07:00'], ['07:00']]);
  });

  it('a repeat after a crash is the same mail under the same Message-ID, and nothing else repeats', () => {
    const byId = new Map<string, Arrival[]>();
    for (const arrival of year.arrivals)
      byId.set(arrival.messageId, [...(byId.get(arrival.messageId) ?? []), arrival]);
    const total = tenants.length * recipients.length * (WEEKS + 1);
    expect(byId.size).toBe(total);
    const died = year.crashed['after sending'] + year.crashed['while marking'];
    expect(year.arrivals.length - total).toBe(died);
    for (const [first, ...repeats] of byId.values()) {
      for (const repeat of repeats) expect({ ...repeat, at: 0 }).toEqual({ ...first, at: 0 });
    }
  });

  it('every mail came within an hour of its time, and none is left', async () => {
    const late = [...mails('digest'), ...mails('first-look')].filter(
      (mail) => mail.at - mail.writtenAt > HOUR,
    );
    expect(late).toEqual([]);
    expect((await countOutbox(opened.database.db)).filter((row) => row.status !== 'sent')).toEqual([]);
  });
});
