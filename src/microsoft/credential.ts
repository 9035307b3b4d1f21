import type { Clock } from '../clock.ts';
import { CredentialError } from '../errors.ts';
import type { OperationObserver } from '../model/outcome.ts';
import type { CloudHosts, Credential } from '../model/tenant.ts';
import { isObject, parseJson } from './errors.ts';
import { cloudHosts } from './hosts.ts';
import { appOf, isMachineOrigin, openIdentity } from './identity.ts';
import { abortable, withRetry, type Verdict } from './retry.ts';
import { openTokenClient, type Exchange, type Origins } from './token-client.ts';
import {
  tokenLibraryFailure,
  tokenNetworkFailure,
  tokenRefusal,
  type TokenAsked,
  type TokenFailure,
} from './token-error.ts';
import { openTransport, type Transport } from './transport.ts';

/** A bearer token; never stored or logged. */
export interface AccessToken {
  readonly token: string;
  /** Application permissions in it; empty where it cannot be read. */
  readonly roles: string[];
  /** UTC epoch ms on the clock the source was opened with. */
  readonly expiresAt: number;
  /** UTC epoch ms on the same clock. */
  readonly obtainedAt: number;
}

/** Tokens of one app in one tenant, one request at a time however many ask. */
export interface TokenSource {
  /** `scope` is `<resource>/.default`. Throws CredentialError, or the signal's reason. */
  getToken(scope: string, signal?: AbortSignal): Promise<AccessToken>;
  /** Forgets every token, or only that one (so that five callers refused together fetch one new token). */
  drop(token?: string): void;
  close(): Promise<void>;
}

export interface TokenSourceOptions {
  readonly tenantId: string;
  readonly credential: Credential;
  readonly hosts: CloudHosts;
  readonly clock: Clock;
  /** Authority to trust; in a custom cloud (one with a clock) the only one, else besides the built-in ones. */
  readonly caPem?: string | undefined;
  readonly observe?: OperationObserver | undefined;
  readonly random?: (() => number) | undefined;
  /** Given by whoever opened it and closes it; own otherwise. */
  readonly transport?: Transport | undefined;
}

/** A token is renewed this long before its end: a slow page must not outlive it. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** The token endpoint says how long; this is what Entra ID gives when it does not. */
const DEFAULT_LIFETIME_S = 3_599;
/** A run that waits longer for a token is better failed and begun anew. */
const TOKEN_BUDGET_MS = 2 * 60_000;

interface Flight {
  readonly promise: Promise<AccessToken>;
  readonly controller: AbortController;
  waiting: number;
}

export function openTokenSource(o: TokenSourceOptions): TokenSource {
  const custom = isCustom(o.hosts);
  const transport = o.transport ?? openTransport(o.caPem ? { ca: { pem: o.caPem, only: custom } } : {});
  const cached = new Map<string, AccessToken>();
  const flights = new Map<string, Flight>();

  function begin(scope: string): Flight {
    const controller = new AbortController();
    const promise = fetchToken(scope, o, transport, controller.signal).then((token) => {
      cached.set(scope, token);
      return token;
    });
    const flight = { promise, controller, waiting: 0 };
    flights.set(scope, flight);
    return flight;
  }

  function leave(scope: string, flight: Flight): void {
    flight.waiting -= 1;
    if (flight.waiting > 0) return;
    if (flights.get(scope) === flight) flights.delete(scope);
    // Landed, or nobody waits for it any more: its failure is then nobody's either.
    flight.promise.catch(() => {});
    flight.controller.abort();
  }

  return {
    async getToken(scope, signal) {
      signal?.throwIfAborted();
      const known = cached.get(scope);
      if (known && o.clock.now() < renewAt(known)) return known;
      const flight = flights.get(scope) ?? begin(scope);
      flight.waiting += 1;
      try {
        return await abortable(flight.promise, signal);
      } finally {
        leave(scope, flight);
      }
    },
    drop(token) {
      for (const [scope, known] of cached) {
        if (token === undefined || known.token === token) cached.delete(scope);
      }
    },
    async close() {
      for (const flight of flights.values()) flight.controller.abort();
      cached.clear();
      if (!o.transport) await transport.close();
    },
  };
}

/** Microsoft's clouds have no clock of their own and their authorities are in the table. */
function isCustom(hosts: CloudHosts): boolean {
  const clouds = ['global', 'gcc_high', 'dod', 'china'] as const;
  return clouds.every((cloud) => cloudHosts(cloud).authority !== hosts.authority);
}

// A short-lived token is renewed at half its life, else it would be renewed for every request.
function renewAt(token: AccessToken): number {
  return token.expiresAt - Math.min(RENEW_BEFORE_MS, (token.expiresAt - token.obtainedAt) / 2);
}

async function fetchToken(
  scope: string,
  o: TokenSourceOptions,
  transport: Transport,
  signal: AbortSignal,
): Promise<AccessToken> {
  let afterMs: number | null = null;
  const attempt = async (): Promise<AccessToken> => {
    afterMs = null;
    const startedAt = o.clock.now();
    const { client, exchange } = openTokenClient({
      transport,
      origins: origins(o),
      observe: o.observe,
      signal,
    });
    try {
      const credential = await openIdentity({ ...o, custom: isCustom(o.hosts), client });
      const answer = await credential.getToken(scope);
      if (!answer) throw new Error('no token in the answer');
      return accessToken(answer.token, lifetime(answer, exchange, o.credential, startedAt), startedAt);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof CredentialError) throw error;
      const failure = explain(error, exchange, o, scope);
      afterMs = failure.retryAfterMs;
      throw failure.error;
    }
  };
  const judge = (error: unknown): Verdict =>
    error instanceof CredentialError && !error.permanent ? { retry: true, afterMs } : { retry: false };
  const random = o.random ?? Math.random;
  return await withRetry(attempt, { clock: o.clock, signal, budgetMs: TOKEN_BUDGET_MS, random, judge });
}

function explain(error: unknown, exchange: Exchange, o: TokenSourceOptions, scope: string): TokenFailure {
  if (exchange.crash) throw exchange.crash.error;
  const asked: TokenAsked = {
    tenantId: o.tenantId,
    clientId: appOf(o.credential),
    resource: URL.canParse(scope) ? new URL(scope).host : scope,
  };
  if (exchange.failure) return tokenNetworkFailure(exchange.failure, asked);
  if (exchange.answer && exchange.answer.status !== 200)
    return tokenRefusal(exchange.answer, asked, o.clock.now());
  return tokenLibraryFailure(error, asked);
}

function origins({ credential, hosts }: TokenSourceOptions): Origins {
  if (credential.type === 'managed_identity') return isMachineOrigin;
  const own = new URL(hosts.authority).origin;
  const china = cloudHosts('china').authority;
  // MSAL sends China's token requests to the authority's newer name (msal-common's built-in metadata).
  const known = new Set(own === china ? [own, 'https://login.partner.microsoftonline.cn'] : [own]);
  return (origin) => known.has(origin);
}

/**
 * Seconds. A managed identity's token may come from MSAL's own memory, or from an endpoint that says its end only;
 * that is on the machine's clock, which is ours wherever managed identities exist.
 */
function lifetime(
  answer: { readonly expiresOnTimestamp: number },
  exchange: Exchange,
  credential: Credential,
  startedAt: number,
): number {
  if (exchange.expiresIn !== null) return exchange.expiresIn;
  if (credential.type !== 'managed_identity') return DEFAULT_LIFETIME_S;
  return (answer.expiresOnTimestamp - startedAt) / 1000;
}

function accessToken(token: string, lifetimeS: number, startedAt: number): AccessToken {
  return { token, roles: rolesOf(token), obtainedAt: startedAt, expiresAt: startedAt + lifetimeS * 1000 };
}

/** The `roles` claim lists the application permissions granted (fact sheet F). */
function rolesOf(token: string): string[] {
  const payload = token.split('.')[1];
  const claims = payload === undefined ? null : parseJson(Buffer.from(payload, 'base64url').toString('utf8'));
  const roles: unknown = isObject(claims) ? claims['roles'] : null;
  return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [];
}
