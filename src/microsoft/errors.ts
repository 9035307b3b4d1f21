import { CredentialError, GraphError } from '../errors.ts';
import { cleanWord } from '../text/hostile.ts';
import { networkFault } from './network-fault.ts';

/** What was asked, for the sentence and its advice. */
export interface Asked {
  /** `read sign-ins` */
  readonly what: string;
  /** Permission to name on a 403. */
  readonly needs?: string | undefined;
}

/** An answer as it came; `text` is the whole body. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
}

interface ServiceError {
  readonly code: string;
  readonly text: string;
  readonly requestId: string | null;
}

/** Statuses worth repeating [Microsoft Learn: graph/errors, graph/throttling]. */
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);

/** Sent in bodies under other statuses too (fact sheet B). */
const TRANSIENT_TEXT = /resource temporarily unavailable|too many requests/i;

/** Licence refusals by code and, where the code is a mere `Forbidden` or `BadRequest`, by text (fact sheet B). */
const LICENCE_CODES = new Set([
  'authentication_requestfromnonpremiumtenantorb2ctenant',
  'aadpremiumlicenserequired',
]);
const LICENCE_TEXT =
  /not licensed for this feature|doesn't have premium license|Request not applicable to target tenant|premium P1 or P2 license/i;

/** A delta token that the service no longer knows [Microsoft Learn: graph/delta-query-overview, graph/errors]. */
const GONE_CODES = new Set(['syncstatenotfound', 'resyncrequired', 'syncstateinvalid']);

/** Codes that say nothing, so that a code nested in the message is the better one. */
const EMPTY_CODES = new Set(['', 'unknownerror', 'forbidden', 'badrequest']);

const LONGEST_TEXT = 200;

/** The error of an answer that is no success. `now` (UTC epoch ms) turns a Retry-After date into a wait. */
export function graphError(answer: HttpAnswer, asked: Asked, now: number): GraphError {
  const said = parseServiceError(answer.text);
  const requestId = answer.headers.get('request-id') ?? said.requestId;
  const code = said.code === '' ? `http_${answer.status}` : said.code;
  const advice = adviceFor(answer.status, code, said.text, asked);
  const named =
    said.code === '' ? `${answer.status} without an error code` : `${answer.status} ${cleanWord(code)}`;
  return new GraphError(
    sentence(`${asked.what}: Graph answered ${named}`, quoted(code, said.text), requestId, advice),
    {
      status: answer.status,
      code,
      requestId,
      retryAfterMs: parseRetryAfter(answer.headers.get('retry-after'), now),
      advice,
    },
  );
}

/** No answer came, or not all of it: `timeout`, `untrusted_certificate` or `network`, with the cause's own words. */
export function networkError(cause: unknown, asked: Asked, requestId: string | null = null): GraphError {
  const fault = networkFault(cause);
  const message = sentence(`${asked.what}: ${fault.reason}`, '', requestId, fault.advice);
  return new GraphError(
    message,
    { status: 0, code: fault.code, requestId, retryAfterMs: null, advice: fault.advice },
    { cause },
  );
}

/** An error that we, not the service, give a name: `malformed`, `foreign_link`, `link_loop`, `missing_answer`. */
export function ownError(
  code: string,
  asked: Asked,
  reason: string,
  facts: { status?: number; requestId?: string | null; advice?: string; cause?: unknown } = {},
): GraphError {
  const { status = 0, requestId = null, advice = '', cause } = facts;
  return new GraphError(
    sentence(`${asked.what}: ${reason}`, '', requestId, advice),
    { status, code, requestId, retryAfterMs: null, advice },
    { cause },
  );
}

/**
 * Whether an object has any property of its own. Nothing that is asked for has none: one that lost its properties would
 * else be taken for a policy whose every setting was taken away.
 */
export function saysAnything(body: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(body).some((name) => !name.startsWith('@odata.'));
}

/** The body of a success as a JSON object that says something, or GraphError `malformed`. */
export function parseBody(answer: HttpAnswer, asked: Asked): Record<string, unknown> {
  const requestId = answer.headers.get('request-id');
  const facts = {
    status: answer.status,
    requestId,
    advice: 'nothing of it was stored and it is read again next time',
  };
  const value = parseJson(answer.text);
  if (isObject(value) && saysAnything(value)) return value;
  const form =
    value === undefined
      ? 'malformed or truncated JSON'
      : `JSON that ${isObject(value) ? 'says nothing' : 'is no object'}`;
  throw ownError('malformed', asked, `Graph answered ${answer.status} with ${form}`, facts);
}

/** `Retry-After` as ms from `now`; null where absent, unreadable, or not in the future. */
export function parseRetryAfter(header: string | null, now: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) > 0 ? Number(text) * 1000 : null;
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const wait = Date.parse(text) - now;
  return wait > 0 ? wait : null;
}

/** The tenant lacks the licence for it (confirm with subscribedSkus: a licensed tenant can get it too). */
export function isLicenceRefusal(e: unknown): boolean {
  if (!(e instanceof GraphError) || e.status < 400) return false;
  return LICENCE_CODES.has(e.code.toLowerCase()) || LICENCE_TEXT.test(e.message);
}

/** The app lacks a permission or its consent (or a policy keeps it out of this mailbox). */
export function isPermissionRefusal(e: unknown): boolean {
  return e instanceof GraphError && e.status === 403 && !isLicenceRefusal(e);
}

/** The user has no cloud mailbox. */
export function isNoMailbox(e: unknown): boolean {
  return (
    e instanceof GraphError && e.status === 404 && e.code.toLowerCase() === 'mailboxnotenabledforrestapi'
  );
}

/** The delta link has expired: everything must be read again from the start. */
export function isGone(e: unknown): boolean {
  return e instanceof GraphError && (e.status === 410 || GONE_CODES.has(e.code.toLowerCase()));
}

/** The same request may succeed later without anybody changing anything. */
export function isTransient(e: unknown): boolean {
  if (e instanceof CredentialError) return !e.permanent;
  if (!(e instanceof GraphError)) return false;
  if (e.status === 0) return e.code === 'network' || e.code === 'timeout';
  return TRANSIENT.has(e.status) || (e.status >= 400 && TRANSIENT_TEXT.test(e.message));
}

function adviceFor(status: number, code: string, text: string, asked: Asked): string {
  const name = code.toLowerCase();
  if (LICENCE_CODES.has(name) || LICENCE_TEXT.test(text)) return licenceAdvice(name);
  if (name === 'mailboxnotenabledforrestapi') return 'this user has no cloud mailbox; nothing to do';
  if (status === 410 || GONE_CODES.has(name))
    return 'the delta link has expired; read everything again from the start';
  if (status >= 300 && status < 400) return 'a redirect is never followed; check the cloud and the proxy';
  if (status === 401)
    return 'a fresh token was refused too; check that the tenant and its cloud match the app';
  if (status === 403) return permissionAdvice(name, asked.needs);
  return '';
}

function licenceAdvice(name: string): string {
  if (name === 'aadpremiumlicenserequired')
    return 'this needs Microsoft Entra ID P2 or Microsoft Entra ID Governance';
  if (name.startsWith('authentication_')) {
    return 'this needs Microsoft Entra ID P1 or P2; if the tenant has one, grant Directory.Read.All or wait a day';
  }
  return 'the tenant has no licence for this feature';
}

function permissionAdvice(name: string, needs: string | undefined): string {
  const permission = needs ?? 'the missing permission';
  if (name === 'erroraccessdenied') {
    return `grant ${permission}, or widen the application access policy that keeps the app out of this mailbox`;
  }
  return `grant ${permission}`;
}

/** Where the code alone tells the operator enough, Microsoft's own sentence is left out. */
function quoted(code: string, text: string): string {
  const known = ['authorization_requestdenied', 'mailboxnotenabledforrestapi', ...LICENCE_CODES];
  if (text === '' || known.includes(code.toLowerCase())) return '';
  return ` "${cleanWord(text, LONGEST_TEXT)}"`;
}

function sentence(start: string, quote: string, requestId: string | null, advice: string): string {
  const id = requestId ? ` (request-id ${cleanWord(requestId)})` : '';
  return `${start}${quote}${id}${advice ? `; ${advice}` : ''}`;
}

function parseServiceError(text: string): ServiceError {
  const envelope = parseJson(text);
  const body = isObject(envelope) ? (field(envelope, 'error') ?? envelope) : null;
  if (!isObject(body)) return { code: '', text: '', requestId: null };
  const inner = field(body, 'innererror');
  const requestId = isObject(inner) ? textField(inner, 'request-id') : '';
  const outer = { code: textField(body, 'code'), text: textField(body, 'message') };
  const best = unfold(outer.code, outer.text);
  return { ...best, requestId: requestId === '' ? null : requestId };
}

/** Intune and Purview put a whole JSON object into `message`, sometimes twice (fact sheet B). */
function unfold(code: string, text: string, depth = 0): { code: string; text: string } {
  const value = depth < 3 && text.trimStart().startsWith('{') ? parseJson(text) : undefined;
  if (!isObject(value)) return { code, text };
  const error = field(value, 'error');
  const nested = isObject(error) ? error : value;
  const innerCode =
    textField(nested, 'code') || textField(nested, 'errorcode') || textField(nested, 'status') || '';
  const innerText = textField(nested, 'message');
  return unfold(
    EMPTY_CODES.has(code.toLowerCase()) && innerCode !== '' ? innerCode : code,
    innerText,
    depth + 1,
  );
}

/** A member by its name in any casing: `innerError` and `innererror` are both sent. */
function field(value: Record<string, unknown>, name: string): unknown {
  const key = Object.keys(value).find((candidate) => candidate.toLowerCase() === name);
  return key === undefined ? undefined : value[key];
}

function textField(value: Record<string, unknown>, name: string): string {
  const found = field(value, name);
  return typeof found === 'string' ? found : '';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined where the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
