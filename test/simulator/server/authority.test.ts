import 'reflect-metadata';
import { createHash, constants, generateKeyPairSync, randomUUID, sign, webcrypto } from 'node:crypto';
import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secretForm, startFixture } from './client.ts';
import type { Fixture, Reply } from './client.ts';
import { FREE, guid, NOW, PREMIUM } from './world.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

let fixture: Fixture;
let registered: Identity;
let expired: Identity;

beforeAll(async () => {
  fixture = await startFixture();
  registered = await createIdentity(30);
  expired = await createIdentity(-1);
  for (const { certificate } of [registered, expired]) {
    await fixture.control(`tenants/${PREMIUM}`, { add_certificate: certificate });
  }
});
afterAll(() => fixture.close());

interface Identity {
  /** PEM */
  readonly certificate: string;
  readonly key: string;
  readonly der: Buffer;
}

/** A self-signed certificate that ends `days` from now on the machine's clock, as certificates do. */
async function createIdentity(days: number): Promise<Identity> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=tenantwatch',
    notBefore: new Date(Date.now() - 10 * 86_400_000),
    notAfter: new Date(Date.now() + days * 86_400_000),
    signingAlgorithm: algorithm,
    keys,
  });
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`,
    der: Buffer.from(certificate.rawData),
  };
}

interface AssertionOptions {
  readonly identity?: Identity;
  /** Signs with this key instead of the identity's. */
  readonly key?: string;
  readonly algorithm?: 'PS256' | 'RS256' | 'none';
  readonly sha1?: boolean;
  readonly claims?: Record<string, unknown>;
}

function assertion({
  identity = registered,
  key,
  algorithm = 'PS256',
  sha1 = false,
  claims = {},
}: AssertionOptions): string {
  const thumbprint = createHash(sha1 ? 'sha1' : 'sha256')
    .update(identity.der)
    .digest('base64url');
  const seconds = Math.floor(Date.now() / 1000);
  const payload = {
    aud: `${fixture.ready.authority}/${PREMIUM}/oauth2/v2.0/token`,
    iss: guid(9, 1),
    sub: guid(9, 1),
    jti: randomUUID(),
    nbf: seconds,
    exp: seconds + 600,
    ...claims,
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: algorithm, typ: 'JWT', [sha1 ? 'x5t' : 'x5t#S256']: thumbprint })}.${part(payload)}`;
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  const signature = sign('sha256', Buffer.from(text), {
    key: key ?? identity.key,
    ...(algorithm === 'PS256' ? pss : {}),
  });
  return `${text}.${signature.toString('base64url')}`;
}

function present(client_assertion: string): Promise<Reply> {
  const { client_secret: _none, ...form } = secretForm(fixture.ready, PREMIUM);
  return fixture.postToken(PREMIUM, { ...form, client_assertion_type: ASSERTION_TYPE, client_assertion });
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >;
}

describe('discovery', () => {
  it('names the token endpoint and the tenant behind a domain', async () => {
    const answer = await fixture.ask(
      `${fixture.ready.authority}/p1.example/v2.0/.well-known/openid-configuration`,
    );
    expect(answer.body['issuer']).toBe(`${fixture.ready.authority}/${PREMIUM}/v2.0`);
    expect(answer.body['token_endpoint']).toBe(`${fixture.ready.authority}/p1.example/oauth2/v2.0/token`);
  });

  it('answers 400 invalid_tenant for a tenant that does not exist', async () => {
    const answer = await fixture.ask(
      `${fixture.ready.authority}/${guid(1, 9)}/v2.0/.well-known/openid-configuration`,
    );
    expect([answer.status, answer.body['error'], answer.code]).toEqual([400, 'invalid_tenant', 90002]);
  });
});

describe('tokens by secret', () => {
  it('carry tenant, app, audience and the granted roles of that service only', async () => {
    const answer = await fixture.postToken(PREMIUM, secretForm(fixture.ready, PREMIUM));
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    const claims = claimsOf(String(answer.body['access_token']));
    expect(claims).toMatchObject({
      tid: PREMIUM,
      appid: guid(9, 1),
      aud: fixture.ready.graph,
      iat: NOW / 1000,
    });
    expect(Number(claims['exp']) - Number(claims['nbf'])).toBe(3599);
    expect(claims['roles']).toContain('AuditLog.Read.All');
    expect(claims['roles']).not.toContain('ActivityFeed.Read');
  });

  const changes: [string, object, Record<string, string>, number, string, number][] = [
    ['a wrong secret', {}, { client_secret: 'x' }, 401, 'invalid_client', 7000215],
    ['an expired secret', { secret: { state: 'expired' } }, {}, 401, 'invalid_client', 7000222],
    ['a removed secret', { secret: { state: 'removed' } }, {}, 401, 'invalid_client', 7000215],
    ['another app', {}, { client_id: guid(9, 9) }, 400, 'unauthorized_client', 700016],
    ['an app taken away', { app: 'missing' }, {}, 400, 'unauthorized_client', 700016],
    ['a missing service principal', { service_principal: 'missing' }, {}, 401, 'invalid_client', 7000229],
    [
      'a disabled service principal',
      { service_principal: 'disabled' },
      {},
      400,
      'unauthorized_client',
      7000112,
    ],
    ['another grant', {}, { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
    ['a scope of single permissions', {}, { scope: 'User.Read' }, 400, 'invalid_scope', 1002012],
    [
      'a service nobody knows',
      {},
      { scope: 'https://api.example/.default' },
      400,
      'invalid_resource',
      500011,
    ],
  ];
  it.each(changes)('are refused for %s', async (_name, change, form, status, error, code) => {
    await fixture.control(`tenants/${FREE}`, change);
    const answer = await fixture.postToken(FREE, { ...secretForm(fixture.ready, FREE), ...form });
    await fixture.control(`tenants/${FREE}`, {
      secret: { state: 'valid' },
      app: 'present',
      service_principal: 'present',
    });
    expect([answer.status, answer.body['error'], answer.code]).toEqual([status, error, code]);
    expect(answer.message).toMatch(
      new RegExp(
        `^AADSTS${code}: .*\\r\\nTrace ID: .*\\r\\nCorrelation ID: .*\\r\\nTimestamp: 2026-11-24 `,
        's',
      ),
    );
  });

  it('are refused without any credential, and for an unknown tenant', async () => {
    const { client_secret: _none, ...form } = secretForm(fixture.ready, FREE);
    expect((await fixture.postToken(FREE, form)).code).toBe(7000218);
    const unknown = await fixture.postToken(guid(1, 9), form);
    expect([unknown.status, unknown.body['error'], unknown.code]).toEqual([400, 'invalid_request', 90002]);
  });
});

describe('tokens by certificate', () => {
  const good: [string, AssertionOptions][] = [
    ['PS256 and x5t#S256', {}],
    ['RS256 and x5t', { algorithm: 'RS256', sha1: true }],
  ];
  it.each(good)('are given for %s', async (_name, options) => {
    const answer = await present(assertion(options));
    expect(answer.message).toBe('');
    expect(claimsOf(String(answer.body['access_token']))['appidacr']).toBe('2');
  });

  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  const hour = 3600;
  const seconds = Math.floor(Date.now() / 1000);
  const bad: [string, () => AssertionOptions | Promise<AssertionOptions>, number, string][] = [
    [
      'a certificate that is not registered',
      async () => ({ identity: await createIdentity(30) }),
      700027,
      'The key was not found',
    ],
    [
      'a foreign key under a known thumbprint',
      () => ({ key: String(stranger) }),
      700027,
      'signature is invalid',
    ],
    ['an algorithm it does not take', () => ({ algorithm: 'none' }), 700027, 'signature is invalid'],
    ['an expired certificate', () => ({ identity: expired }), 700027, 'The key used is expired'],
    [
      'an assertion for another endpoint',
      () => ({ claims: { aud: 'https://login.example/token' } }),
      700023,
      'audience',
    ],
    ['an assertion of another app', () => ({ claims: { iss: guid(9, 2) } }), 700021, 'client_id'],
    ['an assertion that is over', () => ({ claims: { exp: seconds - hour } }), 700024, 'valid time range'],
    ['an assertion of the future', () => ({ claims: { nbf: seconds + hour } }), 700024, 'valid time range'],
    ['an assertion without jti', () => ({ claims: { jti: undefined } }), 700027, 'jti'],
  ];
  it.each(bad)('are refused for %s', async (_name, options, code, text) => {
    const answer = await present(assertion(await options()));
    expect([answer.status, answer.body['error'], answer.code]).toEqual([401, 'invalid_client', code]);
    expect(answer.message).toContain(text);
  });

  it('are refused when a used jti comes in another assertion, given when the same one comes again', async () => {
    const first = assertion({ claims: { jti: 'one' } });
    expect((await present(first)).status).toBe(200);
    expect((await present(first)).status).toBe(200);
    expect((await present(assertion({ claims: { jti: 'one', exp: seconds + 500 } }))).code).toBe(700027);
  });
});

describe("Microsoft's own client library", () => {
  function options(): ConstructorParameters<typeof ClientSecretCredential>[3] {
    const tls = { tlsOptions: { ca: fixture.pem } };
    return { authorityHost: fixture.ready.authority, disableInstanceDiscovery: true, ...tls };
  }
  it('gets a token by secret and by certificate', async () => {
    const secret = fixture.ready.tenants[0]?.secret ?? '';
    const scope = `${fixture.ready.graph}/.default`;
    const bySecret = new ClientSecretCredential(PREMIUM, guid(9, 1), secret, options());
    expect(claimsOf((await bySecret.getToken(scope)).token)['tid']).toBe(PREMIUM);
    const certificate = `${registered.certificate}\n${registered.key}`;
    const byCertificate = new ClientCertificateCredential(PREMIUM, guid(9, 1), { certificate }, options());
    expect(claimsOf((await byCertificate.getToken(scope)).token)['appidacr']).toBe('2');
  });
});
