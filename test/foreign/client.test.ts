import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClientIdentity } from './certificates.ts';
import { ask, askForToken, clientAssertion, signIn } from './client.ts';
import type { Answer, Client, Json, Registration, Way } from './client.ts';
import { startNamedSimulator } from './simulator.ts';
import type { NamedSimulator } from './simulator.ts';

const NOW = Date.parse('2026-11-24T08:00:00Z');
const HOUR_MS = 3_600_000;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let simulator: NamedSimulator;
let way: Way;
let registration: Registration;
let client: Client;

beforeAll(async () => {
  simulator = await startNamedSimulator(new Date(NOW).toISOString(), 2);
  way = { proxy: simulator.proxy.url, authority: simulator.proxy.authority };
  const identity = await createClientIdentity();
  const [tenant] = simulator.tenants;
  if (!tenant) throw new Error('the simulator has no tenant');
  await simulator.control(`tenants/${tenant.id}`, {
    add_certificate: identity.certificate,
    licence: 'p1',
    first_content_ms: 0,
  });
  registration = { tenant: tenant.id, clientId: tenant.client_id, identity };
  client = await signIn(way, registration);
});
afterAll(() => simulator.close());

/** `error.code`, or the first AADSTS number. */
function codeOf({ body }: Answer): unknown {
  const { error, error_codes: codes } = body as Json;
  return Array.isArray(codes) ? (codes as unknown[])[0] : (error as Json | undefined)?.['code'];
}

/** Reports take five requests in ten seconds. */
const newQuota = () => simulator.advance(11_000);

describe('the authority', () => {
  it('gives a token that says what the app may do', () => {
    const claims = JSON.parse(String(Buffer.from(client.token.split('.')[1] ?? '', 'base64url'))) as Json;
    expect(claims).toMatchObject({
      aud: 'https://graph.microsoft.com',
      tid: registration.tenant,
      appid: registration.clientId,
      idtyp: 'app',
    });
    expect(claims['oid']).toMatch(GUID);
    expect(claims['roles']).toContain('AuditLog.Read.All');
  });

  it('names itself in its configuration as the real one does', async () => {
    const base = `https://login.microsoftonline.com/${registration.tenant}`;
    const { body } = await ask(way, `${base}/v2.0/.well-known/openid-configuration`);
    expect(body).toMatchObject({ token_endpoint: `${base}/oauth2/v2.0/token`, issuer: `${base}/v2.0` });
  });

  it('refuses an assertion that another key signed, or that is for another server', async () => {
    const stranger = { ...registration, identity: await createClientIdentity() };
    const refused = await Promise.all(
      [clientAssertion(stranger), clientAssertion(registration, { aud: 'https://elsewhere.example' })].map(
        (assertion) => askForToken(way, registration, 'https://graph.microsoft.com', assertion),
      ),
    );
    expect(refused.map(({ status }) => status)).toEqual([401, 401]);
    expect(refused.map(codeOf)).toEqual([700027, 700023]);
    expect(refused[0]?.body).toMatchObject({
      error: 'invalid_client',
      error_description: expect.stringMatching(
        /^AADSTS700027: .*\r\nTrace ID: .*\r\nCorrelation ID: /s,
      ) as string,
      error_uri: 'https://login.microsoftonline.com/error?code=700027',
    });
  });

  it('answers 400 for a tenant that is none', async () => {
    const nobody = { ...registration, tenant: '00000000-0000-4000-8000-000000000000' };
    const answer = await askForToken(way, nobody, 'https://graph.microsoft.com', clientAssertion(nobody));
    expect([answer.status, codeOf(answer)]).toEqual([400, 90002]);
  });
});

describe('users', () => {
  it('come in pages whose links stay at Graph, each of them once', async () => {
    const whole = await client.all('users?$select=id,userPrincipalName');
    const pieces = await client.all('users?$select=id,userPrincipalName&$top=7');
    expect(whole.length).toBeGreaterThan(7);
    expect(pieces).toEqual(whole);
    expect(new Set(whole.map(({ id }) => id)).size).toBe(whole.length);
    const counted = await client.graph('users?$count=true&$top=1', {
      headers: { consistencylevel: 'eventual' },
    });
    expect((counted.body as Json)['@odata.count']).toBe(whole.length);
  });

  it('are told by a delta query: first all, then who changed', async () => {
    const first = await client.delta('users/delta?$select=id,displayName,accountEnabled');
    const [someone] = first.items;
    await simulator.control(`tenants/${registration.tenant}`, {
      put_user: { id: String(someone?.['id']), displayName: 'Renamed' },
    });
    const second = await client.delta(first.link);
    expect(second.items).toEqual([expect.objectContaining({ id: someone?.['id'], displayName: 'Renamed' })]);
    expect((await client.delta(second.link)).items).toEqual([]);
  });
});

describe('logs', () => {
  it('of sign-ins are filtered by time and person, newest first', async () => {
    await newQuota();
    const from = new Date(NOW - 24 * HOUR_MS).toISOString().replace('.000', '');
    const span = `createdDateTime ge ${from} and createdDateTime le 2026-11-24T08:00:00Z`;
    const all = await client.all(`auditLogs/signIns?$filter=${span}`);
    const times = all.map(({ createdDateTime }) => String(createdDateTime));
    expect(times.length).toBeGreaterThan(10);
    expect(times).toEqual(times.toSorted().reverse());
    expect(times.every((at) => at >= from)).toBe(true);
    const { userId } = all[0] ?? {};
    const own = await client.all(`auditLogs/signIns?$filter=${span} and userId eq '${String(userId)}'`);
    expect(own).toEqual(all.filter((one) => one['userId'] === userId));
  });

  it('of sign-ins know the other kinds in beta only', async () => {
    await newQuota();
    const query = "auditLogs/signIns?$filter=signInEventTypes/any(t: t eq 'nonInteractiveUser')&$top=5";
    const beta = await client.graph(`https://graph.microsoft.com/beta/${query}`);
    expect([beta.status, ((beta.body as Json)['value'] as Json[]).length]).toEqual([200, 5]);
    expect((await client.graph(query)).status).toBe(400);
  });

  it('of audits have ids that are no GUIDs and values that are JSON in text', async () => {
    await newQuota();
    const audits = await client.all(
      'auditLogs/directoryAudits?$filter=activityDateTime ge 2026-11-01T00:00:00Z',
    );
    expect(audits.length).toBeGreaterThan(0);
    expect(audits.filter(({ id }) => GUID.test(String(id)))).toEqual([]);
    const values = audits
      .flatMap((one) => one['targetResources'] as Json[])
      .flatMap((one) => (one['modifiedProperties'] ?? []) as Json[])
      .map(({ newValue }) => newValue)
      .filter((value) => typeof value === 'string');
    expect(values.length).toBeGreaterThan(0);
    for (const value of values) expect(() => JSON.parse(value) as unknown).not.toThrow();
  });

  it('are throttled at the sixth request of ten seconds, with seconds to wait', async () => {
    await newQuota();
    const six = await Promise.all(Array.from({ length: 6 }, () => client.graph('auditLogs/signIns?$top=1')));
    const late = six.filter(({ status }) => status === 429);
    expect(late.map(codeOf)).toEqual(['TooManyRequests']);
    expect(late[0]?.headers['retry-after']).toMatch(/^\d+$/);
  });
});

describe('a batch', () => {
  it('answers every part by itself', async () => {
    const get = (id: string, url: string, more: Json = {}) => ({ id, method: 'GET', url, ...more });
    const parts = await client.batch([
      get('1', '/organization'),
      get('2', '/users/nobody@nowhere.example'),
      get('3', '/subscribedSkus', { dependsOn: ['2'] }),
    ]);
    expect([...parts].map(([id, { status }]) => [id, status]).sort()).toEqual([
      ['1', 200],
      ['2', 404],
      ['3', 424],
    ]);
    expect(parts.get('1')?.body['value']).toMatchObject([{ id: registration.tenant }]);
  });

  it('takes twenty parts and no more', async () => {
    const requests = Array.from({ length: 21 }, (_none, n) => ({
      id: `${n}`,
      method: 'GET',
      url: '/organization',
    }));
    await expect(client.batch(requests)).rejects.toThrow(/400/);
    expect((await client.batch(requests.slice(1))).size).toBe(20);
  });
});

describe('a refusal of Graph', () => {
  const refusals: [string, string, Record<string, string>, number, string][] = [
    ['a bad token', 'users', { authorization: 'Bearer x.y.z' }, 401, 'InvalidAuthenticationToken'],
    ['an unknown user', 'users/00000000-0000-4000-8000-000000000000', {}, 404, 'Request_ResourceNotFound'],
    ['$skip on sign-ins', 'auditLogs/signIns?$skip=1', {}, 400, 'BadRequest'],
    ['a page that is too big', 'users?$top=1000', {}, 400, 'BadRequest'],
  ];
  it.each(refusals)('has the envelope: %s', async (_name, target, headers, status, code) => {
    await newQuota();
    const sent = { 'client-request-id': 'abc', authorization: `Bearer ${client.token}`, ...headers };
    const answer = await ask(way, `https://graph.microsoft.com/v1.0/${target}`, { headers: sent });
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect(answer.headers['client-request-id']).toBe('abc');
    expect((answer.body as Json)['error']).toMatchObject({
      innerError: { 'request-id': answer.headers['request-id'], 'client-request-id': 'abc' },
    });
  });
});

describe('the Management Activity API', () => {
  const TYPE = 'contentType=Audit.AzureActiveDirectory';

  it('is started, started no second time, and then lists content that holds records', async () => {
    const started = await client.feed(`subscriptions/start?${TYPE}`, { method: 'POST' });
    expect(started).toMatchObject({ status: 200, body: { status: 'enabled', webhook: null } });
    const again = await client.feed(`subscriptions/start?${TYPE}`, { method: 'POST' });
    expect([again.status, codeOf(again)]).toEqual([400, 'AF20024']);
    expect((await client.feed('subscriptions/list')).body).toEqual([started.body]);
    const now = await simulator.advance(12 * HOUR_MS);
    client = await signIn(way, registration);
    const at = (ms: number): string => new Date(ms).toISOString().slice(0, 19);
    const span = `startTime=${at(now - 24 * HOUR_MS)}&endTime=${at(now)}`;
    const content: Json[] = [];
    for (let next: string | undefined = `subscriptions/content?${TYPE}&${span}`; next !== undefined;) {
      const page: Answer = await client.feed(next);
      content.push(...(page.body as Json[]));
      const link = page.headers['nextpageuri'];
      next = typeof link === 'string' ? link : undefined;
    }
    expect(content.length).toBeGreaterThan(0);
    const uri = String(content[0]?.['contentUri']);
    expect(uri).toMatch(/^https:\/\/manage\.office\.com\/api\/v1\.0\//);
    const [record] = (await client.feed(uri)).body as Json[];
    expect(record).toMatchObject({ OrganizationId: registration.tenant, Workload: 'AzureActiveDirectory' });
    expect(record?.['CreationTime']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  });

  const refusals: [string, string][] = [
    ['subscriptions/content?contentType=Audit.Exchange', 'AF20022'],
    ['subscriptions/content?contentType=Audit.Nothing', 'AF20020'],
    [`subscriptions/content?${TYPE}&startTime=2026-11-22T00:00:00&endTime=2026-11-24T00:00:00`, 'AF20030'],
  ];
  it.each(refusals)('refuses %s with %s', async (target, code) => {
    const answer = await client.feed(target);
    expect([answer.status, codeOf(answer)]).toEqual([400, code]);
  });
});

describe('the way', () => {
  it('led to no other server, and no request was lost in it', async () => {
    const stranger = ask(way, 'https://elsewhere.example/');
    await expect(stranger).rejects.toThrow('connect to elsewhere.example: the proxy answered 502');
    expect(simulator.proxy.refused).toEqual(['elsewhere.example']);
    expect(simulator.proxy.passages.filter(({ status }) => status >= 500)).toEqual([]);
  });
});
