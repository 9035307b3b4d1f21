import type { Raw } from '../world.ts';
import { envelope, type GraphFailure } from './errors.ts';
import type { FaultRule } from './faults.ts';
import type { Version } from './route.ts';
import type { RouteMatch } from './routes/index.ts';
import type { Simulation } from './simulation.ts';
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

/** A request after it was looked at: where it goes, who sent it, what shall go wrong with it. */
export interface Arrival {
  readonly request: GraphRequest;
  readonly path: string;
  readonly queryText: string;
  readonly match: RouteMatch | null;
  readonly claims: TokenClaims | GraphFailure;
  readonly fault: FaultRule | null;
  readonly requestId: string;
}

const JSON_TYPE =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/** A JSON body, with 200 unless another status is given. */
export function success(simulation: Simulation, arrival: Arrival, body: Raw, status = 200): Answer {
  const headers = commonHeaders(simulation, arrival);
  if (!/odata\.metadata=none/i.test(arrival.request.header('accept') ?? '')) {
    return { status, headers, body: JSON.stringify(body) };
  }
  const type = JSON_TYPE.replace('metadata=minimal', 'metadata=none');
  return {
    status,
    headers: { ...headers, 'Content-Type': type },
    body: JSON.stringify(body, withoutMetadata),
  };
}

/** With `odata.metadata=none` only links and counts stay (OData JSON Format 4.01, section 3.1.3). */
function withoutMetadata(key: string, value: unknown): unknown {
  return /@odata\.(context|type)$/.test(key) ? undefined : value;
}

/** A failure in Graph's envelope. */
export function refusal(simulation: Simulation, arrival: Arrival, failure: GraphFailure): Answer {
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
