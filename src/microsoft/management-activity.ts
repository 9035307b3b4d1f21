import type { GraphError } from '../errors.ts';
import type { Line } from './ask.ts';
import { isObject, ownError, parseJson, type HttpAnswer } from './errors.ts';
import { isAlreadyStarted, managementError, NO_MANAGEMENT_HOST } from './management-error.ts';
import { askService, leadsHome, type Service, type ServiceAnswer } from './service-call.ts';
import type { Transport } from './transport.ts';

/** What of the unified audit log a subscription brings [office-365-management-activity-api-reference]. */
export type ContentType =
  'Audit.AzureActiveDirectory' | 'Audit.Exchange' | 'Audit.SharePoint' | 'Audit.General';

/** How one question is asked and how its failure is worded. */
export interface ActivityRequest {
  readonly signal?: AbortSignal;
  /** Verb and object for error messages: `read the audit log of Exchange`. */
  readonly what: string;
  /** Permission that a refusal names as missing. */
  readonly needs?: string;
}

/** One piece of content: some records that Microsoft put together at one time. It never changes. Times UTC epoch ms. */
export interface Content {
  readonly id: string;
  readonly uri: string;
  readonly createdAt: number;
}

export interface Contents {
  readonly contents: Content[];
  /** Clock's UTC epoch ms before the first question. */
  readonly startedAt: number;
}

export interface ContentRecords {
  readonly records: unknown[];
  readonly requestId: string | null;
  /** Clock's UTC epoch ms when the request that read it was sent (the successful attempt). */
  readonly startedAt: number;
}

/**
 * The Office 365 Management Activity API for one tenant, through the same tokens, quotas and retries as Graph. Throws
 * GraphError or CredentialError; a cloud without the API throws GraphError `no_management_host`.
 */
export interface ManagementActivity {
  /** Starts a subscription without a webhook; `already` when somebody had. First content comes within 12 h. */
  start(contentType: ContentType, o: ActivityRequest): Promise<'started' | 'already'>;
  /** Everything whose `contentCreated` is in [from, to), each piece once, in no promised order. */
  list(contentType: ContentType, from: number, to: number, o: ActivityRequest): Promise<Contents>;
  read(content: Content, o: ActivityRequest): Promise<ContentRecords>;
  /** Application permissions in the token, e.g. `ActivityFeed.Read`. */
  roles(): Promise<string[]>;
}

const DAY = 24 * 3_600_000;

/** start and end at most 24 h apart, start at most 7 days back [reference: List available content]. */
const LONGEST_LIST_MS = DAY;
export const CONTENT_KEPT_MS = 7 * DAY;

/** Real answers have up to some hundred pages a day; more than this is a link that never ends. */
const MOST_PAGES = 10_000;

interface Question {
  readonly method: 'GET' | 'POST';
  /** Absolute, already known to lead to our host. */
  readonly url: string;
  readonly o: ActivityRequest;
}

/** Opens it beside Graph, on Graph's own line. `host` null = the cloud has none. */
export function openManagementActivity(
  line: Line,
  transport: Transport,
  host: string | null,
): ManagementActivity {
  const home = host ?? '';
  const scope = `${home}/.default`;
  const base = `${home}/api/v1.0/${line.tenantId}/activity/feed`;
  const publisher = `PublisherIdentifier=${line.tenantId}`;
  const channel: Channel = {
    line,
    transport,
    scope,
    home,
    quota: 'management',
    api: 'Office 365 Management APIs',
  };

  return {
    async start(contentType, o) {
      assertHost(host, o);
      const url = `${base}/subscriptions/start?contentType=${contentType}&${publisher}`;
      try {
        await ask(channel, { method: 'POST', url, o });
        return 'started';
      } catch (error) {
        if (isAlreadyStarted(error)) return 'already';
        throw error;
      }
    },
    async list(contentType, from, to, o) {
      assertHost(host, o);
      const found = new Map<string, Content>();
      const startedAt = line.clock.now();
      for (const span of daysOf(from, to)) {
        const times = `startTime=${wholeSecond(span.from)}&endTime=${wholeSecond(span.to)}`;
        const url = `${base}/subscriptions/content?contentType=${contentType}&${publisher}&${times}`;
        for await (const content of listPages(channel, url, o)) found.set(content.id, content);
      }
      return { contents: [...found.values()], startedAt };
    },
    async read(content, o) {
      assertHost(host, o);
      checkUri(content.uri, home, o);
      const url = `${content.uri}${content.uri.includes('?') ? '&' : '?'}${publisher}`;
      const { value, answer, startedAt } = await ask(channel, { method: 'GET', url, o });
      return { records: listIn(value, answer, o), requestId: requestIdOf(answer), startedAt };
    },
    async roles() {
      if (host === null) return [];
      return [...(await line.tokens.getToken(scope)).roles];
    },
  };
}

interface Channel extends Service {
  /** `https://manage.office.com` */
  readonly home: string;
}

function assertHost(host: string | null, o: ActivityRequest): void {
  if (host !== null) return;
  throw ownError(NO_MANAGEMENT_HOST, o, 'this cloud has no Office 365 Management API that we know of', {
    advice: 'nothing to do',
  });
}

/** The bounds are whole seconds, from included and to excluded: both are rounded outwards. */
function* daysOf(from: number, to: number): Generator<{ from: number; to: number }> {
  const end = Math.ceil(to / 1000) * 1000;
  for (let at = Math.floor(from / 1000) * 1000; at < end; at += LONGEST_LIST_MS) {
    yield { from: at, to: Math.min(end, at + LONGEST_LIST_MS) };
  }
}

/** `2026-11-17T09:42:00`, UTC without a zone, as the reference asks. */
function wholeSecond(at: number): string {
  return new Date(at).toISOString().slice(0, 19);
}

async function* listPages(channel: Channel, first: string, o: ActivityRequest): AsyncGenerator<Content> {
  const seen = new Set<string>();
  for (let url: string | null = first; url !== null;) {
    seen.add(url);
    const { value, answer }: Answered = await ask(channel, { method: 'GET', url, o });
    for (const item of listIn(value, answer, o)) yield toContent(item, answer, o);
    url = nextPage(answer, channel.home, o);
    if (url !== null && (seen.has(url) || seen.size >= MOST_PAGES)) {
      throw ownError('link_loop', o, 'the Office 365 Management API sent the same next page twice', {
        requestId: requestIdOf(answer),
      });
    }
  }
}

/** The reference names the header NextPageUri, the troubleshooting page NextPageUrl. It is followed as it is. */
function nextPage(answer: HttpAnswer, home: string, o: ActivityRequest): string | null {
  const link = answer.headers.get('nextpageuri') ?? answer.headers.get('nextpageurl');
  if (link === null || link.trim() === '') return null;
  checkUri(link, home, o);
  return link;
}

/** Throws GraphError `foreign_link` before a token is sent anywhere but to the tenant's own Management API. */
function checkUri(uri: string, home: string, o: ActivityRequest): void {
  if (leadsHome(uri, home, '/api/')) return;
  const url = URL.canParse(uri) ? new URL(uri) : null;
  const place = url === null ? 'no URL' : url.origin === new URL(home).origin ? url.pathname : url.host;
  throw ownError(
    'foreign_link',
    o,
    `the Office 365 Management API sent a link that leads elsewhere (${place.slice(0, 100)})`,
    {
      advice: `only ${home}/api/ is read; nothing was sent there`,
    },
  );
}

function toContent(item: unknown, answer: HttpAnswer, o: ActivityRequest): Content {
  const { contentId: id, contentUri: uri, contentCreated } = isObject(item) ? item : {};
  const createdAt = typeof contentCreated === 'string' ? Date.parse(contentCreated) : Number.NaN;
  if (typeof id === 'string' && typeof uri === 'string' && !Number.isNaN(createdAt)) {
    return { id, uri, createdAt };
  }
  throw malformed('a piece of content without id, address or time', answer, o);
}

function listIn(value: unknown, answer: HttpAnswer, o: ActivityRequest): unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  throw malformed('no list of records', answer, o);
}

function malformed(form: string, answer: HttpAnswer, o: ActivityRequest): GraphError {
  return ownError('malformed', o, `the Office 365 Management API answered ${answer.status} with ${form}`, {
    status: answer.status,
    requestId: requestIdOf(answer),
    advice: 'nothing of it was stored and it is read again next time',
  });
}

function requestIdOf(answer: HttpAnswer): string | null {
  return answer.headers.get('x-ms-request-id') ?? answer.headers.get('request-id');
}

type Answered = ServiceAnswer<unknown>;

function ask(channel: Channel, q: Question): Promise<Answered> {
  return askService(channel, {
    method: q.method,
    url: q.url,
    asked: q.o,
    read: (answer) => valueOf(answer, q),
    errorOf: (answer, now) => managementError(answer, q.o, now),
  });
}

function valueOf(answer: HttpAnswer, q: Question): unknown {
  if (q.method === 'POST' && answer.text.trim() === '') return {};
  const value = parseJson(answer.text);
  if (value === undefined) throw malformed('malformed or truncated JSON', answer, q.o);
  return value;
}
