-- The spine on PostgreSQL: tenants, coverage ledger, events, entities, detection state, alerts, reports, outbox.
-- Times are integers, UTC epoch ms. tenant_id leads each key. Booleans are 0 | 1.

CREATE TABLE tenant (
  tenant_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  domain TEXT,
  cloud TEXT NOT NULL,
  timezone TEXT NOT NULL,
  origin TEXT NOT NULL,
  state TEXT NOT NULL,
  enrolled_at BIGINT,
  next_ingest_seq BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE setting (
  tenant_id TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  origin TEXT NOT NULL,
  PRIMARY KEY (tenant_id, name)
);

CREATE TABLE capability (
  tenant_id TEXT NOT NULL,
  name TEXT NOT NULL,
  from_at BIGINT NOT NULL,
  to_at BIGINT,
  state TEXT NOT NULL,
  reason TEXT,
  detail TEXT,
  PRIMARY KEY (tenant_id, name, from_at)
);

CREATE TABLE source_state (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  delta_link TEXT,
  last_run_at BIGINT,
  last_ok_at BIGINT,
  last_status TEXT,
  last_reason TEXT,
  last_error TEXT,
  PRIMARY KEY (tenant_id, source)
);

CREATE TABLE "window" (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL,
  status TEXT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  pages BIGINT NOT NULL DEFAULT 0,
  records BIGINT NOT NULL DEFAULT 0,
  next_try_at BIGINT,
  read_started_at BIGINT,
  finished_at BIGINT,
  reason TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, source, id)
);
CREATE INDEX window_by_status ON "window" (tenant_id, source, status, to_at);

CREATE TABLE read (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  read_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  capability TEXT NOT NULL,
  records BIGINT NOT NULL DEFAULT 0,
  started_at BIGINT NOT NULL,
  finished_at BIGINT,
  PRIMARY KEY (tenant_id, source, read_id, scope)
);
CREATE INDEX read_by_scope ON read (tenant_id, source, scope, started_at);

CREATE TABLE run (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  job TEXT NOT NULL,
  source TEXT,
  status TEXT NOT NULL,
  reason TEXT,
  error TEXT,
  request_id TEXT,
  started_at BIGINT NOT NULL,
  finished_at BIGINT NOT NULL,
  requests BIGINT NOT NULL DEFAULT 0,
  records_read BIGINT NOT NULL DEFAULT 0,
  records_new BIGINT NOT NULL DEFAULT 0,
  records_changed BIGINT NOT NULL DEFAULT 0,
  records_rejected BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX run_by_time ON run (tenant_id, job, source, started_at);

CREATE TABLE event (
  tenant_id TEXT NOT NULL,
  feed TEXT NOT NULL,
  native_id TEXT NOT NULL,
  occurred_at BIGINT NOT NULL,
  canonical_id TEXT NOT NULL,
  origin TEXT NOT NULL,
  activity TEXT,
  outcome TEXT,
  actor_id TEXT,
  user_id TEXT,
  ip TEXT,
  app_id TEXT,
  country TEXT,
  ingested_at BIGINT NOT NULL,
  ingest_seq BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  read_started_at BIGINT NOT NULL,
  content_hash TEXT NOT NULL,
  raw TEXT,
  block_id TEXT,
  PRIMARY KEY (tenant_id, feed, native_id, occurred_at)
);
CREATE UNIQUE INDEX event_by_seq ON event (tenant_id, ingest_seq);
CREATE INDEX event_by_canonical ON event (tenant_id, canonical_id);
CREATE INDEX event_by_user ON event (tenant_id, user_id, occurred_at);
CREATE INDEX event_by_time ON event (tenant_id, feed, occurred_at);

CREATE TABLE event_block (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  codec TEXT NOT NULL,
  events BIGINT NOT NULL,
  payload BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE rejected_record (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  hash TEXT NOT NULL,
  origin TEXT NOT NULL,
  reason TEXT NOT NULL,
  raw TEXT NOT NULL,
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, source, hash)
);

CREATE TABLE entity (
  tenant_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  json TEXT NOT NULL,
  raw TEXT,
  hash TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  read_id TEXT NOT NULL,
  PRIMARY KEY (tenant_id, kind, id)
);

CREATE TABLE entity_version (
  tenant_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT,
  json TEXT NOT NULL,
  PRIMARY KEY (tenant_id, kind, id, valid_from)
);

CREATE TABLE entity_stage (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  read_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  removed BIGINT NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (tenant_id, source, read_id, kind, id)
);

-- Scalar tables, kept beside the entities in the same transaction, for checks to join.
CREATE TABLE user_account (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  upn TEXT NOT NULL,
  name TEXT,
  kind TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  disabled_since BIGINT,
  created_at BIGINT,
  leave_at BIGINT,
  synced BIGINT NOT NULL,
  manager_id TEXT,
  department TEXT,
  usage_location TEXT,
  external_state TEXT,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE user_licence (
  tenant_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  sku_id TEXT NOT NULL,
  PRIMARY KEY (tenant_id, user_id, sku_id)
);

CREATE TABLE sign_in_activity (
  tenant_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  read_at BIGINT NOT NULL,
  last_sign_in BIGINT,
  last_non_interactive BIGINT,
  last_successful BIGINT,
  PRIMARY KEY (tenant_id, user_id)
);

CREATE TABLE role_assignment (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  principal_id TEXT NOT NULL,
  principal_kind TEXT,
  role_template_id TEXT NOT NULL,
  role TEXT,
  tier BIGINT,
  scope TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE subscribed_sku (
  tenant_id TEXT NOT NULL,
  sku_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  consumed BIGINT NOT NULL,
  enabled BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, sku_id)
);

CREATE TABLE own_domain (
  tenant_id TEXT NOT NULL,
  domain TEXT NOT NULL,
  origin TEXT NOT NULL,
  PRIMARY KEY (tenant_id, domain)
);

CREATE TABLE inbox_rule (
  tenant_id TEXT NOT NULL,
  mailbox_id TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  name TEXT,
  enabled BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, mailbox_id, rule_id)
);

CREATE TABLE rule_action (
  tenant_id TEXT NOT NULL,
  mailbox_id TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  target_domain TEXT,
  PRIMARY KEY (tenant_id, mailbox_id, rule_id, action, target)
);

CREATE TABLE detection_version (
  id TEXT NOT NULL,
  version TEXT NOT NULL,
  match_hash TEXT NOT NULL,
  title TEXT NOT NULL,
  level TEXT NOT NULL,
  life TEXT NOT NULL,
  catalogue TEXT,
  texts TEXT NOT NULL,
  steps TEXT NOT NULL,
  sources TEXT NOT NULL,
  reduced TEXT NOT NULL,
  file TEXT NOT NULL,
  current BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (id, version)
);

CREATE TABLE detect_cursor (
  tenant_id TEXT PRIMARY KEY,
  cursor BIGINT NOT NULL
);

-- Under which match_hash a detection's hits on stored events were made: another one means to make them anew.
CREATE TABLE detection_build (
  tenant_id TEXT NOT NULL,
  detection_id TEXT NOT NULL,
  match_hash TEXT NOT NULL,
  PRIMARY KEY (tenant_id, detection_id)
);

CREATE TABLE hit (
  tenant_id TEXT NOT NULL,
  detection_id TEXT NOT NULL,
  canonical_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  cause TEXT NOT NULL,
  part_id TEXT NOT NULL,
  version TEXT NOT NULL,
  feed TEXT NOT NULL,
  native_id TEXT NOT NULL,
  occurred_at BIGINT NOT NULL,
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL,
  origin TEXT NOT NULL,
  origin_rank BIGINT NOT NULL,
  words TEXT NOT NULL,
  context TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, detection_id, canonical_id, kind, subject, cause)
);
CREATE INDEX hit_by_key ON hit (tenant_id, detection_id, subject, cause);
CREATE INDEX hit_by_canonical ON hit (tenant_id, canonical_id);

CREATE TABLE term (
  tenant_id TEXT NOT NULL,
  detection_id TEXT NOT NULL,
  group_hash TEXT NOT NULL,
  term_hash TEXT NOT NULL,
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, detection_id, group_hash, term_hash, from_at)
);

CREATE TABLE alert (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  detection_id TEXT NOT NULL,
  version TEXT NOT NULL,
  subject TEXT NOT NULL,
  cause TEXT NOT NULL,
  occurrence_start BIGINT NOT NULL,
  life TEXT NOT NULL,
  state TEXT NOT NULL,
  close_reason TEXT,
  closed_at BIGINT,
  closed_by TEXT,
  close_note TEXT,
  level TEXT NOT NULL,
  expected_by TEXT,
  historical BIGINT NOT NULL,
  first_event_at BIGINT NOT NULL,
  last_event_at BIGINT NOT NULL,
  last_true_at BIGINT,
  capability TEXT,
  not_visible_since BIGINT,
  withdrawn BIGINT NOT NULL DEFAULT 0,
  merged_into TEXT,
  words TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX alert_by_key ON alert (tenant_id, detection_id, subject, cause);
CREATE INDEX alert_by_state ON alert (tenant_id, state, created_at);

CREATE TABLE alert_evidence (
  tenant_id TEXT NOT NULL,
  alert_id TEXT NOT NULL,
  feed TEXT NOT NULL,
  native_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  withdrawn BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, alert_id, feed, native_id)
);
CREATE INDEX evidence_by_event ON alert_evidence (tenant_id, feed, native_id);

CREATE TABLE assessment (
  tenant_id TEXT NOT NULL,
  detection_id TEXT NOT NULL,
  from_at BIGINT NOT NULL,
  to_at BIGINT,
  state TEXT NOT NULL,
  reason TEXT,
  PRIMARY KEY (tenant_id, detection_id, from_at)
);

CREATE TABLE report (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  recipient TEXT NOT NULL,
  number BIGINT NOT NULL,
  period_from BIGINT NOT NULL,
  period_to BIGINT NOT NULL,
  facts TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, recipient, kind, period_from)
);

CREATE TABLE rollup_day (
  tenant_id TEXT NOT NULL,
  day TEXT NOT NULL,
  name TEXT NOT NULL,
  value BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, day, name)
);

CREATE TABLE outbox (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  recipient TEXT NOT NULL,
  message_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  report_id TEXT,
  status TEXT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  claimed_by TEXT,
  claimed_until BIGINT,
  next_try_at BIGINT NOT NULL,
  error TEXT,
  created_at BIGINT NOT NULL,
  sent_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX outbox_due ON outbox (status, next_try_at);

CREATE TABLE lease (
  tenant_id TEXT NOT NULL,
  name TEXT NOT NULL,
  holder TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, name)
);
