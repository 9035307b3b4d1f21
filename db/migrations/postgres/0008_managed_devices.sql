-- Devices as Intune manages them; device_id is the one of the same device in Entra ID.
CREATE TABLE managed_device (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL,
  device_id TEXT,
  name TEXT,
  user_id TEXT,
  upn TEXT,
  owner TEXT,
  compliance TEXT,
  encrypted SMALLINT,
  jailbroken SMALLINT,
  os TEXT,
  os_version TEXT,
  enrolled_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);

ALTER TABLE managed_device ENABLE ROW LEVEL SECURITY;
CREATE POLICY check_one_tenant ON managed_device FOR SELECT TO tenantwatch_check
  USING (tenant_id = current_setting('tenantwatch.tenant', true));
GRANT SELECT ON managed_device TO tenantwatch_check;

CREATE VIEW v_managed_device WITH (security_invoker = true) AS
  SELECT id, device_id, name, user_id, upn, owner, compliance, encrypted, jailbroken, os, os_version, enrolled_at
  FROM managed_device WHERE tenant_id = current_setting('tenantwatch.tenant', true);
GRANT SELECT ON v_managed_device TO tenantwatch_check;
