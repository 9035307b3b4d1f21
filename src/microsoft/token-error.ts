import { CredentialError, GraphError } from '../errors.ts';
import { cleanWord } from '../text/hostile.ts';
import { isObject, networkError, parseJson, parseRetryAfter, type HttpAnswer } from './errors.ts';

/** For whom and what the token was wanted. */
export interface TokenAsked {
  readonly tenantId: string;
  readonly clientId: string;
  /** Host of the resource: `graph.microsoft.com`. */
  readonly resource: string;
}

/** A failed token request: the error to throw and how long the service asked to wait. */
export interface TokenFailure {
  readonly error: CredentialError;
  readonly retryAfterMs: number | null;
}

interface Meaning {
  readonly reason: (asked: TokenAsked) => string;
  readonly todo: string;
  /** Microsoft may settle it without us: the run fails, the next one tries again. */
  readonly passing?: true;
}

const ADMIN_CONSENT = "open the app's admin consent link as a Global Administrator of that tenant";
const WRONG_TENANT = 'check the tenant id and the cloud';

/** AADSTS numbers and their meaning for us [Microsoft Learn: entra/identity-platform/reference-error-codes; fact sheet F]. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  7000215: {
    reason: () => 'the client secret is wrong',
    todo: "give the secret's Value, not its Secret ID, of a secret of this app",
  },
  7000222: {
    reason: () => 'the client secret has expired',
    todo: 'make a new secret in the app registration, or better a certificate, and configure it',
  },
  700016: {
    reason: (asked) => `the app ${asked.clientId} is not known in this tenant`,
    todo: `check the client id and the tenant id, or ${ADMIN_CONSENT}`,
  },
  7000229: { reason: () => 'the app has no service principal in this tenant', todo: ADMIN_CONSENT },
  7000112: {
    reason: () => 'the app is disabled in this tenant',
    todo: 'enable sign-in for it under Enterprise applications',
  },
  90002: { reason: () => 'the tenant was not found', todo: WRONG_TENANT },
  900023: {
    reason: () => 'the tenant id is neither a GUID nor a domain',
    todo: 'give the tenant id as a GUID',
  },
  90038: { reason: () => 'the tenant lives in another cloud', todo: WRONG_TENANT },
  5000224: { reason: () => 'the tenant is not available', todo: 'check whether it was deleted' },
  700027: {
    reason: () => 'the certificate is not one of this app, or has expired there',
    todo: 'upload its public part to the app registration under Certificates & secrets',
  },
  700025: {
    reason: () => 'the app takes no secret or certificate',
    todo: 'register it as a confidential client',
  },
  7000216: { reason: () => 'no credential was accepted', todo: 'give a client secret or a certificate file' },
  7000218: { reason: () => 'no credential was accepted', todo: 'give a client secret or a certificate file' },
  65001: { reason: () => 'nobody has consented to the app', todo: ADMIN_CONSENT },
  500011: {
    reason: (asked) => `the tenant does not have the service ${asked.resource}`,
    todo: 'check that it is licensed in this tenant, then grant consent again',
  },
  500014: {
    reason: (asked) => `the service ${asked.resource} is switched off in this tenant`,
    todo: 'check that a plan with it (such as Exchange Online) is licensed there',
  },
  53003: {
    reason: () => 'a Conditional Access policy for workload identities blocks the app here',
    todo: "exclude the app or allow this machine's address in that policy",
  },
  90055: { reason: () => 'the sign-in service is overloaded', todo: 'it is tried again', passing: true },
};

/** The token endpoint answered, and it was no token. `now` is UTC epoch ms. */
export function tokenRefusal(answer: HttpAnswer, asked: TokenAsked, now: number): TokenFailure {
  const body = parseJson(answer.text);
  const fields = isObject(body) ? body : {};
  const description = typeof fields['error_description'] === 'string' ? fields['error_description'] : '';
  const number = aadstsNumber(fields, description);
  const retryAfterMs = parseRetryAfter(answer.headers.get('retry-after'), now);
  const meaning = MEANINGS[number];
  const busy = answer.status === 408 || answer.status === 429 || answer.status >= 500;
  const permanent = meaning !== undefined && meaning.passing !== true;
  const reason = meaning ? meaning.reason(asked) : unknownReason(answer.status, description);
  const todo = meaning
    ? meaning.todo
    : busy
      ? 'it is tried again'
      : 'look the number up in the Entra error codes';
  const name = number === 0 ? '' : `AADSTS${number}, `;
  const trace = typeof fields['trace_id'] === 'string' ? ` (trace-id ${cleanWord(fields['trace_id'])})` : '';
  const message = `${verb(asked)}: ${name}${reason}${trace}; ${todo}`;
  return { error: new CredentialError(message, number, permanent), retryAfterMs };
}

/** No answer came from the token endpoint. A certificate that is not trusted is permanent, the rest is not. */
export function tokenNetworkFailure(cause: unknown, asked: TokenAsked): TokenFailure {
  const fault = cause instanceof GraphError ? cause : networkError(cause, { what: verb(asked) });
  const permanent = fault.code === 'untrusted_certificate' || fault.code === 'foreign_link';
  const message = permanent
    ? fault.message
    : `${fault.message}; check that this machine reaches the sign-in host`;
  return { error: new CredentialError(message, 0, permanent, { cause }), retryAfterMs: null };
}

/** `@azure/identity` gave up by itself: an answer it could not use. */
export function tokenLibraryFailure(cause: unknown, asked: TokenAsked): TokenFailure {
  const text = cause instanceof Error ? cause.message : String(cause);
  const number = Number(/AADSTS(\d+)/.exec(text)?.[1] ?? 0);
  const message = `${verb(asked)}: the answer was not usable: ${cleanWord(text, 200)}; check the tenant id and the cloud`;
  return { error: new CredentialError(message, number, false, { cause }), retryAfterMs: null };
}

export function verb(asked: TokenAsked): string {
  return `get a token for tenant ${asked.tenantId}`;
}

/** `error_codes` first: Microsoft warns that texts change. */
function aadstsNumber(body: Record<string, unknown>, description: string): number {
  const codes: unknown[] = Array.isArray(body['error_codes']) ? body['error_codes'] : [];
  const numbers = codes.map(Number).filter((code) => Number.isSafeInteger(code));
  const known = numbers.find((code) => MEANINGS[code] !== undefined);
  return known ?? numbers[0] ?? Number(/AADSTS(\d{4,9})/.exec(description)?.[1] ?? 0);
}

function unknownReason(status: number, description: string): string {
  const first = cleanWord((description.split(/[\r\n]/)[0] ?? '').replace(/^AADSTS\d+:\s*/, ''), 200);
  return first === ''
    ? `the sign-in service answered ${status}`
    : `the sign-in service answered ${status} "${first}"`;
}
