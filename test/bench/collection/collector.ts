import type { Clock } from '../../../src/clock.ts';
import type { LogCollector, LogPage, LogSettings, Span } from '../../../src/collectors/index.ts';
import { reportLogs, riskLogs } from '../../../src/collectors/settings.ts';
import type { Graph } from '../../../src/microsoft/index.ts';
import type { Feed } from './feed.ts';
import type { TraceSource } from './trace.ts';

const SHIPPED: Readonly<Record<string, LogSettings>> = {
  'sign-ins': reportLogs,
  'risk-detections': riskLogs,
};

/** The shipped settings of the source; without `deep` its deep reconciliation never comes. */
export function settingsOf(source: TraceSource, deep: boolean): LogSettings {
  const shipped = SHIPPED[source.name];
  if (shipped?.latenessMs !== source.latenessMs)
    throw new Error(`bench collection: the trace of ${source.name} has another L than its settings`);
  const never = { free: Number.MAX_SAFE_INTEGER, p1: Number.MAX_SAFE_INTEGER };
  return { ...shipped, intervalMs: source.intervalMs, deepEveryMs: deep ? shipped.deepEveryMs : never };
}

/** A collector of the product that asks the feed instead of Graph. */
export function collectorOf(feed: Feed, clock: Clock, settings: LogSettings): LogCollector {
  return {
    kind: 'log',
    source: feed.trace.source.name,
    feed: 'sign-ins',
    needs: { permission: 'AuditLog.Read.All', licence: 'p1' },
    settings,
    async *pages(_graph: Graph, span: Span): AsyncGenerator<LogPage> {
      await Promise.resolve();
      for (const page of feed.pages(span.from, span.to, clock.now())) {
        const records = page.records.map(({ id, at }) => ({
          id,
          createdDateTime: new Date(at).toISOString(),
          status: { errorCode: 0 },
        }));
        const nextLink = page.last ? null : 'next';
        yield { records, nextLink, deltaLink: null, requestId: null, startedAt: clock.now(), api: 'beta' };
      }
    },
  };
}
