import { GraphError } from '../errors.ts';
import { cleanWord } from '../text/hostile.ts';
import type { Line } from './ask.ts';
import { isObject, ownError, parseJson, parseRetryAfter, type HttpAnswer } from './errors.ts';
import { NO_EXCHANGE_HOST } from './management-error.ts';
import { askService, leadsHome, type Service } from './service-call.ts';
import type { Transport } from './transport.ts';

/** One question: a cmdlet of one endpoint, with its parameters. Only cmdlets that read are known here. */
export interface CmdletRequest {
  readonly endpoint: 'Mailbox' | 'MailboxFolderPermission';
  readonly cmdlet: 'Get-Mailbox' | 'Get-MailboxFolderPermission';
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Properties to ask for; all that the endpoint gives where left out. */
  readonly select?: readonly string[];
  /** Address of the mailbox that it is about: Exchange finds the right server by it. */
  readonly mailbox?: string;
  /** Verb and object for error messages. */
  readonly what: string;
  readonly needs: string;
  readonly signal?: AbortSignal;
}

export interface CmdletPage {
  readonly objects: unknown[];
  readonly requestId: string | null;
}

/**
 * The Exchange Online Admin API (preview) of one tenant: a few cmdlets behind REST. Throws GraphError or CredentialError;
 * a cloud without it throws GraphError `no_exchange_host`.
 * https://learn.microsoft.com/exchange/reference/admin-api-get-started
 */
export interface ExchangeAdmin {
  pages(request: CmdletRequest): AsyncGenerator<CmdletPage, void, undefined>;
  /** Application permissions in its token. */
  roles(): Promise<string[]>;
}

/** The mailbox of every organisation by which questions about all of it find their server [admin-api-get-started]. */
const SYSTEM_MAILBOX = 'SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}';

const LONGEST_TEXT = 200;

/** Opens it beside Graph, on Graph's own line. `host` null = the cloud has none. */
export function openExchangeAdmin(line: Line, transport: Transport, host: string | null): ExchangeAdmin {
  const home = host ?? '';
  const scope = `${home}/.default`;
  const service: Service = { line, transport, scope, quota: 'exchange', api: API };
  return {
    async *pages(request) {
      if (host === null) throw noHost(request);
      const url = `${home}/adminapi/v2.0/${line.tenantId}/${request.endpoint}`;
      const first = request.select === undefined ? url : `${url}?$select=${request.select.join(',')}`;
      const seen = new Set<string>();
      for (let next: string | null = first; next !== null;) {
        seen.add(next);
        const answer = await ask(service, next, request);
        const { objects, link } = readBody(answer, request);
        if (link !== null) checkLink(link, home, seen, request);
        yield { objects, requestId: answer.headers.get('request-id') };
        // The same question is sent to the next link, again as a POST.
        next = link;
      }
    },
    async roles() {
      if (host === null) return [];
      return [...(await line.tokens.getToken(scope)).roles];
    },
  };
}

function noHost(request: CmdletRequest): GraphError {
  return ownError(NO_EXCHANGE_HOST, request, 'this cloud has no Exchange Online Admin API that we know of', {
    advice: 'nothing to do',
  });
}

async function ask(service: Service, url: string, request: CmdletRequest): Promise<HttpAnswer> {
  const { answer } = await askService(service, {
    method: 'POST',
    url,
    asked: request,
    headers: {
      'Content-Type': 'application/json',
      'X-AnchorMailbox': anchorOf(request, service.line.tenantId),
    },
    body: bodyOf(request),
    read: () => null,
    errorOf: (refusal, now) => exchangeError(refusal, request, now),
  });
  return answer;
}

function bodyOf({ cmdlet, parameters }: CmdletRequest): string {
  return JSON.stringify({ CmdletInput: { CmdletName: cmdlet, Parameters: parameters } });
}

/** A header holds no line breaks and nothing beyond ASCII, and an address comes from a tenant. */
function anchorOf({ mailbox }: CmdletRequest, tenantId: string): string {
  const plain = mailbox !== undefined && /^[\x21-\x7e]+$/.test(mailbox);
  return plain ? `UPN:${mailbox}` : `APP:${SYSTEM_MAILBOX}@${tenantId}`;
}

/** A page with `value`; a lone object and a bare list are taken as well. */
function readBody(answer: HttpAnswer, request: CmdletRequest): { objects: unknown[]; link: string | null } {
  const value = answer.text.trim() === '' ? [] : parseJson(answer.text);
  if (Array.isArray(value)) return { objects: value as unknown[], link: null };
  if (!isObject(value)) {
    const advice = 'nothing of it was stored and it is read again next time';
    throw ownError(
      'malformed',
      request,
      `Exchange answered ${answer.status} with malformed or truncated JSON`,
      {
        status: answer.status,
        advice,
      },
    );
  }
  const list = value['value'];
  const link = value['@odata.nextLink'];
  return {
    objects: Array.isArray(list) ? (list as unknown[]) : list === undefined ? [value] : [],
    link: typeof link === 'string' && link !== '' ? link : null,
  };
}

/** Throws GraphError before a token is sent anywhere but to the tenant's own Exchange. */
function checkLink(link: string, home: string, seen: ReadonlySet<string>, request: CmdletRequest): void {
  if (!leadsHome(link, home, '/adminapi/')) {
    const url = URL.canParse(link) ? new URL(link) : null;
    const place = url === null ? 'no URL' : url.host;
    throw ownError(
      'foreign_link',
      request,
      `Exchange sent a link that leads elsewhere (${place.slice(0, 100)})`,
      {
        advice: `only ${home}/adminapi/ is read; nothing was sent there`,
      },
    );
  }
  if (seen.has(link)) throw ownError('link_loop', request, 'Exchange sent the same next link twice');
}

const API = 'Office 365 Exchange Online';

/** The error of an answer that is no success. Bodies are those of OData; their inner form is not documented. */
function exchangeError(answer: HttpAnswer, request: CmdletRequest, now: number): GraphError {
  const body = parseJson(answer.text);
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {};
  const code =
    typeof error['code'] === 'string' && error['code'] !== '' ? error['code'] : `http_${answer.status}`;
  const message = typeof error['message'] === 'string' ? error['message'] : '';
  const requestId = answer.headers.get('request-id');
  const quote = message === '' ? '' : ` "${cleanWord(message, LONGEST_TEXT)}"`;
  const id = requestId === null ? '' : ` (request-id ${cleanWord(requestId)})`;
  const advice = adviceFor(answer.status, request);
  const sentence = `${request.what}: Exchange answered ${answer.status} ${cleanWord(code)}${quote}${id}`;
  return new GraphError(advice === '' ? sentence : `${sentence}; ${advice}`, {
    status: answer.status,
    code,
    requestId,
    retryAfterMs: parseRetryAfter(answer.headers.get('retry-after'), now),
    advice,
  });
}

function adviceFor(status: number, { needs, cmdlet }: CmdletRequest): string {
  if (status >= 300 && status < 400) return 'a redirect is never followed; check the cloud and the proxy';
  if (status !== 401 && status !== 403) return '';
  return `grant ${needs} of ${API}, with admin consent, and put the app into a role group of Exchange that may run ${cmdlet}`;
}
