import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CredentialError } from '../errors.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const PRIVATE_KEY =
  /-----BEGIN (?:RSA |ENCRYPTED )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA |ENCRYPTED )?PRIVATE KEY-----/;

/**
 * Reads a PEM file with a certificate and its RSA key and returns it in the form that @azure/identity takes.
 * Throws CredentialError (permanent) that says what is wrong with the file. `now` is UTC epoch ms.
 */
export async function readCertificate(file: string, now: number): Promise<string> {
  const text = await readText(file);
  const certificates = (text.match(CERTIFICATE) ?? []).map((pem) => parseCertificate(pem, file));
  if (certificates.length === 0) {
    throw refusal(file, 'holds no certificate', 'put the PEM certificate and its private key into it');
  }
  const key = parseKey(text, file);
  const certificate = certificates.find((candidate) => candidate.checkPrivateKey(key));
  if (!certificate) {
    throw refusal(
      file,
      'holds a key that does not belong to its certificate',
      'put the matching pair into it',
    );
  }
  checkDates(certificate, file, now);
  // The newline between the two blocks matters: without it the key is not found (dependency notes, trap 26).
  return `${certificate.toString().trim()}\n${key.export({ type: 'pkcs8', format: 'pem' }).toString().trim()}\n`;
}

/** When the certificate of a PEM file ends, UTC epoch ms; null where the file holds none that can be read. */
export async function certificateEnd(file: string): Promise<number | null> {
  try {
    const text = await readText(file);
    const ends = (text.match(CERTIFICATE) ?? []).map((pem) =>
      Date.parse(parseCertificate(pem, file).validTo),
    );
    return ends.length === 0 ? null : Math.min(...ends);
  } catch (error) {
    // Whoever asks for a token with it says what is wrong with the file.
    if (error instanceof CredentialError) return null;
    throw error;
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    if (code === 'ENOENT')
      throw refusal(file, 'does not exist', 'correct the path or put the file there', error);
    throw refusal(file, `cannot be read (${code})`, 'let the account that runs tenantwatch read it', error);
  }
}

function parseCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw refusal(file, 'holds a damaged certificate', 'export it again as PEM', error);
  }
}

function parseKey(text: string, file: string): KeyObject {
  const pem = PRIVATE_KEY.exec(text)?.[0];
  if (pem === undefined)
    throw refusal(file, 'holds no private key', 'append the PEM private key of the certificate');
  if (pem.includes('ENCRYPTED')) {
    throw refusal(
      file,
      'holds a private key with a passphrase',
      'write the key without one and keep the file mode 0600',
    );
  }
  const key = createKey(pem, file);
  if (key.asymmetricKeyType === 'rsa') return key;
  throw refusal(
    file,
    'holds a key that is not RSA',
    'make a certificate with an RSA key of 2048 bits or more',
  );
}

function createKey(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw refusal(file, 'holds a damaged private key', 'export it again as PEM', error);
  }
}

function checkDates(certificate: X509Certificate, file: string, now: number): void {
  const from = Date.parse(certificate.validFrom);
  const to = Date.parse(certificate.validTo);
  if (now > to) {
    const todo = 'make a new one, upload it to the app registration and replace the file';
    throw refusal(file, `expired on ${day(to)}`, todo);
  }
  if (now < from) throw refusal(file, `is not valid before ${day(from)}`, "check this machine's clock");
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function refusal(file: string, reason: string, todo: string, cause?: unknown): CredentialError {
  return new CredentialError(`use the certificate ${file}: it ${reason}; ${todo}`, 0, true, { cause });
}
