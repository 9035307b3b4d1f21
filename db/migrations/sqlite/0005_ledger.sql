-- Records that were new although their span had been read before, and how many windows a folded row holds.
ALTER TABLE "window" ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "window" ADD COLUMN late_worst_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "window" ADD COLUMN reads INTEGER NOT NULL DEFAULT 1;

-- One row per log source of a tenant: how far its plan and its coverage have come.
CREATE TABLE ledger (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  settle_ms INTEGER NOT NULL,
  lateness_ms INTEGER NOT NULL,
  watermark INTEGER,
  settled_to INTEGER NOT NULL,
  reread_planned_at INTEGER NOT NULL,
  reconciled_at INTEGER NOT NULL,
  deep_planned_at INTEGER NOT NULL,
  folded_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, source)
) STRICT;

-- Late records by the UTC day on which they were found, and by what found them.
CREATE TABLE late_record (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  day INTEGER NOT NULL,
  found_by TEXT NOT NULL,
  records INTEGER NOT NULL,
  worst_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, source, day, found_by)
) STRICT;

-- How long records took to be stored: a histogram per UTC day, four buckets an octave.
CREATE TABLE lag (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  day INTEGER NOT NULL,
  measure TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  records INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, source, day, measure, bucket)
) STRICT;
