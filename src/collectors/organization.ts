import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** The tenant itself: its verified domains say which mail address is outside. https://learn.microsoft.com/graph/api/organization-list */
export const organization = snapshot({
  source: 'organization',
  kind: 'organization',
  path: '/organization',
  what: 'read the organization',
  needs: { permission: 'Organization.Read.All', licence: null },
  intervalMs: stateIntervals.tenant,
});
