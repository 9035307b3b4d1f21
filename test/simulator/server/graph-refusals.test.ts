import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFixture } from './client.ts';
import type { Fixture } from './client.ts';
import { FREE, PREMIUM, userId } from './world.ts';

let fixture: Fixture;
let premium: string;
let free: string;

beforeAll(async () => {
  fixture = await startFixture();
  premium = await fixture.token(PREMIUM);
  free = await fixture.token(FREE);
});
afterAll(() => fixture.close());

const NON_PREMIUM = 'Authentication_RequestFromNonPremiumTenantOrB2CTenant';

const REFUSALS: [string, 'premium' | 'free', string, number, string, string?][] = [
  [
    'sign-ins without P1',
    'free',
    '/beta/auditLogs/signIns',
    403,
    NON_PREMIUM,
    "Neither tenant is B2C or tenant doesn't have premium license",
  ],
  ['signInActivity without P1', 'free', '/v1.0/users?$select=signInActivity', 403, NON_PREMIUM],
  [
    '$skip on sign-ins',
    'premium',
    '/beta/auditLogs/signIns?$skip=10',
    400,
    'BadRequest',
    "Query option 'Skip' is not allowed",
  ],
  [
    'sign-ins by gt',
    'premium',
    '/beta/auditLogs/signIns?$filter=createdDateTime gt 2026-11-01T00:00:00Z',
    400,
    'BadRequest',
  ],
  [
    'sign-ins by a quoted time',
    'premium',
    "/beta/auditLogs/signIns?$filter=createdDateTime ge '2026-11-01'",
    400,
    'BadRequest',
  ],
  ['too many sign-ins at once', 'premium', '/beta/auditLogs/signIns?$top=1001', 400, 'BadRequest'],
  [
    'a skip token nobody gave',
    'free',
    '/v1.0/auditLogs/directoryAudits?$skiptoken=abc',
    400,
    'BadRequest',
    'Invalid Skip Token',
  ],
  ['$filter on SKUs', 'premium', "/v1.0/subscribedSkus?$filter=id eq 'x'", 400, 'BadRequest'],
  ['$top on SKUs', 'premium', '/v1.0/subscribedSkus?$top=5', 400, 'BadRequest'],
  ['1000 users at once', 'premium', '/v1.0/users?$top=1000', 400, 'BadRequest', '999'],
  [
    '999 users with signInActivity',
    'premium',
    '/v1.0/users?$select=signInActivity&$top=999',
    400,
    'BadRequest',
    '500 users',
  ],
  ['an unknown user property', 'premium', '/v1.0/users?$select=id,shoeSize', 400, 'BadRequest', "'shoeSize'"],
  ['mailboxSettings of many', 'premium', '/v1.0/users?$select=mailboxSettings', 501, 'NotImplemented'],
  [
    'a filter the directory lacks',
    'premium',
    "/v1.0/users?$filter=department eq 'IT'",
    400,
    'Request_UnsupportedQuery',
  ],
  ['an option given twice', 'premium', '/v1.0/users?$top=5&$top=6', 400, 'BadRequest', 'more than once'],
  ['$expand in a delta', 'premium', '/v1.0/users/delta?$expand=manager', 400, 'BadRequest'],
  ['$top in a delta', 'premium', '/v1.0/users/delta?$top=5', 400, 'BadRequest'],
  ['$orderby in a delta', 'premium', '/v1.0/users/delta?$orderby=displayName', 400, 'BadRequest'],
  [
    'signInActivity in a delta',
    'premium',
    '/v1.0/users/delta?$select=id,signInActivity',
    400,
    'BadRequest',
    'not supported for the following properties: signInActivity',
  ],
  [
    'rules of a user without mailbox',
    'premium',
    `/v1.0/users/${userId(9)}/mailFolders/inbox/messageRules`,
    404,
    'MailboxNotEnabledForRESTAPI',
  ],
  [
    'a folder that is not there',
    'premium',
    `/v1.0/users/${userId(1)}/mailFolders/AAMkX`,
    404,
    'ErrorItemNotFound',
  ],
  [
    'a user who is not there',
    'premium',
    '/v1.0/users/nobody@muster.example',
    404,
    'Request_ResourceNotFound',
  ],
  ['a resource that is not there', 'premium', '/v1.0/sprockets', 400, 'BadRequest', "segment 'sprockets'"],
  ['a broken escape in the path', 'premium', '/v1.0/users/%E0%A4%A', 400, 'BadRequest'],
];

describe('refusals of Graph', () => {
  it.each(REFUSALS)('refuses %s', async (_name, who, target, status, code, message = '') => {
    await fixture.advance(10_000);
    const answer = await fixture.get(who === 'free' ? free : premium, target);
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(answer.message).toContain(message);
  });

  it('writes the error envelope with the request ids, and a Date of the virtual clock', async () => {
    const answer = await fixture.get(premium, '/v1.0/sprockets', { 'client-request-id': 'mine' });
    const { innerError } = answer.body['error'] as { innerError: Record<string, string> };
    expect(innerError['request-id']).toBe(answer.headers.get('request-id'));
    expect([innerError['client-request-id'], answer.headers.get('client-request-id')]).toEqual([
      'mine',
      'mine',
    ]);
    expect(innerError['date']).toMatch(/^2026-11-24T\d\d:\d\d:\d\d$/);
    expect(answer.headers.get('date')).toContain('24 Nov 2026');
    expect(answer.headers.get('x-ms-ags-diagnostic')).toContain('DataCenter');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json;odata\.metadata=minimal;/);
  });
});

describe('permissions', () => {
  const calls: [string, string][] = [
    ['AuditLog.Read.All', '/beta/auditLogs/signIns'],
    ['MailboxSettings.Read', `/v1.0/users/${userId(1)}/mailFolders/inbox/messageRules`],
    ['Mail.ReadBasic.All', `/v1.0/users/${userId(1)}/mailFolders`],
    ['Policy.Read.All', '/v1.0/identity/conditionalAccess/policies'],
  ];
  it.each(calls)('without %s a new token may not read %s, an old one still may', async (role, target) => {
    const before = await fixture.token(PREMIUM);
    await fixture.control(`tenants/${PREMIUM}`, { remove_roles: [role] });
    const after = await fixture.token(PREMIUM);
    await fixture.control(`tenants/${PREMIUM}`, { add_roles: [role] });
    await fixture.advance(10_000);
    const refused = await fixture.get(after, target);
    expect([refused.status, refused.code]).toEqual([403, 'Authorization_RequestDenied']);
    await fixture.advance(10_000);
    expect((await fixture.get(before, target)).status).toBe(200);
  });
});

describe('access tokens', () => {
  it('are asked for, with the way to get one', async () => {
    const answer = await fixture.ask(`${fixture.ready.graph}/v1.0/organization`);
    expect([answer.status, answer.code]).toEqual([401, 'InvalidAuthenticationToken']);
    expect(answer.headers.get('www-authenticate')).toContain(
      `${fixture.ready.authority}/common/oauth2/authorize`,
    );
  });

  it('are refused when changed, when of another service, when expired and when revoked', async () => {
    const token = await fixture.token(FREE);
    const status = async (candidate: string): Promise<number> =>
      (await fixture.get(candidate, '/v1.0/organization')).status;
    const [head, body, signature = ''] = token.split('.');
    expect(await status(`${head}.${body}.${signature.slice(0, -4)}AAAA`)).toBe(401);
    const scope = 'https://manage.office.com/.default';
    const feed = await fixture.postToken(FREE, {
      grant_type: 'client_credentials',
      client_id: fixture.ready.tenants[0]?.client_id ?? '',
      client_secret: fixture.ready.tenants[1]?.secret ?? '',
      scope,
    });
    expect(await status(String(feed.body['access_token']))).toBe(401);
    expect(await status(token)).toBe(200);
    await fixture.advance(3_599_000);
    expect(await status(token)).toBe(401);
    const next = await fixture.token(FREE);
    await fixture.control(`tenants/${FREE}`, { revoke_tokens: true });
    expect(await status(next)).toBe(401);
    expect(await status(await fixture.token(FREE))).toBe(200);
  });
});
