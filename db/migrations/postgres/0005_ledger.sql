-- Records that were new although their span had been read before, and how many windows a folded row holds.
ALTER TABLE "window" ADD COLUMN late BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "window" ADD COLUMN late_worst_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "window" ADD COLUMN reads BIGINT NOT NULL DEFAULT 1;

-- One row per log source of a tenant: how far its plan and its coverage have come.
CREATE TABLE ledger (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  begun_at BIGINT NOT NULL,
  settle_ms BIGINT NOT NULL,
  lateness_ms BIGINT NOT NULL,
  watermark BIGINT,
  settled_to BIGINT NOT NULL,
  reread_planned_at BIGINT NOT NULL,
  reconciled_at BIGINT NOT NULL,
  deep_planned_at BIGINT NOT NULL,
  folded_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, source)
);

-- Late records by the UTC day on which they were found, and by what found them.
CREATE TABLE late_record (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  day BIGINT NOT NULL,
  found_by TEXT NOT NULL,
  records BIGINT NOT NULL,
  worst_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, source, day, found_by)
);

-- How long records took to be stored: a histogram per UTC day, four buckets an octave.
CREATE TABLE lag (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  day BIGINT NOT NULL,
  measure TEXT NOT NULL,
  bucket BIGINT NOT NULL,
  records BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, source, day, measure, bucket)
);
