/** What a tenant's licences, consents and services let us see, as last measured. */
export interface ProgramCapabilityTable {
  tenant_id: string;
  name: string;
  area: string;
  state: string;
  state_before: string | null;
  reason: string | null;
  since: number;
  needed: number;
  detections: number;
  titles: string;
}

/** How a source is read, as last measured. */
export interface ProgramSourceTable {
  tenant_id: string;
  source: string;
  form: string;
  state: string;
  reason: string | null;
  interval_ms: number;
  last_ok_at: number | null;
  last_new_at: number | null;
  longest_gap_ms: number | null;
  active_hours: number;
  history_ms: number;
  profiled_at: number | null;
  p95_ms: number | null;
  records: number;
  usual_p95_ms: number | null;
  usual_records: number;
  throttled: number;
  behind_ms: number | null;
  behind_before_ms: number | null;
  before_at: number | null;
}

/** Things of our own that may be wrong; what the columns mean for each kind stands in the views. */
export interface ProgramTroubleTable {
  tenant_id: string;
  kind: string;
  id: string;
  name: string;
  reason: string | null;
  since: number | null;
  ends_at: number | null;
  amount: number;
  waiting: number;
  titles: string;
}
