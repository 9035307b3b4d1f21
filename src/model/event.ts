/**
 * A record of something that happened, parsed and ready to store.
 * Identity is (tenant, feed, nativeId); `occurredAt` never changes after first sight.
 */
export interface EventRecord {
  /** Feed without API version: `sign-ins`, `directory-audits`, `changes`. */
  readonly feed: string;
  readonly nativeId: string;
  /** Links records of one happening in several feeds (sign-in: Graph id = unified audit IntraSystemId). */
  readonly canonicalId: string;
  /** UTC epoch ms. */
  readonly occurredAt: number;
  /** `<feed>/<api>`, e.g. `sign-ins/beta`: decides which fields the record can carry. */
  readonly origin: string;
  /** Hash of the record without the origin's volatile fields; a change of it makes a revision. */
  readonly contentHash: string;
  /** What happened: the audit activity's normalised name, `sign-in`, or `<kind> <op>` for changes. */
  readonly activity: string | null;
  readonly outcome: 'success' | 'failure' | 'interrupt' | null;
  /** Object id of who did it, when known. */
  readonly actorId: string | null;
  /** Object id of the user it is about (sign-in: who signed in; audit: first user target). */
  readonly userId: string | null;
  readonly ip: string | null;
  readonly appId: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
  /** The raw record as JSON text, exactly one JSON value. */
  readonly rawText: string;
}

/** An event as the store returns it. */
export interface StoredEvent extends EventRecord {
  readonly tenantId: string;
  readonly ingestedAt: number;
  /** Per-tenant, strictly increasing with every new event or revision. */
  readonly ingestSeq: number;
  readonly revision: number;
}

/** The raw object of a `changes` event: the difference between two reads of an entity. */
export interface EntityChange {
  readonly kind: string;
  readonly op: 'added' | 'changed' | 'removed';
  readonly id: string;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
  /** UTC epoch ms: start of the previous read and of the read that saw the change. */
  readonly from: number;
  readonly to: number;
}

/**
 * One thing done, however many records show it. Subjects: `user:<id>`, `sp:<id>`, `upn:<name>` …
 * `undo` ends an occurrence (a removal); `do` is evidence for one.
 */
export interface Act {
  /** `role_grant`, `inbox_rule`, `sign_in`. */
  readonly name: string;
  readonly kind: 'do' | 'undo';
  readonly subject: string;
  readonly cause: string;
  /** Words for texts: actor, subject, role, target, app … (display values, hostile). */
  readonly words: Readonly<Record<string, string>>;
}
