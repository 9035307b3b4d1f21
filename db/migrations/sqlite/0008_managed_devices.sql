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
  encrypted INTEGER,
  jailbroken INTEGER,
  os TEXT,
  os_version TEXT,
  enrolled_at INTEGER,
  PRIMARY KEY (tenant_id, id)
) STRICT;
