/** Members of the groups whose members are read, nested ones included. */
export interface GroupMemberTable {
  tenant_id: string;
  group_id: string;
  member_id: string;
  member_kind: string | null;
}
