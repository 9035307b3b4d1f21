import type { StateCollector } from './collector.ts';
import { devices } from './devices.ts';
import { intuneDevices } from './intune-devices.ts';
import { mailDomainsDns } from './mail-domains-dns.ts';
import { policyStates } from './policies.ts';
import { registrationDetails } from './registration-details.ts';
import { secureScore } from './secure-score.ts';
import { sharePointSettings } from './sharepoint-settings.ts';

/**
 * Policies, and how well the tenant stands: devices, second factors, sharing, score, mail records. Before groups: those that
 * Conditional Access names are read with their members.
 */
export const settingsStates: readonly StateCollector[] = [
  ...policyStates,
  devices,
  intuneDevices,
  registrationDetails,
  sharePointSettings,
  secureScore,
  mailDomainsDns,
];
