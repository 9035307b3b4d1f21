import { randomUUID } from 'node:crypto';
import { GraphError } from '../errors.ts';
import { cleanWord } from '../text/hostile.ts';
import type { Line } from './ask.ts';
import { isObject, networkError, ownError, parseJson, parseRetryAfter, type HttpAnswer } from './errors.ts';
import { NO_EXCHANGE_HOST, serviceRefusal } from './management-error.ts';
import { withRetry } from './retry.ts';
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
  return {
    async *pages(request) {
      if (host === null) throw noHost(request);
      const url = `${home}/adminapi/v2.0/${line.tenantId}/${request.endpoint}`;
      const first = request.select === undefined ? url : `${url}?$select=${request.select.join(',')}`;
      const seen = new Set<string>();
      for (let next: string | null = first; next !== null;) {
        seen.add(next);
        const answer: HttpAnswer = await ask({ line, transport, scope }, next, request);
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

interface Channel {
  readonly line: Line;
  readonly transport: Transport;
  readonly scope: string;
}

function noHost(request: CmdletRequest): GraphError {
  return ownError(NO_EXCHANGE_HOST, request, 'this cloud has no Exchange Online Admin API that we know of', {
    advice: 'nothing to do',
  });
}

/** Asks until there is an answer: token, quota, retries, one fresh token after a 401. */
async function ask(channel: Channel, url: string, request: CmdletRequest): Promise<HttpAnswer> {
  const { clock, random, budgetMs, limiter } = channel.line;
  let renewed = false;
  const operation = async (): Promise<HttpAnswer> => {
    try {
      return await attempt(channel, url, request);
    } catch (error) {
      if (renewed || !(error instanceof GraphError) || error.status !== 401) throw error;
      renewed = true;
      return await attempt(channel, url, request);
    }
  };
  return await withRetry(operation, {
    clock,
    random,
    budgetMs,
    signal: request.signal,
    async onWait({ error, waitMs }) {
      if (error instanceof GraphError && error.status === 429)
        await limiter.block('exchange', url, clock.now() + waitMs);
    },
  });
}

async function attempt({ line, transport, scope }: Channel, url: string, request: CmdletRequest) {
  const token = await line.tokens.getToken(scope, request.signal).catch((error: unknown) => {
    throw serviceRefusal(error, request, API);
  });
  const release = await line.limiter.enter('exchange', [url], request.signal);
  try {
    line.observe?.(`http:POST ${new URL(url).pathname}`);
    line.sent += 1;
    const response = await transport.send(url, {
      method: 'POST',
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        Authorization: `Bearer ${token.token}`,
        'User-Agent': 'tenantwatch',
        'X-AnchorMailbox': anchorOf(request, line.tenantId),
        'client-request-id': randomUUID(),
      },
      body: bodyOf(request),
      ...(request.signal ? { signal: request.signal } : {}),
    });
    // Read whole whatever it says: an answer left unread costs its connection.
    const answer = { status: response.status, headers: response.headers, text: await response.text() };
    if (!response.ok) throw exchangeError(answer, request, line.clock.now());
    return answer;
  } catch (error) {
    request.signal?.throwIfAborted();
    const known = error instanceof GraphError ? error : networkError(error, request);
    // A token of before the consent lacks its permission: the next question gets a new one.
    if (known.status === 401 || known.status === 403) line.tokens.drop(token.token);
    throw known;
  } finally {
    await release();
  }
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
  const url = URL.canParse(link) ? new URL(link) : null;
  const ours =
    url !== null &&
    url.origin === new URL(home).origin &&
    url.username === '' &&
    url.password === '' &&
    url.pathname.startsWith('/adminapi/');
  if (!ours) {
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
