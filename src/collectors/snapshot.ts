import type { Graph } from '../microsoft/index.ts';
import {
  toObjects,
  type SourceNeeds,
  type StateCollector,
  type StateOptions,
  type StatePart,
} from './collector.ts';

export interface SnapshotSource {
  readonly source: string;
  readonly kind: string;
  readonly path: string;
  readonly what: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly needs: SourceNeeds;
  readonly intervalMs: number;
}

/** A collector for a collection that has no delta: read whole, compared with the last read. */
export function snapshot(source: SnapshotSource): StateCollector {
  return {
    kind: 'state',
    source: source.source,
    needs: source.needs,
    intervalMs: source.intervalMs,
    kinds: [source.kind],
    read: (graph, options) => readWhole(source, graph, options),
  };
}

async function* readWhole(
  source: SnapshotSource,
  graph: Graph,
  options: StateOptions,
): AsyncGenerator<StatePart> {
  const pages = graph.pages(source.path, {
    query: source.query,
    what: source.what,
    needs: source.needs.permission,
    signal: options.signal,
  });
  for await (const page of pages) {
    yield { type: 'page', scope: '*', ...toObjects(source.kind, page.records) };
  }
  yield { type: 'done', scope: '*', completeFor: [source.kind] };
}
