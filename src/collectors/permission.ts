import type { Licence } from '../model/licence.ts';
import type { Collector } from './collector.ts';

/** Permissions that include another one (graph-facts, table A). */
const INCLUDES: Readonly<Record<string, readonly string[]>> = {
  'Organization.Read.All': ['Directory.Read.All'],
  'LicenseAssignment.Read.All': ['Directory.Read.All', 'Organization.Read.All'],
  'RoleManagement.Read.Directory': ['Directory.Read.All', 'RoleManagement.Read.All'],
  'User.Read.All': ['Directory.Read.All'],
  'Application.Read.All': ['Directory.Read.All', 'Application.ReadWrite.All'],
  'Group.Read.All': ['Group.ReadBasic.All', 'Directory.Read.All', 'Group.ReadWrite.All'],
  'RoleEligibilitySchedule.Read.Directory': ['RoleManagement.Read.Directory', 'RoleManagement.Read.All'],
  'RoleAssignmentSchedule.Read.Directory': ['RoleManagement.Read.Directory', 'RoleManagement.Read.All'],
  'MailboxSettings.Read': ['MailboxSettings.ReadWrite'],
  'Domain.Read.All': ['Domain.ReadWrite.All', 'Directory.Read.All'],
  'SecurityEvents.Read.All': ['SecurityEvents.ReadWrite.All'],
  'SecurityAlert.Read.All': ['SecurityAlert.ReadWrite.All'],
  'SecurityIncident.Read.All': ['SecurityIncident.ReadWrite.All'],
  'UserAuthenticationMethod.Read.All': ['UserAuthenticationMethod.ReadWrite.All'],
};

/** The role among those granted that gives a permission: itself or one that includes it; undefined where none does. */
export function roleThatGives(permission: string, granted: readonly string[]): string | undefined {
  return [permission, ...(INCLUDES[permission] ?? [])].find((role) => granted.includes(role));
}

/** What a source needs in a tenant: without the licence perhaps something else. `licensed` null = not known. */
export function permissionNeeded(
  { needs }: Collector,
  licensed: (licence: Licence) => boolean | null,
): string {
  const unlicensed = needs.licence !== null && licensed(needs.licence) === false;
  return unlicensed ? (needs.without?.permission ?? needs.permission) : needs.permission;
}

/** What a source can do: read whole, read in part, or not at all; `reason` is a skip reason, null where it is read whole. */
export interface SourceSight {
  readonly state: 'full' | 'reduced' | 'off';
  readonly reason: 'no_licence' | 'no_permission' | null;
}

/** What a source can do with these licences and granted permissions; `licensed` null = not known. */
export function sightWith(
  collector: Collector,
  licensed: (licence: Licence) => boolean | null,
  granted: readonly string[],
): SourceSight {
  const { licence, without } = collector.needs;
  const unlicensed = licence !== null && licensed(licence) === false;
  if (unlicensed && without === undefined) return { state: 'off', reason: 'no_licence' };
  const needed = permissionNeeded(collector, licensed);
  if (needed !== '' && roleThatGives(needed, granted) === undefined)
    return { state: 'off', reason: 'no_permission' };
  return unlicensed ? { state: 'reduced', reason: 'no_licence' } : { state: 'full', reason: null };
}
