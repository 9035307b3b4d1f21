import { GraphError } from '../errors.ts';
import {
  isAuditingOff,
  isLicenceRefusal,
  isNoMailbox,
  isPermissionRefusal,
  isServiceDisabled,
  isWithoutManagement,
} from '../microsoft/index.ts';
import type { SkipReason } from '../model/outcome.ts';

/** Code of our own error where only beta has what is asked and beta is not to be used. */
export const betaOff = 'beta_off';

/** Codes of our own errors: a tenant that never had Defender switched on, and a cloud that has no such service. */
export const notOnboarded = 'not_onboarded';
export const notOffered = 'not_offered';

/** The service does not know the question (path, property or version), as opposed to refusing the asker. */
export function isUnsupportedQuery(error: unknown): boolean {
  if (!(error instanceof GraphError) || isLicenceRefusal(error)) return false;
  return error.status === 400 || error.status === 404 || error.status === 501;
}

/**
 * Why a source is skipped, or null when the error is a failure to be retried. A licence refusal counts only where the
 * tenant's licences agree: the same answer comes while a licence or a consent is still spreading. `licensed` says whether
 * they hold what the source needs; null while they are not known.
 */
export function skipReason(error: unknown, licensed: boolean | null): SkipReason | null {
  const own = reasonOfOurs(error, licensed);
  if (own !== null) return own;
  if (isWithoutManagement(error)) return 'unsupported_cloud';
  if (isAuditingOff(error)) return 'auditing_off';
  // Not the licence of Entra ID that `licensed` is about: no plan of the tenant has the service.
  if (isServiceDisabled(error)) return 'no_licence';
  if (isPermissionRefusal(error)) return 'no_permission';
  if (isLicenceRefusal(error)) return licensed === true ? null : 'no_licence';
  if (isNoMailbox(error)) return 'no_mailbox';
  return null;
}

/** Refusals to which a collector gave a name of ours. */
function reasonOfOurs(error: unknown, licensed: boolean | null): SkipReason | null {
  if (!(error instanceof GraphError)) return null;
  if (error.code === betaOff) return 'not_configured';
  if (error.code === notOffered) return 'unsupported_cloud';
  if (error.code !== notOnboarded) return null;
  // The plan without the set-up, or no plan: `licensed` is about plans of Defender here.
  return licensed === true ? 'not_configured' : 'no_licence';
}
