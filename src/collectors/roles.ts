import type { StateCollector } from './collector.ts';
import { roleAssignmentSchedules } from './role-assignment-schedules.ts';
import { roleAssignments } from './role-assignments.ts';
import { roleDefinitions } from './role-definitions.ts';
import { roleEligibility } from './role-eligibility.ts';

/** Roles, who holds them, and who may switch one on (PIM). Before groups: those among them are watched. */
export const roleStates: readonly StateCollector[] = [
  roleDefinitions,
  roleAssignments,
  roleEligibility,
  roleAssignmentSchedules,
];
