import type { Graph } from '../microsoft/index.ts';
import { riskUpdatedAt } from '../records/index.ts';
import type { LogCollector, LogOptions, LogPage, LogSettings, SourceNeeds, Span } from './collector.ts';
import { createdBetween } from './odata.ts';
import { isUnsupportedQuery } from './refusal.ts';

/** One of the two logs of Entra ID Protection. */
export interface RiskLog {
  readonly source: string;
  readonly path: string;
  /** Largest page where it is documented; left out, the service's own size (20) is followed by its next links. */
  readonly pageSize?: string;
  readonly what: string;
  readonly needs: SourceNeeds;
  readonly settings: LogSettings;
}

/**
 * Risk detections. Windows are spans of `lastUpdatedDateTime`: a detection is made hours to days after what it is about
 * and changed when somebody confirms or dismisses it, so that no span of event time is ever complete. Should the service
 * refuse to filter by it, `detectedDateTime` is asked for: then changes are seen by the daily reconciliation only.
 * https://learn.microsoft.com/graph/api/riskdetection-list
 */
export function riskLog(log: RiskLog): LogCollector {
  return {
    kind: 'log',
    source: log.source,
    feed: log.source,
    needs: log.needs,
    settings: log.settings,
    pages: (graph, span, options) => readDetections(log, graph, span, options),
  };
}

async function* readDetections(
  log: RiskLog,
  graph: Graph,
  span: Span,
  options: LogOptions,
): AsyncGenerator<LogPage> {
  let seen = false;
  try {
    for await (const page of readBy('lastUpdatedDateTime', log, graph, span, options)) {
      seen = true;
      yield page;
    }
  } catch (error) {
    if (seen || !isUnsupportedQuery(error)) throw error;
    yield* readBy('detectedDateTime', log, graph, span, options);
  }
}

async function* readBy(
  time: 'lastUpdatedDateTime' | 'detectedDateTime',
  log: RiskLog,
  graph: Graph,
  span: Span,
  options: LogOptions,
): AsyncGenerator<LogPage> {
  const pages = graph.pages(log.path, {
    query: {
      $filter: createdBetween(time, span),
      ...(log.pageSize === undefined ? {} : { $top: log.pageSize }),
    },
    quota: 'identity_protection',
    what: log.what,
    needs: log.needs.permission,
    signal: options.signal,
  });
  for await (const page of pages) yield { ...page, api: 'v1.0', windowTimeOf: riskUpdatedAt };
}
