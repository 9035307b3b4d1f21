import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CredentialError } from '../../src/errors.ts';
import { resolveTenantId } from '../../src/microsoft/index.ts';
import { caught, discovery, startServer, TENANT, tenantOf, type Reply, type TestServer } from './server.ts';

const path = '/muster.example/v2.0/.well-known/openid-configuration';
let server: TestServer;
beforeAll(async () => void (server = await startServer()));
beforeEach(() => server.reset());
afterAll(() => server.close());

const resolve = (authority = server.origin): Promise<string> => {
  const hosts = { ...tenantOf(server).hosts, authority };
  return resolveTenantId('muster.example', hosts, { caPem: server.caPem, custom: true });
};

describe('the tenant id behind a domain', () => {
  it('is that of the issuer', async () => {
    server.on('GET', path, { body: discovery(server.origin) });
    expect(await resolve()).toBe(TENANT);
    expect(server.seen.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each<[string, Reply, boolean, string]>([
    [
      'an unknown tenant',
      {
        status: 400,
        body: { error: 'invalid_tenant', error_description: "AADSTS90002: Tenant 'x' not found." },
      },
      true,
      'find the tenant of muster.example: AADSTS90002, the sign-in service knows no such tenant; check the domain and the cloud',
    ],
    [
      'an outage',
      { status: 503, body: 'busy' },
      false,
      'find the tenant of muster.example: the sign-in service answered 503 without a tenant id; try again, or write its id beside the domain',
    ],
    [
      'an issuer without an id',
      { body: { issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' } },
      false,
      'find the tenant of muster.example: the sign-in service answered 200 without a tenant id; try again, or write its id beside the domain',
    ],
  ])('is not guessed from %s', async (_, reply, permanent, message) => {
    server.on('GET', path, reply);
    const error = await caught(resolve());
    expect(error).toBeInstanceOf(CredentialError);
    expect(error).toMatchObject({ permanent, message });
  });

  it('that cannot be asked for names the host', async () => {
    const error = await caught(resolve('https://localhost:1'));
    expect(error).toMatchObject({ permanent: false });
    expect((error as Error).message).toMatch(
      /^find the tenant of muster\.example: .*or write its id beside the domain$/,
    );
  });
});
