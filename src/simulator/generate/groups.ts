import { DAY, isoSeconds } from './calendar.ts';
import { addObject } from './applications.ts';
import { GROUPS } from './audit-days.ts';
import type { TenantDraft } from './draft.ts';
import { personOf, versionsOf } from './draft.ts';
import type { Person } from './people.ts';
import { assignRole } from './roles.ts';
import { ROLE } from './data/roles.ts';
import type { Raw } from '../world.ts';

/** The company's groups with the members that the audits tell of, and one that holds a role. */
export function addGroups(draft: TenantDraft): void {
  for (const name of GROUPS) addGroup(draft, name);
  const { roleGroup } = draft.cast;
  if (roleGroup) addRoleGroup(draft, roleGroup);
}

/** Who is taken out during the data was in before it, and who is put in was not. */
function addGroup(draft: TenantDraft, name: string): void {
  const id = draft.random.fork('group', name).guid();
  const from = Date.parse(draft.cast.founded) + 10 * DAY;
  const changes = draft.memberships.filter(({ group }) => group === id).toSorted((a, b) => a.at - b.at);
  const joinedFirst = new Map(changes.toReversed().map(({ person, joins }) => [person, joins]));
  const draw = draft.random.fork('members', name);
  const isMember = ({ id: person, key }: Person): boolean => {
    const joined = joinedFirst.get(person);
    return joined === undefined ? draw.fork(key).chance(0.4) : !joined;
  };
  const staff = draft.people.filter(({ kind, createdAt }) => kind === 'staff' && createdAt < draft.from);
  const members = new Set(staff.filter(isMember).map((person) => person.id));
  const value = { ...group(id, name, from), members: [...members] };
  const patches = changes.map(({ at, person, joins }) => {
    if (joins) members.add(person);
    else members.delete(person);
    return { from: at, change: { members: [...members] } };
  });
  draft.directory.groups.push({ id, versions: versionsOf({ from, value }, patches) });
}

/** A group that can hold roles, and holds one for its members. */
function addRoleGroup(
  draft: TenantDraft,
  { name, members }: { readonly name: string; readonly members: readonly string[] },
): void {
  const from = Date.parse(draft.cast.founded) + 950 * DAY;
  const id = draft.random.fork('group', name).guid();
  const people = members.map((key) => personOf(draft, key));
  addObject(draft, 'groups', from, {
    ...group(id, name, from),
    isAssignableToRole: true,
    visibility: 'Private',
    members: people.map((person) => person.id),
  });
  assignRole(draft, { id }, ROLE.helpdeskAdministrator, from);
  const eligible = personOf(draft, draft.cast.operator);
  addObject(draft, 'roleEligibility', from, {
    id: draft.random.fork('eligible', eligible.key).guid(),
    principalId: eligible.id,
    roleDefinitionId: ROLE.exchangeAdministrator,
    directoryScopeId: '/',
    appScopeId: null,
    startDateTime: isoSeconds(from),
    endDateTime: null,
    memberType: 'Direct',
    roleEligibilityScheduleId: draft.random.fork('schedule', eligible.key).guid(),
  });
}

function group(id: string, displayName: string, from: number): Raw & { readonly id: string } {
  return {
    id,
    deletedDateTime: null,
    createdDateTime: isoSeconds(from),
    description: null,
    displayName,
    groupTypes: [],
    isAssignableToRole: null,
    mail: null,
    mailEnabled: false,
    mailNickname: id.slice(0, 8),
    membershipRule: null,
    membershipRuleProcessingState: null,
    onPremisesSyncEnabled: null,
    renewedDateTime: isoSeconds(from),
    securityEnabled: true,
    visibility: null,
  };
}
