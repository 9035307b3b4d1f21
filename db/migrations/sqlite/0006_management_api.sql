-- Subscriptions of the Office 365 Management API: content exists from their start on.
CREATE TABLE audit_subscription (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, source)
) STRICT;

-- Pieces of content that were read whole: they never change, so that none is fetched twice.
CREATE TABLE audit_content (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  content_id TEXT NOT NULL,
  content_created INTEGER NOT NULL,
  records INTEGER NOT NULL,
  read_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, source, content_id)
) STRICT;
