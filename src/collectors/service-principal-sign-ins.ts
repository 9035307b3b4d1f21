import { otherSignIns } from './other-sign-ins.ts';
import { principalLogs } from './settings.ts';

/** Sign-ins of applications with their own credential; this program is among them. */
export const servicePrincipalSignIns = otherSignIns({
  source: 'service-principal-sign-ins',
  type: 'servicePrincipal',
  what: 'read sign-ins of service principals',
  settings: principalLogs,
});
