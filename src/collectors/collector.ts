import type { Graph, GraphPage } from '../microsoft/index.ts';
import type { EventRecord } from '../model/event.ts';
import type { Licence } from '../model/licence.ts';
import type { SkipReason } from '../model/outcome.ts';
import type { DnsResolver } from '../network/dns.ts';

/** What a source needs before Microsoft answers; declared beside the source and shown to the operator. */
export interface SourceNeeds {
  /** Application permission, e.g. `AuditLog.Read.All`; empty = nothing of Microsoft's is asked. */
  readonly permission: string;
  /** The API whose permission it is; Microsoft Graph where left out. */
  readonly of?: 'Office 365 Management APIs' | 'Office 365 Exchange Online';
  /** `p2` is for PIM also Entra ID Governance; null = any tenant. */
  readonly licence: Licence | null;
  /** What a source reads instead where the licence is missing, and the permission for that. */
  readonly without?: { readonly permission: string; readonly text: string };
}

/** Whose token shows whether a source's permission was granted. */
export type TokenApi = 'graph' | 'management' | 'exchange';

export function tokenApiOf({ of }: SourceNeeds): TokenApi {
  if (of === undefined) return 'graph';
  return of === 'Office 365 Exchange Online' ? 'exchange' : 'management';
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
  /** A span is settled this long after it ended: then it is read once more, and only then the watermark passes it. */
  readonly settleMs: number;
  readonly settleEveryMs: number;
  readonly backfillSpanMs: number;
  readonly minimumSpanMs: number;
  readonly maximumPages: number;
  readonly retentionMs: { readonly free: number; readonly p1: number };
  /** Maximum recoverable lateness L: what comes no later than this is found by the reconciliation (settings.ts). */
  readonly latenessMs: number;
  readonly reconcileEveryMs: number;
  /** How often the reconciliation reaches back over all that the source keeps: what came later than L is found so. */
  readonly deepEveryMs: { readonly free: number; readonly p1: number };
}

export interface LogPage extends GraphPage {
  /** API version that answered: decides which fields the records can carry. */
  readonly api: 'v1.0' | 'beta' | 'management';
  /**
   * When Microsoft made the records of this page readable (UTC epoch ms), where it says so: `contentCreated` of a blob.
   * The windows of such a source are spans of it, not of event time. Left out elsewhere.
   */
  readonly readableAt?: number;
  /**
   * The time of a record by which its window is one (UTC epoch ms), where that is neither `readableAt` nor event time; null
   * for a record that does not say, whose event time then counts.
   */
  readonly windowTimeOf?: (record: EventRecord) => number | null;
  /** The page is a whole piece that never changes: once stored it need not be read again. `createdAt` UTC epoch ms. */
  readonly part?: { readonly id: string; readonly createdAt: number };
}

/** A source of events, read in windows. `feed` names its parser in records/. */
export interface LogCollector {
  readonly kind: 'log';
  readonly source: string;
  readonly feed: string;
  readonly needs: SourceNeeds;
  readonly settings: LogSettings;
  /** What it brings can be had by a search of the audit log too, where it is refused or no longer kept. */
  readonly searchable?: true;
  /** Asked once before the first read, where Microsoft gathers records only from then on. */
  begin?(graph: Graph, signal: AbortSignal): Promise<'started' | 'already'>;
  pages(graph: Graph, span: Span, options: LogOptions): AsyncGenerator<LogPage>;
}

export interface LogOptions {
  readonly signal: AbortSignal;
  /** Which API version of sign-ins to ask for; `auto` tries beta first. */
  readonly signInsApi: 'auto' | 'beta' | 'v1.0';
  /** Which of these parts are stored; without it every part is read. */
  readonly partsRead?: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
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
  /** Groups whose members are read besides those that can hold roles; object ids in lower case. */
  readonly groups: readonly string[];
  readonly now: number;
  /** Whether the tenant has Entra ID P1; null = its licences are not known. */
  readonly hasP1: boolean | null;
  /** Users who may sign in, those to be read first in front; only for a source that reads them one by one. */
  readonly users: readonly string[];
  /** The DNS, and the tenant's verified domains that people write mail under; null = the operator did not allow to ask. */
  readonly dns: { readonly resolver: DnsResolver; readonly domains: readonly string[] } | null;
}

/** A source of directory objects: a delta, or a snapshot that is compared with the last one. */
export interface StateCollector {
  readonly kind: 'state';
  readonly source: string;
  readonly needs: SourceNeeds;
  readonly intervalMs: number;
  /** Kinds of entity the source owns. */
  readonly kinds: readonly string[];
  /** It reads mailboxes one by one: those of the round are given to it. */
  readonly readsMailboxes?: boolean;
  /** Its rows tell when they were read, so that a read that brought nothing new is applied too. */
  readonly datesItsRows?: boolean;
  read(graph: Graph, options: StateOptions): AsyncGenerator<StatePart>;
}

export type Collector = LogCollector | StateCollector;

/** How often a source is read, ms. */
export function intervalOf(collector: Collector): number {
  return collector.kind === 'log' ? collector.settings.intervalMs : collector.intervalMs;
}

/** Splits a page of raw values into objects with an id and the rest, which is kept aside. */
export function toObjects(
  kind: string,
  records: readonly unknown[],
  idProperty = 'id',
): { objects: RawObject[]; unreadable: unknown[] } {
  const objects: RawObject[] = [];
  const unreadable: unknown[] = [];
  for (const record of records) {
    const id = isObject(record) ? record[idProperty] : undefined;
    if (!isObject(record) || typeof id !== 'string' || id === '') unreadable.push(record);
    else objects.push({ kind, id, removed: isObject(record['@removed']), raw: record });
  }
  return { objects, unreadable };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
