-- Searches of the unified audit log through Graph: planned, running at Microsoft's, being read, or read.
CREATE TABLE audit_query (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL,
  status TEXT NOT NULL,
  api TEXT,
  query_id TEXT,
  next_link TEXT,
  attempts BIGINT NOT NULL DEFAULT 0,
  pages BIGINT NOT NULL DEFAULT 0,
  records BIGINT NOT NULL DEFAULT 0,
  asked_at BIGINT,
  polled_at BIGINT,
  next_try_at BIGINT,
  finished_at BIGINT,
  reason TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

-- One at a time per tenant.
CREATE UNIQUE INDEX audit_query_running ON audit_query (tenant_id) WHERE status IN ('asked', 'reading');

-- Sources that are read by searches, because the Management API refuses them.
CREATE TABLE audit_fallback (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  since_at BIGINT NOT NULL,
  tried_at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (tenant_id, source)
);
