import { createHash, generateKeyPair, randomUUID, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { GraphFailure } from './errors.ts';

/** Life of an access token, s (graph-facts F: expires_in 3599), on the virtual clock. */
export const TOKEN_LIFE_S = 3599;

export interface TokenRequest {
  readonly tenant: string;
  readonly clientId: string;
  /** Object id of the app's service principal in the tenant. */
  readonly principalId: string;
  readonly appName: string;
  /** The resource, as the client named it in its scope. */
  readonly audience: string;
  readonly roles: readonly string[];
  /** True when the client authenticated with an assertion. */
  readonly certificate: boolean;
  /** True when the client declared `cp1` (graph-facts E). */
  readonly handlesClaims: boolean;
}

export interface TokenClaims {
  readonly aud: string;
  readonly tid: string;
  readonly appid: string;
  readonly roles: readonly string[];
  readonly uti: string;
  readonly nbf: number;
  readonly exp: number;
  readonly xms_cc?: readonly string[];
}

export interface TokenSigner {
  issue(request: TokenRequest, now: number): string;
  /** Throws 401 GraphFailure. `challenge` is the start of the WWW-Authenticate header. */
  verify(token: string | null, audiences: readonly string[], challenge: string, now: number): TokenClaims;
  /** Every token of the tenant issued so far is refused from now on. */
  revoke(tenant: string): void;
  /** The public key as a JWK set. */
  readonly keys: Record<string, unknown>;
}

export async function createTokenSigner(): Promise<TokenSigner> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha1').update(String(jwk.n)).digest('base64url');
  const issued = new Map<string, Set<string>>();
  const revoked = new Set<string>();
  return {
    keys: { keys: [{ ...jwk, kid, use: 'sig', x5t: kid }] },
    issue(request, now) {
      const uti = randomUUID();
      const known = issued.get(request.tenant) ?? new Set();
      issued.set(request.tenant, known.add(uti));
      const header = { typ: 'JWT', alg: 'RS256', x5t: kid, kid };
      return signJwt(header, payloadOf(request, uti, Math.floor(now / 1000)), privateKey);
    },
    verify(token, audiences, challenge, now) {
      if (!token) throw unauthorized('Access token is empty.', challenge);
      const claims = readToken(token, publicKey);
      if (!claims) throw unauthorized('Access token validation failure. Invalid signature.', challenge);
      const seconds = Math.floor(now / 1000);
      if (!audiences.includes(claims.aud)) {
        throw unauthorized('Access token validation failure. Invalid audience.', challenge);
      }
      if (seconds >= claims.exp || seconds < claims.nbf) {
        throw unauthorized('Lifetime validation failed, the token is expired.', challenge);
      }
      if (revoked.has(claims.uti)) throw revokedToken(claims, challenge, seconds);
      return claims;
    },
    revoke(tenant) {
      for (const uti of issued.get(tenant) ?? []) revoked.add(uti);
    },
  };
}

function payloadOf(request: TokenRequest, uti: string, seconds: number): Record<string, unknown> {
  return {
    aud: request.audience,
    iss: `https://sts.windows.net/${request.tenant}/`,
    iat: seconds,
    nbf: seconds,
    exp: seconds + TOKEN_LIFE_S,
    app_displayname: request.appName,
    appid: request.clientId,
    appidacr: request.certificate ? '2' : '1',
    idtyp: 'app',
    // Both are the service principal in a token of an app (ENTRA:identity-platform/access-token-claims-reference.md).
    oid: request.principalId,
    sub: request.principalId,
    tid: request.tenant,
    uti,
    ver: '1.0',
    // The real token has no roles claim at all when nothing is granted.
    ...(request.roles.length > 0 ? { roles: request.roles } : {}),
    ...(request.handlesClaims ? { xms_cc: ['cp1'] } : {}),
  };
}

function signJwt(header: object, payload: object, key: KeyObject): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

function readToken(token: string, key: KeyObject): TokenClaims | null {
  const [header, payload, signature, ...rest] = token.split('.');
  if (!header || !payload || !signature || rest.length > 0) return null;
  const signed = Buffer.from(`${header}.${payload}`);
  if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) return null;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as TokenClaims;
  return { ...claims, roles: claims.roles ?? [] };
}

/** Code and status: graph-facts B; the messages are from general knowledge (UNVERIFIED). */
function unauthorized(message: string, challenge: string): GraphFailure {
  return new GraphFailure(401, 'InvalidAuthenticationToken', message, { 'WWW-Authenticate': challenge });
}

/** Continuous access evaluation: only clients that declared `cp1` get the claims challenge (graph-facts E). */
function revokedToken(claims: TokenClaims, challenge: string, seconds: number): GraphFailure {
  const message =
    'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp';
  if (!claims.xms_cc?.includes('cp1')) return unauthorized('Access token has been revoked.', challenge);
  const wanted = { access_token: { nbf: { essential: true, value: String(seconds) } } };
  const encoded = Buffer.from(JSON.stringify(wanted)).toString('base64');
  return unauthorized(message, `${challenge}, error="insufficient_claims", claims="${encoded}"`);
}
