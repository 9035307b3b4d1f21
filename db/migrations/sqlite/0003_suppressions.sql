-- Expected things: who said so, why, about what, and for how long (event time). Never edited, only ended.
CREATE TABLE suppression (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  detection_id TEXT,
  subject TEXT,
  cause TEXT,
  reason TEXT NOT NULL,
  author TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_to INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  removed_at INTEGER,
  removed_by TEXT,
  PRIMARY KEY (tenant_id, id)
) STRICT;
