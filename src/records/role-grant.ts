import type { Act, EntityChange } from '../model/event.ts';
import { ROLE_ACTIVITIES } from './data/role-activities.ts';
import { targetType } from './audit-target.ts';
import { object, objectId, objects, own, text, valueOfKey, type Raw } from './property.ts';
import { builtInRole, builtInRoleNamed } from './roles.ts';

/** Who began it, as the record names them; all null when it names nobody. */
export interface Initiator {
  readonly id: string | null;
  readonly name: string | null;
  readonly ip: string | null;
}

/** The tenant-wide scope, as roleAssignment.directoryScopeId writes it. */
const TENANT_SCOPE = '/';

/** Keys of a role grant: the same for every record that shows it. */
function roleGrantKeys(subject: string, roleId: string, scope: string): { subject: string; cause: string } {
  return { subject, cause: `${roleId}:${scope}` };
}

/** A role given or taken, as a directory audit (Core Directory or PIM) tells it. Only results of success count. */
export function auditedRoleActs(record: Raw, activity: string | null, by: Initiator): Act[] {
  const kind = ROLE_ACTIVITIES.get(activity?.toLowerCase() ?? '');
  if (kind === undefined || text(own(record, 'result'))?.toLowerCase() !== 'success') return [];
  const targets = objects(own(record, 'targetResources'));
  const role = auditedRole(record, targets);
  const principal = auditedPrincipal(targets);
  if (role === null || principal === null) return [];
  const scope = auditedScope(targets);
  const words = {
    actor: by.name ?? '',
    subject: principal.name,
    role: role.name,
    scope,
    ip: by.ip ?? '',
  };
  return [{ name: 'role_grant', kind, ...roleGrantKeys(principal.subject, role.id, scope), words }];
}

interface NamedRole {
  readonly id: string;
  readonly name: string;
}

/**
 * Core Directory names the role in modifiedProperties (`Role.TemplateId`, `Role.DisplayName`, JSON-encoded text),
 * PIM in additionalDetails (`TemplateId`, `RoleDefinitionOriginId`) and as a target of type Role [graph-facts 2].
 */
function auditedRole(record: Raw, targets: readonly Raw[]): NamedRole | null {
  const roleTarget = targets.find((target) => targetType(target) === 'role') ?? null;
  const name = modified(targets, 'role.displayname') ?? text(own(roleTarget, 'displayName'));
  const id = auditedTemplate(record, targets);
  const known = builtInRole(id ?? '') ?? builtInRoleNamed(name ?? '');
  if (known !== undefined) return { id: known.templateId, name: known.name };
  // PIM writes the same activities for roles of Azure resources, under this category: those are no directory roles.
  if (text(own(record, 'category'))?.toLowerCase() === 'resourcemanagement') return null;
  return customRole(id, name);
}

function auditedTemplate(record: Raw, targets: readonly Raw[]): string | null {
  const details = own(record, 'additionalDetails');
  return (
    modified(targets, 'role.templateid') ??
    valueOfKey(details, 'TemplateId') ??
    valueOfKey(details, 'RoleDefinitionOriginId')
  );
}

function customRole(id: string | null, name: string | null): NamedRole | null {
  if (id !== null) return { id: id.toLowerCase(), name: name ?? id };
  return name === null ? null : { id: `name:${name.toLowerCase()}`, name };
}

/** The value of a modified property by its name: the new one, for removals the old one, without the JSON quotes. */
function modified(targets: readonly Raw[], name: string): string | null {
  for (const target of targets) {
    for (const property of objects(own(target, 'modifiedProperties'))) {
      if (text(own(property, 'displayName'))?.toLowerCase() !== name) continue;
      const value = unquoted(own(property, 'newValue')) ?? unquoted(own(property, 'oldValue'));
      if (value !== null) return value;
    }
  }
  return null;
}

/** Audit values are JSON inside a string (`"\"Global Administrator\""`); exports have them bare [wire-facts]. */
function unquoted(value: unknown): string | null {
  const outer = text(value);
  if (outer === null || !outer.startsWith('"')) return outer;
  try {
    return text(JSON.parse(outer));
  } catch {
    return outer;
  }
}

const PRINCIPALS: ReadonlyMap<string, string> = new Map([
  ['user', 'user'],
  ['serviceprincipal', 'sp'],
  ['group', 'group'],
]);

function auditedPrincipal(targets: readonly Raw[]): { subject: string; name: string } | null {
  for (const target of targets) {
    const prefix = PRINCIPALS.get(targetType(target) ?? '');
    if (prefix === undefined) continue;
    const id = objectId(own(target, 'id'));
    const upn = text(own(target, 'userPrincipalName'));
    const name = upn ?? text(own(target, 'displayName')) ?? id ?? '';
    if (id !== null) return { subject: `${prefix}:${id}`, name };
    if (upn !== null) return { subject: `upn:${upn.toLowerCase()}`, name };
  }
  return null;
}

/** A grant over an administrative unit has the unit among its targets; spelt as directoryScopeId spells it. */
function auditedScope(targets: readonly Raw[]): string {
  const unit = targets.find((target) => targetType(target) === 'administrativeunit') ?? null;
  const id = objectId(own(unit, 'id'));
  return id === null ? TENANT_SCOPE : `/administrativeUnits/${id}`;
}

/**
 * A role given or taken, as two reads of the role assignments show it. A principal of unknown kind (it was not
 * expanded, or is gone) counts as a user, which nearly all are, so that the audit of the same act has the same keys.
 */
export function changedRoleActs(change: EntityChange): Act[] {
  if (change.op === 'changed') return [];
  const assignment = object(change.op === 'added' ? change.after : change.before);
  const principal = objectId(own(assignment, 'principal_id'));
  const roleId = text(own(assignment, 'role_template_id'))?.toLowerCase() ?? null;
  if (principal === null || roleId === null) return [];
  const scope = text(own(assignment, 'scope')) ?? TENANT_SCOPE;
  const prefix = text(own(assignment, 'principal_kind')) ?? 'user';
  const kind = change.op === 'added' ? 'do' : 'undo';
  const words = {
    actor: '',
    subject: holderName(assignment, principal),
    role: roleName(assignment, roleId),
    scope,
    ip: '',
  };
  return [{ name: 'role_grant', kind, ...roleGrantKeys(`${prefix}:${principal}`, roleId, scope), words }];
}

function holderName(assignment: Raw | null, principal: string): string {
  return text(own(assignment, 'principal_upn')) ?? text(own(assignment, 'principal_name')) ?? principal;
}

function roleName(assignment: Raw | null, roleId: string): string {
  return text(own(assignment, 'role')) ?? builtInRole(roleId)?.name ?? roleId;
}
