import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { GraphError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { OperationObserver } from '../model/outcome.ts';
import { textOf } from './body-text.ts';
import type { GraphAnswer, RequestOptions } from './contract.ts';
import type { AccessToken, TokenSource } from './credential.ts';
import { graphError, isPermissionRefusal, networkError, parseBody } from './errors.ts';
import { withRetry, type Wait } from './retry.ts';
import type { Sdk, SdkRequest } from './sdk.ts';
import type { Limiter } from './throttle.ts';

/** What every request of one tenant goes through. */
export interface Line {
  readonly tenantId: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly observe: OperationObserver | undefined;
  readonly budgetMs: number | undefined;
  readonly tokens: TokenSource;
  /** `https://graph.microsoft.com/.default` */
  readonly scope: string;
  readonly limiter: Limiter;
  readonly sdk: Sdk;
  /** Requests sent so far. */
  sent: number;
  /** Answers 429 so far, parts of a batch too. */
  throttled: number;
}

/** One request before it has a token. */
export interface Question {
  readonly method: 'GET' | 'POST';
  /** Without version and query. */
  readonly path: string;
  /** Absolute and already checked; takes the place of path and query. */
  readonly link: string | null;
  readonly body?: unknown;
  /** What the quota counts: the path, or those of a batch's parts. */
  readonly paths: readonly string[];
  readonly o: RequestOptions;
}

/** A token this old may lack a permission that was consented to since. */
const STALE_TOKEN_MS = 5 * 60_000;

/** From this attempt on a wait is told of without being asked. */
const LASTING_ATTEMPT = 4;

/** Asks until there is an answer: quota, token, retries, one fresh token after a 401. */
export async function ask(line: Line, q: Question): Promise<GraphAnswer> {
  let renewed = false;
  const operation = async (): Promise<GraphAnswer> => {
    try {
      return await attempt(line, q);
    } catch (error) {
      if (renewed || !(error instanceof GraphError) || error.status !== 401) throw error;
      renewed = true;
      return await attempt(line, q);
    }
  };
  const { clock, random, budgetMs } = line;
  const onWait = (wait: Wait): Promise<void> => told(line, q, wait);
  return await withRetry(operation, { clock, random, budgetMs, signal: q.o.signal, onWait });
}

async function attempt(line: Line, q: Question): Promise<GraphAnswer> {
  const { signal, quota = 'directory' } = q.o;
  await line.tokens.getToken(line.scope, signal);
  const release = await line.limiter.enter(quota, q.paths, signal);
  try {
    // Asked for again: the wait for the quota may have outlived the first.
    const token = await line.tokens.getToken(line.scope, signal);
    return await send(line, q, token).catch(async (error: unknown) => {
      forgetToken(line, error, token);
      if (error instanceof GraphError) await obey(line, q, error, error.retryAfterMs);
      throw error;
    });
  } finally {
    await release();
  }
}

async function send(line: Line, q: Question, token: AccessToken): Promise<GraphAnswer> {
  const request = sdkRequest(q, token.token);
  line.observe?.(`http:${q.method} ${q.link ? new URL(q.link).pathname : `/${request.version}${q.path}`}`);
  line.sent += 1;
  const startedAt = line.clock.now();
  let requestId: string | null = null;
  try {
    const response = await line.sdk.send(request);
    requestId = response.headers.get('request-id');
    // Read whole whatever it says: an answer left unread costs its connection.
    const answer = { status: response.status, headers: response.headers, text: await textOf(response) };
    if (response.status === 429) line.throttled += 1;
    if (!response.ok) throw graphError(answer, q.o, line.clock.now());
    return { body: parseBody(answer, q.o), requestId, startedAt };
  } catch (error) {
    q.o.signal?.throwIfAborted();
    throw error instanceof GraphError ? error : networkError(error, q.o, requestId);
  }
}

function forgetToken(line: Line, error: unknown, token: AccessToken): void {
  const unauthorized = error instanceof GraphError && error.status === 401;
  const stale = isPermissionRefusal(error) && line.clock.now() - token.obtainedAt > STALE_TOKEN_MS;
  if (unauthorized || stale) line.tokens.drop(token.token);
}

/** After a 429 nobody asks for that class before the wait is over. */
async function obey(line: Line, q: Question, error: GraphError, waitMs: number | null): Promise<void> {
  if (error.status !== 429 || waitMs === null) return;
  const until = line.clock.now() + waitMs;
  for (const path of q.paths) await line.limiter.block(q.o.quota ?? 'directory', path, until);
}

async function told(line: Line, q: Question, { error, waitMs, attempt: number }: Wait): Promise<void> {
  if (!(error instanceof GraphError)) return;
  const { status, code, requestId } = error;
  // One wait is everyday; that it goes on is what a person at the terminal wants to know.
  line.log[number >= LASTING_ATTEMPT ? 'info' : 'debug'](
    { tenant: line.tenantId, what: q.o.what, status, code, requestId, waitMs, attempt: number },
    'waiting',
  );
  await obey(line, q, error, waitMs);
}

function sdkRequest(q: Question, token: string): SdkRequest {
  return {
    method: q.method,
    path: q.path,
    version: q.o.version ?? 'v1.0',
    query: q.link === null ? (q.o.query ?? {}) : {},
    link: q.link,
    headers: {
      Accept: 'application/json',
      'User-Agent': 'tenantwatch',
      // Microsoft's support finds a request by it, and it is echoed.
      'client-request-id': randomUUID(),
      ...(q.method === 'GET' ? readHeaders(q.o.headers) : {}),
    },
    ...(q.body === undefined ? {} : { body: q.body }),
    token,
    signal: q.o.signal,
  };
}

/** New enum members by name, not as `unknownFutureValue` [Microsoft Learn: graph/best-practices-concept]. */
const KNOW_ENUMS = 'include-unknown-enum-members';

/** Headers of a read: ours and the caller's. Throws TypeError for a token of the caller's own. */
export function readHeaders(own: Readonly<Record<string, string>> = {}): Record<string, string> {
  const headers: Record<string, string> = { Prefer: KNOW_ENUMS };
  for (const [name, value] of Object.entries(own)) {
    if (/^authorization$/i.test(name))
      throw new TypeError('the token is not the caller’s: give no Authorization header');
    if (/^prefer$/i.test(name)) headers['Prefer'] = `${KNOW_ENUMS}, ${value}`;
    else headers[name] = value;
  }
  return headers;
}
