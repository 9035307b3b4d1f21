import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** What SharePoint and OneDrive let people share. https://learn.microsoft.com/graph/api/sharepointsettings-get */
export const sharePointSettings = snapshot({
  source: 'sharepoint-settings',
  kind: 'sharepoint_settings',
  path: '/admin/sharepoint/settings',
  one: 'sharepoint',
  what: 'read the SharePoint settings',
  needs: { permission: 'SharePointTenantSettings.Read.All', licence: null },
  intervalMs: stateIntervals.posture,
});
