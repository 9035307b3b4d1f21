import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const DAY_MS = 86_400_000;
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

/** A certificate and its private key, both PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** A test authority, and what it says about the servers of some names. */
export interface ServerIdentity extends Identity {
  /** The authority's certificate, PEM; what a client has to trust. */
  readonly authority: string;
}

/** What an administrator would upload under "Certificates & secrets"; valid for a day on the machine's clock. */
export async function createClientIdentity(): Promise<Identity> {
  const keys = await createKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=foreign client',
    ...validity(),
    signingAlgorithm: RSA,
    keys,
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

/** One certificate for all the names, of an authority made for it; valid for a day on the machine's clock. */
export async function createServerIdentity(names: readonly string[]): Promise<ServerIdentity> {
  const [rootKeys, leafKeys] = await Promise.all([createKeys(), createKeys()]);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=authority of a test',
    ...validity(),
    signingAlgorithm: RSA,
    keys: rootKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: 'CN=servers of a test',
    issuer: root.subject,
    ...validity(),
    signingAlgorithm: RSA,
    publicKey: leafKeys.publicKey,
    signingKey: rootKeys.privateKey,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))),
    ],
  });
  return { authority: pem(root), certificate: pem(leaf), key: await exportKey(leafKeys.privateKey) };
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
}

async function createKeys(): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(RSA, true, ['sign', 'verify'])) as CryptoKeyPair;
}

async function exportKey(key: CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`;
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
