-- Correlations: one row for each event that a rule under a correlation matched, and what of its groups is to be judged.
CREATE TABLE correlation_hit (
  tenant_id TEXT NOT NULL,
  correlation TEXT NOT NULL,
  canonical_id TEXT NOT NULL,
  rule TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  feed TEXT NOT NULL,
  native_id TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  origin_rank INTEGER NOT NULL,
  act TEXT NOT NULL,
  group_hash TEXT NOT NULL,
  group_values TEXT NOT NULL,
  counted TEXT NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY (tenant_id, correlation, canonical_id, rule, ordinal)
) STRICT;
CREATE INDEX correlation_hit_by_group ON correlation_hit (tenant_id, correlation, group_hash, rule, occurred_at);
CREATE INDEX correlation_hit_by_canonical ON correlation_hit (tenant_id, canonical_id);

CREATE TABLE correlation_wait (
  tenant_id TEXT NOT NULL,
  correlation TEXT NOT NULL,
  group_hash TEXT NOT NULL,
  touched INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  due_at INTEGER,
  coverage TEXT NOT NULL,
  reason TEXT,
  PRIMARY KEY (tenant_id, correlation, group_hash)
) STRICT;

ALTER TABLE hit ADD COLUMN group_hash TEXT NOT NULL DEFAULT '';
CREATE INDEX hit_by_group ON hit (tenant_id, part_id, group_hash, occurred_at) WHERE group_hash <> '';
