-- Members of the groups that can hold a role, hold one, or are watched: who holds a role through a group.
CREATE TABLE group_member (
  tenant_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  member_id TEXT NOT NULL,
  member_kind TEXT,
  PRIMARY KEY (tenant_id, group_id, member_id)
) STRICT;
