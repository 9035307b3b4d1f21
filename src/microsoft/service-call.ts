import { randomUUID } from 'node:crypto';
import { GraphError } from '../errors.ts';
import type { Line } from './ask.ts';
import { textOf } from './body-text.ts';
import { networkError, type Asked, type HttpAnswer } from './errors.ts';
import { serviceRefusal, type PermissionApi } from './management-error.ts';
import { withRetry } from './retry.ts';
import type { QuotaClass } from './throttle.ts';
import type { Transport } from './transport.ts';

/** A service of Microsoft's beside Graph, spoken to on Graph's own line: its tokens, quotas and retries. */
export interface Service {
  readonly line: Line;
  readonly transport: Transport;
  readonly scope: string;
  readonly quota: QuotaClass;
  /** Whose permission a refusal names. */
  readonly api: PermissionApi;
}

/** One question. */
export interface ServiceCall<T> {
  readonly method: 'GET' | 'POST';
  /** Absolute, already known to lead to the service's own host. */
  readonly url: string;
  readonly asked: Asked & { readonly signal?: AbortSignal };
  /** Besides those that every question has. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What a success says; a GraphError thrown here counts as the answer's failure. */
  read(answer: HttpAnswer): T;
  /** The error of an answer that is no success; `now` is UTC epoch ms. */
  errorOf(answer: HttpAnswer, now: number): GraphError;
}

export interface ServiceAnswer<T> {
  readonly value: T;
  readonly answer: HttpAnswer;
  /** Clock's UTC epoch ms when the attempt that succeeded was sent. */
  readonly startedAt: number;
}

/**
 * Asks until there is an answer, as Graph is asked: token, quota, retries, one fresh token after a 401. Throws GraphError or
 * CredentialError.
 */
export async function askService<T>(service: Service, call: ServiceCall<T>): Promise<ServiceAnswer<T>> {
  const { clock, random, budgetMs, log, tenantId, limiter } = service.line;
  const { what, signal } = call.asked;
  let renewed = false;
  const operation = async (): Promise<ServiceAnswer<T>> => {
    try {
      return await attempt(service, call);
    } catch (error) {
      if (renewed || !(error instanceof GraphError) || error.status !== 401) throw error;
      renewed = true;
      return await attempt(service, call);
    }
  };
  return await withRetry(operation, {
    clock,
    random,
    budgetMs,
    signal,
    async onWait({ error, waitMs, attempt: number }) {
      if (!(error instanceof GraphError)) return;
      const { status, code, requestId } = error;
      log.debug({ tenant: tenantId, what, status, code, requestId, waitMs, attempt: number }, 'waiting');
      if (status === 429) await limiter.block(service.quota, call.url, clock.now() + waitMs);
    },
  });
}

async function attempt<T>(service: Service, call: ServiceCall<T>): Promise<ServiceAnswer<T>> {
  const { line, scope, quota, api } = service;
  const { asked } = call;
  const token = await line.tokens.getToken(scope, asked.signal).catch((error: unknown) => {
    throw serviceRefusal(error, asked, api);
  });
  const release = await line.limiter.enter(quota, [call.url], asked.signal);
  try {
    return await send(service, call, token.token);
  } catch (error) {
    // A token of before the consent lacks its permission: the next question gets a new one.
    if (error instanceof GraphError && (error.status === 401 || error.status === 403))
      line.tokens.drop(token.token);
    throw error;
  } finally {
    await release();
  }
}

async function send<T>(service: Service, call: ServiceCall<T>, token: string): Promise<ServiceAnswer<T>> {
  const { line, transport } = service;
  const { signal } = call.asked;
  line.observe?.(`http:${call.method} ${new URL(call.url).pathname}`);
  line.sent += 1;
  const startedAt = line.clock.now();
  try {
    const response = await transport.send(call.url, {
      method: call.method,
      headers: {
        Accept: 'application/json',
        Authorization: `Bearer ${token}`,
        'User-Agent': 'tenantwatch',
        'client-request-id': randomUUID(),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(signal ? { signal } : {}),
    });
    // Read whole whatever it says: an answer left unread costs its connection.
    const answer = { status: response.status, headers: response.headers, text: await textOf(response) };
    if (response.status === 429) line.throttled += 1;
    if (!response.ok) throw call.errorOf(answer, line.clock.now());
    return { value: call.read(answer), answer, startedAt };
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof GraphError ? error : networkError(error, call.asked);
  }
}

/** Whether a link leads to the service's own host and below `path`, so that a token may be sent there. */
export function leadsHome(link: string, home: string, path: string): boolean {
  const url = URL.canParse(link) ? new URL(link) : null;
  return (
    url !== null &&
    url.origin === new URL(home).origin &&
    url.username === '' &&
    url.password === '' &&
    url.pathname.startsWith(path)
  );
}
