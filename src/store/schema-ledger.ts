export interface LedgerTable {
  tenant_id: string;
  source: string;
  begun_at: number;
  settle_ms: number;
  lateness_ms: number;
  watermark: number | null;
  settled_to: number;
  reread_planned_at: number;
  reconciled_at: number;
  deep_planned_at: number;
  folded_at: number;
}

export interface LateRecordTable {
  tenant_id: string;
  source: string;
  day: number;
  found_by: string;
  records: number;
  worst_ms: number;
}

export interface LagTable {
  tenant_id: string;
  source: string;
  day: number;
  measure: string;
  bucket: number;
  records: number;
}
