import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readAll, startFixture, valueOf } from './client.ts';
import type { Fixture } from './client.ts';
import { audit, DAY, guid, MINUTE, NOW, PREMIUM, FREE, signIn } from './world.ts';

let fixture: Fixture;
let token: string;

beforeAll(async () => {
  fixture = await startFixture();
});
// Every test has a quota and a token of its own.
beforeEach(async () => {
  await fixture.advance(10_000);
  token = await fixture.token(PREMIUM);
});
afterAll(() => fixture.close());

const SIGN_INS = '/beta/auditLogs/signIns';

function filter(text: string): string {
  return `$filter=${encodeURIComponent(text)}`;
}

async function idsOf(target: string): Promise<unknown[]> {
  const pages = await readAll(fixture, token, target);
  return pages.flatMap(valueOf).map(({ id }) => id);
}

describe('paging of logs', () => {
  it('loses and repeats nothing, newest first, 1000 a page', async () => {
    const pages = await readAll(fixture, token, SIGN_INS);
    expect(pages.map((page) => valueOf(page).length)).toEqual([1000, 1000, 499]);
    const records = pages.flatMap(valueOf);
    expect(new Set(records.map(({ id }) => id)).size).toBe(2499);
    const times = records.map(({ createdDateTime }) => String(createdDateTime));
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it('gives a token once, for a quarter of an hour, to its tenant', async () => {
    const next = async (): Promise<string> =>
      String((await fixture.get(token, `${SIGN_INS}?$top=10`)).body['@odata.nextLink']);
    const first = await next();
    expect((await fixture.get(token, first)).status).toBe(200);
    const again = await fixture.get(token, first);
    expect([again.status, again.message]).toEqual([400, 'Invalid Skip Token, skip token is null']);
    const second = await next();
    await fixture.advance(15 * MINUTE);
    expect((await fixture.get(token, second)).status).toBe(400);
  });

  it('keeps the rest of a result as it was when first asked for', async () => {
    const first = await fixture.get(token, `${SIGN_INS}?$top=1000`);
    await fixture.control(`tenants/${PREMIUM}`, { add_sign_in: { record: signIn(9000, NOW).record } });
    const second = await fixture.get(token, String(first.body['@odata.nextLink']));
    const ids = [...valueOf(first), ...valueOf(second)].map(({ id }) => id);
    expect(new Set(ids).size).toBe(2000);
  });
});

describe('filters of logs', () => {
  const counts: [string, string, number][] = [
    [
      'between two times, both included',
      `${SIGN_INS}?${filter(`createdDateTime ge ${iso(NOW - 60 * MINUTE)} and createdDateTime le ${iso(NOW - 50 * MINUTE)}`)}`,
      11,
    ],
    ['at one time', `${SIGN_INS}?${filter(`createdDateTime eq ${iso(NOW - 60 * MINUTE)}`)}`, 1],
    [
      'by a nested number',
      `${SIGN_INS}?$top=1000&${filter(`status/errorCode eq 50126 and createdDateTime ge ${iso(NOW - 100 * MINUTE)} and createdDateTime le ${iso(NOW - 5 * MINUTE)}`)}`,
      10,
    ],
    [
      'by a beginning, with a doubled quote',
      `${SIGN_INS}?${filter("startswith(userDisplayName,'O''Person')")}`,
      0,
    ],
    [
      'by an or in parentheses',
      `${SIGN_INS}?${filter(`(userPrincipalName eq 'PERSON1@muster.example' or userPrincipalName eq 'person2@muster.example') and createdDateTime ge ${iso(NOW - 19 * MINUTE)} and createdDateTime le ${iso(NOW - 6 * MINUTE)}`)}`,
      4,
    ],
    ['of another type', `${SIGN_INS}?${filter("signInEventTypes/any(t: t eq 'nonInteractiveUser')")}`, 0],
    [
      'of two types',
      `${SIGN_INS}?${filter(`createdDateTime ge ${iso(NOW - 20 * MINUTE)} and createdDateTime le ${iso(NOW - 5 * MINUTE)} and (signInEventTypes/any(t:t eq 'interactiveUser' or t eq 'nonInteractiveUser'))`)}`,
      16,
    ],
    [
      'audits by activity',
      `/v1.0/auditLogs/directoryAudits?${filter("activityDisplayName eq 'Add member to role' and category eq 'RoleManagement'")}`,
      30,
    ],
    [
      'audits by target',
      `/v1.0/auditLogs/directoryAudits?${filter(`targetResources/any(t:t/displayName eq 'Person 1') and loggedByService eq 'Core Directory'`)}`,
      9,
    ],
    [
      'audits by another actor',
      `/v1.0/auditLogs/directoryAudits?${filter(`initiatedBy/app/displayName eq 'x'`)}`,
      0,
    ],
  ];
  it.each(counts)('select %s', async (_name, target, count) => {
    expect(await idsOf(target)).toHaveLength(count);
  });

  it('on the type of sign-in are refused by v1.0', async () => {
    const answer = await fixture.get(
      token,
      `/v1.0/auditLogs/signIns?${filter("signInEventTypes/any(t: t eq 'interactiveUser')")}`,
    );
    expect([answer.status, answer.message]).toEqual([
      400,
      "Could not find a property named 'signInEventTypes' on type 'microsoft.graph.signIn'.",
    ]);
  });
});

function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

describe('shapes', () => {
  it('v1.0 has exactly its own properties, down to the nested ones', async () => {
    const { body } = await fixture.get(token, '/v1.0/auditLogs/signIns?$top=1');
    const [record] = body['value'] as Record<string, unknown>[];
    for (const beta of [
      'signInEventTypes',
      'authenticationProtocol',
      'sessionId',
      'autonomousSystemNumber',
      'userType',
    ]) {
      expect(record).not.toHaveProperty(beta);
    }
    expect(record).toHaveProperty('riskEventTypes_v2');
    expect(record?.['appliedConditionalAccessPolicies']).toEqual([
      { id: guid(5, 1), displayName: 'MFA', result: 'success' },
    ]);
  });

  it('beta has all of them; risk is hidden without P2 and told with it', async () => {
    const read = async (): Promise<unknown> => (await fixture.get(token, `${SIGN_INS}?$top=1`)).body['value'];
    expect(await read()).toMatchObject([{ sessionId: expect.any(String), riskLevelAggregated: 'hidden' }]);
    await fixture.control(`tenants/${PREMIUM}`, { licence: 'p2' });
    expect(await read()).toMatchObject([{ riskLevelAggregated: 'none' }]);
    await fixture.control(`tenants/${PREMIUM}`, { licence: 'p1' });
  });

  it('applied policies are missing for an app that may not read policies', async () => {
    await fixture.control(`tenants/${PREMIUM}`, { remove_roles: ['Policy.Read.All'] });
    const poorer = await fixture.token(PREMIUM);
    await fixture.control(`tenants/${PREMIUM}`, { add_roles: ['Policy.Read.All'] });
    const [record] = valueOf(await fixture.get(poorer, `${SIGN_INS}?$top=1`));
    expect(record).not.toHaveProperty('appliedConditionalAccessPolicies');
  });

  it('audits show userAgent in beta only', async () => {
    const [old] = valueOf(await fixture.get(token, '/v1.0/auditLogs/directoryAudits?$top=1'));
    const [beta] = valueOf(await fixture.get(token, '/beta/auditLogs/directoryAudits?$top=1'));
    expect([old?.['userAgent'], beta?.['userAgent']]).toEqual([undefined, 'beta only']);
  });
});

describe('what can be read when', () => {
  it('a record comes when it is available, and changes when its revision is', async () => {
    const start = NOW + DAY;
    await fixture.advance(DAY);
    token = await fixture.token(PREMIUM);
    const { record } = signIn(9100, start);
    const add = (risk: string, at: number): Promise<unknown> =>
      fixture.control(`tenants/${PREMIUM}`, {
        add_sign_in: { record: { ...record, riskState: risk }, available_at: at },
      });
    const { now_ms: now } = (await fixture.ask(fixture.ready.clock)).body as { now_ms: number };
    await add('none', now + 5 * MINUTE);
    await add('atRisk', now + 20 * MINUTE);
    const seen = async (): Promise<unknown[]> => {
      const answer = await fixture.get(token, `${SIGN_INS}?${filter(`id eq '${guid(3, 9100)}'`)}`);
      return valueOf(answer).map(({ riskState }) => riskState);
    };
    expect(await seen()).toEqual([]);
    await fixture.advance(5 * MINUTE);
    expect(await seen()).toEqual(['none']);
    await fixture.advance(15 * MINUTE);
    expect(await seen()).toEqual(['atRisk']);
  });

  it('a tenant without P1 keeps seven days of audits', async () => {
    const free = await fixture.token(FREE);
    const { now_ms: now } = (await fixture.ask(fixture.ready.clock)).body as { now_ms: number };
    const times = valueOf(await fixture.get(free, '/v1.0/auditLogs/directoryAudits')).map((r) =>
      Date.parse(String(r['activityDateTime'])),
    );
    expect(times.length).toBeGreaterThan(5);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(now - 7 * DAY);
  });

  it('a record that no parser can take is returned like any other', async () => {
    const { record } = audit(500, NOW);
    await fixture.control(`tenants/${PREMIUM}`, {
      add_rejectable: { feed: 'directoryAudits', record: { ...record, activityDateTime: 7 } },
    });
    await fixture.control(`tenants/${PREMIUM}`, { add_rejectable: { feed: 'directoryAudits' } });
    const records = valueOf(await fixture.get(token, '/v1.0/auditLogs/directoryAudits?$top=2'));
    expect(records.map(({ activityDateTime }) => activityDateTime).sort()).toEqual([7, 'yesterday']);
  });
});
