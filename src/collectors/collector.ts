import type { Graph, GraphPage } from '../microsoft/index.ts';
import type { SkipReason } from '../model/outcome.ts';

/** What a source needs before Microsoft answers; declared beside the source and shown to the operator. */
export interface SourceNeeds {
  /** Application permission of Microsoft Graph, e.g. `AuditLog.Read.All`. */
  readonly permission: string;
  /** `p1` = Microsoft Entra ID P1 or P2; null = any tenant. */
  readonly licence: 'p1' | null;
}

/** Half-open span of event time, UTC epoch ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How far and how often one log source is read. Times in ms; the reason for each number stands in settings.ts. */
export interface LogSettings {
  readonly intervalMs: number;
  readonly overlapMs: number;
  readonly backfillSpanMs: number;
  readonly minimumSpanMs: number;
  readonly maximumPages: number;
  readonly retentionMs: { readonly free: number; readonly p1: number };
  /** Maximum recoverable lateness: the daily reconciliation reaches back this far. */
  readonly latenessMs: number;
  readonly reconcileEveryMs: number;
}

export interface LogPage extends GraphPage {
  /** API version that answered: decides which fields the records can carry. */
  readonly api: 'v1.0' | 'beta';
}

/** A source of events, read in windows. `feed` names its parser in records/. */
export interface LogCollector {
  readonly kind: 'log';
  readonly source: string;
  readonly feed: string;
  readonly needs: SourceNeeds;
  readonly settings: LogSettings;
  pages(graph: Graph, span: Span, options: LogOptions): AsyncGenerator<LogPage>;
}

export interface LogOptions {
  readonly signal: AbortSignal;
  /** Which API version of sign-ins to ask for; `auto` tries beta first. */
  readonly signInsApi: 'auto' | 'beta' | 'v1.0';
}

export interface RawObject {
  readonly kind: string;
  readonly id: string;
  readonly removed: boolean;
  readonly raw: Record<string, unknown>;
}

/** A state read tells its pages and, for each scope, how the read of that scope ended. */
export type StatePart =
  | {
      readonly type: 'page';
      readonly scope: string;
      readonly objects: readonly RawObject[];
      readonly unreadable: readonly unknown[];
    }
  | {
      readonly type: 'done';
      readonly scope: string;
      /** Kinds the read answers for completely; null for a delta round. */
      readonly completeFor: readonly string[] | null;
      readonly idPrefix?: string;
      readonly deltaLink?: string;
    }
  | {
      readonly type: 'unread';
      readonly scope: string;
      readonly status: 'skipped' | 'failed';
      readonly reason: SkipReason | null;
      readonly detail: string;
    };

export interface StateOptions {
  readonly signal: AbortSignal;
  readonly deltaLink: string | null;
  /** Start of the last ok read by scope, UTC epoch ms. */
  readonly lastReads: ReadonlyMap<string, number>;
  /** Users with a cloud mailbox, those to be read first in front. */
  readonly mailboxes: readonly string[];
  readonly now: number;
}

/** A source of directory objects: a delta, or a snapshot that is compared with the last one. */
export interface StateCollector {
  readonly kind: 'state';
  readonly source: string;
  readonly needs: SourceNeeds;
  readonly intervalMs: number;
  /** Kinds of entity the source owns. */
  readonly kinds: readonly string[];
  read(graph: Graph, options: StateOptions): AsyncGenerator<StatePart>;
}

export type Collector = LogCollector | StateCollector;

/** Splits a page of raw values into objects with an id and the rest, which is kept aside. */
export function toObjects(
  kind: string,
  records: readonly unknown[],
): { objects: RawObject[]; unreadable: unknown[] } {
  const objects: RawObject[] = [];
  const unreadable: unknown[] = [];
  for (const record of records) {
    const id = isObject(record) ? record['id'] : undefined;
    if (!isObject(record) || typeof id !== 'string' || id === '') unreadable.push(record);
    else objects.push({ kind, id, removed: isObject(record['@removed']), raw: record });
  }
  return { objects, unreadable };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
