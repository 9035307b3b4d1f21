import {
  AuthenticationHandler,
  AuthenticationHandlerOptions,
  Client,
  ResponseType,
  type Context,
  type Middleware,
  type MiddlewareOptions,
} from '@microsoft/microsoft-graph-client';
import type { Transport } from './transport.ts';

/** One request as the SDK is asked for it. */
export interface SdkRequest {
  readonly method: 'GET' | 'POST';
  /** Without version and query. Ignored in favour of `link` when there is one. */
  readonly path: string;
  readonly version: string;
  readonly query: Readonly<Record<string, string>>;
  /** Absolute, already checked to lead to the same origin. */
  readonly link: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly token: string;
  readonly signal?: AbortSignal | undefined;
}

/** The Graph SDK as URL builder and token attacher; the answer comes back raw, whatever its status. */
export interface Sdk {
  send(request: SdkRequest): Promise<Response>;
}

/** What one request tells the last middleware, and what it tells back: the SDK drops causes. */
class AttemptOptions implements MiddlewareOptions {
  readonly link: string | null;
  failure: unknown = null;

  constructor(link: string | null) {
    this.link = link;
  }
}

/** The end of the chain. A link is sent letter by letter: the SDK would reorder its query and drop repeated names. */
class TransportHandler implements Middleware {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async execute(context: Context): Promise<void> {
    const found = context.middlewareControl?.getMiddlewareOptions(AttemptOptions);
    const attempt = found instanceof AttemptOptions ? found : new AttemptOptions(null);
    const url = attempt.link ?? (typeof context.request === 'string' ? context.request : context.request.url);
    const { method = 'GET', headers, body, signal } = context.options ?? {};
    try {
      context.response = await this.#transport.send(url, {
        method,
        // The SDK keeps them as the plain object it was given.
        headers: { ...(headers as Record<string, string>) },
        ...(typeof body === 'string' ? { body } : {}),
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      attempt.failure = error;
      throw error;
    }
  }
}

export function openSdk(graphHost: string, transport: Transport): Sdk {
  const unset = { getAccessToken: () => Promise.reject(new Error('a request without a token')) };
  const authentication = new AuthenticationHandler(unset);
  authentication.setNext(new TransportHandler(transport));
  const client = Client.initWithMiddleware({
    middleware: authentication,
    baseUrl: graphHost,
    // The SDK sends a token to its own list of Graph hosts and to these; names only, a port would never match.
    customHosts: new Set([new URL(graphHost).hostname.toLowerCase()]),
  });

  return {
    async send(request) {
      const attempt = new AttemptOptions(request.link);
      const provider = { getAccessToken: () => Promise.resolve(request.token) };
      const built = client
        .api(request.link ?? request.path)
        .version(request.version)
        .query(encoded(request.query))
        .headers({ ...request.headers })
        .responseType(ResponseType.RAW)
        .middlewareOptions([new AuthenticationHandlerOptions(provider), attempt]);
      if (request.signal) built.option('signal', request.signal);
      try {
        const sent: unknown = await (request.method === 'GET' ? built.get() : built.post(request.body));
        return sent as Response;
      } catch (error) {
        throw attempt.failure ?? error;
      }
    },
  };
}

/** The SDK does not encode values: `R&D + x#1` would arrive cut in two (dependency notes, trap 15). */
function encoded(query: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, encodeURIComponent(value)]));
}

/** `/path?query` for a `$batch` part, encoded alike. */
export function relativeUrl(path: string, query: Readonly<Record<string, string>> = {}): string {
  assertPath(path);
  const pairs = Object.entries(encoded(query)).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

/** Throws TypeError for a path that could mean another place: ids come from tenants, so their segments must be encoded. */
export function assertPath(path: string): void {
  const odd = !path.startsWith('/') || path.includes('//') || /[?#\\\s]/.test(path);
  const dots = path.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
  if (odd || dots)
    throw new TypeError(`Graph path ${JSON.stringify(path)}: encode its segments, give no query`);
}
