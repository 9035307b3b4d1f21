import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/** The last secure score; `$top` counts days, the newest first. https://learn.microsoft.com/graph/api/security-list-securescores */
export const secureScore = snapshot({
  source: 'secure-score',
  kind: 'secure_score',
  path: '/security/secureScores',
  query: { $top: '1' },
  firstPage: true,
  neverEmpty: true,
  quota: 'security',
  what: 'read the secure score',
  needs: { permission: 'SecurityEvents.Read.All', licence: null },
  intervalMs: stateIntervals.posture,
});
