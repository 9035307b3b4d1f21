import type { GraphError } from '../errors.ts';
import type { Cloud } from '../model/tenant.ts';
import type { AuditQueries } from './audit-queries.ts';
import type { ExchangeAdmin } from './exchange-admin.ts';
import type { ManagementActivity } from './management-activity.ts';
import type { QuotaClass } from './throttle.ts';

/** How one question to Graph is asked and how its failure is worded. */
export interface RequestOptions {
  /** Default `v1.0`. */
  readonly version?: 'v1.0' | 'beta';
  /** OData options by name (`$filter`, `$select`); values are plain text, encoding happens here. */
  readonly query?: Readonly<Record<string, string>>;
  /** Repeated on every page; `Prefer` is joined with our own. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Default `directory`. */
  readonly quota?: QuotaClass;
  /** Verb and object for error messages: `read sign-ins`. */
  readonly what: string;
  /** Permission that a 403 names as missing: `AuditLog.Read.All`. */
  readonly needs?: string;
}

/** One answer with a JSON object as its body. */
export interface GraphAnswer {
  readonly body: Record<string, unknown>;
  readonly requestId: string | null;
  /** Clock's UTC epoch ms when the request that read it was sent (the successful attempt). */
  readonly startedAt: number;
}

/** One page of a collection; nothing of other pages is held. */
export interface GraphPage {
  readonly records: unknown[];
  readonly nextLink: string | null;
  /** Only on the last page of a delta query; already checked to lead to the same origin. */
  readonly deltaLink: string | null;
  readonly requestId: string | null;
  /** Clock's UTC epoch ms when the request that read it was sent (the successful attempt). */
  readonly startedAt: number;
}

/** One GET inside a `$batch`. `id` is the caller's and unique in the call. */
export interface BatchRequest {
  readonly id: string;
  readonly path: string;
  /** The answer is one object; left out: a list, and one without its list is malformed. */
  readonly one?: true;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What became of one part. `value` of a paged part holds all its pages. A refusal is data here, not an exception. */
export type BatchAnswer =
  | {
      readonly ok: true;
      readonly body: Record<string, unknown>;
      readonly requestId: string | null;
      readonly startedAt: number;
    }
  | { readonly ok: false; readonly error: GraphError };

/**
 * Microsoft Graph for one tenant. Every method throws GraphError or CredentialError (or the signal's reason when
 * aborted); waits, retries and quotas are inside, on the clock it was opened with.
 */
export interface Graph {
  /** Whose Graph it is: not every cloud offers everything. */
  readonly cloud: Cloud;
  /** Reads one JSON object. `path` is without version and query, its segments already encoded. */
  get(path: string, o: RequestOptions): Promise<GraphAnswer>;
  /** Reads a collection (or a first delta round) page by page. */
  pages(path: string, o: RequestOptions): AsyncGenerator<GraphPage, void, undefined>;
  /** Goes on from a stored delta or next link; a link to another origin or version is refused unread. */
  followDelta(link: string, o: RequestOptions): AsyncGenerator<GraphPage, void, undefined>;
  /** Asks many questions in few requests; each id has an answer. Throws only when a whole `$batch` fails. */
  batch(requests: readonly BatchRequest[], o: RequestOptions): Promise<Map<string, BatchAnswer>>;
  /** The Office 365 Management Activity API of the same tenant. */
  readonly activity: ManagementActivity;
  /** Searches of the same tenant's unified audit log. */
  readonly auditQueries: AuditQueries;
  /** Exchange of the same tenant; null where the operator does not allow to ask it. */
  readonly exchange: ExchangeAdmin | null;
  /** Application permissions in the token, e.g. `AuditLog.Read.All`. */
  roles(): Promise<string[]>;
  /** HTTP requests sent to Graph and the Management API so far (a `$batch` is one; token requests are not counted). */
  requests(): number;
  /** Answers 429 among them, parts of a `$batch` each. */
  throttled(): number;
  close(): Promise<void>;
}
