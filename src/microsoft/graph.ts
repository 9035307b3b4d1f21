import { ask, readHeaders, type Line, type Question } from './ask.ts';
import { openAuditQueries } from './audit-queries.ts';
import { runBatch, type BatchOptions } from './batch.ts';
import type { BatchRequest, Graph, GraphPage, RequestOptions } from './contract.ts';
import { openExchangeAdmin } from './exchange-admin.ts';
import { assertHosts } from './hosts.ts';
import { openLine, transportFor, type GraphOptions } from './line.ts';
import { openManagementActivity } from './management-activity.ts';
import { readPages } from './paging.ts';
import { assertPath } from './sdk.ts';
import { OUTLOOK_CONCURRENCY, partsPerBatch } from './throttle.ts';

export type { GraphOptions } from './line.ts';

/** Opens Microsoft Graph for one tenant. Throws ConfigError when its hosts are not those of its cloud. Close it. */
export function openGraph(options: GraphOptions): Graph {
  assertHosts(options.tenant.cloud, options.tenant.hosts);
  const transport = transportFor(options);
  const line = openLine(options, transport);
  const { graph, management, exchange = null } = options.tenant.hosts;
  return {
    cloud: options.tenant.cloud,
    activity: openManagementActivity(line, transport, management),
    auditQueries: openAuditQueries(line, graph, options.tenant.cloud),
    exchange: options.exchangeAdmin === true ? openExchangeAdmin(line, transport, exchange) : null,
    // async, so that a wrong path rejects like everything else.
    async get(path, o) {
      assertPath(path);
      return await ask(line, { method: 'GET', path, link: null, paths: [path], o });
    },
    pages: (path, o) => readAll(line, graph, path, null, o),
    followDelta: (link, o) => readAll(line, graph, '/', link, o),
    batch: (requests, o) => runBatch(requests, batchOptions(line, graph, o)),
    async roles() {
      return [...(await line.tokens.getToken(line.scope)).roles];
    },
    requests: () => line.sent,
    throttled: () => line.throttled,
    async close() {
      await line.tokens.close();
      await transport.close();
    },
  };
}

async function* readAll(
  line: Line,
  host: string,
  path: string,
  from: string | null,
  o: RequestOptions,
): AsyncGenerator<GraphPage, void, undefined> {
  if (from === null) assertPath(path);
  const rule = { host, version: o.version ?? 'v1.0' };
  const read = (link: string | null) =>
    ask(line, { method: 'GET', path, link, paths: [link === null ? path : pathOf(link)], o });
  yield* readPages(read, from, rule, o);
}

function batchOptions(line: Line, host: string, o: RequestOptions): BatchOptions {
  const quota = o.quota ?? 'directory';
  const { clock, random, budgetMs } = line;
  const headersOf = (request: BatchRequest) => ({ ...o.headers, ...request.headers });
  return {
    asked: o,
    clock,
    random,
    budgetMs,
    signal: o.signal,
    partsPerPost: partsPerBatch(quota),
    perMailbox: quota === 'outlook' ? OUTLOOK_CONCURRENCY : null,
    headers: (request) => readHeaders(headersOf(request)),
    post: (parts, requests) => ask(line, batchQuestion(parts, requests, o)),
    follow: (link, request) => readAll(line, host, request.path, link, { ...o, headers: headersOf(request) }),
    throttled: (request, waitMs) => {
      line.throttled += 1;
      return line.limiter.block(quota, request.path, clock.now() + waitMs);
    },
  };
}

function batchQuestion(parts: unknown, requests: readonly BatchRequest[], o: RequestOptions): Question {
  // The parts carry query and headers themselves.
  const { query: _query, headers: _headers, ...rest } = o;
  const paths = requests.map((request) => request.path);
  return { method: 'POST', path: '/$batch', link: null, body: { requests: parts }, paths, o: rest };
}

/** `/users/…` of a link, for the mailbox quota. */
function pathOf(link: string): string {
  return new URL(link).pathname.replace(/^\/[^/]+/, '');
}
