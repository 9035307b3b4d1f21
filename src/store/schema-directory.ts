/** Members of the groups whose members are read, nested ones included. */
export interface GroupMemberTable {
  tenant_id: string;
  group_id: string;
  member_id: string;
  member_kind: string | null;
}

/** Devices of Intune. Booleans are 0 | 1, null where Intune did not say; times UTC epoch ms. */
export interface ManagedDeviceTable {
  tenant_id: string;
  id: string;
  device_id: string | null;
  name: string | null;
  user_id: string | null;
  upn: string | null;
  owner: string | null;
  compliance: string | null;
  encrypted: number | null;
  jailbroken: number | null;
  os: string | null;
  os_version: string | null;
  enrolled_at: number | null;
}
