import type { Raw } from '../world.ts';
import { GraphFailure } from './errors.ts';
import type { FaultRule } from './faults.ts';
import type { Answer, GraphRequest } from './exchange.ts';
import { shuffled } from './random.ts';
import type { Simulation } from './simulation.ts';

const HTML =
  '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>';

const PORTAL = '<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please sign in.</body></html>';

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** What a gateway, a proxy or a hotel's page in front of the service says in its place, and what is no answer at all. */
const INSTEAD: ReadonlyMap<FaultRule['kind'], Answer> = new Map<FaultRule['kind'], Answer>([
  ['html', { status: 502, headers: { 'Content-Type': 'text/html' }, body: HTML }],
  ['portal', { status: 200, headers: { 'Content-Type': 'text/html' }, body: PORTAL }],
  ['empty', { status: 200, headers: JSON_TYPE, body: '' }],
  ['no_object', { status: 200, headers: JSON_TYPE, body: '{}' }],
  ['close', { status: 200, headers: {}, body: '', damage: 'close' }],
]);

/** The answer of a fault that needs no real one; null for the others. `refuse` writes the service's error envelope. */
export function faultAnswer(
  fault: FaultRule | null,
  refuse: (failure: GraphFailure) => Answer,
): Answer | null {
  const instead = fault && INSTEAD.get(fault.kind);
  if (instead) return instead;
  if (fault?.kind !== 'status') return null;
  const { status, body, headers } = fault;
  const failure = new GraphFailure(
    status,
    codeOf(status),
    'The simulator was told to fail here.',
    canonical(headers),
  );
  const answer = refuse(failure);
  if (body === undefined) return answer;
  return { ...answer, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

function canonical(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      /^retry-after$/i.test(name) ? 'Retry-After' : name,
      value,
    ]),
  );
}

/** Codes of concepts/errors.md; others get the one that Graph gives when it knows none. */
function codeOf(status: number): string {
  const codes: Record<number, string> = {
    401: 'InvalidAuthenticationToken',
    403: 'Authorization_RequestDenied',
    404: 'Request_ResourceNotFound',
    429: 'TooManyRequests',
    500: 'InternalServerError',
    503: 'serviceNotAvailable',
    504: 'UnknownError',
  };
  return codes[status] ?? 'UnknownError';
}

/** What spoils the answer of every server alike; null where the fault asks for something else. */
export function spoilAnswer(fault: FaultRule | null, answer: Answer): Answer | null {
  switch (fault?.kind) {
    case 'malformed':
      return { ...answer, body: `${answer.body.slice(0, -1)},,` };
    case 'plain_type':
      return { ...answer, headers: { ...answer.headers, 'Content-Type': 'text/plain; charset=utf-8' } };
    case 'truncated':
      return { ...answer, damage: 'truncated' };
    default:
      return null;
  }
}

/** Spoils a good answer as the fault says. Parts of a batch have no connection of their own to fail. */
export function applyToBody(
  fault: FaultRule | null,
  answer: Answer,
  simulation: Simulation,
  arrival: { readonly request: GraphRequest },
): Answer {
  const { request } = arrival;
  if (request.part && fault?.kind === 'truncated') return answer;
  const spoiled = spoilAnswer(fault, answer);
  if (spoiled) return spoiled;
  switch (fault?.kind) {
    case 'foreign_next_link':
      return withNextLink(answer, 'https://graph.foreign.example/v1.0/auditLogs/signIns?$skiptoken=1');
    case 'loop_next_link':
      return withNextLink(answer, `${simulation.origins.graph}/${request.version}/${request.target}`);
    case 'no_delta_link':
      return withoutDeltaLink(answer);
    case 'shuffle':
      // A page that continues an ordinary result: at least its own records change places.
      return shuffledPage(answer, simulation);
    default:
      return answer;
  }
}

function withNextLink(answer: Answer, link: string): Answer {
  const { '@odata.deltaLink': _dropped, ...body } = JSON.parse(answer.body) as Raw;
  return { ...answer, body: JSON.stringify({ ...body, '@odata.nextLink': link }) };
}

function withoutDeltaLink(answer: Answer): Answer {
  const { '@odata.deltaLink': _dropped, ...body } = JSON.parse(answer.body) as Raw;
  return { ...answer, body: JSON.stringify(body) };
}

function shuffledPage(answer: Answer, simulation: Simulation): Answer {
  const body = JSON.parse(answer.body) as Raw;
  if (!Array.isArray(body['value'])) return answer;
  return {
    ...answer,
    body: JSON.stringify({ ...body, value: shuffled(body['value'], simulation.fraction) }),
  };
}
