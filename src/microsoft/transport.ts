import { rootCertificates } from 'node:tls';
import { Agent, EnvHttpProxyAgent, fetch as undiciFetch, type RequestInit as UndiciInit } from 'undici';

/** ms per attempt. Tokens and data share them. */
export interface Timeouts {
  /** Until the answer's headers; also for connecting. */
  readonly headersMs: number;
  /** Between two pieces of the body. */
  readonly bodyMs: number;
  /** For one attempt as a whole: a body that trickles would otherwise never end. */
  readonly totalMs: number;
}

/** Microsoft cuts a long filter off after 300 s (fact sheet, section 1): waiting longer is pointless. */
export const DEFAULT_TIMEOUTS: Timeouts = { headersMs: 30_000, bodyMs: 60_000, totalMs: 300_000 };

/** What HTTPS_PROXY and NO_PROXY mean; the configuration reads them. */
export interface ProxyOptions {
  readonly httpsProxy: string;
  readonly noProxy?: string;
}

export interface TransportOptions {
  /** Certificate authorities to trust besides the built-in ones (`only`: instead of them). */
  readonly ca?: { readonly pem: string; readonly only: boolean };
  readonly timeouts?: Partial<Timeouts>;
  readonly proxy?: ProxyOptions;
}

/** What one request says. A body is a text that may be sent again. */
export interface Outgoing {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** The one way out to Microsoft: own trust, time-outs and proxy; redirects are answers, never followed. */
export interface Transport {
  send(url: string, request: Outgoing): Promise<Response>;
  close(): Promise<void>;
}

/** Idle connections live this long, so that a poll every 2 min finds none open but the pages of one run share one. */
const KEEP_ALIVE_MS = 30_000;

/** More would only queue inside Microsoft's quotas. */
const CONNECTIONS_PER_HOST = 8;

export function openTransport(options: TransportOptions): Transport {
  const timeouts: Timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const dispatcher = openDispatcher(options, timeouts);
  return {
    async send(url, request) {
      const limit = AbortSignal.timeout(timeouts.totalMs);
      const init: UndiciInit = {
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
        redirect: 'manual',
        dispatcher,
        signal: request.signal ? AbortSignal.any([request.signal, limit]) : limit,
      };
      // undici's Response and the platform's are one interface under two names.
      return (await undiciFetch(url, init)) as unknown as Response;
    },
    // destroy, not close: a caller that gave up has nothing left to wait for.
    close: () => dispatcher.destroy(),
  };
}

function openDispatcher(options: TransportOptions, timeouts: Timeouts): Agent | EnvHttpProxyAgent {
  const tls = { ca: trusted(options.ca), timeout: timeouts.headersMs };
  const shared = {
    connect: tls,
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.bodyMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connections: CONNECTIONS_PER_HOST,
  };
  if (!options.proxy) return new Agent(shared);
  const { httpsProxy, noProxy = '' } = options.proxy;
  // Every value is given, else undici reads the process environment, which belongs to the configuration.
  return new EnvHttpProxyAgent({ ...shared, requestTls: tls, httpProxy: httpsProxy, httpsProxy, noProxy });
}

// Undefined keeps Node's own list, which NODE_EXTRA_CA_CERTS extends.
function trusted(ca: TransportOptions['ca']): string[] | undefined {
  if (!ca) return undefined;
  return ca.only ? [ca.pem] : [...rootCertificates, ca.pem];
}
