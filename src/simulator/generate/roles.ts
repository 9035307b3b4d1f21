import { DAY } from './calendar.ts';
import { BUILT_IN_ROLES } from './data/roles.ts';
import type { TenantDraft } from './draft.ts';
import type { Person } from './people.ts';
import type { Raw, StateObject } from '../world.ts';

/** The built-in role definitions; id and templateId are the same for these. */
export function roleDefinitions(): Raw[] {
  return BUILT_IN_ROLES.map(([templateId, displayName]) => ({
    id: templateId,
    displayName,
    description: `Built-in directory role ${displayName}.`,
    isBuiltIn: true,
    isEnabled: true,
    templateId,
    version: '1',
    resourceScopes: ['/'],
    rolePermissions: [],
  }));
}

/** Gives a role in the whole directory from a time on; the assignment id follows from role and principal. */
export function assignRole(
  draft: TenantDraft,
  person: Pick<Person, 'id'>,
  roleTemplateId: string,
  from: number,
): StateObject {
  const id = assignmentId(roleTemplateId, person.id);
  const value = {
    id,
    principalId: person.id,
    roleDefinitionId: roleTemplateId,
    directoryScopeId: '/',
    appScopeId: null,
    condition: null,
    principalOrganizationId: draft.id,
  };
  const assignment = { id, versions: [{ from, value }] };
  draft.roleAssignments.push(assignment);
  return assignment;
}

/** The roles that people of the cast hold from the beginning. */
export function assignStandingRoles(draft: TenantDraft): void {
  for (const person of draft.people) {
    for (const role of person.roles ?? []) assignRole(draft, person, role, person.createdAt + DAY);
  }
}

/** Whether the person holds any role at a time (UTC epoch ms). */
export function holdsRole(draft: TenantDraft, person: Person, at: number): boolean {
  return draft.roleAssignments.some(({ versions: [first] }) => {
    return first?.value?.principalId === person.id && first.from <= at;
  });
}

/** The object id of an activated role in one tenant, which audits call Role.ObjectID. */
export function roleObjectId(draft: TenantDraft, roleTemplateId: string): string {
  return draft.random.fork('role object', roleTemplateId).guid();
}

/** Like the ids in Graph's examples: base64url of both GUIDs' bytes and a counter. */
function assignmentId(roleTemplateId: string, principalId: string): string {
  const bytes = Buffer.concat([guidBytes(roleTemplateId), guidBytes(principalId)]);
  return `${bytes.toString('base64url')}-1`;
}

/** The first three fields are little-endian. */
function guidBytes(guid: string): Buffer {
  const [a = '', b = '', c = '', d = '', e = ''] = guid.split('-');
  const little = [a, b, c].map((field) => Buffer.from(field, 'hex').reverse());
  return Buffer.concat([...little, Buffer.from(d + e, 'hex')]);
}
