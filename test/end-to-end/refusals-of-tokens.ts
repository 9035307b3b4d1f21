import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { expect } from 'vitest';
import { collectors } from '../../src/collectors/index.ts';
import { DAY, END } from './simulated.ts';
import { linesOf, type Refusal, type Stage } from './refusal.ts';

const SOURCES = collectors.map(({ source }) => source).join(', ');
const WRONG_SECRET =
  "get a token for tenant <tenant>: AADSTS7000215, the client secret is wrong (trace-id <id>); give the secret's Value, not its Secret ID, of a secret of this app";

/** The token endpoint refuses: no source is read, every one says why, and nobody asks again and again. */
export const refusalsOfTokens: readonly Refusal[] = [
  {
    name: 'a wrong client secret',
    options: () => ({ TENANTWATCH_CLIENT_SECRET: 'not-the-secret' }),
    exit: 1,
    says: [WRONG_SECRET],
    async after(stage) {
      const runs = stage.rows('SELECT DISTINCT status FROM run');
      expect(runs).toEqual([{ status: 'failed' }]);
      const status = await stage.run(['status']);
      expect(status.code).toBe(1);
      const problems = linesOf(status, stage).filter((line) => line.startsWith('problem: '));
      expect(problems).toEqual([`problem: ${SOURCES} failed: ${WRONG_SECRET}.`]);
    },
  },
  {
    name: 'an expired client secret',
    arrange: ({ simulated, tenant }) => simulated.change(tenant, { secret: { state: 'expired' } }),
    exit: 1,
    says: [
      'get a token for tenant <tenant>: AADSTS7000222, the client secret has expired (trace-id <id>); make a new secret in the app registration, or better a certificate, and configure it',
    ],
    restore: { secret: { state: 'valid' } },
  },
  {
    name: 'an app that is not in the tenant',
    arrange: ({ simulated, tenant }) => simulated.change(tenant, { app: 'missing' }),
    exit: 1,
    says: [
      "get a token for tenant <tenant>: AADSTS700016, the app <app> is not known in this tenant (trace-id <id>); check the client id and the tenant id, or open the app's admin consent link as a Global Administrator of that tenant",
    ],
    restore: { app: 'present' },
  },
  {
    name: 'an app without a service principal',
    arrange: ({ simulated, tenant }) => simulated.change(tenant, { service_principal: 'missing' }),
    exit: 1,
    says: [
      "get a token for tenant <tenant>: AADSTS7000229, the app has no service principal in this tenant (trace-id <id>); open the app's admin consent link as a Global Administrator of that tenant",
    ],
    restore: { service_principal: 'present' },
  },
  {
    name: 'an app that was disabled',
    arrange: ({ simulated, tenant }) => simulated.change(tenant, { service_principal: 'disabled' }),
    exit: 1,
    says: [
      'get a token for tenant <tenant>: AADSTS7000112, the app is disabled in this tenant (trace-id <id>); enable sign-in for it under Enterprise applications',
    ],
    restore: { service_principal: 'present' },
  },
  {
    name: 'a tenant that does not exist',
    options: () => ({ TENANTWATCH_TENANT_ID: '11111111-2222-4333-8444-555555555555' }),
    exit: 1,
    says: [
      'get a token for tenant <id>: AADSTS90002, the tenant was not found (trace-id <id>); check the tenant id and the cloud',
    ],
  },
  {
    name: 'a certificate that has expired',
    options: certificateOptions,
    async arrange(stage) {
      writeFileSync(certificateFile(stage), (await makeCertificate(END - 400 * DAY, END - 20 * DAY)).file);
    },
    exit: 1,
    says: [
      'use the certificate <folder>/app.pem: it expired on 2026-11-03; make a new one, upload it to the app registration and replace the file',
    ],
  },
  {
    name: 'a certificate that the app does not have',
    options: certificateOptions,
    async arrange(stage) {
      writeFileSync(certificateFile(stage), (await makeCertificate(END - 400 * DAY, END + 400 * DAY)).file);
    },
    exit: 1,
    says: [
      'get a token for tenant <tenant>: AADSTS700027, the certificate is not one of this app, or has expired there (trace-id <id>); upload its public part to the app registration under Certificates & secrets',
    ],
    async after(stage) {
      // The same kind of file, once its public part is uploaded, is let in.
      const { file, publicPart } = await makeCertificate(END - 400 * DAY, END + 400 * DAY);
      await stage.simulated.change(stage.tenant, { add_certificate: publicPart });
      writeFileSync(certificateFile(stage), file);
      await stage.collect();
    },
  },
];

function certificateFile(stage: Stage): string {
  return join(stage.folder, 'app.pem');
}

/** A certificate in place of the secret. The file must be there and be PEM when the options are read. */
function certificateOptions(stage: Stage): Record<string, string> {
  return { TENANTWATCH_CLIENT_SECRET: '', TENANTWATCH_CERTIFICATE: certificateFile(stage) };
}

async function makeCertificate(from: number, to: number): Promise<{ file: string; publicPart: string }> {
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
    notBefore: new Date(from),
    notAfter: new Date(to),
    signingAlgorithm: algorithm,
    keys,
  });
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  );
  const publicPart = certificate.toString('pem');
  return { file: `${publicPart}\n${key}\n`, publicPart };
}
