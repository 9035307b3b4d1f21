import type { Cause } from '../text/catalogue.ts';
import { cleanWord } from '../text/hostile.ts';

/** Longest text from elsewhere that goes into a mail, in code points. */
export const LONGEST_DETAIL = 300;

const SKIPS: readonly Cause[] = [
  'no_licence',
  'no_permission',
  'auditing_off',
  'not_configured',
  'unsupported_cloud',
  'paused',
];

/** Whether a run was skipped because something is off, rather than failed. */
export function isSkip(reason: string | null): boolean {
  return SKIPS.some((one) => one === reason);
}

/** Words of our own errors by what a reader understands, the first that fits. */
const SIGNS: readonly (readonly [RegExp, Cause])[] = [
  // Before the credential's: an outage of the sign-in service has an AADSTS number too, and nothing of ours is wrong.
  [/sign-in service is overloaded|\b(?:answered|status|HTTP)\s+5\d\d/iu, 'service_down'],
  [/\b(?:answered|status|HTTP)\s+429/iu, 'throttled'],
  [/AADSTS\d+|client.secret/iu, 'credential'],
  [/\b(?:answered|status|HTTP)\s+40[13]/iu, 'refused'],
  [/malformed|truncated|not JSON|unexpected end/iu, 'malformed'],
  [/network|timeout|timed out|ECONN|ENOTFOUND|unreachable/iu, 'unreachable'],
];

/** A reader's cause from a skip reason or the sentence of an error. */
export function causeOf(reason: string | null, error: string | null): Cause {
  const skip = SKIPS.find((one) => one === reason);
  if (skip !== undefined) return skip;
  const text = error ?? reason ?? '';
  return SIGNS.find(([sign]) => sign.test(text))?.[1] ?? 'failed';
}

/** The piece of an error that a mail shows. */
export function detailOf(error: string | null): string | null {
  return error === null ? null : cleanWord(error, LONGEST_DETAIL);
}
