import { defenderLog } from './defender-log.ts';

/**
 * Alerts that Defender took together. Read without `$expand=alerts`: each alert comes by itself and names its incident.
 * https://learn.microsoft.com/graph/api/security-list-incidents
 */
export const defenderIncidents = defenderLog({
  source: 'defender-incidents',
  path: '/security/incidents',
  // At most 50 [wire-facts].
  pageSize: '50',
  what: 'read the Defender incidents',
  needs: { permission: 'SecurityIncident.Read.All', licence: 'defender' },
});
