// The tables of reports, delivery and suppressions; the rest of the schema is in schema.ts.
import type { Generated } from 'kysely';

export interface ReportTable {
  tenant_id: string;
  id: string;
  kind: string;
  recipient: string;
  number: number;
  period_from: number;
  period_to: number;
  facts: string;
  created_at: number;
}

export interface RollupDayTable {
  tenant_id: string;
  day: string;
  name: string;
  value: number;
}

export interface OutboxTable {
  tenant_id: string;
  id: string;
  channel: string;
  kind: string;
  recipient: string;
  message_id: string;
  payload: string;
  report_id: string | null;
  status: string;
  attempts: Generated<number>;
  claimed_by: string | null;
  claimed_until: number | null;
  next_try_at: number;
  error: string | null;
  created_at: number;
  sent_at: number | null;
}

export interface SuppressionTable {
  tenant_id: string;
  id: string;
  detection_id: string | null;
  subject: string | null;
  cause: string | null;
  reason: string;
  author: string;
  valid_from: number;
  valid_to: number;
  created_at: number;
  removed_at: number | null;
  removed_by: string | null;
}
