-- Searches of the unified audit log through Graph: planned, running at Microsoft's, being read, or read.
CREATE TABLE audit_query (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  status TEXT NOT NULL,
  api TEXT,
  query_id TEXT,
  next_link TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  pages INTEGER NOT NULL DEFAULT 0,
  records INTEGER NOT NULL DEFAULT 0,
  asked_at INTEGER,
  polled_at INTEGER,
  next_try_at INTEGER,
  finished_at INTEGER,
  reason TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, id)
) STRICT;

-- One at a time per tenant.
CREATE UNIQUE INDEX audit_query_running ON audit_query (tenant_id) WHERE status IN ('asked', 'reading');

-- Sources that are read by searches, because the Management API refuses them.
CREATE TABLE audit_fallback (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  since_at INTEGER NOT NULL,
  tried_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (tenant_id, source)
) STRICT;
