import type { Graph, RequestOptions } from '../microsoft/index.ts';
import {
  toObjects,
  type SourceNeeds,
  type StateCollector,
  type StateOptions,
  type StatePart,
} from './collector.ts';

/** One request of a source: a collection, or one object. */
export interface SnapshotPart {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** The answer itself is the object, under this id; left out: the answer is a collection. */
  readonly one?: string;
  /** Property that holds an object's id, where it is not `id`. */
  readonly idProperty?: string;
}

export interface SnapshotSource extends SnapshotPart {
  readonly source: string;
  readonly kind: string;
  readonly what: string;
  readonly needs: SourceNeeds;
  readonly intervalMs: number;
  readonly quota?: RequestOptions['quota'];
  /** Further requests that bring objects of the same kind; the read is complete with the last of them. */
  readonly also?: readonly SnapshotPart[];
  /** Only the first page is read: the objects behind it are older forms of the same. */
  readonly firstPage?: true;
  /** True: an answer without any object takes nothing away, because there is always one once there was one. */
  readonly neverEmpty?: true;
  readonly datesItsRows?: true;
}

/** A collector for objects that have no delta: read whole, compared with the last read. */
export function snapshot(source: SnapshotSource): StateCollector {
  return {
    kind: 'state',
    source: source.source,
    needs: source.needs,
    intervalMs: source.intervalMs,
    kinds: [source.kind],
    ...(source.datesItsRows === true ? { datesItsRows: true } : {}),
    read: (graph, options) => readWhole(source, graph, options),
  };
}

async function* readWhole(
  source: SnapshotSource,
  graph: Graph,
  options: StateOptions,
): AsyncGenerator<StatePart> {
  let found = 0;
  for (const part of [source, ...(source.also ?? [])]) {
    for await (const records of answers(source, part, graph, options)) {
      found += records.length;
      yield { type: 'page', scope: '*', ...toObjects(source.kind, records, part.idProperty) };
    }
  }
  if (found === 0 && isUnlicensed(source, options)) {
    yield withoutLicence(source);
    return;
  }
  const completeFor = found === 0 && source.neverEmpty === true ? [] : [source.kind];
  yield { type: 'done', scope: '*', completeFor };
}

async function* answers(
  source: SnapshotSource,
  part: SnapshotPart,
  graph: Graph,
  { signal }: StateOptions,
): AsyncGenerator<readonly unknown[]> {
  const { what, quota, needs } = source;
  const request = { query: part.query, what, quota, needs: needs.permission, signal };
  if (part.one === undefined) {
    for await (const page of graph.pages(part.path, request)) {
      yield page.records;
      if (source.firstPage === true) return;
    }
    return;
  }
  const { body } = await graph.get(part.path, request);
  yield [{ ...body, [part.idProperty ?? 'id']: part.one }];
}

/** Some resources answer a tenant without the licence with an empty list: that is no sight of an empty tenant. */
function isUnlicensed({ needs }: SnapshotSource, { hasP1 }: StateOptions): boolean {
  return needs.licence === 'p1' && hasP1 === false;
}

function withoutLicence({ what }: SnapshotSource): StatePart {
  return {
    type: 'unread',
    scope: '*',
    status: 'skipped',
    reason: 'no_licence',
    detail: `${what}: Graph answered with an empty list, which a tenant without Microsoft Entra ID P1 or P2 gets whatever it holds`,
  };
}
