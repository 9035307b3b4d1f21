import { GraphError } from '../errors.ts';
import { isPermissionRefusal, type Graph } from '../microsoft/index.ts';
import type { Cloud } from '../model/tenant.ts';
import { defenderUpdatedAt } from '../records/index.ts';
import { cleanWord } from '../text/hostile.ts';
import type { LogCollector, LogOptions, LogPage, SourceNeeds, Span } from './collector.ts';
import { createdBetween } from './odata.ts';
import { roleThatGives } from './permission.ts';
import { notOnboarded, notOffered } from './refusal.ts';
import { defenderLogs } from './settings.ts';

/** One of the two logs of Microsoft Defender XDR. */
export interface DefenderLog {
  readonly source: string;
  readonly path: string;
  readonly pageSize: string;
  readonly what: string;
  readonly needs: SourceNeeds;
}

/** "Global service, US Government L4 and L5" (security-list-alerts_v2); `custom` is the simulator. */
const OFFERED: ReadonlySet<Cloud> = new Set(['global', 'gcc_high', 'dod', 'custom']);

/**
 * Alerts and incidents of Microsoft Defender XDR: events that change for as long as somebody works on them. Windows are spans
 * of `lastUpdateDateTime`, so that what changed is read as a revision however old it is.
 * https://learn.microsoft.com/graph/api/security-list-alerts_v2
 */
export function defenderLog(log: DefenderLog): LogCollector {
  return {
    kind: 'log',
    source: log.source,
    feed: log.source,
    needs: log.needs,
    settings: defenderLogs,
    pages: (graph, span, options) => readSpan(log, graph, span, options),
  };
}

async function* readSpan(
  log: DefenderLog,
  graph: Graph,
  span: Span,
  options: LogOptions,
): AsyncGenerator<LogPage> {
  if (!OFFERED.has(graph.cloud)) throw notInThisCloud(log);
  let seen = false;
  try {
    for await (const page of pagesOf(log, graph, span, options)) {
      seen = true;
      yield page;
    }
  } catch (error) {
    if (seen || !isPermissionRefusal(error)) throw error;
    if (!(await isGranted(log, graph))) throw error;
    yield* readGranted(log, graph, span, options);
  }
}

/**
 * One 403 says nothing: a tenant that was never onboarded to Defender gets the answer of an app without the permission
 * [clientst0r#143]. Where the token holds the permission it is asked once more (the first answer may have been to an older
 * token), and only a second refusal is taken for what it then must be.
 */
async function* readGranted(
  log: DefenderLog,
  graph: Graph,
  span: Span,
  options: LogOptions,
): AsyncGenerator<LogPage> {
  try {
    yield* pagesOf(log, graph, span, options);
  } catch (error) {
    throw isPermissionRefusal(error) && error instanceof GraphError ? withoutDefender(log, error) : error;
  }
}

async function* pagesOf(
  log: DefenderLog,
  graph: Graph,
  span: Span,
  { signal }: LogOptions,
): AsyncGenerator<LogPage> {
  const pages = graph.pages(log.path, {
    query: { $filter: createdBetween('lastUpdateDateTime', span), $top: log.pageSize },
    quota: 'security',
    what: log.what,
    needs: log.needs.permission,
    signal,
  });
  for await (const page of pages) yield { ...page, api: 'v1.0', windowTimeOf: defenderUpdatedAt };
}

async function isGranted(log: DefenderLog, graph: Graph): Promise<boolean> {
  return roleThatGives(log.needs.permission, await graph.roles()) !== undefined;
}

function withoutDefender(log: DefenderLog, error: GraphError): GraphError {
  const { status, requestId } = error;
  const id = requestId === null ? '' : ` (request-id ${cleanWord(requestId)})`;
  const advice =
    'onboard it in the Microsoft Defender portal if it has a licence; else there is nothing to do';
  return new GraphError(
    `${log.what}: Graph answered ${status} ${cleanWord(error.code)} twice${id} although the token holds ${log.needs.permission}: the tenant is not onboarded to Microsoft Defender, or not licensed for it; ${advice}`,
    { status, code: notOnboarded, requestId, retryAfterMs: null, advice },
    { cause: error },
  );
}

function notInThisCloud(log: DefenderLog): GraphError {
  return new GraphError(
    `${log.what}: Microsoft offers it in the global cloud and those of the US Government only; nothing to do`,
    { status: 0, code: notOffered, requestId: null, retryAfterMs: null, advice: 'nothing to do' },
  );
}
