import type { Generated } from 'kysely';

export interface RunTable {
  tenant_id: string;
  id: string;
  job: string;
  source: string | null;
  status: string;
  reason: string | null;
  error: string | null;
  request_id: string | null;
  started_at: number;
  finished_at: number;
  requests: Generated<number>;
  records_read: Generated<number>;
  records_new: Generated<number>;
  records_changed: Generated<number>;
  records_rejected: Generated<number>;
  throttled: Generated<number>;
}

export interface RejectedRecordTable {
  tenant_id: string;
  source: string;
  hash: string;
  origin: string;
  reason: string;
  raw: string;
  first_seen_at: number;
  last_seen_at: number;
}

export interface AuditSubscriptionTable {
  tenant_id: string;
  source: string;
  started_at: number;
}

export interface AuditContentTable {
  tenant_id: string;
  source: string;
  content_id: string;
  content_created: number;
  records: number;
  read_at: number;
}

export interface AuditQueryTable {
  tenant_id: string;
  id: string;
  kind: string;
  from_at: number;
  to_at: number;
  status: string;
  api: string | null;
  query_id: string | null;
  next_link: string | null;
  attempts: Generated<number>;
  pages: Generated<number>;
  records: Generated<number>;
  asked_at: number | null;
  polled_at: number | null;
  next_try_at: number | null;
  finished_at: number | null;
  reason: string | null;
  created_at: number;
}

export interface AuditFallbackTable {
  tenant_id: string;
  source: string;
  since_at: number;
  tried_at: number;
  reason: string;
}

export interface ReadTable {
  tenant_id: string;
  source: string;
  read_id: string;
  scope: string;
  status: string;
  reason: string | null;
  capability: string;
  records: Generated<number>;
  started_at: number;
  finished_at: number | null;
}

/** How each scope of a state source was last read; `read` holds the history. */
export interface ScopeStateTable {
  tenant_id: string;
  source: string;
  scope: string;
  first_ok_at: number | null;
  ok_at: number | null;
  ok_read_id: string | null;
  ok_capability: string | null;
  last_at: number;
  last_status: string;
  last_reason: string | null;
}
