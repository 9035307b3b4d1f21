import { otherSignIns } from './other-sign-ins.ts';
import { principalLogs } from './settings.ts';

/** Sign-ins of identities that Azure manages. */
export const managedIdentitySignIns = otherSignIns({
  source: 'managed-identity-sign-ins',
  type: 'managedIdentity',
  what: 'read sign-ins of managed identities',
  settings: principalLogs,
});
