import { GraphError } from '../errors.ts';
import { isLicenceRefusal, isNoMailbox, isPermissionRefusal } from '../microsoft/index.ts';
import type { SkipReason } from '../model/outcome.ts';

/** The service does not know the question (path, property or version), as opposed to refusing the asker. */
export function isUnsupportedQuery(error: unknown): boolean {
  if (!(error instanceof GraphError) || isLicenceRefusal(error)) return false;
  return error.status === 400 || error.status === 404 || error.status === 501;
}

/**
 * Why a source is skipped, or null when the error is a failure to be retried. A licence refusal counts only where the
 * tenant's licences agree: the same answer comes while a licence or a consent is still spreading.
 */
export function skipReason(error: unknown, hasP1: boolean | null): SkipReason | null {
  if (isPermissionRefusal(error)) return 'no_permission';
  if (isLicenceRefusal(error)) return hasP1 === true ? null : 'no_licence';
  if (isNoMailbox(error)) return 'no_mailbox';
  return null;
}
