import { constants, createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import type { Credential } from '../../src/model/tenant.ts';
import { CLIENT, makeAppCertificate, startServer, tokenPath, tokenReply, type TestServer } from './server.ts';
import { failure, SCOPE, source } from './tokens.ts';

let server: TestServer;
let folder: string;
let app: Awaited<ReturnType<typeof makeAppCertificate>>;
let other: Awaited<ReturnType<typeof makeAppCertificate>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenantwatch-certificate-'));
  server = await startServer();
  [app, other] = await Promise.all([
    makeAppCertificate(new Date('2089-01-01T00:00:00Z')),
    makeAppCertificate(new Date('2089-01-01T00:00:00Z')),
  ]);
});
beforeEach(() => server.reset());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

function file(name: string, text: string): Credential {
  const path = join(folder, name);
  writeFileSync(path, text);
  return { type: 'certificate', clientId: CLIENT, file: path };
}

describe('a certificate', () => {
  it('signs a PS256 assertion that its public part verifies', async () => {
    // Without a newline at the end of the certificate, as many tools write it.
    const { tokens } = source(server, { credential: file('app.pem', `${app.certPem.trim()}${app.keyPem}`) });
    await tokens.getToken(SCOPE);
    const form = new URLSearchParams(server.seen.find((seen) => seen.path === tokenPath)?.body);
    expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    expect(form.get('client_secret')).toBeNull();
    const [header = '', payload = '', signature = ''] = (form.get('client_assertion') ?? '').split('.');
    const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    expect(read(header)).toMatchObject({
      alg: 'PS256',
      'x5t#S256': createHash('sha256').update(app.der).digest('base64url'),
    });
    expect(read(payload)).toMatchObject({ aud: `${server.origin}${tokenPath}`, iss: CLIENT, sub: CLIENT });
    const key = {
      key: createPublicKey(
        new X509Certificate(app.certPem).publicKey.export({ type: 'spki', format: 'pem' }),
      ),
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    };
    expect(
      verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')),
    ).toBe(true);
    await tokens.close();
  });

  it('is found in a chain by its key', async () => {
    const { tokens } = source(server, {
      credential: file('chain.pem', `${other.certPem}\n${app.certPem}\n${app.keyPem}`),
    });
    await tokens.getToken(SCOPE);
    const form = new URLSearchParams(server.seen.find((seen) => seen.path === tokenPath)?.body);
    const header = Buffer.from(
      (form.get('client_assertion') ?? '').split('.')[0] ?? '',
      'base64url',
    ).toString();
    expect(header).toContain(createHash('sha256').update(app.der).digest('base64url'));
    await tokens.close();
  });

  it.each<[string, () => string, RegExp]>([
    [
      'no certificate',
      () => app.keyPem,
      /holds no certificate; put the PEM certificate and its private key into it$/,
    ],
    ['no key', () => app.certPem, /holds no private key; append the PEM private key of the certificate$/],
    [
      'a foreign key',
      () => `${app.certPem}\n${other.keyPem}`,
      /holds a key that does not belong to its certificate/,
    ],
    [
      'a damaged certificate',
      () => `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${app.keyPem}`,
      /holds a damaged certificate; export it again as PEM$/,
    ],
    [
      'a damaged key',
      () => `${app.certPem}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----`,
      /holds a damaged private key; export it again as PEM$/,
    ],
    [
      'a key with a passphrase',
      () =>
        `${app.certPem}\n-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----`,
      /holds a private key with a passphrase; write the key without one/,
    ],
  ])('with %s is refused in words', async (name, text, message) => {
    const { error } = await failure(server, {}, { credential: file(`${name}.pem`, text()) });
    expect(error.message).toMatch(message);
    expect(error.permanent).toBe(true);
    expect(server.seen).toEqual([]);
  });

  it('that has expired says the day and what to do, by the clock given', async () => {
    const old = await makeAppCertificate(new Date('2026-11-16T10:00:00Z'));
    const credential = file('old.pem', `${old.certPem}\n${old.keyPem}`);
    const { error } = await failure(server, {}, { credential });
    expect(error.message).toBe(
      `use the certificate ${join(folder, 'old.pem')}: it expired on 2026-11-16; make a new one, upload it to the app registration and replace the file`,
    );
    server.on('POST', tokenPath, tokenReply('a'));
    const { tokens } = source(server, { credential, clock: new ManualClock(Date.UTC(2026, 10, 16, 9)) });
    await tokens.getToken(SCOPE);
    await tokens.close();
    const early = await failure(server, {}, { credential, clock: new ManualClock(Date.UTC(2019, 1, 1)) });
    expect(early.error.message).toContain('is not valid before 2020-01-01; check');
  });

  it('that is missing says so', async () => {
    const credential: Credential = { type: 'certificate', clientId: CLIENT, file: join(folder, 'none.pem') };
    const { error } = await failure(server, {}, { credential });
    expect(error.message).toBe(
      `use the certificate ${join(folder, 'none.pem')}: it does not exist; correct the path or put the file there`,
    );
  });

  // As root every file can be read, so there is nothing to see then.
  if (process.getuid?.() !== 0) {
    it('that is locked says so', async () => {
      const credential = file('locked.pem', 'x');
      chmodSync(join(folder, 'locked.pem'), 0);
      const { error } = await failure(server, {}, { credential });
      expect(error.message).toMatch(
        /cannot be read \(EACCES\); let the account that runs tenantwatch read it$/,
      );
    });
  }

  it('that is a folder cannot be read', async () => {
    const { error } = await failure(
      server,
      {},
      { credential: { type: 'certificate', clientId: CLIENT, file: folder } },
    );
    expect(error.message).toMatch(/cannot be read \(EISDIR\)/);
  });
});
