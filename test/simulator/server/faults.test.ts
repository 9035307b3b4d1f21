import { Agent, fetch } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readAll, secretForm, startFixture, valueOf } from './client.ts';
import type { Fixture } from './client.ts';
import { FREE, NOW, PREMIUM } from './world.ts';

let fixture: Fixture;
let token: string;

beforeAll(async () => {
  fixture = await startFixture();
});
beforeEach(async () => {
  await fixture.advance(10_000);
  token = await fixture.token(PREMIUM);
});
afterEach(() => fixture.control('faults', undefined, 'DELETE'));
afterAll(() => fixture.close());

const SIGN_INS = '/beta/auditLogs/signIns';
const ORGANIZATION = '/v1.0/organization';

describe('faults', () => {
  it('hit the n-th matching request of one tenant, as often as they say', async () => {
    await fixture.control('faults', [
      { match: 'organization', tenant: PREMIUM, after: 1, times: 2, kind: 'html' },
    ]);
    const free = await fixture.token(FREE);
    const statuses = [];
    for (const who of [token, free, token, free, token, token])
      statuses.push((await fixture.get(who, ORGANIZATION)).status);
    expect(statuses).toEqual([200, 200, 502, 200, 502, 200]);
  });

  it('stay for ever with null, until they are taken away', async () => {
    await fixture.control('faults', [
      { match: 'organization', times: null, kind: 'status', status: 500, body: { x: 1 } },
    ]);
    for (let n = 0; n < 3; n++) expect((await fixture.get(token, ORGANIZATION)).body).toEqual({ x: 1 });
    await fixture.control('faults', undefined, 'DELETE');
    expect((await fixture.get(token, ORGANIZATION)).status).toBe(200);
  });

  it('malformed is a 200 whose JSON breaks', async () => {
    await fixture.control('faults', [{ match: 'organization', kind: 'malformed' }]);
    await expect(fixture.get(token, ORGANIZATION)).rejects.toThrow(SyntaxError);
  });

  it.each(['truncated', 'close'])('%s ends the connection', async (kind) => {
    await fixture.control('faults', [{ match: 'organization', kind }]);
    await expect(fixture.get(token, ORGANIZATION)).rejects.toThrow(/terminated|fetch failed/);
    expect((await fixture.get(token, ORGANIZATION)).status).toBe(200);
  });

  it.each([
    ['portal', 'text/html', /^<!DOCTYPE html>/],
    ['empty', 'application/json', /^$/],
    ['no_object', 'application/json', /^\{\}$/],
    ['plain_type', 'text/plain; charset=utf-8', /"value":\[/],
  ])('%s is a 200 that is not what was asked for', async (kind, type, body) => {
    await fixture.control('faults', [{ match: 'organization', kind }]);
    const dispatcher = new Agent({ connect: { ca: fixture.pem } });
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${fixture.ready.graph}${ORGANIZATION}`, { headers, dispatcher });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(await answer.text()).toMatch(body);
    await dispatcher.close();
  });

  it('no_delta_link ends a round without the link to go on from', async () => {
    await fixture.control('faults', [{ match: 'users/delta', times: null, kind: 'no_delta_link' }]);
    const pages = await readAll(fixture, token, '/v1.0/users/delta');
    expect(pages.flatMap(valueOf).length).toBeGreaterThan(0);
    expect(pages.at(-1)?.body).not.toHaveProperty(['@odata.deltaLink']);
  });

  it('are counted by kind when they hit', async () => {
    const before = (await fixture.control('faults')).body;
    await fixture.control('faults', [{ match: 'organization', kind: 'status', status: 503 }]);
    for (let n = 0; n < 2; n++) await fixture.get(token, ORGANIZATION);
    expect((await fixture.control('faults')).body).toEqual({
      ...before,
      503: Number(before['503'] ?? 0) + 1,
    });
  });

  it('foreign_next_link points to another host', async () => {
    await fixture.control('faults', [{ match: 'signIns', kind: 'foreign_next_link' }]);
    const { body } = await fixture.get(token, `${SIGN_INS}?$top=1`);
    expect(new URL(String(body['@odata.nextLink'])).host).toBe('graph.foreign.example');
  });

  it('loop_next_link points to the page itself', async () => {
    await fixture.control('faults', [{ match: 'signIns', kind: 'loop_next_link' }]);
    const { body } = await fixture.get(token, `${SIGN_INS}?$top=1`);
    expect(body['@odata.nextLink']).toBe(`${fixture.ready.graph}${SIGN_INS}?$top=1`);
  });

  it('delta_gone waits for a request with a token', async () => {
    await fixture.control('faults', [{ match: 'users/delta', kind: 'delta_gone' }]);
    const { body } = await fixture.get(token, '/v1.0/users/delta?$deltatoken=latest');
    const gone = await fixture.get(token, String(body['@odata.deltaLink']));
    expect([gone.status, gone.code]).toEqual([410, 'resyncRequired']);
    expect((await fixture.get(token, String(body['@odata.deltaLink']))).status).toBe(200);
  });

  it('shuffle loses nothing, keeps no order and repeats records inside and across pages', async () => {
    await fixture.control('faults', [{ match: 'signIns', times: null, kind: 'shuffle' }]);
    const pages = (await readAll(fixture, token, SIGN_INS)).map((page) =>
      valueOf(page).map(({ id }) => String(id)),
    );
    const ids = pages.flat();
    expect(new Set(ids).size).toBe(2500);
    expect(ids.length).toBeGreaterThan(2500 * 1.15);
    const [first = [], second = []] = pages;
    expect(new Set(first).size).toBeLessThan(first.length);
    expect(second.some((id) => first.includes(id))).toBe(true);
  });

  it('reach the token endpoint', async () => {
    await fixture.control('faults', [{ match: 'oauth2/v2.0/token', kind: 'status', status: 503 }]);
    expect((await fixture.postToken(PREMIUM, secretForm(fixture.ready, PREMIUM))).status).toBe(503);
  });

  it('reach single parts of a batch', async () => {
    await fixture.control('faults', [{ match: 'subscribedSkus', kind: 'status', status: 503 }]);
    const requests = ['organization', 'subscribedSkus'].map((url) => ({ id: url, method: 'GET', url }));
    const { body } = await fixture.ask(`${fixture.ready.graph}/v1.0/$batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ requests }),
    });
    const statuses = (body['responses'] as { id: string; status: number }[]).map(({ id, status }) => [
      id,
      status,
    ]);
    expect(Object.fromEntries(statuses)).toEqual({ organization: 200, subscribedSkus: 503 });
  });
});

describe('the control API', () => {
  it('refuses what it does not know, so that a test cannot misspell a wish', async () => {
    expect((await fixture.control('faults', [{ match: 'x', kind: 'explode' }])).status).toBe(400);
    expect((await fixture.control(`tenants/${PREMIUM}`, { licens: 'p1' })).status).toBe(400);
    expect((await fixture.control('tenants/nobody', {})).status).toBe(404);
  });

  it('begins a new life at any time, in which nothing of the last one counts', async () => {
    const other = await startFixture();
    const old = await other.token(PREMIUM);
    await other.control(`tenants/${PREMIUM}`, {
      put_user: { id: 'new', userPrincipalName: 'new@x.example' },
    });
    await other.advance(3_600_000);
    expect((await other.control('restart', { to_ms: NOW - 60_000 })).body['now_ms']).toBe(NOW - 60_000);
    expect((await other.get(old, ORGANIZATION)).status).toBe(401);
    const fresh = await other.token(PREMIUM);
    expect((await other.get(fresh, ORGANIZATION)).status).toBe(200);
    const all = await readAll(other, fresh, '/v1.0/users?$select=id');
    expect(all.flatMap(valueOf).map(({ id }) => id)).not.toContain('new');
    await other.close();
  });

  it('moves the clock forward only', async () => {
    const before = (await fixture.ask(fixture.ready.clock)).body;
    const { body } = await fixture.ask(`${fixture.ready.clock}/advance-to`, {
      method: 'POST',
      body: '{"to_ms": 5}',
    });
    expect(body).toEqual(before);
    expect(Date.parse(String(body['now']))).toBe(body['now_ms']);
  });
});
