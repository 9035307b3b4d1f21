import { GraphError } from '../errors.ts';
import { isContentGone, type Content, type ContentType, type Graph } from '../microsoft/index.ts';
import type { LogCollector, LogOptions, LogPage, Span } from './collector.ts';
import { auditLogs } from './settings.ts';

/** One of the subscriptions to the unified audit log. */
export interface AuditLog {
  readonly source: string;
  readonly contentType: ContentType;
  /** Verb and object for error messages. */
  readonly what: string;
  readonly intervalMs: number;
}

const PERMISSION = 'ActivityFeed.Read';

/**
 * A part of the unified audit log through the Office 365 Management Activity API. Its windows are spans of
 * `contentCreated`: content is put together whenever records arrive, so that a window read once holds whatever was in it,
 * however old the events are. Pieces of content never change and are read once.
 * https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference
 */
export function auditCollector(log: AuditLog): LogCollector {
  return {
    kind: 'log',
    source: log.source,
    feed: 'unified-audit',
    needs: { permission: PERMISSION, of: 'Office 365 Management APIs', licence: null },
    settings: { ...auditLogs, intervalMs: log.intervalMs },
    searchable: true,
    begin: (graph, signal) => graph.activity.start(log.contentType, { ...request(log), signal }),
    pages: (graph, span, options) => readContent(log, graph, span, options),
  };
}

function request({ what }: AuditLog) {
  return { what, needs: PERMISSION };
}

async function* readContent(
  log: AuditLog,
  graph: Graph,
  span: Span,
  options: LogOptions,
): AsyncGenerator<LogPage> {
  const o = { ...request(log), signal: options.signal };
  const { contents, startedAt } = await graph.activity.list(log.contentType, span.from, span.to, o);
  const known = (await options.partsRead?.(contents.map(({ id }) => id))) ?? new Set<string>();
  let lost: GraphError | null = null;
  for (const content of contents) {
    if (known.has(content.id)) continue;
    const page = await readPiece(graph, content, o);
    // A piece that cannot be had keeps nobody from reading the others; the window fails for it in the end.
    if (page instanceof GraphError) lost ??= page;
    else yield page;
  }
  if (lost !== null) throw lost;
  yield { records: [], nextLink: null, deltaLink: null, requestId: null, startedAt, api: 'management' };
}

async function readPiece(
  graph: Graph,
  content: Content,
  o: Parameters<Graph['activity']['read']>[1],
): Promise<LogPage | GraphError> {
  try {
    const { records, requestId, startedAt } = await graph.activity.read(content, o);
    return {
      records,
      // More follows: the page that ends the window is an empty one.
      nextLink: content.uri,
      deltaLink: null,
      requestId,
      startedAt,
      api: 'management',
      readableAt: content.createdAt,
      part: { id: content.id, createdAt: content.createdAt },
    };
  } catch (error) {
    if (isOfThisPiece(error)) return error;
    throw error;
  }
}

function isOfThisPiece(error: unknown): error is GraphError {
  if (!(error instanceof GraphError)) return false;
  return isContentGone(error) || error.code === 'malformed' || error.status === 404;
}
