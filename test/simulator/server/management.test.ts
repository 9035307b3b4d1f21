import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogRecord, Raw, World } from '../../../src/simulator/world.ts';
import { secretForm, startFixture, type Fixture, type Reply } from './client.ts';
import { audit, DAY, FREE, guid, MINUTE, NOW, PREMIUM, signIn, smallWorld, userId } from './world.ts';

const HOUR = 60 * MINUTE;
const AAD = 'Audit.AzureActiveDirectory';
const EXCHANGE = 'Audit.Exchange';

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture(world());
});
afterAll(() => fixture.close());

/** The fixture's world with a day to come: sign-ins every quarter of an hour, an audit, and sixty records of Exchange. */
function world(): World {
  const small = smallWorld();
  const signIns = Array.from({ length: 96 }, (_none, n) => signIn(9000 + n, NOW + n * 15 * MINUTE, ours(n)));
  const unifiedAudits = Array.from({ length: 60 }, (_none, n): LogRecord => {
    const at = NOW + n * 20 * MINUTE;
    const record = { Id: guid(50, n), CreationTime: time(at), Operation: 'X', Workload: 'Exchange' };
    return { id: guid(50, n), at, availableAt: at + 2 * HOUR, record };
  });
  const tenants = small.tenants.map((tenant) =>
    tenant.id === FREE
      ? {
          ...tenant,
          signIns: [...tenant.signIns, ...signIns],
          directoryAudits: [...tenant.directoryAudits, audit(9000, NOW + MINUTE, GIVEN)],
          unifiedAudits,
        }
      : tenant,
  );
  return { ...small, tenants };
}

function ours(n: number): Raw {
  return {
    id: guid(33, n),
    userId: userId(1),
    userPrincipalName: 'person1@muster.example',
    correlationId: guid(34, n),
    status: { errorCode: n === 1 ? 50126 : 0 },
  };
}

const GIVEN: Raw = {
  activityDisplayName: 'Add member to role',
  targetResources: [
    {
      id: userId(2),
      type: 'User',
      userPrincipalName: 'b@x.example',
      modifiedProperties: [
        { displayName: 'Role.DisplayName', oldValue: null, newValue: '"Global Administrator"' },
      ],
    },
  ],
  additionalDetails: [{ key: 'User-Agent', value: 'x' }],
};

async function managementToken(tenant: string): Promise<string> {
  const form = { ...secretForm(fixture.ready, tenant), scope: `${fixture.ready.management}/.default` };
  const answer = await fixture.postToken(tenant, form);
  return String(answer.body['access_token']);
}

const base = (tenant = FREE) => `${fixture.ready.management}/api/v1.0/${tenant}/activity/feed`;

async function ask(path: string, method = 'GET', own?: string, tenant = FREE): Promise<Reply> {
  // A token lives for an hour of virtual time.
  const token = own ?? (await managementToken(FREE));
  const url = path.startsWith('https:') ? path : `${base(tenant)}/${path}`;
  return fixture.ask(url, { method, headers: { authorization: `Bearer ${token}` } });
}

const start = (type = AAD) =>
  ask(`subscriptions/start?contentType=${type}&PublisherIdentifier=${FREE}`, 'POST');

/** Bare arrays of JSON; the fixture parses objects only. */
function listIn(answer: Reply): Raw[] {
  return JSON.parse(String(answer.body['text'])) as Raw[];
}

async function change(body: Raw): Promise<void> {
  const answer = await fixture.control(`tenants/${FREE}`, body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

const time = (at: number) => new Date(at).toISOString().slice(0, 19);

/** Everything listed for a span of at most a day, page by page. */
async function contents(from: number, to: number, type = AAD): Promise<Raw[]> {
  const found: Raw[] = [];
  let next: string | null =
    `subscriptions/content?contentType=${type}&startTime=${time(from)}&endTime=${time(to)}`;
  while (next !== null) {
    const answer: Reply = await ask(next);
    if (answer.status !== 200) throw new Error(`${String(answer.code)} ${answer.message}`);
    found.push(...listIn(answer));
    next = answer.headers.get('NextPageUri');
  }
  return found;
}

async function records(listed: readonly Raw[]): Promise<Raw[]> {
  const found: Raw[] = [];
  for (const one of listed) found.push(...listIn(await ask(String(one['contentUri']))));
  return found;
}

describe('a subscription', () => {
  it('is started once, listed as a bare array, and stopped', async () => {
    expect((await start()).body).toEqual({ contentType: AAD, status: 'enabled', webhook: null });
    const again = await start();
    expect([again.status, again.code]).toEqual([400, 'AF20024']);
    expect(listIn(await ask('subscriptions/list'))).toEqual([
      { contentType: AAD, status: 'enabled', webhook: null },
    ]);
    expect((await ask(`subscriptions/stop?contentType=${AAD}`, 'POST')).status).toBe(200);
    expect(listIn(await ask('subscriptions/list'))).toEqual([]);
  });

  it('may have been started by somebody before', async () => {
    await change({ start_subscriptions: true });
    const again = await start();
    expect([again.status, again.code]).toEqual([400, 'AF20024']);
    for (const { contentType } of listIn(await ask('subscriptions/list')))
      await ask(`subscriptions/stop?contentType=${String(contentType)}`, 'POST');
    expect(listIn(await ask('subscriptions/list'))).toEqual([]);
  });

  it.each([
    ['an unknown content type', 'subscriptions/start?contentType=Audit.Nothing', 'POST', 'AF20020'],
    ['no content type', 'subscriptions/start', 'POST', 'AF20001'],
    ['content without a subscription', `subscriptions/content?contentType=${AAD}`, 'GET', 'AF20022'],
    ['a stop of none', `subscriptions/stop?contentType=${AAD}`, 'POST', 'AF20022'],
  ])('refuses %s', async (_name, path, method, code) => {
    const answer = await ask(path, method);
    expect([answer.status, answer.code]).toEqual([400, code]);
  });

  it('that an administrator ended says so, and can be started again', async () => {
    await start();
    await change({ disable_subscriptions: true });
    expect((await ask(`subscriptions/content?contentType=${AAD}`)).code).toBe('AF20023');
    expect((await start()).status).toBe(200);
    await ask(`subscriptions/stop?contentType=${AAD}`, 'POST');
  });
});

describe('who asks', () => {
  it('needs a token for this API', async () => {
    const graph = await fixture.token(FREE);
    for (const own of [graph, 'nothing'])
      expect((await ask('subscriptions/list', 'GET', own)).status).toBe(401);
  });

  it('needs the permission', async () => {
    await change({ remove_roles: ['ActivityFeed.Read'] });
    const answer = await ask('subscriptions/list', 'GET', await managementToken(FREE));
    expect(answer.code).toBe('AF10001');
    expect(answer.message).toContain('ActivityFeed.Read');
    await change({ add_roles: ['ActivityFeed.Read'] });
  });

  it('reads the tenant of the token only', async () => {
    const answer = await ask('subscriptions/list', 'GET', undefined, PREMIUM);
    expect([answer.status, answer.code]).toEqual([400, 'AF20010']);
  });

  it('learns of a tenant without auditing by a garbled code', async () => {
    await change({ auditing: 'off' });
    const answer = await start();
    expect(answer.status).toBe(400);
    expect(answer.message).toBe(
      `Microsoft.Office.Compliance.Audit.DataServiceException: Tenant ${FREE} does not exist.`,
    );
    await change({ auditing: 'on' });
  });
});

describe('a listing', () => {
  beforeAll(async () => {
    await start('Audit.General');
    await change({ first_content_ms: 0 });
    await Promise.all([start(), start(EXCHANGE)]);
    await change({ first_content_ms: 11 * HOUR });
    await start('Audit.SharePoint');
  });

  it.each([
    ['more than a day', -25 * HOUR, 0, 'AF20030'],
    ['more than 7 days back', -7 * DAY - HOUR, -7 * DAY, 'AF20030'],
    ['an end before the start', 0, -HOUR, 'AF20030'],
  ])('refuses %s', async (_name, from, to, code) => {
    const answer = await ask(
      `subscriptions/content?contentType=${AAD}&startTime=${time(NOW + from)}&endTime=${time(NOW + to)}`,
    );
    expect([answer.status, answer.code]).toEqual([400, code]);
  });

  it.each([
    [`startTime=${time(NOW)}`, 'AF20030'],
    [`startTime=yesterday&endTime=${time(NOW)}`, 'AF20002'],
    ['nextPage=x', 'AF20031'],
  ])('refuses %s', async (query, code) => {
    expect((await ask(`subscriptions/content?contentType=${AAD}&${query}`)).code).toBe(code);
  });

  it('of a subscription that has just begun is empty, whatever happened before', async () => {
    expect(await contents(NOW - HOUR, NOW + HOUR)).toEqual([]);
  });
});

describe('content', () => {
  beforeAll(async () => {
    await change({ first_content_ms: 0 });
    await fixture.advance(2 * DAY);
  });

  it('holds each sign-in of after the start under the id that Graph gives it', async () => {
    const found = await records([
      ...(await contents(NOW, NOW + DAY)),
      ...(await contents(NOW + DAY, NOW + 2 * DAY)),
    ]);
    const signIns = found.filter(({ RecordType }) => RecordType === 15);
    const ids = new Set(signIns.map(({ IntraSystemId }) => IntraSystemId));
    // A few come days later, as they do.
    const there = Array.from({ length: 96 }, (_none, n) => guid(33, n)).filter((id) => ids.has(id));
    expect(there.length).toBeGreaterThanOrEqual(93);
    const failed = signIns.find(({ IntraSystemId }) => IntraSystemId === guid(33, 1));
    expect(failed).toMatchObject({
      CreationTime: time(NOW + 15 * MINUTE),
      Operation: 'UserLoginFailed',
      ResultStatus: 'Success',
      ErrorNumber: '50126',
      LogonError: 'InvalidUserNameOrPassword',
      UserKey: userId(1),
      UserId: 'person1@muster.example',
      Workload: 'AzureActiveDirectory',
      InterSystemsId: guid(34, 1),
    });
    // Of before the start only what came late, by hours or days.
    const older = signIns.filter(
      ({ CreationTime }) => Date.parse(`${String(CreationTime)}Z`) < NOW - 2 * HOUR,
    );
    expect(older.length).toBeLessThan(200);
    expect(older.length).toBeGreaterThan(0);
  });

  it('is created after what it holds, and listed by that time', async () => {
    for (const one of (await contents(NOW, NOW + DAY)).slice(0, 10)) {
      const created = Date.parse(String(one['contentCreated']));
      expect(Date.parse(String(one['contentExpiration'])) - created).toBe(7 * DAY);
      for (const record of await records([one]))
        expect(Date.parse(`${String(record['CreationTime'])}Z`)).toBeLessThan(created);
    }
  });

  it('of the directory has the audits with bare values and a full stop', async () => {
    const found = await records(await contents(NOW, NOW + DAY));
    expect(
      found.find(({ RecordType, Operation }) => RecordType === 8 && Operation === 'Add member to role.'),
    ).toMatchObject({
      UserId: 'person1@muster.example',
      UserKey: userId(1),
      ModifiedProperties: [{ Name: 'Role.DisplayName', NewValue: 'Global Administrator', OldValue: '' }],
      ExtendedProperties: [{ Name: 'additionalDetails', Value: '{"User-Agent":"x"}' }, expect.anything()],
    });
  });

  it('comes in pages whose links name v1', async () => {
    const span = `startTime=${time(NOW)}&endTime=${time(NOW + DAY)}`;
    const answer = await ask(`subscriptions/content?contentType=${EXCHANGE}&${span}`);
    expect(listIn(answer)).toHaveLength(50);
    expect(answer.headers.get('NextPageUri')).toContain(
      `/api/v1/${FREE}/activity/feed/subscriptions/content/?`,
    );
    const all = await contents(NOW, NOW + DAY, EXCHANGE);
    expect(all.length).toBeGreaterThan(50);
    expect(new Set(all.map(({ contentId }) => contentId)).size).toBe(all.length);
  });

  it('never changes, and holds repeats', async () => {
    const first = await contents(NOW, NOW + DAY);
    await fixture.advance(2 * DAY);
    expect(await contents(NOW, NOW + DAY)).toEqual(first);
    const days = [0, 1, 2, 3].map((day) => contents(NOW + day * DAY, NOW + (day + 1) * DAY));
    const ids = (await records((await Promise.all(days)).flat())).map(({ Id }) => Id);
    expect(new Set(ids).size).toBeLessThan(ids.length);
  });

  it('fails as it is told to', async () => {
    await fixture.control('faults', [{ match: 'subscriptions/content', kind: 'status', status: 503 }]);
    expect((await ask(`subscriptions/content?contentType=${AAD}`)).status).toBe(503);
    await fixture.control('faults', [{ match: 'subscriptions/content', kind: 'foreign_next_link' }]);
    const answer = await ask(`subscriptions/content?contentType=${AAD}`);
    expect(answer.headers.get('NextPageUri')).toContain('foreign.example');
    const ids = (listed: readonly Raw[]): unknown[] => listed.map(({ contentId }) => contentId);
    const ordered = ids(await contents(NOW, NOW + DAY));
    await fixture.control('faults', [{ match: 'subscriptions/content', kind: 'shuffle', times: null }]);
    const mixed = ids(await contents(NOW, NOW + DAY));
    expect(mixed).not.toEqual(ordered);
    expect(new Set(mixed)).toEqual(new Set(ordered));
    await fixture.control('faults', undefined, 'DELETE');
  });

  it('expires after 7 days, and is none under an unknown id', async () => {
    const [one] = await contents(NOW, NOW + DAY);
    await fixture.advance(6 * DAY);
    const gone = await ask(String(one?.['contentUri']));
    expect([gone.status, gone.code]).toEqual([404, 'AF20051']);
    const unknown = await ask('audit/1$1$audit_azureactivedirectory$x');
    expect([unknown.status, unknown.code]).toEqual([404, 'AF20050']);
  });
});
