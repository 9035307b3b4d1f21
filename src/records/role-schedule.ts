import type { EntityRecord } from '../model/entity.ts';
import { accepted, type Parsed } from './parsed.ts';
import { object, own, text, type Raw } from './property.ts';
import { parseRoleAssignment } from './role-assignment.ts';
import { instant } from './time.ts';

/** unifiedRoleEligibilityScheduleInstance: who may switch a role on for a while (PIM). Best read with `$expand=principal`. */
export function parseRoleEligibility(raw: unknown): Parsed<EntityRecord> {
  return parseInstance('role_eligibility', raw, () => ({}));
}

/** unifiedRoleAssignmentScheduleInstance: roles held now, and whether for good or switched on for a while (PIM). */
export function parseRoleAssignmentSchedule(raw: unknown): Parsed<EntityRecord> {
  return parseInstance('role_assignment_schedule', raw, (instance) => ({
    // `assigned` or `activated`; documentation writes it in either case.
    assignment_type: text(own(instance, 'assignmentType'))?.toLowerCase() ?? null,
    origin_id: text(own(instance, 'roleAssignmentOriginId')),
  }));
}

/** The same holder, role and scope as a role assignment has, and from when to when. */
function parseInstance(
  kind: string,
  raw: unknown,
  more: (instance: Raw) => Record<string, unknown>,
): Parsed<EntityRecord> {
  const parsed = parseRoleAssignment(raw);
  const instance = object(raw);
  if (!parsed.ok || instance === null) return parsed;
  const json = {
    ...parsed.value.json,
    // `direct` or `group`: through a group that holds the role.
    member_type: text(own(instance, 'memberType'))?.toLowerCase() ?? null,
    start_at: instant(own(instance, 'startDateTime')),
    end_at: instant(own(instance, 'endDateTime')),
    ...more(instance),
  };
  return accepted({ kind, id: parsed.value.id, json, scalars: {} });
}
