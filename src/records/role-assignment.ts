import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objectId, own, text, type Raw } from './property.ts';
import { builtInRole } from './roles.ts';

const PRINCIPAL_KINDS: ReadonlyMap<string, string> = new Map([
  ['#microsoft.graph.user', 'user'],
  ['#microsoft.graph.serviceprincipal', 'sp'],
  ['#microsoft.graph.group', 'group'],
]);

/**
 * unifiedRoleAssignment of roleManagement/directory, best read with `$expand=principal`: without it the principal's
 * kind and name are unknown. Of a custom role the template id is its definition's id unless roleDefinition is expanded.
 */
export function parseRoleAssignment(raw: unknown): Parsed<EntityRecord> {
  const assignment = object(raw);
  // Assignment ids are opaque and tell upper from lower case ("lAPpYvVpN0KRkAEhdxReE…-1").
  const id = text(own(assignment, 'id'));
  if (assignment === null || id === null) return refused('the role assignment has no id');
  const principal = object(own(assignment, 'principal'));
  const principalId = objectId(own(assignment, 'principalId')) ?? objectId(own(principal, 'id'));
  if (principalId === null) return refused('the role assignment has no principalId');
  const templateId = assignedTemplate(assignment);
  if (templateId === null) return refused('the role assignment has no roleDefinitionId');
  const scalars = {
    principal_id: principalId,
    principal_kind: PRINCIPAL_KINDS.get(text(own(principal, '@odata.type'))?.toLowerCase() ?? '') ?? null,
    role_template_id: templateId,
    ...roleFacts(assignment, templateId),
    scope: text(own(assignment, 'directoryScopeId')) ?? text(own(assignment, 'appScopeId')) ?? '/',
  };
  const json = {
    ...scalars,
    principal_name: text(own(principal, 'displayName')),
    principal_upn: text(own(principal, 'userPrincipalName')),
  };
  return accepted({ kind: 'role_assignment', id, json, scalars: { role_assignment: [scalars] } });
}

function assignedTemplate(assignment: Raw): string | null {
  const definition = object(own(assignment, 'roleDefinition'));
  const id = text(own(definition, 'templateId')) ?? text(own(assignment, 'roleDefinitionId'));
  return id?.toLowerCase() ?? null;
}

function roleFacts(assignment: Raw, templateId: string): { role: string | null; tier: number | null } {
  const known = builtInRole(templateId);
  const definition = object(own(assignment, 'roleDefinition'));
  return { role: known?.name ?? text(own(definition, 'displayName')), tier: known?.tier ?? null };
}
