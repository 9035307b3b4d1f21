import { readFileSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openChannel } from '../../src/commands/run.ts';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { cycleTenant, deliverDue } from '../../src/jobs/cycle.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import type { DigestFacts } from '../../src/reports/facts.ts';
import { WATCHING_ROLES } from '../../src/simulator/generate/organization.ts';
import { sourceStates } from '../../src/store/reads.ts';
import { listReports } from '../../src/store/reports.ts';
import { DAY, END, HOUR, startSimulated, type Simulated, type SimulatedTenant } from './simulated.ts';

/** A round a day, half past seven in Berlin: states then count as seen throughout (26 hours). */
const STEP = DAY;
const BEGIN = END - 7 * DAY;
/** Wednesdays of the two weeks, after that day's round; the trouble begins half an hour later, at 08:00 in Berlin. */
const FIRST_WEDNESDAY = BEGIN + 2 * DAY;
const SECOND_WEDNESDAY = FIRST_WEDNESDAY + 7 * DAY;
const FIRST_FRIDAY = BEGIN + 4 * DAY;

let simulated: Simulated;
let runtime: Runtime;
let catalogue: Awaited<ReturnType<typeof loadCatalogue>>;
/** Status of each source by tenant, while the trouble of a week stood. */
const during: Map<string, Record<string, string | null>>[] = [];

async function round(): Promise<void> {
  const channel = openChannel(runtime.config, runtime.observe);
  for (const tenant of runtime.config.tenants) await cycleTenant(runtime, catalogue, tenant);
  await deliverDue(runtime, channel);
  channel?.close();
}

/** Rounds at `from` and then each `step` up to and with `to`. */
async function watch(from: number, to: number, step: number): Promise<void> {
  for (let at = from; at <= to; at += step) {
    const wait = at - runtime.clock.now();
    if (wait > 0) await runtime.clock.sleep(wait);
    await round();
  }
}

async function statuses(): Promise<Map<string, Record<string, string | null>>> {
  const found = new Map<string, Record<string, string | null>>();
  for (const { id } of runtime.config.tenants) {
    const states = await sourceStates(runtime.database.db, id);
    found.set(id, Object.fromEntries(states.map((state) => [state.source, state.last_status])));
  }
  return found;
}

/** Graph answers one tenant 503 for six hours, another one's licence ends, and on Friday the sign-in service is down. */
async function firstWeek(): Promise<void> {
  const { licensed, lapsing } = tenants();
  await watch(BEGIN, FIRST_WEDNESDAY, STEP);
  const down = { kind: 'status', status: 503, tenant: licensed.id, times: null };
  await simulated.faults({ match: 'v1.0/', ...down }, { match: 'beta/', ...down });
  await simulated.change(lapsing, { licence: 'free' });
  await watch(FIRST_WEDNESDAY + HOUR / 2, FIRST_WEDNESDAY + 5.5 * HOUR, 2 * HOUR);
  during.push(await statuses());
  await simulated.clearFaults();
  await watch(FIRST_WEDNESDAY + 6.5 * HOUR, FIRST_WEDNESDAY + 6.5 * HOUR, HOUR);
  await watch(FIRST_WEDNESDAY + DAY, FIRST_FRIDAY, STEP);
  await simulated.faults({ match: '/token', ...down });
  await watch(FIRST_FRIDAY + 4 * HOUR, FIRST_FRIDAY + 4 * HOUR, HOUR);
  await simulated.clearFaults();
  await watch(FIRST_FRIDAY + 6 * HOUR, FIRST_FRIDAY + 6 * HOUR, HOUR);
  await watch(FIRST_FRIDAY + DAY, END, STEP);
}

/** The licence is back; the consent of one tenant is withdrawn, and the secret of another ends. */
async function secondWeek(): Promise<void> {
  const { licensed, lapsing, free } = tenants();
  await simulated.change(lapsing, { licence: 'p1' });
  await watch(END + 2 * HOUR, END + 2 * HOUR, HOUR);
  await watch(END + DAY, SECOND_WEDNESDAY, STEP);
  await simulated.change(licensed, { remove_roles: WATCHING_ROLES, revoke_tokens: true });
  await simulated.change(free, { secret: { state: 'expired' } });
  await watch(SECOND_WEDNESDAY + DAY, END + 7 * DAY, STEP);
  during.push(await statuses());
}

function tenants() {
  const [licensed, free, lapsing] = simulated.ready.tenants;
  return { licensed: licensed!, free: free!, lapsing: lapsing! };
}

beforeAll(async () => {
  simulated = await startSimulated(7 * DAY);
  runtime = await simulated.open(simulated.config(simulated.ready.tenants, simulated.folder()));
  catalogue = await loadCatalogue();
  await firstWeek();
  await secondWeek();
}, 60_000);

afterAll(async () => {
  await runtime?.close();
  await simulated?.stop();
});

/** Text of a tenant's digest of the first or second week, in one line. */
async function digest(tenant: SimulatedTenant, week: 1 | 2): Promise<string> {
  const mails = (await simulated.mails()).filter(
    (mail) =>
      mail.message_id.startsWith('<digest-') && mail.envelope.to.includes(`management@${tenant.domain}`),
  );
  expect(mails).toHaveLength(2);
  const parsed = await simpleParser(readFileSync(mails[week - 1]!.file));
  return (parsed.text ?? '').replaceAll(/\s+/g, ' ');
}

/** Gaps as stored with a tenant's report of the first week. */
async function gapsOfFirstWeek(tenant: SimulatedTenant): Promise<DigestFacts['unseen']['gaps']> {
  const reports = await listReports(runtime.database.db, tenant.id);
  const facts = reports.find((one) => one.kind === 'digest' && one.number === 1)?.facts ?? '{}';
  return (JSON.parse(facts) as DigestFacts).unseen.gaps;
}

/** Every source, of which the names of mail domains are not asked for here: DNS is not simulated. */
const SOURCES = 45;

function count(week: 1 | 2, tenant: SimulatedTenant): { sources: number; ok: number } {
  const found = Object.values(during[week - 1]?.get(tenant.id) ?? {});
  return { sources: found.length, ok: found.filter((status) => status === 'ok').length };
}

describe('Graph of one tenant is down for six hours', () => {
  it('its mail says which hours could not be read, and that they were read later', async () => {
    // Last sign-ins, second factors, the secure score and sharing are read once a day, and had been that morning.
    expect(count(1, tenants().licensed)).toEqual({ sources: SOURCES, ok: 5 });
    const text = await digest(tenants().licensed, 1);
    expect(text).toMatch(
      /Unreadable on Wednesday 08:0\d–14:0\d: sign-ins \(Microsoft's service was down\)\. We read it later; nothing is missing\./u,
    );
    // Managers get four lines; the rest is with IT.
    const wednesday = (await gapsOfFirstWeek(tenants().licensed)).filter(
      (gap) => gap.from > FIRST_WEDNESDAY && gap.from < FIRST_WEDNESDAY + DAY,
    );
    expect(wednesday.map(({ source, cause, readLater }) => ({ source, cause, readLater }))).toEqual([
      { source: 'sign-ins', cause: 'service_down', readLater: true },
      { source: 'directory-audits', cause: 'service_down', readLater: true },
    ]);
    // Eight hours are those of Monday before we began; none of the outage is lost.
    expect(text).toContain('hours we could watch: 160 of 168');
    expect(text).not.toContain('Not watched');
  });

  it('what happened in these hours is there', async () => {
    const rows = await runtime.database.db
      .selectFrom('event')
      .select('feed')
      .distinct()
      .where('tenant_id', '=', tenants().licensed.id)
      .where('occurred_at', '>=', FIRST_WEDNESDAY + HOUR)
      .where('occurred_at', '<', FIRST_WEDNESDAY + 6 * HOUR)
      .execute();
    expect(rows.map((row) => row.feed).toSorted()).toEqual([
      'audit-sign-ins',
      'defender-alerts',
      'defender-incidents',
      'directory-audits',
      'non-interactive-sign-ins',
      'service-principal-sign-ins',
      'sign-ins',
      'unified-audit',
    ]);
  });

  it('an outage of the sign-in service is told as such, and not as a fault of our access', async () => {
    const friday = (await gapsOfFirstWeek(tenants().licensed)).filter((gap) => gap.from > FIRST_FRIDAY);
    expect(friday.map(({ source, cause, readLater }) => ({ source, cause, readLater }))).toEqual([
      { source: 'sign-ins', cause: 'service_down', readLater: true },
      { source: 'directory-audits', cause: 'service_down', readLater: true },
    ]);
  });

  it('the others were read meanwhile, and their mails do not mention it', async () => {
    expect(count(1, tenants().free)).toEqual({ sources: SOURCES, ok: 27 });
    expect(count(1, tenants().lapsing)).toEqual({ sources: SOURCES, ok: 31 });
    for (const other of [tenants().free, tenants().lapsing]) {
      expect(await digest(other, 1)).not.toMatch(/Unreadable|service was down/u);
    }
  });
});

describe('the P1 licence of one tenant ends', () => {
  it('its mail says that sign-ins are seen through the audit log only, and since when', async () => {
    const text = await digest(tenants().lapsing, 1);
    expect(text).toContain(
      'Not watched since 18 November 07:30: dates of last sign-ins (the licence for it is missing).',
    );
    expect(text).toMatch(
      /Seen only in the audit log of Entra ID since 18 November 07:3\d, later and with less detail: sign-ins \(the licence for it is missing\)\./u,
    );
    // The spray of that afternoon, told by the audit log; the hours lost are those of Monday before we began.
    expect(text).toMatch(/Schulung Raum \[serious, open\] Wednesday/u);
    expect(text).toContain('hours we could watch: 160 of 168');
    expect(text).not.toMatch(/all is well/iu);
  });

  it('others do not hear of it', async () => {
    expect(await digest(tenants().licensed, 1)).not.toContain('licence');
    expect(await digest(tenants().free, 1)).not.toContain('since 18 November');
  });

  it('once it is back the mail says that the rest was read later, and tells what it held', async () => {
    expect(count(2, tenants().lapsing)).toEqual({ sources: SOURCES, ok: 38 });
    const text = await digest(tenants().lapsing, 2);
    expect(text).toMatch(
      /Unreadable on Monday 07:3\d–09:3\d: sign-ins \(the licence for it is missing\)\. We read it later; nothing is missing\./u,
    );
    // The code that was typed, which the audit log does not show; the spray was told the week before.
    expect(text).toContain('It was on 19 November and could be read only this week.');
    expect(text).not.toContain('sign-ins of many accounts failed');
    expect(text).toContain('hours we could watch: 168 of 168');
  });
});

describe('the consent of one tenant is withdrawn', () => {
  it('its mail says that nothing is watched, and since when', async () => {
    expect(count(2, tenants().licensed)).toEqual({ sources: SOURCES, ok: 0 });
    const text = await digest(tenants().licensed, 2);
    expect(text).toMatch(
      /Not watched since 25 November 07:30: changes of roles, apps and settings, [^.]*sign-ins[^.]* \(the right for it was not granted\)\./u,
    );
    expect(text).toContain('We could watch 55 of the 168 hours.');
  });

  it('others do not hear of it', async () => {
    for (const other of [tenants().free, tenants().lapsing]) {
      expect(await digest(other, 2)).not.toMatch(/not granted|refused/u);
    }
  });
});

describe('the secret of one tenant has expired', () => {
  it('its mail says that nothing is watched, and since when', async () => {
    expect(count(2, tenants().free)).toEqual({ sources: SOURCES, ok: 0 });
    const text = await digest(tenants().free, 2);
    expect(text).toMatch(
      /Not watched since 25 November 07:30: changes of roles, apps and settings, [^.]*sign-ins, the list of people, [^.]* \(our own access to Microsoft no longer works\)\./u,
    );
    expect(text).toMatch(/Not watched: dates of last sign-ins \([^)]+\)\./u);
  });

  it('the hours before are counted as in the week before, with the sign-ins of the audit log', async () => {
    expect(await digest(tenants().free, 1)).toContain('hours we could watch: 160 of 168');
    expect(await digest(tenants().free, 2)).toContain('hours we could watch: 55 of 168');
  });

  it('others do not hear of it, and one without any trouble is told that all was watched', async () => {
    for (const other of [tenants().licensed, tenants().lapsing]) {
      expect(await digest(other, 2)).not.toContain('our own access');
    }
    expect(await digest(tenants().lapsing, 2)).not.toContain('Not watched');
  });
});
