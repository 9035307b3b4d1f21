import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createThrottle } from '../../../src/simulator/server/throttle.ts';
import { startFixture } from './client.ts';
import type { Fixture, Reply } from './client.ts';
import { FREE, PREMIUM, userId } from './world.ts';

let fixture: Fixture;
let token: string;

beforeEach(async () => {
  fixture = await startFixture();
  token = await fixture.token(PREMIUM);
});
afterEach(() => fixture.close());

const AUDITS = '/v1.0/auditLogs/directoryAudits?$top=1';
const SIGN_INS = '/beta/auditLogs/signIns?$top=1';

function batch(requests: object[], version = 'v1.0'): Promise<Reply> {
  return fixture.ask(`${fixture.ready.graph}/${version}/$batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ requests }),
  });
}

interface PartAnswer {
  readonly id: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Record<string, unknown>;
}

function parts(answer: Reply): PartAnswer[] {
  return answer.body['responses'] as PartAnswer[];
}

describe('the reports quota', () => {
  it('welcomes five requests in ten seconds over both logs, then says how long to wait', async () => {
    for (const target of [AUDITS, SIGN_INS, AUDITS, SIGN_INS, AUDITS]) {
      expect((await fixture.get(token, target)).status).toBe(200);
    }
    const refused = await fixture.get(token, SIGN_INS);
    expect([refused.status, refused.code, refused.headers.get('retry-after')]).toEqual([
      429,
      'TooManyRequests',
      '10',
    ]);
    expect((await fixture.get(await fixture.token(FREE), AUDITS)).status).toBe(200);
    await fixture.advance(10_000);
    expect((await fixture.get(token, SIGN_INS)).status).toBe(200);
    expect(await fixture.report()).toMatchObject({ early_returns: [], throttled: 1 });
  });

  it('reports a client that comes back too early, and counts its request against the limit', async () => {
    for (let n = 0; n < 6; n++) await fixture.get(token, AUDITS);
    await fixture.advance(9_000);
    const early = await fixture.get(token, SIGN_INS);
    expect([early.status, early.headers.get('retry-after')]).toEqual([429, '1']);
    const { early_returns: returns, requests } = await fixture.report();
    expect(returns).toEqual([
      expect.objectContaining({ tenant: PREMIUM, scope: 'reports', route: '/beta/auditLogs/signIns' }),
    ]);
    expect(requests).toMatchObject({
      'GET /v1.0/auditLogs/directoryAudits': 6,
      'GET /beta/auditLogs/signIns': 1,
    });
  });

  it('reports it after a forced 503 with Retry-After too', async () => {
    const rule = { match: 'organization', kind: 'status', status: 503, headers: { 'retry-after': '120' } };
    await fixture.control('faults', [rule]);
    expect((await fixture.get(token, '/v1.0/organization')).status).toBe(503);
    await fixture.advance(119_000);
    expect((await fixture.get(token, '/v1.0/organization')).status).toBe(200);
    expect((await fixture.report()).early_returns).toHaveLength(1);
  });

  it('is one for a client that never stops: the wait does not grow without end', () => {
    const throttle = createThrottle();
    for (let at = 0; at < 100; at++) throttle.admit('reports', { tenant: 't', app: 'a' }, at);
    expect(throttle.admit('reports', { tenant: 't', app: 'a' }, 100)).toEqual({ retryAfterS: 10 });
    expect(throttle.admit('reports', { tenant: 't', app: 'a' }, 10_100)).toBeNull();
  });
});

describe('the other quotas', () => {
  it('the directory takes 3,500 resource units in ten seconds from each app', () => {
    const throttle = createThrottle();
    const by = { tenant: 't', app: 'a' };
    for (let n = 0; n < 1166; n++) expect(throttle.admit('directory', { ...by, cost: 3 }, n)).toBeNull();
    expect(throttle.admit('directory', { ...by, cost: 2 }, 2000)).toBeNull();
    expect(throttle.admit('directory', { ...by, cost: 1 }, 2001)).toEqual({ retryAfterS: 8 });
    expect(throttle.admit('directory', { ...by, app: 'b', cost: 1 }, 2001)).toBeNull();
    expect(throttle.admit('directory', { ...by, cost: 1 }, 12_000)).toBeNull();
  });

  it('a list counts by what it costs', async () => {
    for (let n = 0; n < 1166; n++) await fixture.get(token, '/v1.0/subscribedSkus');
    expect((await fixture.get(token, '/v1.0/subscribedSkus')).status).toBe(429);
    // Two units, one less for what is selected and one less for few: never under one.
    expect((await fixture.get(token, '/v1.0/users?$top=5&$select=id')).status).toBe(429);
    await fixture.advance(10_000);
    expect((await fixture.get(token, '/v1.0/users?$top=5&$select=id')).status).toBe(200);
  });

  it('Conditional Access takes one request a second and does not say how long to wait', async () => {
    const target = '/v1.0/identity/conditionalAccess/policies';
    expect((await fixture.get(token, target)).body['value']).toEqual([]);
    const refused = await fixture.get(token, target);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, null]);
    await fixture.advance(1000);
    expect((await fixture.get(token, target)).status).toBe(200);
  });

  it('a mailbox takes four requests at once', async () => {
    const url = `/users/${userId(1)}/mailFolders/inbox/messageRules`;
    const five = await batch(
      Array.from({ length: 5 }, (_none, n) => ({ id: String(n), method: 'GET', url })),
    );
    expect(
      parts(five)
        .map(({ status }) => status)
        .sort(),
    ).toEqual([200, 200, 200, 200, 429]);
    expect((await fixture.get(token, `/v1.0${url}`)).status).toBe(200);
  });
});

describe('$batch', () => {
  it('answers each part by itself, not in order, and throttles parts one by one', async () => {
    const requests = Array.from({ length: 8 }, (_none, n) => ({
      id: `part-${n}`,
      method: 'GET',
      url: '/auditLogs/directoryAudits?$top=1',
    }));
    const answer = await batch(requests);
    expect(answer.status).toBe(200);
    expect(parts(answer).map(({ id }) => id)).not.toEqual(requests.map(({ id }) => id));
    const refused = parts(answer).filter(({ status }) => status === 429);
    expect(refused.map(({ id }) => id).sort()).toEqual(['part-5', 'part-6', 'part-7']);
    expect(refused[0]?.headers['Retry-After']).toBe('10');
    expect(await fixture.report()).toMatchObject({ throttled: 3, early_returns: [] });
  });

  it('gives absolute next links of its own version', async () => {
    const [part] = parts(await batch([{ id: '1', method: 'GET', url: 'users?$top=1' }], 'beta'));
    expect(part?.body['@odata.nextLink']).toContain(`${fixture.ready.graph}/beta/users?`);
  });

  it('fails what depends on a failure', async () => {
    const answer = await batch([
      { id: '1', method: 'GET', url: '/nothing' },
      { id: '2', method: 'GET', url: '/organization', dependsOn: ['1'] },
      { id: '3', method: 'GET', url: '/organization' },
    ]);
    const statuses = Object.fromEntries(parts(answer).map(({ id, status }) => [id, status]));
    expect(statuses).toEqual({ 1: 400, 2: 424, 3: 200 });
  });

  const part = { id: '1', method: 'GET', url: '/organization' };
  const bad: [string, object[]][] = [
    ['more than 20 parts', Array.from({ length: 21 }, (_none, n) => ({ ...part, id: String(n) }))],
    ['an id used twice', [part, part]],
    ['a dependency that is not there', [{ ...part, dependsOn: ['9'] }]],
    ['a part without method', [{ id: '1', url: '/organization' }]],
  ];
  it.each(bad)('refuses %s as a whole', async (_name, requests) => {
    expect((await batch(requests)).status).toBe(400);
  });

  it.each(['/v1.0/organization', 'https://localhost/v1.0/organization'])(
    'finds nothing at %s',
    async (url) => {
      expect(parts(await batch([{ ...part, url }])).map(({ status }) => status)).toEqual([400]);
    },
  );
});
