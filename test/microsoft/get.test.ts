import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GraphError } from '../../src/errors.ts';
import {
  isGone,
  isLicenceRefusal,
  isNoMailbox,
  isPermissionRefusal,
  isTransient,
} from '../../src/microsoft/index.ts';
import { caught, jwt, NOW, open, startServer, tokenPath, type Reply, type TestServer } from './server.ts';

const WHAT = { what: 'read sign-ins', needs: 'AuditLog.Read.All' };
const OK: Reply = { body: { value: [1] }, headers: { 'request-id': 'r-ok' } };
const PATH = '/v1.0/auditLogs/signIns';

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
beforeEach(() => server.reset());
afterAll(() => server.close());

function refusal(
  status: number,
  code: string,
  message = 'Words.',
  headers: Record<string, string> = {},
): Reply {
  return { status, headers: { 'request-id': 'r-1', ...headers }, body: { error: { code, message } } };
}

async function failure(reply: Reply, options = {}): Promise<GraphError> {
  server.on('GET', PATH, reply);
  const { graph } = open(server, options);
  const error = await caught(graph.get('/auditLogs/signIns', WHAT));
  await graph.close();
  expect(error).toBeInstanceOf(GraphError);
  return error as GraphError;
}

describe('one request', () => {
  it('carries the token, a request id of its own and the wish for new enum members', async () => {
    server.on('GET', PATH, OK);
    const { graph } = open(server);
    const answer = await graph.get('/auditLogs/signIns', {
      ...WHAT,
      headers: { prefer: 'odata.maxpagesize=5' },
    });
    await graph.get('/auditLogs/signIns', WHAT);
    const [first, second] = server.seen.filter((seen) => seen.path === PATH);
    expect(answer).toEqual({ body: { value: [1] }, requestId: 'r-ok', startedAt: NOW });
    expect(first?.headers['authorization']).toBe(
      `Bearer ${jwt({ jti: 'first', roles: ['AuditLog.Read.All'] })}`,
    );
    expect(first?.headers['prefer']).toBe('include-unknown-enum-members, odata.maxpagesize=5');
    expect(first?.headers['client-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(second?.headers['client-request-id']).not.toBe(first?.headers['client-request-id']);
    expect(graph.requests()).toBe(2);
    await graph.close();
  });

  it('encodes query values that would cut the URL in two or look like another host', async () => {
    server.on('GET', '/beta/users', OK);
    const { graph } = open(server);
    const filter = "displayName eq 'R&D + x#1' and u eq 'https://evil.example/y' and n eq 'O''Brien'";
    await graph.get('/users', { ...WHAT, version: 'beta', query: { $filter: filter, $top: '5', x: 'a=b' } });
    const query = new URL(server.seen.at(-1)?.url ?? '', server.origin).searchParams;
    expect(Object.fromEntries(query)).toEqual({ $filter: filter, $top: '5', x: 'a=b' });
    await graph.close();
  });

  it.each([
    '/users/../applications',
    '/users/%2e%2e/x',
    'users',
    '/users?$top=1',
    '//evil.example/x',
    '/users/a b',
    '/users/x#y',
  ])('refuses the path %s before anything is sent', async (path) => {
    const { graph } = open(server);
    expect(await caught(graph.get(path, WHAT))).toBeInstanceOf(TypeError);
    expect(server.seen).toEqual([]);
    await graph.close();
  });

  it('refuses an Authorization header of the caller', async () => {
    const { graph } = open(server);
    expect(await caught(graph.get('/users', { ...WHAT, headers: { AUTHORIZATION: 'x' } }))).toBeInstanceOf(
      TypeError,
    );
    expect(server.count('/v1.0/users')).toBe(0);
    await graph.close();
  });

  it('tells the observer before each request, and a crash there is neither wrapped nor retried', async () => {
    const operations: string[] = [];
    server.on('GET', PATH, OK);
    const crash = new Error('crash');
    const observe = (operation: string): void => {
      operations.push(operation);
      if (operation.endsWith('signIns')) throw crash;
    };
    const { graph } = open(server, { observe });
    expect(await caught(graph.get('/auditLogs/signIns', WHAT))).toBe(crash);
    expect(operations.at(-2)).toBe(`http:POST ${tokenPath}`);
    expect(operations.at(-1)).toBe(`http:GET ${PATH}`);
    expect(operations.filter((operation) => operation.endsWith('signIns'))).toHaveLength(1);
    expect(server.count(PATH)).toBe(0);
    await graph.close();
  });

  it('does not follow a redirect', async () => {
    const other = await startServer();
    const error = await failure({ status: 302, headers: { location: `${other.origin}/v1.0/x` } });
    expect(error.message).toBe(
      'read sign-ins: Graph answered 302 without an error code; a redirect is never followed; check the cloud and the proxy',
    );
    expect(other.seen).toEqual([]);
    await other.close();
  });
});

describe('what the operator reads', () => {
  it.each<[string, Reply, string]>([
    [
      'a missing permission',
      refusal(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'),
      'read sign-ins: Graph answered 403 Authorization_RequestDenied (request-id r-1); grant AuditLog.Read.All',
    ],
    [
      'a tenant without P1',
      refusal(
        403,
        'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
        "Neither tenant is B2C or tenant doesn't have premium license",
      ),
      'read sign-ins: Graph answered 403 Authentication_RequestFromNonPremiumTenantOrB2CTenant (request-id r-1); this needs Microsoft Entra ID P1 or P2; if the tenant has one, grant Directory.Read.All or wait a day',
    ],
    [
      'PIM without P2, which is a 400',
      refusal(400, 'AadPremiumLicenseRequired', 'The tenant needs to have Microsoft Entra ID P2.'),
      'read sign-ins: Graph answered 400 AadPremiumLicenseRequired (request-id r-1); this needs Microsoft Entra ID P2 or Microsoft Entra ID Governance',
    ],
    [
      'a licence refusal that only says Forbidden',
      refusal(403, 'Forbidden', 'Your tenant is not licensed for this feature.'),
      'read sign-ins: Graph answered 403 Forbidden "Your tenant is not licensed for this feature." (request-id r-1); the tenant has no licence for this feature',
    ],
    [
      'a user without mailbox',
      refusal(
        404,
        'MailboxNotEnabledForRESTAPI',
        'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
      ),
      'read sign-ins: Graph answered 404 MailboxNotEnabledForRESTAPI (request-id r-1); this user has no cloud mailbox; nothing to do',
    ],
    [
      'a mailbox behind an access policy',
      refusal(403, 'ErrorAccessDenied', 'Access to OData is disabled.'),
      'read sign-ins: Graph answered 403 ErrorAccessDenied "Access to OData is disabled." (request-id r-1); grant AuditLog.Read.All, or widen the application access policy that keeps the app out of this mailbox',
    ],
    [
      'a token refused twice',
      refusal(401, 'InvalidAuthenticationToken', 'Lifetime validation failed.'),
      'read sign-ins: Graph answered 401 InvalidAuthenticationToken "Lifetime validation failed." (request-id r-1); a fresh token was refused too; check that the tenant and its cloud match the app',
    ],
    [
      'an expired delta link',
      refusal(410, 'syncStateNotFound', 'Gone.'),
      'read sign-ins: Graph answered 410 syncStateNotFound "Gone." (request-id r-1); the delta link has expired; read everything again from the start',
    ],
    [
      'an empty code with hostile words',
      refusal(400, '', 'one\r\ntwo \u202Ethree'),
      'read sign-ins: Graph answered 400 without an error code "one two three" (request-id r-1)',
    ],
    [
      'an envelope in another casing, its request-id inside',
      {
        status: 400,
        body: { Error: { Code: 'BadRequest', Message: 'No.', InnerError: { 'request-id': 'r-2' } } },
      },
      'read sign-ins: Graph answered 400 BadRequest "No." (request-id r-2)',
    ],
    [
      'JSON in the message',
      refusal(
        400,
        'UnknownError',
        JSON.stringify({ Status: 'AuditingDisabledTenant', Message: JSON.stringify({ message: 'Off.' }) }),
      ),
      'read sign-ins: Graph answered 400 AuditingDisabledTenant "Off." (request-id r-1)',
    ],
    [
      'JSON in the message of Intune',
      refusal(403, 'Forbidden', JSON.stringify({ ErrorCode: 'Denied', Message: 'Not yours.' })),
      'read sign-ins: Graph answered 403 Denied "Not yours." (request-id r-1); grant AuditLog.Read.All',
    ],
  ])('%s', async (_name, reply, message) => {
    expect((await failure(reply)).message).toBe(message);
  });

  it('HTML of a gateway is not quoted', async () => {
    const html: Reply = {
      status: 502,
      headers: { 'content-type': 'text/html' },
      body: '<html><h1>Bad Gateway</h1></html>',
    };
    const error = await failure(html);
    expect(error.message).toBe('read sign-ins: Graph answered 502 without an error code');
    expect({ status: error.status, code: error.code }).toEqual({ status: 502, code: 'http_502' });
  });

  it.each<[string, Reply]>([
    ['truncated JSON', { headers: { 'request-id': 'r-9' }, body: '{"value":[{"id":1},{"i' }],
    ['no JSON at all', { headers: { 'request-id': 'r-9' }, body: '<html>sign in</html>' }],
    ['an empty body', { headers: { 'request-id': 'r-9' }, body: '' }],
  ])('%s is malformed, not retried, and says the request-id', async (_name, reply) => {
    const error = await failure(reply);
    expect({ code: error.code, status: error.status, requestId: error.requestId }).toEqual({
      code: 'malformed',
      status: 200,
      requestId: 'r-9',
    });
    expect(error.message).toContain('malformed or truncated JSON (request-id r-9)');
    expect(server.count(PATH)).toBe(1);
  });

  it.each([[[1, 2]], [{}], [{ '@odata.context': 'https://graph.example/$metadata' }]])(
    '%j, where an object that says something belongs, is malformed',
    async (body) => {
      expect((await failure({ body })).code).toBe('malformed');
    },
  );

  it('a body that breaks off is a network error with the request-id, tried again first', async () => {
    const error = await failure({
      headers: { 'request-id': 'r-9' },
      body: { value: 'x'.repeat(1000) },
      cut: 50,
    });
    expect({ code: error.code, status: error.status, requestId: error.requestId }).toEqual({
      code: 'network',
      status: 0,
      requestId: 'r-9',
    });
    expect(server.count(PATH)).toBe(9);
  });

  it('a refused connection keeps the words of its cause', async () => {
    const gone = await startServer();
    const { graph } = open(server, { retryBudgetMs: 0 });
    await graph.roles();
    await gone.close();
    server.on('GET', PATH, { hangUp: true });
    const error = await caught(graph.get('/auditLogs/signIns', WHAT));
    expect((error as GraphError).code).toBe('network');
    expect(error.message).toMatch(/^read sign-ins: no whole answer: .*(UND_ERR_SOCKET|ECONNRESET)/);
    await graph.close();
  });

  it('an answer that does not come is a time-out', async () => {
    const error = await failure({ silent: true }, { timeouts: { headersMs: 60 }, retryBudgetMs: 0 });
    expect({ code: error.code, status: error.status }).toEqual({ code: 'timeout', status: 0 });
    expect(error.message).toMatch(/^read sign-ins: no answer in time: /);
  });

  it('an attempt as a whole has a limit too', async () => {
    const error = await failure({ silent: true }, { timeouts: { totalMs: 60 }, retryBudgetMs: 0 });
    expect(error.code).toBe('timeout');
  });
});

describe('predicates', () => {
  const of = async (reply: Reply): Promise<string[]> => {
    const error = await failure(reply, { retryBudgetMs: 0 });
    const all = { isGone, isLicenceRefusal, isNoMailbox, isPermissionRefusal, isTransient };
    return Object.entries(all).flatMap(([name, holds]) => (holds(error) ? [name] : []));
  };
  it.each<[Reply, string[]]>([
    [refusal(403, 'Authorization_RequestDenied'), ['isPermissionRefusal']],
    [refusal(403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant'), ['isLicenceRefusal']],
    [refusal(400, 'AadPremiumLicenseRequired'), ['isLicenceRefusal']],
    [refusal(403, 'Forbidden', 'Your tenant is not licensed for this feature.'), ['isLicenceRefusal']],
    [refusal(404, 'MailboxNotEnabledForRESTAPI'), ['isNoMailbox']],
    [refusal(404, 'Request_ResourceNotFound'), []],
    [refusal(410, ''), ['isGone']],
    [refusal(400, 'resyncRequired'), ['isGone']],
    [refusal(429, 'TooManyRequests'), ['isTransient']],
    [refusal(503, 'ServiceUnavailable'), ['isTransient']],
    [refusal(400, 'BadRequest', 'Resource temporarily unavailable'), ['isTransient']],
    [refusal(501, 'NotImplemented'), []],
    [{ hangUp: true }, ['isTransient']],
    [{ body: 'no JSON' }, []],
  ])('%j', async (reply, names) => {
    expect(await of(reply)).toEqual(names);
  });
});

it('an authority that is not trusted is named, with what to do, and not retried', async () => {
  const stranger = await startServer();
  const { graph, elapsed } = open(server, { caPem: stranger.caPem });
  const error = await caught(graph.get('/auditLogs/signIns', WHAT));
  expect(error.message).toMatch(/not trusted: .*UNABLE_TO|not trusted: .*SELF_SIGNED|not trusted: .*CERT/);
  expect(error.message).toContain('NODE_EXTRA_CA_CERTS');
  expect(elapsed()).toBe(0);
  await graph.close();
  await stranger.close();
});
