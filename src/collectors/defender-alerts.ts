import { defenderLog } from './defender-log.ts';

/** What Microsoft Defender XDR, and everything that reports to it, warns of. */
export const defenderAlerts = defenderLog({
  source: 'defender-alerts',
  path: '/security/alerts_v2',
  // The size in Microsoft's own example; 2,000 is said to be the most (UNVERIFIED). An alert with its evidence is some 10 KB.
  pageSize: '100',
  what: 'read the Defender alerts',
  needs: { permission: 'SecurityAlert.Read.All', licence: 'defender' },
});
