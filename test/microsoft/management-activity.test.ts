import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CredentialError, GraphError } from '../../src/errors.ts';
import {
  isAuditingOff,
  isContentGone,
  isPermissionRefusal,
  isServiceDisabled,
  isTransient,
  isUnsubscribed,
  isWithoutManagement,
  type ManagementActivity,
} from '../../src/microsoft/index.ts';
import { skipReason } from '../../src/collectors/index.ts';
import {
  caught,
  CLIENT,
  NOW,
  open,
  startServer,
  TENANT,
  tenantOf,
  tokenPath,
  tokenReply,
  type Opened,
  type Reply,
  type TestServer,
} from './server.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FEED = `/api/v1.0/${TENANT}/activity/feed`;
const LIST = `${FEED}/subscriptions/content`;
const START = `${FEED}/subscriptions/start`;
const o = { what: 'read the audit log of Exchange', needs: 'ActivityFeed.Read' };

let server: TestServer;
let opened: Opened;
let activity: ManagementActivity;

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await opened.graph.close();
  await server.close();
});
beforeEach(() => {
  server.reset();
  server.on('POST', tokenPath, tokenReply('management', ['ActivityFeed.Read']));
  reopen(server.origin);
});

function reopen(management: string | null): void {
  const tenant = tenantOf(server);
  opened = open(server, { tenant: { ...tenant, hosts: { ...tenant.hosts, management } } });
  activity = opened.graph.activity;
}

function listed(
  id: string,
  created = '2026-11-17T08:40:00.000Z',
  uri = `${server.origin}${FEED}/audit/${id}`,
) {
  const times = { contentCreated: created, contentExpiration: '2026-11-24T08:40:00.000Z' };
  return { contentType: 'Audit.Exchange', contentId: id, contentUri: uri, ...times };
}

function refusalOf(code: string, message: string, status = 400): Reply {
  return { status, body: { error: { code, message } } };
}

/** What was asked of the Management API. */
const asked = () => server.seen.filter(({ path }) => path.startsWith('/api/'));

const list = (from = NOW - HOUR, to = NOW) => activity.list('Audit.Exchange', from, to, o);

describe('a subscription', () => {
  it('is started without a webhook, with a token for the Management API alone', async () => {
    server.on('POST', START, { body: { contentType: 'Audit.Exchange', status: 'enabled', webhook: null } });
    expect(await activity.start('Audit.Exchange', o)).toBe('started');
    const [question] = asked();
    expect(question?.url).toBe(`${START}?contentType=Audit.Exchange&PublisherIdentifier=${TENANT}`);
    expect(question?.body).toBe('');
    const token = server.seen.find((entry) => entry.path === tokenPath);
    expect(new URLSearchParams(token?.body).get('scope')).toBe(`${server.origin}/.default`);
    expect(new URLSearchParams(token?.body).get('client_id')).toBe(CLIENT);
    expect(opened.graph.requests()).toBe(1);
  });

  it('that somebody started before is as good', async () => {
    server.on(
      'POST',
      START,
      refusalOf('AF20024', 'The subscription is already enabled. No property change.'),
    );
    expect(await activity.start('Audit.Exchange', o)).toBe('already');
  });

  it.each(['AF20022', 'AF20023'])('that is missing is told apart: %s', async (code) => {
    server.on('GET', LIST, refusalOf(code, 'No subscription found for the specified content type.'));
    const error = await caught(list());
    expect(isUnsubscribed(error)).toBe(true);
    expect(skipReason(error, true)).toBeNull();
  });
});

describe('a listing', () => {
  it('asks for whole seconds of UTC, rounded outwards', async () => {
    server.on('GET', LIST, { body: [listed('a')] });
    const { contents, startedAt } = await list(NOW - HOUR + 1, NOW + 1);
    expect(contents).toEqual([
      { id: 'a', uri: `${server.origin}${FEED}/audit/a`, createdAt: Date.UTC(2026, 10, 17, 8, 40) },
    ]);
    expect(startedAt).toBe(NOW);
    expect(asked()[0]?.url).toBe(
      `${LIST}?contentType=Audit.Exchange&PublisherIdentifier=${TENANT}&startTime=2026-11-17T08:00:00&endTime=2026-11-17T09:00:01`,
    );
  });

  it('of more than a day is asked day by day', async () => {
    server.on('GET', LIST, { body: [] });
    await list(NOW - 2 * DAY - HOUR, NOW);
    const times = asked().map(({ url }) => new URLSearchParams(url.split('?')[1]));
    expect(times.map((query) => [query.get('startTime'), query.get('endTime')])).toEqual([
      ['2026-11-15T08:00:00', '2026-11-16T08:00:00'],
      ['2026-11-16T08:00:00', '2026-11-17T08:00:00'],
      ['2026-11-17T08:00:00', '2026-11-17T09:00:00'],
    ]);
  });

  it.each(['NextPageUri', 'NextPageUrl'])('follows the header %s letter by letter', async (header) => {
    const next = `/api/v1/${TENANT}/activity/feed/subscriptions/content/?contentType=Audit.Exchange&nextPage=2015$x`;
    server.on('GET', LIST, { body: [listed('a')], headers: { [header]: `${server.origin}${next}` } });
    server.on('GET', next.split('?')[0] ?? '', { body: [listed('b'), listed('a')] });
    const { contents } = await list();
    expect(contents.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(asked()[1]?.url).toBe(next);
  });

  it.each([
    ['another host', () => 'https://manage.foreign.example/api/v1/x'],
    ['another port', () => 'https://localhost:1/api/v1/x'],
    ['another path', () => `${server.origin}/other`],
    ['no address', () => 'nextPage=2'],
  ])('sends nothing to %s', async (_name, link) => {
    server.on('GET', LIST, { body: [], headers: { NextPageUri: link() } });
    const error = await caught(list());
    expect(error).toMatchObject({ code: 'foreign_link' });
    expect(asked()).toHaveLength(1);
  });

  it('that leads back to itself ends', async () => {
    const again = `${server.origin}${LIST}?nextPage=1`;
    server.on('GET', LIST, { body: [], headers: { NextPageUri: again } });
    expect(await caught(list())).toMatchObject({ code: 'link_loop' });
  });

  it.each([
    ['an object', { value: [] }],
    ['an entry without an address', [{ contentId: 'a', contentCreated: '2026-11-17T08:40:00Z' }]],
    [
      'an entry without a time',
      [{ contentId: 'a', contentUri: 'https://localhost/api/a', contentCreated: 'soon' }],
    ],
    ['cut JSON', '[{"contentId"'],
  ])('that is %s is malformed, so that nothing is taken for empty', async (_name, body) => {
    server.on('GET', LIST, { body });
    expect(await caught(list())).toMatchObject({ code: 'malformed' });
  });
});

describe('a piece of content', () => {
  const piece = (uri = `${server.origin}${FEED}/audit/20261117$1$audit_exchange`) => ({
    id: 'a',
    uri,
    createdAt: NOW,
  });

  it('is read as it is', async () => {
    server.on('GET', `${FEED}/audit/20261117$1$audit_exchange`, { body: [{ Id: '1' }, { Id: '2' }] });
    expect(await activity.read(piece(), o)).toMatchObject({
      records: [{ Id: '1' }, { Id: '2' }],
      startedAt: NOW,
    });
    expect(asked()[0]?.url).toBe(`${FEED}/audit/20261117$1$audit_exchange?PublisherIdentifier=${TENANT}`);
  });

  it('on another host gets no token', async () => {
    const error = await caught(activity.read(piece('https://manage.foreign.example/api/v1.0/x'), o));
    expect(error).toMatchObject({ code: 'foreign_link' });
    expect(asked()).toEqual([]);
  });

  it.each(['AF20050', 'AF20051', 'AF20052'])('that has expired is told apart: %s', async (code) => {
    server.on('GET', `${FEED}/audit/20261117$1$audit_exchange`, refusalOf(code, 'expired', 404));
    expect(isContentGone(await caught(activity.read(piece(), o)))).toBe(true);
  });
});

describe('a refusal', () => {
  it('for want of the permission is one whatever its status, and names the API', async () => {
    server.on('GET', LIST, refusalOf('AF10001', 'The permission set () … ActivityFeed.Read.', 401));
    const error = await caught(list());
    expect(isPermissionRefusal(error)).toBe(true);
    expect(skipReason(error, null)).toBe('no_permission');
    expect(error.message).toContain('grant ActivityFeed.Read of the Office 365 Management APIs');
    expect(error.message).toContain(
      'read the audit log of Exchange: the Office 365 Management API answered 401',
    );
  });

  it('because auditing is off has its own reason', async () => {
    const text = `Microsoft.Office.Compliance.Audit.DataServiceException: Tenant ${TENANT} does not exist.`;
    server.on('POST', START, refusalOf('StartSubscription [x]', text));
    const error = await caught(activity.start('Audit.Exchange', o));
    expect(isAuditingOff(error)).toBe(true);
    expect(skipReason(error, true)).toBe('auditing_off');
    expect(error.message).toContain('Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true');
  });

  it.each([
    [500011, 'no_permission', 'The resource principal named https://manage.office.com was not found'],
    [500014, 'no_licence', 'The service principal for resource is disabled'],
  ])('of the token, AADSTS%i, is of this service alone: %s', async (number, reason, text) => {
    const body = {
      error: 'invalid_resource',
      error_codes: [number],
      error_description: `AADSTS${number}: ${text}`,
    };
    server.on('POST', tokenPath, { status: 400, body });
    const error = await caught(list());
    expect(error).toBeInstanceOf(GraphError);
    expect(skipReason(error, true)).toBe(reason);
    expect(isServiceDisabled(error)).toBe(number === 500014);
  });

  it('of the secret stays one of the tenant', async () => {
    const body = {
      error: 'invalid_client',
      error_codes: [7000215],
      error_description: 'AADSTS7000215: wrong',
    };
    server.on('POST', tokenPath, { status: 401, body });
    expect(await caught(list())).toBeInstanceOf(CredentialError);
  });

  it('in a cloud without the API asks nobody', async () => {
    reopen(null);
    const error = await caught(list());
    expect(isWithoutManagement(error)).toBe(true);
    expect(skipReason(error, null)).toBe('unsupported_cloud');
    expect(await activity.roles()).toEqual([]);
    expect(asked()).toEqual([]);
  });
});

describe('throttling', () => {
  it('as 403 with single quotes is waited for and asked again', async () => {
    const quoted = "{'error':{'code':'AF429','message':'Too many requests. Method=GetBlob, PublisherId=x'}}";
    server.on('GET', LIST, { status: 403, body: quoted }, { body: [listed('a')] });
    expect((await list()).contents).toHaveLength(1);
    expect(opened.elapsed()).toBeGreaterThan(0);
  });

  it('as 429 with Retry-After is obeyed whole', async () => {
    server.on('GET', LIST, { status: 429, headers: { 'retry-after': '90' } }, { body: [] });
    await list();
    expect(opened.elapsed()).toBe(90_000);
  });

  it('never lets more than 2,000 requests out in a minute', async () => {
    server.on('GET', LIST, { body: [] });
    for (let i = 0; i < 2_001; i += 1) await list();
    expect(opened.elapsed()).toBeGreaterThanOrEqual(60_000);
  });

  it('and errors of the service pass, AF50000 under any status', async () => {
    server.on(
      'GET',
      LIST,
      refusalOf('AF50000', 'An internal error occurred.', 400),
      { status: 503 },
      { body: [] },
    );
    await list();
    expect(server.count(LIST)).toBe(3);
    server.on('GET', LIST, refusalOf('AF20030', 'Start time and end time must both be specified'));
    expect(isTransient(await caught(list()))).toBe(false);
  });
});

describe('a token', () => {
  it('that was refused is replaced once', async () => {
    server.on('POST', tokenPath, tokenReply('old'), tokenReply('new'));
    server.on(
      'GET',
      LIST,
      { status: 401, body: { Message: 'Authorization has been denied.' } },
      { body: [] },
    );
    await list();
    const sent = asked().map(({ headers }) => headers['authorization']);
    expect(new Set(sent).size).toBe(2);
  });

  it('tells the permissions granted', async () => {
    expect(await activity.roles()).toEqual(['ActivityFeed.Read']);
  });
});
