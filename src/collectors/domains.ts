import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** The tenant's domains, verified or not, and who signs people in there. https://learn.microsoft.com/graph/api/domain-list */
export const domains = snapshot({
  source: 'domains',
  kind: 'domain',
  path: '/domains',
  what: 'read the domains',
  needs: { permission: 'Domain.Read.All', licence: null },
  intervalMs: stateIntervals.policies,
});
