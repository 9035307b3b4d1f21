import { GraphError } from '../errors.ts';
import {
  isGone,
  isPermissionRefusal,
  type Graph,
  type GraphPage,
  type RequestOptions,
} from '../microsoft/index.ts';
import {
  toObjects,
  type SourceNeeds,
  type StateCollector,
  type StateOptions,
  type StatePart,
} from './collector.ts';
import { isUnsupportedQuery } from './refusal.ts';

/** What a round of a delta brings, and how a failure names it. */
export interface DeltaRound {
  readonly kind: string;
  readonly what: string;
}

export interface DeltaSource extends DeltaRound {
  readonly source: string;
  /** Of the delta: `/users/delta`. */
  readonly path: string;
  readonly needs: SourceNeeds;
  readonly intervalMs: number;
  /** `$select` lists, the best first; the next is asked where one is refused. An empty list asks without `$select`. */
  readonly selects: readonly (readonly string[])[];
}

/**
 * A collector for a delta: one full round, then only what changed. A token that is gone (410, or a refused sync state)
 * starts a full round again, which is compared with what we hold, so that a resync reports no change that did not happen.
 * https://learn.microsoft.com/graph/delta-query-overview
 */
export function delta(source: DeltaSource): StateCollector {
  return {
    kind: 'state',
    source: source.source,
    needs: source.needs,
    intervalMs: source.intervalMs,
    kinds: [source.kind],
    read: (graph, options) => readDelta(source, graph, options),
  };
}

function readDelta(source: DeltaSource, graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  return goOn(source, graph, options, request(source, options), () => readFull(source, graph, options));
}

/** Goes on from the token of the last round; where there is none, or it is gone, `full` gives the pages from the start. */
export async function* goOn(
  round: DeltaRound,
  graph: Graph,
  options: StateOptions,
  asked: RequestOptions,
  full: () => AsyncGenerator<StatePart>,
): AsyncGenerator<StatePart> {
  if (options.deltaLink !== null) {
    try {
      yield* readRound(round, graph.followDelta(options.deltaLink, asked), null);
      return;
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  yield* full();
}

async function* readFull(
  source: DeltaSource,
  graph: Graph,
  options: StateOptions,
): AsyncGenerator<StatePart> {
  for (const [index, select] of source.selects.entries()) {
    let seen = false;
    try {
      const query: Record<string, string> = select.length === 0 ? {} : { $select: select.join(',') };
      const pages = graph.pages(source.path, { ...request(source, options), query });
      for await (const part of readRound(source, pages, [source.kind])) {
        seen = true;
        yield part;
      }
      return;
    } catch (error) {
      const refused = isPermissionRefusal(error) || isUnsupportedQuery(error);
      if (seen || !refused || index === source.selects.length - 1) throw error;
    }
  }
}

function request(source: DeltaSource, { signal }: StateOptions) {
  return { what: source.what, needs: source.needs.permission, signal };
}

/** One round to its delta link, which the next one goes on from. */
export async function* readRound(
  round: DeltaRound,
  pages: AsyncGenerator<GraphPage>,
  completeFor: readonly string[] | null,
): AsyncGenerator<StatePart> {
  let deltaLink: string | undefined;
  for await (const page of pages) {
    deltaLink = page.deltaLink ?? undefined;
    yield { type: 'page', scope: '*', ...toObjects(round.kind, page.records) };
  }
  // Of the service, not of this program: the tenant's other sources are read all the same.
  if (deltaLink === undefined)
    throw new GraphError(
      `${round.what}: the last page has no delta link; the round is read again next time`,
      {
        status: 200,
        code: 'malformed',
        requestId: null,
        retryAfterMs: null,
        advice: '',
      },
    );
  yield { type: 'done', scope: '*', completeFor, deltaLink };
}
