import { otherSignIns } from './other-sign-ins.ts';
import { nonInteractiveLogs } from './settings.ts';

/** Tokens that clients fetched for a user who was not asked: where a stolen token is used, this log shows it. */
export const nonInteractiveSignIns = otherSignIns({
  source: 'non-interactive-sign-ins',
  type: 'nonInteractiveUser',
  what: 'read non-interactive sign-ins',
  settings: nonInteractiveLogs,
});
