import type { Clock } from '../clock.ts';
import { GraphError } from '../errors.ts';
import type { BatchAnswer, BatchRequest, GraphAnswer, GraphPage } from './contract.ts';
import { graphError, isObject, isTransient, ownError, saysAnything, type Asked } from './errors.ts';
import { withRetry } from './retry.ts';
import { relativeUrl } from './sdk.ts';
import { mailboxOf } from './throttle.ts';

/** A part as it is posted: relative, without the version [Microsoft Learn: graph/json-batching]. */
export interface BatchPart {
  readonly id: string;
  readonly method: 'GET';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BatchOptions {
  readonly asked: Asked;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal?: AbortSignal | undefined;
  readonly budgetMs?: number | undefined;
  /** At most 20. */
  readonly partsPerPost: number;
  /** At most this many parts of one mailbox in a post: they run in parallel there; null = no limit. */
  readonly perMailbox: number | null;
  readonly headers: (request: BatchRequest) => Readonly<Record<string, string>>;
  /** Posts one `$batch`; retries of the whole are its business. */
  readonly post: (parts: readonly BatchPart[], requests: readonly BatchRequest[]) => Promise<GraphAnswer>;
  /** Reads on from a part's next link. */
  readonly follow: (link: string, request: BatchRequest) => AsyncGenerator<GraphPage>;
  /** A part was refused with 429. */
  readonly throttled: (request: BatchRequest, waitMs: number) => Promise<void>;
}

/** Every request's answer by id. Parts that fail for a while are asked again; what remains is a GraphError in the map. */
export async function runBatch(
  requests: readonly BatchRequest[],
  o: BatchOptions,
): Promise<Map<string, BatchAnswer>> {
  if (new Set(requests.map((request) => request.id)).size < requests.length) {
    throw new TypeError(`${o.asked.what}: two batch requests have the same id`);
  }
  const answers = new Map<string, BatchAnswer>();
  let pending = requests;
  let worst: GraphError | null = null;

  const round = async (): Promise<void> => {
    for (const chunk of chunks(pending, o)) await ask(chunk, answers, o);
    pending = pending.filter((request) => transientError(answers.get(request.id)) !== null);
    worst = longestWait(pending.map((request) => transientError(answers.get(request.id))));
    if (!worst) return;
    for (const request of throttledOnes(pending, answers))
      await o.throttled(request, worst.retryAfterMs ?? 0);
    throw worst;
  };
  const onWait = async ({ waitMs }: { waitMs: number }): Promise<void> => {
    for (const request of throttledOnes(pending, answers)) await o.throttled(request, waitMs);
  };
  try {
    // Only the parts' own failures: a post that failed as a whole was retried by itself.
    const judge = (error: unknown) =>
      error === worst
        ? { retry: true as const, afterMs: worst?.retryAfterMs ?? null }
        : { retry: false as const };
    await withRetry(round, { ...o, onWait, judge });
  } catch (error) {
    if (error !== worst || error === null) throw error;
  }
  return answers;
}

async function ask(
  chunk: readonly BatchRequest[],
  answers: Map<string, BatchAnswer>,
  o: BatchOptions,
): Promise<void> {
  const parts = chunk.map((request): BatchPart => {
    const headers = o.headers(request);
    return { id: request.id, method: 'GET', url: relativeUrl(request.path, request.query), headers };
  });
  const answer = await o.post(parts, chunk);
  const responses = byId(answer, o.asked);
  for (const request of chunk)
    answers.set(request.id, await settle(request, responses.get(request.id), answer, o));
}

function byId(answer: GraphAnswer, asked: Asked): Map<string, Record<string, unknown>> {
  const responses = answer.body['responses'];
  if (!Array.isArray(responses)) {
    throw ownError('malformed', asked, 'Graph sent a batch without responses', {
      status: 200,
      requestId: answer.requestId,
    });
  }
  return new Map(responses.filter(isObject).map((response) => [String(response['id']), response]));
}

async function settle(
  request: BatchRequest,
  response: Record<string, unknown> | undefined,
  whole: GraphAnswer,
  o: BatchOptions,
): Promise<BatchAnswer> {
  const headers = partHeaders(response);
  const requestId = headers.get('request-id') ?? whole.requestId;
  if (!response) {
    const error = ownError('missing_answer', o.asked, 'Graph left a part of a batch unanswered', {
      requestId,
    });
    return { ok: false, error };
  }
  const status = Number(response['status']);
  const body = response['body'];
  if (!Number.isInteger(status)) {
    return {
      ok: false,
      error: ownError('malformed', o.asked, 'Graph sent a part without a status', { requestId }),
    };
  }
  if (status < 200 || status >= 300) {
    headers.set('request-id', requestId ?? '');
    return {
      ok: false,
      error: graphError({ status, headers: presence(headers), text: textOf(body) }, o.asked, o.clock.now()),
    };
  }
  if (!isObject(body) || !isWhole(request, body)) {
    const wanted = request.one === true ? 'an object that says anything' : 'a list';
    const form = isObject(body) ? wanted : 'JSON';
    const error = ownError('malformed', o.asked, `Graph sent a part of a batch without ${form}`, {
      status,
      requestId,
    });
    return { ok: false, error };
  }
  return await complete(request, body, { requestId, startedAt: whole.startedAt }, o);
}

/** An answer that lost its list is no empty list: what it does not name would be taken for removed. */
function isWhole(request: BatchRequest, body: Record<string, unknown>): boolean {
  return request.one === true ? saysAnything(body) : Array.isArray(body['value']);
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body ?? '');
}

/** A part that goes on over pages is read to its end; it either has all of them or is an error. */
async function complete(
  request: BatchRequest,
  body: Record<string, unknown>,
  facts: { readonly requestId: string | null; readonly startedAt: number },
  o: BatchOptions,
): Promise<BatchAnswer> {
  const { '@odata.nextLink': link, ...rest } = body;
  if (typeof link !== 'string') return { ok: true, body, ...facts };
  const value: unknown[] = Array.isArray(rest['value']) ? [...(rest['value'] as unknown[])] : [];
  try {
    for await (const page of o.follow(link, request)) for (const record of page.records) value.push(record);
  } catch (error) {
    if (error instanceof GraphError) return { ok: false, error };
    throw error;
  }
  return { ok: true, body: { ...rest, value }, ...facts };
}

/** Splits into posts: never more parts than allowed, never more of one mailbox than may run in parallel. */
function chunks(requests: readonly BatchRequest[], o: BatchOptions): BatchRequest[][] {
  const all: BatchRequest[][] = [];
  const fits = (chunk: BatchRequest[], request: BatchRequest): boolean =>
    chunk.length < o.partsPerPost && (o.perMailbox === null || ofMailbox(chunk, request) < o.perMailbox);
  for (const request of requests) {
    const chunk = all.find((candidate) => fits(candidate, request));
    if (chunk) chunk.push(request);
    else all.push([request]);
  }
  return all;
}

function ofMailbox(chunk: readonly BatchRequest[], request: BatchRequest): number {
  const mailbox = mailboxOf(request.path);
  return chunk.filter((other) => mailboxOf(other.path) === mailbox).length;
}

function throttledOnes(
  pending: readonly BatchRequest[],
  answers: ReadonlyMap<string, BatchAnswer>,
): readonly BatchRequest[] {
  return pending.filter((request) => transientError(answers.get(request.id))?.status === 429);
}

function transientError(answer: BatchAnswer | undefined): GraphError | null {
  return answer && !answer.ok && isTransient(answer.error) ? answer.error : null;
}

/** The one whose Retry-After is the longest: nobody is asked before all may be. */
function longestWait(errors: readonly (GraphError | null)[]): GraphError | null {
  return errors.reduce((worst, error) => {
    if (!error || !worst) return error ?? worst;
    return (error.retryAfterMs ?? -1) > (worst.retryAfterMs ?? -1) ? error : worst;
  }, null);
}

function partHeaders(response: Record<string, unknown> | undefined): Map<string, string> {
  const headers = response?.['headers'];
  if (!isObject(headers)) return new Map();
  return new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function presence(headers: ReadonlyMap<string, string>): { get(name: string): string | null } {
  return { get: (name) => headers.get(name) || null };
}
