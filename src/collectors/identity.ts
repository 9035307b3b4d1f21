import type { Collector } from './collector.ts';
import { defenderAlerts } from './defender-alerts.ts';
import { defenderIncidents } from './defender-incidents.ts';
import { managedIdentitySignIns } from './managed-identity-sign-ins.ts';
import { nonInteractiveSignIns } from './non-interactive-sign-ins.ts';
import { riskDetections } from './risk-detections.ts';
import { riskyServicePrincipals } from './risky-service-principals.ts';
import { riskyUsers } from './risky-users.ts';
import { servicePrincipalRiskDetections } from './service-principal-risk-detections.ts';
import { servicePrincipalSignIns } from './service-principal-sign-ins.ts';

/** Whom Microsoft holds for compromised. */
export const riskStates: readonly Collector[] = [riskyUsers, riskyServicePrincipals];

/** Microsoft's verdicts, and the sign-ins that no person types. */
export const identityLogs: readonly Collector[] = [
  riskDetections,
  servicePrincipalRiskDetections,
  defenderAlerts,
  defenderIncidents,
  nonInteractiveSignIns,
  servicePrincipalSignIns,
  managedIdentitySignIns,
];
