import { ROLE_TIERS } from './data/role-tiers.ts';

export interface BuiltInRole {
  readonly templateId: string;
  /** 0 = path to tenant takeover, 1 = other privileged, 2 = the rest. */
  readonly tier: 0 | 1 | 2;
  readonly name: string;
}

const byId = new Map<string, BuiltInRole>();
const byName = new Map<string, BuiltInRole>();
for (const [templateId, tier, name] of ROLE_TIERS) {
  const role = { templateId, tier, name };
  byId.set(templateId, role);
  byName.set(name.toLowerCase(), role);
}

/** The built-in role with this template id (any case); undefined for custom roles and roles newer than the table. */
export function builtInRole(templateId: string): BuiltInRole | undefined {
  return byId.get(templateId.toLowerCase());
}

/** The built-in role with this English display name (any case). */
export function builtInRoleNamed(name: string): BuiltInRole | undefined {
  return byName.get(name.trim().toLowerCase());
}
