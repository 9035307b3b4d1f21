import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, own, sorted, text, texts } from './property.ts';
import { instant } from './time.ts';

/** `$select` of groups and groups/delta, without members: those of every group would come along. */
export const groupSelect: readonly string[] = [
  'id',
  'displayName',
  'groupTypes',
  'securityEnabled',
  'mailEnabled',
  'mail',
  'isAssignableToRole',
  'membershipRule',
  'membershipRuleProcessingState',
  'visibility',
  'onPremisesSyncEnabled',
  'createdDateTime',
];

/** A group, whole: what a delta page brings is merged into the last known object first. */
export function parseGroup(raw: unknown): Parsed<EntityRecord> {
  const group = object(raw);
  const id = objectId(own(group, 'id'));
  if (group === null || id === null) return refused('the group has no id');
  const json = {
    name: text(own(group, 'displayName')),
    mail: text(own(group, 'mail'))?.toLowerCase() ?? null,
    group_types: sorted(texts(own(group, 'groupTypes'))),
    security_enabled: flag(own(group, 'securityEnabled')),
    mail_enabled: flag(own(group, 'mailEnabled')),
    // Left out and null where it is false: the property exists on groups made for roles.
    role_assignable: flag(own(group, 'isAssignableToRole')) === true,
    membership_rule: text(own(group, 'membershipRule')),
    membership_rule_on: text(own(group, 'membershipRuleProcessingState'))?.toLowerCase() === 'on',
    visibility: text(own(group, 'visibility')),
    synced: flag(own(group, 'onPremisesSyncEnabled')) === true,
    created_at: instant(own(group, 'createdDateTime')),
    deleted_at: instant(own(group, 'deletedDateTime')),
  };
  return accepted({ kind: 'group', id, json, scalars: {} });
}

/** `groupId` is not Graph's: it says whose member it is. */
export interface GroupMemberInput {
  readonly groupId: string;
  readonly member: unknown;
}

const MEMBER_KINDS: ReadonlyMap<string, string> = new Map([
  ['#microsoft.graph.user', 'user'],
  ['#microsoft.graph.serviceprincipal', 'sp'],
  ['#microsoft.graph.group', 'group'],
  ['#microsoft.graph.device', 'device'],
  ['#microsoft.graph.orgcontact', 'contact'],
]);

/** A direct or nested member of a watched group. Takes a GroupMemberInput; its id is `<group id>/<member id>`. */
export function parseGroupMember(raw: unknown): Parsed<EntityRecord> {
  const input = object(raw);
  const group = objectId(own(input, 'groupId'));
  const member = object(own(input, 'member'));
  const id = objectId(own(member, 'id'));
  if (group === null || id === null) return refused('the member has no group and id');
  const kind = MEMBER_KINDS.get(text(own(member, '@odata.type'))?.toLowerCase() ?? '') ?? null;
  const row = { group_id: group, member_id: id, member_kind: kind };
  const json = {
    ...row,
    member_name: text(own(member, 'displayName')),
    member_upn: text(own(member, 'userPrincipalName')),
  };
  return accepted({ kind: 'group_member', id: `${group}/${id}`, json, scalars: { group_member: [row] } });
}
