import type { TenantDraft } from './draft.ts';
import { addProgramSignIns } from './principal-sign-ins.ts';
import { addRisk } from './risk.ts';
import { addTokenRefreshes } from './token-refreshes.ts';
import type { IdentityData, LogRecord, Story } from '../world.ts';

export { defenderOf } from './defender.ts';

/** Adds what follows from the sign-ins that people make: it comes after habits and stories. */
export function addIdentity(draft: TenantDraft, stories: readonly Story[]): void {
  addTokenRefreshes(draft);
  addProgramSignIns(draft);
  addRisk(draft, stories);
}

/** `inSpan` keeps what lies inside the data, sorted by time. */
export function identityData(
  { identity }: TenantDraft,
  inSpan: (records: readonly LogRecord[]) => LogRecord[],
): IdentityData {
  return {
    otherSignIns: inSpan(identity.otherSignIns),
    riskDetections: inSpan(identity.riskDetections),
    principalRiskDetections: [],
    riskyUsers: identity.riskyUsers,
    riskyPrincipals: [],
  };
}
