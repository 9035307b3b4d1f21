import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, own, text } from './property.ts';

/** unifiedRoleDefinition of roleManagement/directory. A built-in role's id is its template id (assumed where absent). */
export function parseRoleDefinition(raw: unknown): Parsed<EntityRecord> {
  const role = object(raw);
  const id = text(own(role, 'id'))?.toLowerCase() ?? null;
  if (id === null) return refused('the role definition has no id');
  const json = {
    template_id: text(own(role, 'templateId'))?.toLowerCase() ?? id,
    name: text(own(role, 'displayName')),
    built_in: flag(own(role, 'isBuiltIn')),
    enabled: flag(own(role, 'isEnabled')),
  };
  return accepted({ kind: 'role_definition', id, json, scalars: {} });
}
