-- What the program knows of itself and of what each tenant lets it see, measured by the self-watch job for checks to read.
CREATE TABLE program_capability (
  tenant_id TEXT NOT NULL,
  name TEXT NOT NULL,
  area TEXT NOT NULL,
  state TEXT NOT NULL,
  state_before TEXT,
  reason TEXT,
  since BIGINT NOT NULL,
  needed BIGINT NOT NULL,
  detections BIGINT NOT NULL,
  titles TEXT NOT NULL,
  PRIMARY KEY (tenant_id, name)
);

CREATE TABLE program_source (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  form TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  interval_ms BIGINT NOT NULL,
  last_ok_at BIGINT,
  last_new_at BIGINT,
  longest_gap_ms BIGINT,
  active_hours BIGINT NOT NULL,
  history_ms BIGINT NOT NULL,
  profiled_at BIGINT,
  p95_ms BIGINT,
  records BIGINT NOT NULL,
  usual_p95_ms BIGINT,
  usual_records BIGINT NOT NULL,
  throttled BIGINT NOT NULL,
  behind_ms BIGINT,
  behind_before_ms BIGINT,
  before_at BIGINT,
  PRIMARY KEY (tenant_id, source)
);

-- Things of our own that may be wrong: gaps, credentials, mails, sight that was lost. The views give the columns their names.
CREATE TABLE program_trouble (
  tenant_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  reason TEXT,
  since BIGINT,
  ends_at BIGINT,
  amount BIGINT NOT NULL,
  waiting BIGINT NOT NULL,
  titles TEXT NOT NULL,
  PRIMARY KEY (tenant_id, kind, id)
);

-- Answers 429 that a run met.
ALTER TABLE run ADD COLUMN throttled BIGINT NOT NULL DEFAULT 0;

ALTER TABLE program_capability ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON program_capability FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON program_capability TO tenantwatch_check;

ALTER TABLE program_source ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON program_source FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON program_source TO tenantwatch_check;

ALTER TABLE program_trouble ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON program_trouble FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON program_trouble TO tenantwatch_check;

CREATE VIEW v_capability WITH (security_invoker = true) AS
  SELECT name, area, state, state_before, reason, since, needed, detections, titles
  FROM program_capability WHERE tenant_id = current_setting('tenantwatch.tenant', true);
GRANT SELECT ON v_capability TO tenantwatch_check;

CREATE VIEW v_source WITH (security_invoker = true) AS
  SELECT source, form, state, reason, interval_ms, last_ok_at, last_new_at, longest_gap_ms, active_hours, history_ms
  FROM program_source WHERE tenant_id = current_setting('tenantwatch.tenant', true);
GRANT SELECT ON v_source TO tenantwatch_check;

CREATE VIEW v_lag WITH (security_invoker = true) AS
  SELECT source, history_ms, p95_ms, records, usual_p95_ms, usual_records
  FROM program_source WHERE tenant_id = current_setting('tenantwatch.tenant', true);
GRANT SELECT ON v_lag TO tenantwatch_check;

CREATE VIEW v_backlog WITH (security_invoker = true) AS
  SELECT source, throttled, behind_ms, behind_before_ms
  FROM program_source WHERE tenant_id = current_setting('tenantwatch.tenant', true);
GRANT SELECT ON v_backlog TO tenantwatch_check;

CREATE VIEW v_window_gap WITH (security_invoker = true) AS
  SELECT id, name AS source, since AS from_at, ends_at AS to_at, reason, amount AS given_up_at
  FROM program_trouble WHERE tenant_id = current_setting('tenantwatch.tenant', true) AND kind = 'gap';
GRANT SELECT ON v_window_gap TO tenantwatch_check;

CREATE VIEW v_own_credential WITH (security_invoker = true) AS
  SELECT id, reason AS form, name, ends_at, waiting AS replaced
  FROM program_trouble WHERE tenant_id = current_setting('tenantwatch.tenant', true) AND kind = 'credential';
GRANT SELECT ON v_own_credential TO tenantwatch_check;

CREATE VIEW v_outbox_failure WITH (security_invoker = true) AS
  SELECT id, name AS recipient, since, amount AS failed, waiting, reason AS error
  FROM program_trouble WHERE tenant_id = current_setting('tenantwatch.tenant', true) AND kind = 'mail';
GRANT SELECT ON v_outbox_failure TO tenantwatch_check;

CREATE VIEW v_lost_sight WITH (security_invoker = true) AS
  SELECT id, name AS source, reason AS why, since, amount AS detections, titles
  FROM program_trouble WHERE tenant_id = current_setting('tenantwatch.tenant', true) AND kind = 'sight';
GRANT SELECT ON v_lost_sight TO tenantwatch_check;
