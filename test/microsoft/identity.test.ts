import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CredentialError } from '../../src/errors.ts';
import { isMachineOrigin } from '../../src/microsoft/identity.ts';
import { caught, CLIENT, jwt, NOW, startServer, tokenPath, type TestServer } from './server.ts';
import { SCOPE, source } from './tokens.ts';

const folder = mkdtempSync(join(tmpdir(), 'tenantwatch-identity-'));
let server: TestServer;
beforeAll(async () => void (server = await startServer()));
beforeEach(() => server.reset());
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

describe('a workload identity', () => {
  const tokenFile = join(folder, 'token.jwt');
  const credential = { type: 'workload_identity', clientId: CLIENT, tokenFile } as const;

  it('sends the token of its file, read anew each time', async () => {
    const { tokens } = source(server, { credential });
    for (const name of ['first', 'second']) {
      writeFileSync(tokenFile, `${jwt({ sub: name })}\n`);
      await tokens.getToken(SCOPE);
      tokens.drop();
    }
    const forms = server.seen.filter((seen) => seen.path === tokenPath);
    const assertions = forms.map((seen) => new URLSearchParams(seen.body).get('client_assertion'));
    expect(assertions).toEqual([jwt({ sub: 'first' }), jwt({ sub: 'second' })]);
    await tokens.close();
  });

  it.each([
    ['none.jwt', 'cannot be read (ENOENT); correct the path or put the file there'],
    ['empty.jwt', 'is empty; let the platform write its token into it'],
  ])('with the file %s fails for good, without a request', async (name, reason) => {
    writeFileSync(join(folder, 'empty.jwt'), '\n');
    const file = join(folder, name);
    const { tokens } = source(server, { credential: { ...credential, tokenFile: file } });
    const error = await caught(tokens.getToken(SCOPE));
    expect(error).toBeInstanceOf(CredentialError);
    expect(error).toMatchObject({ permanent: true });
    expect((error as Error).message).toBe(`read the workload identity token: ${file} ${reason}`);
    expect(server.count(tokenPath)).toBe(0);
    await tokens.close();
  });
});

describe('a managed identity', () => {
  let endpoint: Server;
  const asked: { url: string; header: unknown }[] = [];
  let answer: { status: number; body: unknown };

  // MSAL keeps the first endpoint of the process.
  beforeAll(async () => {
    endpoint = createServer((request, response) => {
      asked.push({ url: request.url ?? '', header: request.headers['x-identity-header'] });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => endpoint.once('listening', resolve));
    process.env['IDENTITY_ENDPOINT'] =
      `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/msi/token`;
    process.env['IDENTITY_HEADER'] = 'header-of-this-machine';
  });
  beforeEach(() => void (asked.length = 0));
  afterAll(async () => {
    delete process.env['IDENTITY_ENDPOINT'];
    delete process.env['IDENTITY_HEADER'];
    await new Promise((resolve) => endpoint.close(resolve));
  });

  it('asks the machine for a token and nobody else', async () => {
    const token = jwt({ roles: ['AuditLog.Read.All'] });
    answer = { status: 200, body: { access_token: token, expires_in: '3600', token_type: 'Bearer' } };
    const { tokens } = source(server, { credential: { type: 'managed_identity', clientId: CLIENT } });
    expect(await tokens.getToken(SCOPE)).toEqual({
      token,
      roles: ['AuditLog.Read.All'],
      obtainedAt: NOW,
      expiresAt: NOW + 3_600_000,
    });
    const query = new URL(asked[0]?.url ?? '', 'http://localhost').searchParams;
    expect(query.get('resource')).toBe('https://graph.microsoft.com');
    expect(query.get('client_id')).toBe(CLIENT);
    expect(asked[0]?.header).toBe('header-of-this-machine');
    expect(server.seen).toEqual([]);
    await tokens.close();
  });

  it('asks again for another resource, after the first request is long over', async () => {
    const token = jwt({ roles: [] });
    answer = { status: 200, body: { access_token: token, expires_in: '3600', token_type: 'Bearer' } };
    const { tokens } = source(server, { credential: { type: 'managed_identity', clientId: null } });
    await tokens.getToken('https://one.example/.default');
    await tokens.getToken('https://two.example/.default');
    const resources = asked.map(({ url }) => new URL(url, 'http://localhost').searchParams.get('resource'));
    expect(resources).toEqual(['https://one.example', 'https://two.example']);
    await tokens.close();
  });

  it('that the machine refuses is a credential error', async () => {
    answer = { status: 400, body: { error: 'invalid_request', error_description: 'Identity not found' } };
    const { tokens } = source(server, { credential: { type: 'managed_identity', clientId: null } });
    const error = await caught(tokens.getToken('https://manage.office.com/.default'));
    expect(error).toBeInstanceOf(CredentialError);
    expect((error as Error).message).toContain('Identity not found');
    await tokens.close();
  });
});

describe('an endpoint of this machine', () => {
  it.each([
    ['http://169.254.169.254', true],
    ['http://127.0.0.1:41741', true],
    ['http://localhost:40342', true],
    ['https://login.microsoftonline.com', false],
    ['http://169.254.169.254.evil.example', false],
    ['http://10.0.0.1', false],
  ])('%s: %s', (origin, expected) => {
    expect(isMachineOrigin(origin)).toBe(expected);
  });
});
