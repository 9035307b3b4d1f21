import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mailboxRules } from '../../src/collectors/mailbox-rules.ts';
import { stateInputs } from '../../src/jobs/state-inputs.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 17, 9, 42);
const MAILBOXES = 10_000;

/** Holds a role, may switch one on, is a VIP by name, was in an alert: and one in a group that holds a role. */
const URGENT = [5, 17, 4000, 9999, 123];
const ACTIVE = [42, 5042];

describe.each(testDatabases().filter(({ name }) => name !== 'postgres'))(
  'the plan of mailboxes on $name',
  ({ open }) => {
    let opened: TestDatabase;
    beforeAll(async () => {
      opened = await open();
      await fill(opened, 'large', MAILBOXES);
      await fill(opened, 'small', 200);
    });
    afterAll(() => opened?.dispose());

    it('reads those of privileged people each hour and every other one twice a day', async () => {
      const reads = await day('large');
      for (const n of URGENT) expect(reads.get(id(n)), `mailbox ${n}`).toHaveLength(24);
      const others = [...reads].filter(([one]) => !URGENT.map(id).includes(one));
      expect(others).toHaveLength(MAILBOXES - URGENT.length);
      expect(Math.min(...others.map(([, at]) => at.length))).toBeGreaterThanOrEqual(1);
      expect(Math.max(...others.map(([, at]) => gapOf(at)))).toBeLessThanOrEqual(14 * HOUR);
    });

    it('reads whoever was active more often than the rest', async () => {
      const reads = await day('large');
      for (const n of ACTIVE) expect(reads.get(id(n))?.length ?? 0, `mailbox ${n}`).toBeGreaterThanOrEqual(5);
    });

    it('spreads them over the day, some 840 a round', async () => {
      const reads = await day('large');
      const rounds = new Map<number, number>();
      for (const at of [...reads.values()].flat()) rounds.set(at, (rounds.get(at) ?? 0) + 1);
      expect(rounds.size).toBe(24);
      expect(Math.max(...rounds.values())).toBeLessThanOrEqual(840);
    });

    it('reads a small tenant whole each hour, and everything where that was asked for', async () => {
      expect(await turn('small', new Map(), START)).toHaveLength(200);
      expect(await turn('large', new Map(), START, true)).toHaveLength(MAILBOXES);
    });

    /** 24 rounds, an hour apart: when each mailbox was read. */
    async function day(tenantId: string): Promise<Map<string, number[]>> {
      const reads = new Map<string, number[]>();
      const last = new Map<string, number>();
      for (let now = START; now < START + 24 * HOUR; now += HOUR) {
        for (const mailbox of await turn(tenantId, last, now)) {
          last.set(mailbox, now);
          reads.set(mailbox, [...(reads.get(mailbox) ?? []), now]);
        }
      }
      return reads;
    }

    async function turn(tenantId: string, lastReads: Map<string, number>, now: number, everything = false) {
      const { db } = opened.database;
      const wanted = { db, tenantId, collector: mailboxRules, lastReads, dns: null, now, everything };
      return (await stateInputs(wanted)).mailboxes;
    }
  },
);

function gapOf(at: readonly number[]): number {
  return Math.max(...at.map((one, n) => (at[n + 1] ?? START + 24 * HOUR) - one));
}

function id(n: number): string {
  return `2a000000-1111-4222-8333-${String(n).padStart(12, '0')}`;
}

async function fill({ database }: TestDatabase, tenant: string, count: number): Promise<void> {
  await database.transaction(async (tx) => {
    const users = Array.from({ length: count }, (_, n) => entity(tenant, 'user', id(n), { exchange: true }));
    for (let at = 0; at < count; at += 1000)
      await tx
        .insertInto('entity')
        .values(users.slice(at, at + 1000))
        .execute();
    const eligible = entity(tenant, 'role_eligibility', 'e', { principal_id: id(17) });
    await tx.insertInto('entity').values(eligible).execute();
    await tx
      .insertInto('role_assignment')
      .values([role(tenant, 'a', id(5)), role(tenant, 'b', 'group')])
      .execute();
    const member = { group_id: 'group', member_id: id(123), member_kind: 'user' };
    await tx
      .insertInto('group_member')
      .values({ tenant_id: tenant, ...member })
      .execute();
    const vips = { name: 'vips', value: 'Boss@example.com', origin: 'file' };
    await tx
      .insertInto('setting')
      .values({ tenant_id: tenant, ...vips })
      .execute();
    await tx
      .insertInto('user_account')
      .values({ tenant_id: tenant, ...BOSS })
      .execute();
    await tx.insertInto('alert').values(alert(tenant)).execute();
    const events = ACTIVE.map((n) => event(tenant, n));
    await tx.insertInto('event').values(events).execute();
  });
}

function entity(tenant: string, kind: string, key: string, json: object) {
  const form = { json: JSON.stringify(json), raw: null, hash: '', valid_from: 1, read_id: 'r' };
  return { tenant_id: tenant, kind, id: key, ...form };
}

function role(tenant: string, key: string, principal: string) {
  const held = { principal_id: principal, principal_kind: null, role_template_id: 'r' };
  return { tenant_id: tenant, id: key, ...held, role: null, tier: 0, scope: '/' };
}

const BOSS = {
  id: id(4000),
  upn: 'boss@Example.com',
  name: 'Boss',
  kind: 'member',
  enabled: 1,
  created_at: null,
  leave_at: null,
  synced: 0,
  manager_id: null,
  department: null,
  usage_location: null,
  external_state: null,
  disabled_since: null,
};

function alert(tenant: string) {
  return {
    tenant_id: tenant,
    id: 'alert',
    detection_id: 'd',
    version: '1',
    subject: `user:${id(9999)}`,
    cause: '',
    occurrence_start: 1,
    life: 'event',
    state: 'closed',
    level: 'high',
    historical: 0,
    first_event_at: START - HOUR,
    last_event_at: START - HOUR,
    withdrawn: 0,
    words: '{}',
    created_at: START,
    updated_at: START,
  };
}

function event(tenant: string, n: number) {
  return {
    tenant_id: tenant,
    feed: 'sign-ins',
    native_id: `s${n}`,
    occurred_at: START + 12 * HOUR,
    canonical_id: `s${n}`,
    origin: 'sign-ins/beta',
    user_id: id(n),
    ingested_at: START,
    ingest_seq: n,
    revision: 1,
    read_started_at: START,
    content_hash: '',
    raw: '{}',
  };
}
