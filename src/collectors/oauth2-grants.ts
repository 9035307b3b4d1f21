import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/**
 * What apps may do in the name of people (delegated permissions). No smaller application permission than Directory.Read.All
 * reads them [graph-facts A]. https://learn.microsoft.com/graph/api/oauth2permissiongrant-list
 */
export const oauth2Grants = snapshot({
  source: 'oauth2-grants',
  kind: 'oauth2_grant',
  path: '/oauth2PermissionGrants',
  query: { $top: '999' },
  what: 'read permissions that were consented to',
  needs: { permission: 'Directory.Read.All', licence: null },
  intervalMs: stateIntervals.directory,
});
