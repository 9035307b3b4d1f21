import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Raw } from '../world.ts';
import { answerBatch } from './batch.ts';
import { badRequest, GraphFailure, insufficientPrivileges } from './errors.ts';
import { refusal, success, type Answer, type Arrival, type GraphRequest } from './exchange.ts';
import { applyToBody, faultAnswer } from './fault-answers.ts';
import { parseQuery, refuseOthers } from './query.ts';
import { checkQuotas } from './quotas.ts';
import type { RouteCall } from './route.ts';
import { matchRoute, type RouteMatch } from './routes/index.ts';
import { deltaGone } from './routes/delta.ts';
import { graphAudiences, type Simulation } from './simulation.ts';
import type { ReturnScope } from './throttle.ts';

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
  const match = safeMatch(path, request.method);
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

function safeMatch(path: string, method: string): RouteMatch | null {
  try {
    return matchRoute(path, method);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

function authenticate(simulation: Simulation, request: GraphRequest): RouteCall['claims'] | GraphFailure {
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
    return applyToBody(
      arrival.fault,
      success(simulation, arrival, body, arrival.match?.route.status),
      simulation,
      arrival,
    );
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
  if (request.method !== (match.route.method ?? 'GET')) {
    throw new GraphFailure(405, 'BadRequest', 'Specified HTTP method is not allowed for the request target.');
  }
  checkQuotas(simulation, { path, queryText: arrival.queryText, match, claims });
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

/** Holds one of the mailbox's four places for a moment, so that what is sent at once is also there at once. */
async function inMailbox(
  simulation: Simulation,
  tenant: RouteCall['tenant'],
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
  tenant: RouteCall['tenant'],
  claims: RouteCall['claims'],
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
    body: request.body,
    now: simulation.clock.now(),
    disorder: fault?.kind === 'shuffle',
  };
}
