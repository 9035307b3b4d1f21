import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isTransient } from '../../src/microsoft/index.ts';
import {
  caught,
  CLIENT,
  discovery,
  discoveryPath,
  NOW,
  SECRET,
  startServer,
  TENANT,
  tokenPath,
  tokenReply,
  type Reply,
  type TestServer,
} from './server.ts';
import { failure, SCOPE, source } from './tokens.ts';

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
beforeEach(() => server.reset());
afterAll(() => server.close());

describe('a token', () => {
  it('is fetched once for five callers, with its roles and its end', async () => {
    const { tokens } = source(server);
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => tokens.getToken(SCOPE)));
    expect(server.count(tokenPath)).toBe(1);
    expect(new Set(all.map((token) => token.token)).size).toBe(1);
    expect(all[0]).toMatchObject({
      roles: ['AuditLog.Read.All'],
      expiresAt: NOW + 3_599_000,
      obtainedAt: NOW,
    });
    const form = new URLSearchParams(server.seen.find((seen) => seen.path === tokenPath)?.body);
    expect(Object.fromEntries(form)).toMatchObject({
      client_id: CLIENT,
      client_secret: SECRET,
      grant_type: 'client_credentials',
    });
    expect(form.get('scope')).toContain(SCOPE);
    await tokens.close();
  });

  it('is kept until five minutes before its end on the clock', async () => {
    server.on('POST', tokenPath, tokenReply('a'), tokenReply('b'));
    const { tokens, clock } = source(server);
    const first = await tokens.getToken(SCOPE);
    clock.advanceTo(first.expiresAt - 300_001);
    expect(await tokens.getToken(SCOPE)).toBe(first);
    clock.advanceTo(first.expiresAt - 300_000);
    expect((await tokens.getToken(SCOPE)).token).not.toBe(first.token);
    expect(server.count(tokenPath)).toBe(2);
    await tokens.close();
  });

  it('is kept per scope', async () => {
    const { tokens } = source(server);
    await tokens.getToken(SCOPE);
    await tokens.getToken('https://manage.office.com/.default');
    expect(server.count(tokenPath)).toBe(2);
    await tokens.close();
  });

  it('is fetched anew after drop, but not for a token that is no longer the current one', async () => {
    server.on('POST', tokenPath, tokenReply('a'), tokenReply('b'), tokenReply('c'));
    const { tokens } = source(server);
    const first = await tokens.getToken(SCOPE);
    tokens.drop();
    const second = await tokens.getToken(SCOPE);
    expect(second.token).not.toBe(first.token);
    tokens.drop(first.token);
    expect(await tokens.getToken(SCOPE)).toBe(second);
    await tokens.close();
  });

  it('has no roles when it is opaque', async () => {
    server.on('POST', tokenPath, { body: { token_type: 'Bearer', expires_in: 60, access_token: 'opaque' } });
    const { tokens } = source(server);
    expect((await tokens.getToken(SCOPE)).roles).toEqual([]);
    await tokens.close();
  });

  it('goes on for the others when one caller gives up', async () => {
    const { tokens } = source(server);
    const controller = new AbortController();
    const one = caught(tokens.getToken(SCOPE, controller.signal));
    const two = tokens.getToken(SCOPE);
    const reason = new Error('not needed');
    controller.abort(reason);
    expect(await one).toBe(reason);
    expect((await two).roles).toEqual(['AuditLog.Read.All']);
    await tokens.close();
  });

  it('is given up when nobody waits for it, and the next caller starts afresh', async () => {
    server.on('POST', tokenPath, { silent: true }, tokenReply('b'));
    const { tokens } = source(server);
    const controller = new AbortController();
    const one = caught(tokens.getToken(SCOPE, controller.signal));
    while (server.count(tokenPath) === 0) await turn();
    controller.abort(new Error('not needed'));
    await one;
    expect((await tokens.getToken(SCOPE)).roles).toEqual(['AuditLog.Read.All']);
    await tokens.close();
  });

  it('tells the observer, whose crash is passed on as it is', async () => {
    const crash = new Error('crash');
    const { tokens } = source(server, {
      observe(operation) {
        if (operation === `http:POST ${tokenPath}`) throw crash;
      },
    });
    expect(await caught(tokens.getToken(SCOPE))).toBe(crash);
    expect(server.count(tokenPath)).toBe(0);
    await tokens.close();
  });

  it('is not asked for at a foreign host, whatever the discovery says', async () => {
    const evil = await startServer();
    server.on('GET', discoveryPath, {
      body: { ...discovery(server.origin), token_endpoint: `${evil.origin}${tokenPath}` },
    });
    const { error } = await failure(server, tokenReply('x'));
    expect(error.message).toMatch(/foreign host/);
    expect(evil.seen).toEqual([]);
    await evil.close();
  });
});

function refusal(
  status: number,
  error: string,
  code: number,
  words = 'Words that Microsoft may change.',
): Reply {
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${words}\r\nTrace ID: 0000\r\nCorrelation ID: 0000\r\nTimestamp: 2026-11-17 09:00:00Z`,
      error_codes: [code],
      timestamp: '2026-11-17 09:00:00Z',
      trace_id: 't-1',
      correlation_id: 'c-1',
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
  };
}

describe('a refusal of the token endpoint is one sentence with what to do', () => {
  const consent = "open the app's admin consent link as a Global Administrator of that tenant";
  it.each<[number, number, string, string]>([
    [
      7000215,
      401,
      'invalid_client',
      "the client secret is wrong (trace-id t-1); give the secret's Value, not its Secret ID, of a secret of this app",
    ],
    [
      7000222,
      401,
      'invalid_client',
      'the client secret has expired (trace-id t-1); make a new secret in the app registration, or better a certificate, and configure it',
    ],
    [
      700016,
      400,
      'unauthorized_client',
      `the app ${CLIENT} is not known in this tenant (trace-id t-1); check the client id and the tenant id, or ${consent}`,
    ],
    [
      7000229,
      401,
      'invalid_client',
      `the app has no service principal in this tenant (trace-id t-1); ${consent}`,
    ],
    [
      7000112,
      400,
      'unauthorized_client',
      'the app is disabled in this tenant (trace-id t-1); enable sign-in for it under Enterprise applications',
    ],
    [
      90002,
      400,
      'invalid_request',
      'the tenant was not found (trace-id t-1); check the tenant id and the cloud',
    ],
    [
      900023,
      400,
      'invalid_request',
      'the tenant id is neither a GUID nor a domain (trace-id t-1); give the tenant id as a GUID',
    ],
    [
      5000224,
      400,
      'invalid_request',
      'the tenant is not available (trace-id t-1); check whether it was deleted',
    ],
    [
      90038,
      400,
      'invalid_request',
      'the tenant lives in another cloud (trace-id t-1); check the tenant id and the cloud',
    ],
    [
      700027,
      401,
      'invalid_client',
      'the certificate is not one of this app, or has expired there (trace-id t-1); upload its public part to the app registration under Certificates & secrets',
    ],
    [
      700025,
      401,
      'invalid_client',
      'the app takes no secret or certificate (trace-id t-1); register it as a confidential client',
    ],
    [
      7000216,
      401,
      'invalid_client',
      'no credential was accepted (trace-id t-1); give a client secret or a certificate file',
    ],
    [
      7000218,
      401,
      'invalid_client',
      'no credential was accepted (trace-id t-1); give a client secret or a certificate file',
    ],
    [65001, 400, 'invalid_grant', `nobody has consented to the app (trace-id t-1); ${consent}`],
    [
      500011,
      400,
      'invalid_resource',
      'the tenant does not have the service graph.microsoft.com (trace-id t-1); check that it is licensed in this tenant, then grant consent again',
    ],
    [
      53003,
      400,
      'invalid_grant',
      "a Conditional Access policy for workload identities blocks the app here (trace-id t-1); exclude the app or allow this machine's address in that policy",
    ],
  ])('AADSTS%i', async (code, status, name, rest) => {
    const { error, waited } = await failure(server, refusal(status, name, code));
    expect(error.message).toBe(`get a token for tenant ${TENANT}: AADSTS${code}, ${rest}`);
    expect({ aadsts: error.aadsts, permanent: error.permanent, waited }).toEqual({
      aadsts: code,
      permanent: true,
      waited: 0,
    });
    expect(isTransient(error)).toBe(false);
    expect(server.count(tokenPath)).toBe(1);
  });

  it('names an unknown tenant that discovery already refuses', async () => {
    server.on('GET', discoveryPath, refusal(400, 'invalid_tenant', 90002));
    const { error } = await failure(server, tokenReply('x'));
    expect(error.message).toBe(
      `get a token for tenant ${TENANT}: AADSTS90002, the tenant was not found (trace-id t-1); check the tenant id and the cloud`,
    );
    expect(error.permanent).toBe(true);
  });

  it('reads the number from the text where error_codes is missing', async () => {
    const { error } = await failure(server, {
      status: 401,
      body: { error: 'invalid_client', error_description: 'AADSTS7000222: x' },
    });
    expect(error.aadsts).toBe(7000222);
  });

  it('quotes what it does not know, cleaned, and tries again', async () => {
    const { error, waited } = await failure(
      server,
      refusal(400, 'invalid_request', 1234567, 'Odd \u202Ewords.'),
    );
    expect(error.message).toBe(
      `get a token for tenant ${TENANT}: AADSTS1234567, the sign-in service answered 400 "Odd words." (trace-id t-1); look the number up in the Entra error codes`,
    );
    expect({ permanent: error.permanent, again: waited > 0 }).toEqual({ permanent: false, again: true });
  });

  it('never repeats the secret', async () => {
    const { error } = await failure(server, refusal(401, 'invalid_client', 7000215));
    expect(`${error.message} ${String(error.cause)}`).not.toContain(SECRET);
  });
});

describe('a token endpoint in trouble', () => {
  it.each<[string, Reply]>([
    ['503', { status: 503, body: 'x' }],
    ['429', { status: 429, body: {} }],
    ['90055', refusal(400, 'temporarily_unavailable', 90055)],
    ['a hung-up connection', { hangUp: true }],
  ])('%s is tried again on the clock', async (_name, reply) => {
    server.on('POST', tokenPath, reply, tokenReply('b'));
    const { tokens, clock } = source(server);
    expect((await tokens.getToken(SCOPE)).roles).toEqual(['AuditLog.Read.All']);
    expect(clock.now() - NOW).toBe(500);
    await tokens.close();
  });

  it('is given the time it asks for', async () => {
    server.on(
      'POST',
      tokenPath,
      { status: 429, headers: { 'retry-after': '90' }, body: {} },
      tokenReply('b'),
    );
    const { tokens, clock } = source(server);
    await tokens.getToken(SCOPE);
    expect(clock.now() - NOW).toBe(90_000);
    await tokens.close();
  });

  it('that stays down is no permanent error', async () => {
    const { error } = await failure(server, { status: 503, body: '<html>' });
    expect(error.message).toBe(
      `get a token for tenant ${TENANT}: the sign-in service answered 503; it is tried again`,
    );
    expect(error.permanent).toBe(false);
    expect(isTransient(error)).toBe(true);
  });

  it('that nobody reaches says so', async () => {
    const { error } = await failure(server, { hangUp: true });
    expect(error.message).toMatch(/no whole answer: .*; check that this machine reaches the sign-in host$/);
    expect(error.permanent).toBe(false);
  });

  it('whose certificate nobody trusts is named: the library hides it behind endpoints_resolution_error', async () => {
    const stranger = await startServer();
    const { error, waited } = await failure(server, tokenReply('x'), { caPem: stranger.caPem });
    expect(error.message).toMatch(
      /the server's certificate is not trusted: .*; if a proxy opens TLS here, name its CA/,
    );
    expect({ permanent: error.permanent, waited }).toEqual({ permanent: true, waited: 0 });
    await stranger.close();
  });
});
