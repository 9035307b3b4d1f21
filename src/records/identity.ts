import type { EntityRecord } from '../model/entity.ts';
import { defenderAlerts, defenderIncidents } from './defender.ts';
import type { LogSource } from './log-source.ts';
import { managedIdentitySignIns, nonInteractiveSignIns, servicePrincipalSignIns } from './other-sign-in.ts';
import type { Parsed } from './parsed.ts';
import { riskDetections, servicePrincipalRiskDetections } from './risk-detection.ts';
import { parseRiskyServicePrincipal, parseRiskyUser } from './risky.ts';

/** Sign-ins that no person types, and Microsoft's verdicts. */
export const identityLogs: readonly LogSource[] = [
  nonInteractiveSignIns,
  servicePrincipalSignIns,
  managedIdentitySignIns,
  riskDetections,
  servicePrincipalRiskDetections,
  defenderAlerts,
  defenderIncidents,
];

/**
 * Log sources that rules name, by feed. `riskdetection` is Sigma's; it has none for the others, which are called like the
 * categories of Azure's diagnostic settings in lower case, as Sigma's `signinlogs` and `auditlogs` are; those of Defender like
 * the tables of Microsoft Sentinel, SecurityAlert and SecurityIncident.
 */
export const identityLogsources: readonly (readonly [
  string,
  { readonly product: string; readonly service: string },
])[] = [
  ['non-interactive-sign-ins', { product: 'azure', service: 'noninteractiveusersigninlogs' }],
  ['service-principal-sign-ins', { product: 'azure', service: 'serviceprincipalsigninlogs' }],
  ['managed-identity-sign-ins', { product: 'azure', service: 'managedidentitysigninlogs' }],
  ['risk-detections', { product: 'azure', service: 'riskdetection' }],
  ['service-principal-risk-detections', { product: 'azure', service: 'serviceprincipalriskevents' }],
  ['defender-alerts', { product: 'm365', service: 'securityalert' }],
  ['defender-incidents', { product: 'm365', service: 'securityincident' }],
];

export const identityKinds: readonly {
  readonly kind: string;
  parse(raw: unknown): Parsed<EntityRecord>;
}[] = [
  { kind: 'risky_user', parse: parseRiskyUser },
  { kind: 'risky_service_principal', parse: parseRiskyServicePrincipal },
];
