import { isoSeconds, SECOND } from './calendar.ts';
import { MFA_BY_CLAIM, MFA_COMPLETED } from './data/sign-in-errors.ts';
import type { Mfa } from './sign-in.ts';
import type { Raw } from '../world.ts';

const MFA_REQUIREMENT = 'Multifactor authentication';
const PUSH = 'Mobile app notification';

/** Codes where the password was wrong or not looked at: no further step follows (signin-errors: missing user, locked, bad-password). */
const NO_PASSWORD = new Set([50034, 50053, 50126]);

/** authenticationDetails of one sign-in: password or token first, then the second factor. */
export function authenticationSteps(at: number, code: number, mfa: Mfa): Raw[] {
  if (NO_PASSWORD.has(code)) {
    return [password(at, false, 'Invalid username or password or Invalid on-premise username or password.')];
  }
  if (mfa === 'claim') return [satisfied(at), mfaStep(at, 'Previously satisfied', true, MFA_BY_CLAIM)];
  const first = password(at, true, 'Correct password');
  if (mfa === 'none') return [first];
  if (mfa === 'missing') return [first, mfaStep(at + SECOND, '', false, 'MFA required in Azure AD')];
  return [first, mfaStep(at + 12 * SECOND, PUSH, true, MFA_COMPLETED)];
}

/** mfaDetail: only a prompt that was answered leaves one. */
export function mfaDetail(code: number, mfa: Mfa): Raw | null {
  return code === 0 && mfa === 'prompt' ? { authMethod: PUSH, authDetail: null } : null;
}

function password(at: number, succeeded: boolean, detail: string): Raw {
  return step(at, 'Password', 'Password in the cloud', succeeded, detail, 'Primary authentication');
}

function satisfied(at: number): Raw {
  const detail = 'First factor requirement satisfied by claim in the token';
  return step(at, 'Previously satisfied', null, true, detail, 'Primary authentication');
}

function mfaStep(at: number, method: string, succeeded: boolean, detail: string): Raw {
  return step(at, method, null, succeeded, detail, MFA_REQUIREMENT);
}

function step(
  at: number,
  authenticationMethod: string,
  authenticationMethodDetail: string | null,
  succeeded: boolean,
  authenticationStepResultDetail: string,
  authenticationStepRequirement: string,
): Raw {
  return {
    authenticationStepDateTime: isoSeconds(at),
    authenticationMethod,
    authenticationMethodDetail,
    succeeded,
    authenticationStepResultDetail,
    authenticationStepRequirement,
  };
}
