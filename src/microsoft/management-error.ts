import { CredentialError, GraphError } from '../errors.ts';
import { cleanWord } from '../text/hostile.ts';
import { isObject, parseJson, parseRetryAfter, type Asked, type HttpAnswer } from './errors.ts';

/** Our own words for refusals that Microsoft gives no usable code. */
export const AUDITING_OFF = 'auditing_off';
export const SERVICE_DISABLED = 'service_disabled';
export const NO_MANAGEMENT_HOST = 'no_management_host';
export const NO_AUDIT_SEARCH = 'no_audit_search';
export const NO_EXCHANGE_HOST = 'no_exchange_host';

/** Whose permission a refusal names. */
export type PermissionApi = 'Office 365 Management APIs' | 'Office 365 Exchange Online';
const NO_CONSENT = 'no_consent';

/** Codes and their meaning: office-365-management-activity-api-reference, "Errors" [graph-facts 13]. */
const NO_PERMISSION = 'AF10001';
const THROTTLED = 'AF429';
const INTERNAL = 'AF50000';
const GONE_CODES = new Set(['AF20050', 'AF20051', 'AF20052']);
const UNSUBSCRIBED_CODES = new Set(['AF20022', 'AF20023']);
const ALREADY_STARTED = 'AF20024';

/** A tenant whose unified audit log was never switched on: 400 with a garbled code [graph-facts 13]. */
const AUDITING_OFF_TEXT = /Tenant \S+ does not exist|AuditingDisabledTenant/i;

/** AADSTS numbers: the service is not in the tenant, or its service principal is off (no Exchange licence). */
const UNKNOWN_RESOURCE = 500011;
const DISABLED_RESOURCE = 500014;

const LONGEST_TEXT = 200;

/**
 * The error of an answer of the Office 365 Management API that is no success. The status is the one that fits the code:
 * throttling comes as 403 with single-quoted text that is no JSON [graph-facts 13]. `now` is UTC epoch ms.
 */
export function managementError(answer: HttpAnswer, asked: Asked, now: number): GraphError {
  const said = readError(answer.text);
  const code = AUDITING_OFF_TEXT.test(said.text) ? AUDITING_OFF : said.code || `http_${answer.status}`;
  const status = statusFor(code, answer.status);
  const advice = adviceFor(status, code, asked);
  const requestId = answer.headers.get('x-ms-request-id') ?? answer.headers.get('request-id');
  const named = code === said.code ? ` ${cleanWord(code)}` : '';
  const quote = said.text === '' ? '' : ` "${cleanWord(said.text, LONGEST_TEXT)}"`;
  const id = requestId === null ? '' : ` (request-id ${cleanWord(requestId)})`;
  const sentence = `${asked.what}: the Office 365 Management API answered ${answer.status}${named}${quote}${id}`;
  return new GraphError(advice === '' ? sentence : `${sentence}; ${advice}`, {
    status,
    code,
    requestId,
    retryAfterMs: parseRetryAfter(answer.headers.get('retry-after'), now),
    advice,
  });
}

/**
 * A token that was refused because the tenant does not have the service, as a refusal of that service alone: the app's
 * other tokens are good. Anything else is given back as it is.
 */
export function serviceRefusal(
  error: unknown,
  asked: Asked,
  api: PermissionApi = 'Office 365 Management APIs',
): unknown {
  if (!(error instanceof CredentialError)) return error;
  const code = { [UNKNOWN_RESOURCE]: NO_CONSENT, [DISABLED_RESOURCE]: SERVICE_DISABLED }[error.aadsts];
  if (code === undefined) return error;
  const advice = code === NO_CONSENT ? consentAdvice(asked, api) : '';
  const facts = { status: 403, code, requestId: null, retryAfterMs: null, advice };
  return new GraphError(`${asked.what}: ${error.message}`, facts, { cause: error });
}

/** The unified audit log is switched off in the tenant. */
export function isAuditingOff(e: unknown): boolean {
  return e instanceof GraphError && e.code === AUDITING_OFF;
}

/** The tenant's plans hold no service that writes the unified audit log. */
export function isServiceDisabled(e: unknown): boolean {
  return e instanceof GraphError && e.code === SERVICE_DISABLED;
}

const NOT_OFFERED = new Set([NO_MANAGEMENT_HOST, NO_AUDIT_SEARCH, NO_EXCHANGE_HOST]);

/** The cloud has no Management API that we know of, no search of the audit log, or no Exchange to ask. */
export function isWithoutManagement(e: unknown): boolean {
  return e instanceof GraphError && NOT_OFFERED.has(e.code);
}

/** Nobody has started the subscription, or somebody has stopped it. */
export function isUnsubscribed(e: unknown): boolean {
  return e instanceof GraphError && UNSUBSCRIBED_CODES.has(e.code);
}

/** This one piece of content cannot be had any more. */
export function isContentGone(e: unknown): boolean {
  return e instanceof GraphError && GONE_CODES.has(e.code);
}

export function isAlreadyStarted(e: unknown): boolean {
  return e instanceof GraphError && e.code === ALREADY_STARTED;
}

function statusFor(code: string, status: number): number {
  if (code === THROTTLED) return 429;
  if (code === NO_PERMISSION) return 403;
  return code === INTERNAL && status < 500 ? 500 : status;
}

function adviceFor(status: number, code: string, asked: Asked): string {
  if (code === AUDITING_OFF) {
    return 'the audit log is switched off in this tenant; an Exchange administrator switches it on with Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true';
  }
  if (UNSUBSCRIBED_CODES.has(code)) return 'the subscription is started with the next collection';
  if (GONE_CODES.has(code)) return 'Microsoft keeps content for 7 days';
  if (status >= 300 && status < 400) return 'a redirect is never followed; check the cloud and the proxy';
  if (status === 401)
    return 'a fresh token was refused too; check that the tenant and its cloud match the app';
  return status === 403 ? consentAdvice(asked) : '';
}

function consentAdvice({ needs }: Asked, api: PermissionApi = 'Office 365 Management APIs'): string {
  const of = api === 'Office 365 Management APIs' ? `the ${api}` : api;
  return `grant ${needs ?? 'ActivityFeed.Read'} of ${of}, with admin consent`;
}

/** The envelope of an error, also where it is written with single quotes. */
function readError(text: string): { code: string; text: string } {
  const body = parseJson(text);
  const error = isObject(body) ? (body['error'] ?? body) : null;
  if (!isObject(error)) return { code: quoted(text, 'code'), text: quoted(text, 'message') };
  const code = error['code'];
  const message = error['message'] ?? error['Message'];
  return {
    code: typeof code === 'string' ? code : '',
    text: typeof message === 'string' ? message : '',
  };
}

function quoted(text: string, key: string): string {
  return new RegExp(`'${key}'\\s*:\\s*'([^']{0,500})`).exec(text)?.[1] ?? '';
}
