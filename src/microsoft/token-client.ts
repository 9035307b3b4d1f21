import type { TokenCredentialOptions } from '@azure/identity';
import type { OperationObserver } from '../model/outcome.ts';
import { isObject, ownError, parseJson, type HttpAnswer } from './errors.ts';
import type { Transport } from './transport.ts';

/** @azure/identity's HTTP client; its package does not export the type by name. */
export type TokenClient = NonNullable<TokenCredentialOptions['httpClient']>;
type PipelineRequest = Parameters<TokenClient['sendRequest']>[0];
type PipelineResponse = Awaited<ReturnType<TokenClient['sendRequest']>>;
type PipelineHeaders = PipelineResponse['headers'];

/** What really happened on the wire during one token request; the libraries hide it (dependency notes, traps 23, 27). */
export interface Exchange {
  answer: HttpAnswer | null;
  failure: unknown;
  /** Thrown by the observer: a crash that a test wants, no network failure. */
  crash: { readonly error: unknown } | null;
  /** Seconds, as the token endpoint said. */
  expiresIn: number | null;
}

/** Whether a secret or assertion may be sent to an origin. */
export type Origins = (origin: string) => boolean;

export interface TokenClientOptions {
  readonly transport: Transport;
  readonly origins: Origins;
  readonly observe?: OperationObserver | undefined;
  readonly signal: AbortSignal;
}

/** An HTTP client for @azure/identity over our own transport: same trust, proxy and time-outs as Graph's requests. */
export function openTokenClient(o: TokenClientOptions): { client: TokenClient; exchange: Exchange } {
  const exchange: Exchange = { answer: null, failure: null, crash: null, expiresIn: null };
  const client: TokenClient = {
    async sendRequest(request) {
      observed(request, o, exchange);
      try {
        const answer = await send(request, o);
        exchange.answer = answer;
        exchange.expiresIn = expiresIn(answer);
        return {
          request,
          status: answer.status,
          headers: pipelineHeaders(answer.headers),
          bodyAsText: answer.text,
        };
      } catch (error) {
        exchange.failure = error;
        throw error;
      }
    },
  };
  return { client, exchange };
}

function observed(request: PipelineRequest, o: TokenClientOptions, exchange: Exchange): void {
  try {
    o.observe?.(`http:${request.method} ${new URL(request.url).pathname}`);
  } catch (error) {
    exchange.crash = { error };
    throw error;
  }
}

async function send(
  request: PipelineRequest,
  o: TokenClientOptions,
): Promise<HttpAnswer & { headers: Headers }> {
  const url = new URL(request.url);
  if (!o.origins(url.origin)) {
    // Discovery names the token endpoint: a false answer must not get the secret.
    throw ownError(
      'foreign_link',
      { what: 'get a token' },
      `the sign-in service points to ${url.host}, a foreign host`,
    );
  }
  const headers = Object.fromEntries(request.headers);
  const body = typeof request.body === 'string' ? { body: request.body } : {};
  const response = await o.transport.send(request.url, {
    method: request.method,
    headers,
    ...body,
    signal: o.signal,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function expiresIn(answer: HttpAnswer): number | null {
  const body = parseJson(answer.text);
  const seconds = isObject(body) ? Number(body['expires_in']) : Number.NaN;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

function pipelineHeaders(headers: Headers): PipelineHeaders {
  const own = new Map<string, string>();
  headers.forEach((value, name) => own.set(name.toLowerCase(), value));
  return {
    get: (name) => own.get(name.toLowerCase()),
    has: (name) => own.has(name.toLowerCase()),
    set: (name, value) => void own.set(name.toLowerCase(), String(value)),
    delete: (name) => void own.delete(name.toLowerCase()),
    toJSON: () => Object.fromEntries(own),
    [Symbol.iterator]: () => own[Symbol.iterator](),
  };
}
