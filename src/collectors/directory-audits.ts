import type { Graph } from '../microsoft/index.ts';
import type { LogCollector, LogOptions, LogPage, Span } from './collector.ts';
import { createdBetween } from './odata.ts';
import { reportLogs } from './settings.ts';

/** Directory audits: work on every tenant, kept 7 days without P1. https://learn.microsoft.com/graph/api/directoryaudit-list */
export const directoryAudits: LogCollector = {
  kind: 'log',
  source: 'directory-audits',
  feed: 'directory-audits',
  needs: { permission: 'AuditLog.Read.All', licence: null },
  settings: reportLogs,
  pages: readAudits,
};

async function* readAudits(graph: Graph, span: Span, options: LogOptions): AsyncGenerator<LogPage> {
  const pages = graph.pages('/auditLogs/directoryAudits', {
    // The maximum is not documented: a smaller page is followed by its next link all the same.
    query: { $filter: createdBetween('activityDateTime', span), $top: '1000' },
    quota: 'reports',
    what: 'read directory audits',
    needs: 'AuditLog.Read.All',
    signal: options.signal,
  });
  for await (const page of pages) yield { ...page, api: 'v1.0' };
}
