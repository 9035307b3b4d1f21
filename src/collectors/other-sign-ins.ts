import { GraphError } from '../errors.ts';
import type { Graph } from '../microsoft/index.ts';
import type { LogCollector, LogOptions, LogPage, LogSettings, Span } from './collector.ts';
import { createdBetween } from './odata.ts';
import { betaOff } from './refusal.ts';

/** A kind of sign-in that has to be asked for. */
export interface OtherSignIns {
  readonly source: string;
  /** Value of signInEventTypes. */
  readonly type: 'nonInteractiveUser' | 'servicePrincipal' | 'managedIdentity';
  /** Verb and object for error messages. */
  readonly what: string;
  readonly settings: LogSettings;
}

const PERMISSION = 'AuditLog.Read.All';

/**
 * Sign-ins of one kind: beta only (v1.0 answers 400 to the filter [wire-facts]), and one request for each kind, because
 * not every tenant answers when they are or-ed [graph-facts 1]. Where v1.0 is configured they are not read at all.
 * https://learn.microsoft.com/graph/api/signin-list?view=graph-rest-beta
 */
export function otherSignIns(kind: OtherSignIns): LogCollector {
  return {
    kind: 'log',
    source: kind.source,
    feed: kind.source,
    needs: { permission: PERMISSION, licence: 'p1' },
    settings: kind.settings,
    pages: (graph, span, options) => readKind(kind, graph, span, options),
  };
}

async function* readKind(
  { type, what }: OtherSignIns,
  graph: Graph,
  span: Span,
  options: LogOptions,
): AsyncGenerator<LogPage> {
  if (options.signInsApi === 'v1.0') throw needsBeta(what);
  const isType = `signInEventTypes/any(t: t eq '${type}')`;
  const pages = graph.pages('/auditLogs/signIns', {
    version: 'beta',
    // 1,000 is the documented maximum and default page size.
    query: { $filter: `${isType} and ${createdBetween('createdDateTime', span)}`, $top: '1000' },
    quota: 'reports',
    what,
    needs: PERMISSION,
    signal: options.signal,
  });
  for await (const page of pages) yield { ...page, api: 'beta' };
}

function needsBeta(what: string): GraphError {
  const advice = 'set TENANTWATCH_SIGN_INS_API to auto or beta to read them';
  return new GraphError(
    `${what}: only beta has them, and sign-ins are configured to come from v1.0; ${advice}`,
    {
      status: 0,
      code: betaOff,
      requestId: null,
      retryAfterMs: null,
      advice,
    },
  );
}
