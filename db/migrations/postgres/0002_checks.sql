-- Checks read views v_* as the role tenantwatch_check, which sees the rows of one tenant only: the one that
-- the setting tenantwatch.tenant names in this transaction (src/store/check-database.ts).
-- Needs the right to create a role once; where the server's owner keeps it, they create the role beforehand:
--   CREATE ROLE tenantwatch_check NOLOGIN; GRANT tenantwatch_check TO <the program's user>;

DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tenantwatch_check') THEN
    CREATE ROLE tenantwatch_check NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- another database of the same server made it at the same moment
END
$$;

DO $$
BEGIN
  IF NOT pg_has_role(current_user, 'tenantwatch_check', 'MEMBER') THEN
    GRANT tenantwatch_check TO CURRENT_USER;
  END IF;
END
$$;

DO $$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO tenantwatch_check', current_schema());
END
$$;

ALTER TABLE user_account ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON user_account FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON user_account TO tenantwatch_check;

ALTER TABLE user_licence ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON user_licence FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON user_licence TO tenantwatch_check;

ALTER TABLE subscribed_sku ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON subscribed_sku FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON subscribed_sku TO tenantwatch_check;

ALTER TABLE sign_in_activity ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON sign_in_activity FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON sign_in_activity TO tenantwatch_check;

ALTER TABLE role_assignment ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON role_assignment FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON role_assignment TO tenantwatch_check;

ALTER TABLE inbox_rule ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON inbox_rule FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON inbox_rule TO tenantwatch_check;

ALTER TABLE rule_action ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON rule_action FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON rule_action TO tenantwatch_check;

ALTER TABLE own_domain ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON own_domain FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON own_domain TO tenantwatch_check;

ALTER TABLE setting ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON setting FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON setting TO tenantwatch_check;

CREATE VIEW v_user WITH (security_invoker = true) AS
  SELECT id, upn, name, kind, enabled, disabled_since, created_at, leave_at, synced, manager_id,
    department, usage_location, external_state
  FROM user_account WHERE tenant_id = current_setting('tenantwatch.tenant', true);
GRANT SELECT ON v_user TO tenantwatch_check;

CREATE VIEW v_user_licence WITH (security_invoker = true) AS
  SELECT l.user_id, l.sku_id, COALESCE(s.sku, l.sku_id) AS sku
  FROM user_licence l LEFT JOIN subscribed_sku s ON s.tenant_id = l.tenant_id AND s.sku_id = l.sku_id
  WHERE l.tenant_id = current_setting('tenantwatch.tenant', true);
GRANT SELECT ON v_user_licence TO tenantwatch_check;

CREATE VIEW v_sign_in_activity WITH (security_invoker = true) AS
  SELECT user_id, read_at, last_sign_in, last_non_interactive, last_successful
  FROM sign_in_activity WHERE tenant_id = current_setting('tenantwatch.tenant', true);
GRANT SELECT ON v_sign_in_activity TO tenantwatch_check;

CREATE VIEW v_role_assignment WITH (security_invoker = true) AS
  SELECT id, principal_id, principal_kind, role_template_id, role, tier, scope
  FROM role_assignment WHERE tenant_id = current_setting('tenantwatch.tenant', true);
GRANT SELECT ON v_role_assignment TO tenantwatch_check;

CREATE VIEW v_inbox_rule WITH (security_invoker = true) AS
  SELECT mailbox_id, rule_id, name, enabled
  FROM inbox_rule WHERE tenant_id = current_setting('tenantwatch.tenant', true);
GRANT SELECT ON v_inbox_rule TO tenantwatch_check;

CREATE VIEW v_rule_action WITH (security_invoker = true) AS
  SELECT a.mailbox_id, a.rule_id, a.action, a.target,
    CASE WHEN a.target_domain IS NULL THEN 0
         WHEN EXISTS (SELECT 1 FROM own_domain d WHERE d.tenant_id = a.tenant_id AND d.domain = a.target_domain) THEN 0
         ELSE 1 END AS outside
  FROM rule_action a WHERE a.tenant_id = current_setting('tenantwatch.tenant', true);
GRANT SELECT ON v_rule_action TO tenantwatch_check;

CREATE VIEW v_setting WITH (security_invoker = true) AS
  SELECT name, value FROM setting WHERE tenant_id = current_setting('tenantwatch.tenant', true);
GRANT SELECT ON v_setting TO tenantwatch_check;
