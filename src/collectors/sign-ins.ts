import type { Graph } from '../microsoft/index.ts';
import type { LogCollector, LogOptions, LogPage, Span } from './collector.ts';
import { createdBetween } from './odata.ts';
import { isUnsupportedQuery } from './refusal.ts';
import { reportLogs } from './settings.ts';

/**
 * Interactive user sign-ins. beta carries protocol, session, MFA detail and network; v1.0 lacks them and is taken
 * when configured, or when beta refuses the question itself (400, 404, 501), never because of a licence.
 * https://learn.microsoft.com/graph/api/signin-list
 */
export const signIns: LogCollector = {
  kind: 'log',
  source: 'sign-ins',
  feed: 'sign-ins',
  needs: { permission: 'AuditLog.Read.All', licence: 'p1' },
  settings: reportLogs,
  pages: readSignIns,
};

async function* readSignIns(graph: Graph, span: Span, options: LogOptions): AsyncGenerator<LogPage> {
  if (options.signInsApi === 'v1.0') {
    yield* readVersion(graph, span, options, 'v1.0');
    return;
  }
  let seen = false;
  try {
    for await (const page of readVersion(graph, span, options, 'beta')) {
      seen = true;
      yield page;
    }
  } catch (error) {
    const mayFallBack = options.signInsApi === 'auto' && !seen && isUnsupportedQuery(error);
    if (!mayFallBack) throw error;
    yield* readVersion(graph, span, options, 'v1.0');
  }
}

async function* readVersion(
  graph: Graph,
  span: Span,
  options: LogOptions,
  api: 'v1.0' | 'beta',
): AsyncGenerator<LogPage> {
  const pages = graph.pages('/auditLogs/signIns', {
    version: api,
    // 1,000 is the documented maximum and default page size.
    query: { $filter: createdBetween('createdDateTime', span), $top: '1000' },
    quota: 'reports',
    what: 'read sign-ins',
    needs: 'AuditLog.Read.All',
    signal: options.signal,
  });
  for await (const page of pages) yield { ...page, api };
}
