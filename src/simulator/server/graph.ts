import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Raw } from '../world.ts';
import { answerBatch } from './batch.ts';
import { badRequest, envelope, GraphFailure, insufficientPrivileges } from './errors.ts';
import type { FaultRule } from './faults.ts';
import { applyToBody, faultAnswer } from './fault-answers.ts';
import { parseQuery, refuseOthers } from './query.ts';
import type { RouteCall, Version } from './route.ts';
import { matchRoute } from './routes/index.ts';
import type { RouteMatch } from './routes/index.ts';
import { deltaGone } from './routes/users-delta.ts';
import { graphAudiences } from './simulation.ts';
import type { Simulation } from './simulation.ts';
import type { TenantState } from './state.ts';
import type { ReturnScope } from './throttle.ts';
import type { TokenClaims } from './tokens.ts';

/** A request to Graph, direct or as part of a batch. */
export interface GraphRequest {
  readonly method: string;
  readonly version: Version;
  /** Path and query after the version, without leading slash. */
  readonly target: string;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
  /** Number of the HTTP request; the parts of a batch share it. */
  readonly number: number;
  readonly part: boolean;
}

/** An answer before it goes on the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; empty for none. */
  readonly body: string;
  /** How the connection is to fail while the answer is sent. */
  readonly damage?: 'truncated' | 'close';
}

interface Arrival {
  readonly request: GraphRequest;
  readonly path: string;
  readonly queryText: string;
  readonly match: RouteMatch | null;
  readonly claims: TokenClaims | GraphFailure;
  readonly fault: FaultRule | null;
  readonly requestId: string;
}

export async function answerGraph(simulation: Simulation, request: GraphRequest): Promise<Answer> {
  const arrival = receive(simulation, request);
  const scope = scopeOf(arrival);
  if (scope) noteArrival(simulation, scope, request.number);
  if (arrival.fault?.kind === 'delay') await delay(arrival.fault.ms, undefined, { ref: false });
  const forced = faultAnswer(arrival.fault, (failure) => refusal(simulation, arrival, failure));
  const answer = forced ?? (await answerArrival(simulation, arrival));
  if (answer.status === 429) simulation.counters.report.throttled++;
  const wait = answer.headers['Retry-After'];
  const concurrency = arrival.match?.route.bucket === 'outlook' && !forced;
  if (scope && wait !== undefined && !concurrency) {
    simulation.watch.noteRefusal(scope, wait, simulation.clock.now(), request.number);
  }
  return answer;
}

function receive(simulation: Simulation, request: GraphRequest): Arrival {
  const [path = '', ...query] = request.target.split('?');
  const match = safeMatch(path);
  const claims = authenticate(simulation, request);
  const tenant = claims instanceof GraphFailure ? null : claims.tid;
  const pattern = match?.route.pattern ?? (isBatch(path) ? '$batch' : 'unknown');
  simulation.counters.count(`${request.method} /${request.version}/${pattern}`);
  const target = `${request.version}/${request.target}`.replaceAll('%24', '$');
  return {
    request,
    path,
    queryText: query.join('?'),
    match,
    claims,
    fault: simulation.faults.take(target, tenant),
    requestId: randomUUID(),
  };
}

function isBatch(path: string): boolean {
  return path === '$batch' || path.toLowerCase() === '%24batch';
}

function safeMatch(path: string): RouteMatch | null {
  try {
    return matchRoute(path);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

function authenticate(simulation: Simulation, request: GraphRequest): TokenClaims | GraphFailure {
  const token = /^Bearer (.+)$/i.exec(request.header('authorization') ?? '')?.[1] ?? null;
  // graph-facts E; the client id is Microsoft Graph's own.
  const challenge = `Bearer realm="", authorization_uri="${simulation.origins.authority}/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`;
  try {
    return simulation.signer.verify(token, graphAudiences(simulation), challenge, simulation.clock.now());
  } catch (error) {
    if (error instanceof GraphFailure) return error;
    throw error;
  }
}

function scopeOf({ claims, match, request }: Arrival): ReturnScope | null {
  if (claims instanceof GraphFailure || !match) return null;
  const { pattern, bucket } = match.route;
  const scope = bucket === undefined || bucket === 'outlook' ? pattern : bucket;
  return { tenant: claims.tid, app: claims.appid, scope, route: `/${request.version}/${pattern}` };
}

function noteArrival(simulation: Simulation, scope: ReturnScope, number: number): void {
  const early = simulation.watch.noteArrival(scope, simulation.clock.now(), number);
  if (early) simulation.counters.report.early_returns.push(early);
}

async function answerArrival(simulation: Simulation, arrival: Arrival): Promise<Answer> {
  try {
    const body = await respond(simulation, arrival);
    return applyToBody(arrival.fault, success(simulation, arrival, body), simulation, arrival);
  } catch (error) {
    if (error instanceof GraphFailure) return refusal(simulation, arrival, error);
    throw error;
  }
}

async function respond(simulation: Simulation, arrival: Arrival): Promise<Raw> {
  const { claims, match, request, path } = arrival;
  if (claims instanceof GraphFailure) throw claims;
  const tenant = simulation.tenants.get(claims.tid);
  if (!tenant) throw new GraphFailure(401, 'InvalidAuthenticationToken', 'Invalid tenant.');
  if (isBatch(path)) return answerBatch(simulation, request, answerGraph);
  if (!match) throw badRequest(`Resource not found for the segment '${path.split('/')[0] ?? ''}'.`);
  if (request.method !== 'GET') {
    throw new GraphFailure(405, 'BadRequest', 'Specified HTTP method is not allowed for the request target.');
  }
  throttle(simulation, match, claims);
  if (!match.route.permissions.some((permission) => claims.roles.includes(permission))) {
    throw insufficientPrivileges();
  }
  if (arrival.fault?.kind === 'delta_gone') {
    throw deltaGone({ simulation, version: request.version, path }, 'resyncRequired');
  }
  const query = parseQuery(arrival.queryText);
  refuseOthers(query, match.route.options);
  return inMailbox(simulation, tenant, arrival, match, () =>
    match.route.answer(callOf(simulation, arrival, tenant, claims, { match, query })),
  );
}

/** Text and code of 429: concepts/throttling.md. */
function throttle(simulation: Simulation, { route }: RouteMatch, claims: TokenClaims): void {
  if (route.bucket === undefined || route.bucket === 'outlook') return;
  const refused = simulation.throttle.admit(route.bucket, claims.tid, claims.appid, simulation.clock.now());
  if (!refused) return;
  const headers: Record<string, string> =
    refused.retryAfterS === null ? {} : { 'Retry-After': String(refused.retryAfterS) };
  throw new GraphFailure(429, 'TooManyRequests', 'Too many requests', headers);
}

/** Holds one of the mailbox's four places for a moment, so that what is sent at once is also there at once. */
async function inMailbox(
  simulation: Simulation,
  tenant: TenantState,
  { claims }: Arrival,
  { route, params }: RouteMatch,
  answer: () => Raw,
): Promise<Raw> {
  if (route.bucket !== 'outlook' || claims instanceof GraphFailure) return answer();
  const mailbox = `${tenant.id}|${claims.appid}|${(params[0] ?? '').toLowerCase()}`;
  if (!simulation.throttle.enterMailbox(mailbox)) {
    const message = 'Application is over its MailboxConcurrency limit.';
    throw new GraphFailure(429, 'ApplicationThrottled', message, { 'Retry-After': '1' });
  }
  try {
    await delay(2);
    return answer();
  } finally {
    simulation.throttle.leaveMailbox(mailbox);
  }
}

function callOf(
  simulation: Simulation,
  { request, path, fault }: Arrival,
  tenant: TenantState,
  claims: TokenClaims,
  { match, query }: { readonly match: RouteMatch; readonly query: RouteCall['query'] },
): RouteCall {
  return {
    simulation,
    tenant,
    claims,
    version: request.version,
    path,
    params: match.params,
    query,
    header: request.header,
    now: simulation.clock.now(),
    disorder: fault?.kind === 'shuffle',
  };
}

const JSON_TYPE =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

function success(simulation: Simulation, arrival: Arrival, body: Raw): Answer {
  return { status: 200, headers: commonHeaders(simulation, arrival), body: JSON.stringify(body) };
}

function refusal(simulation: Simulation, arrival: Arrival, failure: GraphFailure): Answer {
  const { requestId } = arrival;
  const clientRequestId = arrival.request.header('client-request-id') ?? requestId;
  const body = envelope(failure, { requestId, clientRequestId, now: simulation.clock.now() });
  const headers = { ...commonHeaders(simulation, arrival), ...failure.headers };
  return { status: failure.status, headers, body: JSON.stringify(body) };
}

function commonHeaders(simulation: Simulation, { request, requestId }: Arrival): Record<string, string> {
  const server = {
    DataCenter: 'Germany West Central',
    Slice: 'E',
    Ring: '5',
    ScaleUnit: '000',
    RoleInstance: 'SIM',
  };
  return {
    'Content-Type': JSON_TYPE,
    'Cache-Control': 'no-cache',
    'request-id': requestId,
    'client-request-id': request.header('client-request-id') ?? requestId,
    'x-ms-ags-diagnostic': JSON.stringify({ ServerInfo: server }),
    'odata-version': '4.0',
    Date: new Date(simulation.clock.now()).toUTCString(),
  };
}
