import { constants, createHash, verify, X509Certificate } from 'node:crypto';
import { wallNow } from './clock.ts';
import type { TokenProblem } from './token-errors.ts';

/** Refuses a JSON web token that was used before with another body. Kept per server. */
export type SeenAssertions = Map<string, { readonly assertion: string; readonly exp: number }>;

export interface AssertionFacts {
  readonly clientId: string;
  readonly certificates: readonly string[];
  /** URLs that `aud` may name. */
  readonly audiences: readonly string[];
  readonly seen: SeenAssertions;
}

interface Parsed {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/**
 * Checks a client assertion (entra-docs identity-platform/certificate-credentials.md). Null = good.
 * nbf, exp and the certificate's own validity are checked against the machine's clock, not the virtual one: the client
 * library stamps them with its machine's time and cannot be moved.
 */
export function checkAssertion(assertion: string, facts: AssertionFacts): TokenProblem | null {
  const parsed = parseJwt(assertion);
  if (!parsed)
    return {
      code: 700027,
      error: 'invalid_client',
      status: 401,
      text: unregistered('malformed assertion', facts),
    };
  return (
    checkSignature(parsed, facts) ??
    checkClaims(parsed, facts) ??
    checkTimes(parsed) ??
    checkReplay(assertion, parsed, facts)
  );
}

function parseJwt(assertion: string): Parsed | null {
  const [header, payload, signature, ...rest] = assertion.split('.');
  if (!header || !payload || !signature || rest.length > 0) return null;
  try {
    return {
      header: decodePart(header),
      payload: decodePart(payload),
      signed: Buffer.from(`${header}.${payload}`),
      signature: Buffer.from(signature, 'base64url'),
    };
  } catch {
    return null;
  }
}

function decodePart(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}

function checkSignature(parsed: Parsed, facts: AssertionFacts): TokenProblem | null {
  const refuse = (reason: string): TokenProblem => ({
    code: 700027,
    error: 'invalid_client',
    status: 401,
    text: unregistered(reason, facts),
  });
  const certificate = facts.certificates
    .map((pem) => new X509Certificate(pem))
    .find((candidate) => isNamed(candidate, parsed));
  if (!certificate) return refuse('The key was not found.');
  if (!isSigned(parsed, certificate)) return refuse('The key was found but the signature is invalid.');
  if (Date.parse(certificate.validTo) <= wallNow()) return refuse('The key used is expired.');
  return null;
}

function isNamed(certificate: X509Certificate, { header }: Parsed): boolean {
  if (typeof header['x5t#S256'] === 'string') return header['x5t#S256'] === thumbprint(certificate, 'sha256');
  return typeof header['x5t'] === 'string' && header['x5t'] === thumbprint(certificate, 'sha1');
}

function thumbprint(certificate: X509Certificate, algorithm: string): string {
  return createHash(algorithm).update(certificate.raw).digest('base64url');
}

function isSigned({ header, signed, signature }: Parsed, { publicKey }: X509Certificate): boolean {
  if (header['alg'] === 'RS256') return verify('sha256', signed, publicKey, signature);
  if (header['alg'] !== 'PS256') return false;
  const pss = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return verify('sha256', signed, pss, signature);
}

/** 700023 and 700021 are from general knowledge (UNVERIFIED); 2017 bodies said 50012 (GH azure-activedirectory-library-for-python#79). */
function checkClaims({ payload }: Parsed, { clientId, audiences }: AssertionFacts): TokenProblem | null {
  if (typeof payload['aud'] !== 'string' || !audiences.includes(payload['aud'])) {
    const text = 'Client assertion audience claim does not match Realm issuer.';
    return { code: 700023, error: 'invalid_client', status: 401, text };
  }
  if (payload['iss'] !== clientId || payload['sub'] !== clientId) {
    const text = "Client assertion application identifier doesn't match 'client_id' parameter.";
    return { code: 700021, error: 'invalid_client', status: 401, text };
  }
  return null;
}

/** 700024: GH microsoft-authentication-library-for-dotnet#4951. Five minutes of clock skew are granted. */
function checkTimes({ payload }: Parsed): TokenProblem | null {
  const seconds = Math.floor(wallNow() / 1000);
  const { nbf, exp } = payload;
  const skew = 300;
  const started = nbf === undefined || (typeof nbf === 'number' && nbf <= seconds + skew);
  if (typeof exp === 'number' && exp > seconds - skew && started) return null;
  const at = (value: unknown): string => new Date(Number(value ?? 0) * 1000).toISOString();
  const text = `Client assertion is not within its valid time range. Current time: ${at(seconds)}, assertion valid from ${at(nbf)}, expiry time of assertion ${at(exp)}.`;
  return { code: 700024, error: 'invalid_client', status: 401, text };
}

/**
 * A jti may come again with the very same assertion, because MSAL keeps one assertion for ten minutes and sends it with
 * every token request; another assertion under a used jti is refused. The code of that refusal is our own guess.
 */
function checkReplay(assertion: string, { payload }: Parsed, facts: AssertionFacts): TokenProblem | null {
  const refuse = (reason: string): TokenProblem => ({
    code: 700027,
    error: 'invalid_client',
    status: 401,
    text: unregistered(reason, facts),
  });
  const { jti, exp } = payload;
  if (typeof jti !== 'string' || jti === '') return refuse('The assertion has no jti claim.');
  const known = facts.seen.get(jti);
  if (known && known.assertion !== assertion) return refuse('The jti claim was used before.');
  facts.seen.set(jti, { assertion, exp: Number(exp) });
  return null;
}

/** Text: GH keycloak#19425, GH microsoft-authentication-library-for-js#8339. */
function unregistered(reason: string, { clientId }: AssertionFacts): string {
  return `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - ${reason}, Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '${clientId}'.]`;
}
