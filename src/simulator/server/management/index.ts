import { setTimeout as delay } from 'node:timers/promises';
import type { Raw } from '../../world.ts';
import { GraphFailure } from '../errors.ts';
import type { Answer } from '../exchange.ts';
import { faultAnswer, spoilAnswer } from '../fault-answers.ts';
import type { FaultRule } from '../faults.ts';
import { disordered, type Fraction } from '../random.ts';
import { managementAudiences, type Simulation } from '../simulation.ts';
import type { TenantState } from '../state.ts';
import type { TokenClaims } from '../tokens.ts';
import { admitManagement } from './quota.ts';
import { listContent, readContent } from './feed.ts';
import { auditingOff, ManagementFailure, missingPermission, wrongTenant } from './failure.ts';
import { listSubscriptions, startSubscription, stopSubscription } from './subscriptions.ts';

export interface ManagementRequest {
  readonly method: string;
  /** Path and query without leading slash. */
  readonly target: string;
  readonly header: (name: string) => string | undefined;
}

/** One request as an endpoint sees it. */
export interface ManagementCall {
  readonly simulation: Simulation;
  readonly tenant: TenantState;
  readonly claims: TokenClaims;
  readonly query: URLSearchParams;
  /** Path below `activity/feed/`. */
  readonly path: string;
  /** Virtual, UTC epoch ms. */
  readonly now: number;
}

/** What an endpoint answers: a body, and the header of a next page. */
export interface ManagementReply {
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `api/v1.0/{tenant}/activity/feed/…`; next pages are named with `v1` (reference, sample). */
const FEED = /^api\/v1(?:\.0)?\/([^/]+)\/activity\/feed\/(.+)$/;

export async function answerManagement(simulation: Simulation, request: ManagementRequest): Promise<Answer> {
  const [path = '', query = ''] = request.target.split('?');
  const [, tenantId = '', rest = ''] = FEED.exec(path) ?? [];
  simulation.counters.count(`${request.method} /feed/${rest.replace(/^audit\/.*/, 'audit/{id}')}`);
  const fault = simulation.faults.take(request.target, tenantId);
  if (fault?.kind === 'delay') await delay(fault.ms, undefined, { ref: false });
  const forced = faultAnswer(fault, (failure) =>
    refusal(new ManagementFailure(failure.status, `AF${failure.status}`, failure.message, failure.headers)),
  );
  if (forced) return forced;
  try {
    const call = callOf(simulation, request, { tenantId, path: rest, query });
    return spoil(fault, answered(dispatch(call, request.method)), simulation);
  } catch (error) {
    if (error instanceof ManagementFailure) return refusal(error);
    if (error instanceof GraphFailure) return unauthorized();
    throw error;
  }
}

/** Checks in the order in which a stranger would learn least. */
function callOf(
  simulation: Simulation,
  request: ManagementRequest,
  asked: { tenantId: string; path: string; query: string },
): ManagementCall {
  const now = simulation.clock.now();
  const token = /^Bearer (.+)$/i.exec(request.header('authorization') ?? '')?.[1] ?? null;
  const claims = simulation.signer.verify(token, managementAudiences(simulation), 'Bearer', now);
  const tenant = simulation.tenants.get(claims.tid);
  if (!tenant) throw new GraphFailure(401, 'InvalidAuthenticationToken', 'Invalid tenant.');
  if (asked.path === '') throw new ManagementFailure(404, 'AF50000', 'No such endpoint.');
  if (asked.tenantId.toLowerCase() !== tenant.id) throw wrongTenant(asked.tenantId, tenant.id);
  if (!claims.roles.includes('ActivityFeed.Read')) throw missingPermission(claims.roles);
  admitManagement(simulation, tenant.id, now);
  if (tenant.auditing === 'off') throw auditingOff(tenant.id);
  return { simulation, tenant, claims, query: new URLSearchParams(asked.query), path: asked.path, now };
}

function dispatch(call: ManagementCall, method: string): ManagementReply {
  const endpoint = `${method} ${call.path.replace(/\/$/, '')}`;
  if (endpoint === 'POST subscriptions/start') return startSubscription(call);
  if (endpoint === 'POST subscriptions/stop') return stopSubscription(call);
  if (endpoint === 'GET subscriptions/list') return listSubscriptions(call);
  if (endpoint === 'GET subscriptions/content') return listContent(call);
  if (endpoint.startsWith('GET audit/')) return readContent(call);
  throw new ManagementFailure(404, 'AF50000', 'No such endpoint.');
}

function answered({ body, headers = {} }: ManagementReply): Answer {
  return { status: 200, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) };
}

const JSON_HEADERS = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-cache' };

function refusal({ status, code, message, headers }: ManagementFailure): Answer {
  // Seen as 403 with single quotes, which is no JSON (graph-facts 13).
  const body =
    code === 'AF429'
      ? `{'error':{'code':'AF429','message':'${message}'}}`
      : JSON.stringify({ error: { code, message } } satisfies Raw);
  return { status, headers: { ...JSON_HEADERS, ...headers }, body };
}

/** The body of a 401 is from general knowledge (UNVERIFIED). */
function unauthorized(): Answer {
  const body = JSON.stringify({ Message: 'Authorization has been denied for this request.' });
  return { status: 401, headers: JSON_HEADERS, body };
}

function spoil(fault: FaultRule | null, answer: Answer, { origins, fraction }: Simulation): Answer {
  const spoiled = spoilAnswer(fault, answer);
  if (spoiled) return spoiled;
  const next = (link: string): Answer => ({ ...answer, headers: { ...answer.headers, NextPageUri: link } });
  switch (fault?.kind) {
    case 'foreign_next_link':
      return next('https://manage.foreign.example/api/v1/x/activity/feed/subscriptions/content?nextPage=1');
    case 'loop_next_link':
      return next(`${origins.management}/api/v1/loop/activity/feed/subscriptions/content?nextPage=1`);
    case 'shuffle':
      return { ...answer, body: disorderedList(answer.body, fraction) };
    default:
      return answer;
  }
}

/** A list in another order, some of it twice; anything else as it is. */
function disorderedList(body: string, fraction: Fraction): string {
  const list: unknown = JSON.parse(body);
  return Array.isArray(list) ? JSON.stringify(disordered(list, fraction)) : body;
}
