-- Members of the groups that can hold a role, hold one, or are watched: who holds a role through a group.
CREATE TABLE group_member (
  tenant_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  member_id TEXT NOT NULL,
  member_kind TEXT,
  PRIMARY KEY (tenant_id, group_id, member_id)
);

ALTER TABLE group_member ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON group_member FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON group_member TO tenantwatch_check;

-- Who holds a role through a group stands there too, with the group in `via`.
CREATE OR REPLACE VIEW v_role_assignment WITH (security_invoker = true) AS
  SELECT id, principal_id, principal_kind, role_template_id, role, tier, scope, CAST(NULL AS TEXT) AS via
  FROM role_assignment WHERE tenant_id = current_setting('tenantwatch.tenant', true)
  UNION ALL
  SELECT r.id, m.member_id, m.member_kind, r.role_template_id, r.role, r.tier, r.scope, m.group_id
  FROM role_assignment r JOIN group_member m ON m.tenant_id = r.tenant_id AND m.group_id = r.principal_id
  WHERE r.tenant_id = current_setting('tenantwatch.tenant', true)
    AND COALESCE(m.member_kind, '') NOT IN ('group', 'device', 'contact');
