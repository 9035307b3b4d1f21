export interface CorrelationHitTable {
  tenant_id: string;
  correlation: string;
  canonical_id: string;
  rule: string;
  ordinal: number;
  feed: string;
  native_id: string;
  occurred_at: number;
  origin_rank: number;
  act: string;
  group_hash: string;
  group_values: string;
  counted: string;
  words: string;
}

export interface CorrelationWaitTable {
  tenant_id: string;
  correlation: string;
  group_hash: string;
  touched: number;
  from_at: number;
  to_at: number;
  state: string;
  due_at: number | null;
  coverage: string;
  reason: string | null;
}
