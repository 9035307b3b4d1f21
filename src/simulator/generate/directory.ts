import { addApplications } from './applications.ts';
import type { TenantDraft } from './draft.ts';
import { addGroups } from './groups.ts';
import { watchingApp } from './organization.ts';
import { settingsObjects } from './posture.ts';
import type { SimulatedTenant } from '../world.ts';

/** Applications and groups, with the members that audits told of: after the stories and habits that tell them. */
export function addDirectory(draft: TenantDraft): void {
  addApplications(draft, watchingApp(draft));
  addGroups(draft);
}

/** All that the directory holds besides people and roles. */
export function directoryOf(draft: TenantDraft): NonNullable<SimulatedTenant['directory']> {
  return { ...draft.directory, ...settingsObjects(draft) };
}
