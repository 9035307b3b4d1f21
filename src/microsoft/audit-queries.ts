import { GraphError } from '../errors.ts';
import type { Cloud } from '../model/tenant.ts';
import { ask, type Line } from './ask.ts';
import type { GraphAnswer, GraphPage, RequestOptions } from './contract.ts';
import { ownError } from './errors.ts';
import { AUDITING_OFF, isAuditingOff, NO_AUDIT_SEARCH } from './management-error.ts';
import { readPages } from './paging.ts';

/** How one question is asked and how its failure is worded. */
export interface SearchRequest {
  readonly signal?: AbortSignal;
  /** Verb and object for error messages: `search the audit log`. */
  readonly what: string;
  /** Permission that a refusal names as missing. */
  readonly needs?: string;
}

/** A search as Microsoft knows it. It belongs to the API version it was made under. */
export interface AuditQuery {
  readonly id: string;
  readonly api: 'v1.0' | 'beta';
}

export interface AuditQueryState {
  /** `gone` = Microsoft does not know it (any more). A word that we do not know is `running`. */
  readonly status: 'running' | 'succeeded' | 'failed' | 'gone';
  /** Microsoft's own word. */
  readonly word: string;
  /** There were more records than a search returns. */
  readonly incomplete: boolean;
}

/**
 * Searches of the unified audit log through Graph, for one tenant. A search is made, runs for minutes to hours at
 * Microsoft's, and is then read page by page. Throws GraphError or CredentialError; a cloud without it throws GraphError
 * `no_audit_search`. https://learn.microsoft.com/graph/api/security-auditcoreroot-post-auditlogqueries
 */
export interface AuditQueries {
  /** Asks for everything whose event time is in [from, to), UTC epoch ms; whole seconds, rounded outwards. */
  create(from: number, to: number, name: string, o: SearchRequest): Promise<AuditQuery>;
  state(query: AuditQuery, o: SearchRequest): Promise<AuditQueryState>;
  /** The records of one that succeeded, from the start or from a stored next link. */
  pages(query: AuditQuery, link: string | null, o: SearchRequest): AsyncGenerator<GraphPage, void, undefined>;
}

const PATH = '/security/auditLog/queries';

/**
 * Records a page: what tools in the field ask for (999); no documented limit [graph-facts 12]. A smaller page is followed
 * like any other.
 */
const PAGE_SIZE = '999';

/** Opens it on Graph's own line. Global cloud only [Microsoft Learn: security-auditlogquery-list-records]. */
export function openAuditQueries(line: Line, host: string, cloud: Cloud): AuditQueries {
  const offered = cloud === 'global' || cloud === 'custom';
  return {
    async create(from, to, name, o) {
      assertOffered(offered, o);
      const body = queryBody(from, to, name);
      try {
        return await createUnder(line, 'v1.0', body, o);
      } catch (error) {
        if (!isUnknownPath(error)) throw error;
        // Some tenants had it in beta only [wire-facts].
        return await createUnder(line, 'beta', body, o);
      }
    },
    async state(query, o) {
      assertOffered(offered, o);
      try {
        return stateOf(await ask(line, getQuestion(query, '', o)), o);
      } catch (error) {
        if (error instanceof GraphError && (error.status === 404 || error.status === 410))
          return { status: 'gone', word: error.code, incomplete: false };
        throw toAuditingOff(error);
      }
    },
    async *pages(query, link, o) {
      assertOffered(offered, o);
      const rule = { host, version: query.api };
      const read = (next: string | null) => ask(line, getQuestion(query, '/records', o, next));
      yield* readPages(read, link, rule, o);
    },
  };
}

function assertOffered(offered: boolean, o: SearchRequest): void {
  if (offered) return;
  throw ownError(NO_AUDIT_SEARCH, o, 'this cloud has no search of the audit log through Graph', {
    advice: 'nothing to do',
  });
}

/** No filters: `serviceFilter` is written in two ways, and record types that are new would be missed [graph-facts 12]. */
function queryBody(from: number, to: number, name: string): Record<string, unknown> {
  return {
    '@odata.type': '#microsoft.graph.security.auditLogQuery',
    displayName: name,
    filterStartDateTime: wholeSecond(Math.floor(from / 1000)),
    filterEndDateTime: wholeSecond(Math.ceil(to / 1000)),
  };
}

function wholeSecond(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

async function createUnder(
  line: Line,
  api: AuditQuery['api'],
  body: unknown,
  o: SearchRequest,
): Promise<AuditQuery> {
  const options: RequestOptions = { ...o, version: api };
  const question = { method: 'POST', path: PATH, link: null, body, paths: [PATH], o: options } as const;
  const answer = await ask(line, question).catch((error: unknown) => {
    throw toAuditingOff(error);
  });
  const id = answer.body['id'];
  if (typeof id === 'string' && id !== '') return { id, api };
  throw ownError('malformed', o, 'Graph made a search without an id', { requestId: answer.requestId });
}

function getQuestion(query: AuditQuery, part: '' | '/records', o: SearchRequest, link: string | null = null) {
  const path = `${PATH}/${encodeURIComponent(query.id)}${part}`;
  const options: RequestOptions = {
    ...o,
    version: query.api,
    ...(part === '' ? {} : { query: { $top: PAGE_SIZE } }),
  };
  return { method: 'GET', path, link, paths: [path], o: options } as const;
}

function stateOf({ body }: GraphAnswer, o: SearchRequest): AuditQueryState {
  const word = body['status'];
  if (typeof word !== 'string') throw ownError('malformed', o, 'Graph sent a search without a status');
  const known = { succeeded: 'succeeded', failed: 'failed', cancelled: 'failed' } as const;
  const name = word.toLowerCase();
  const status = Object.hasOwn(known, name) ? known[name as keyof typeof known] : 'running';
  return { status, word, incomplete: body['isRecordCountLimitExceeded'] === true };
}

/** The path is not there under this version, as opposed to a refusal of the question or of the asker. */
function isUnknownPath(error: unknown): boolean {
  if (!(error instanceof GraphError) || isAuditingOff(error)) return false;
  return error.status === 400 || error.status === 404 || error.status === 501;
}

/** A tenant whose auditing is off says so in JSON inside the message, under a code that says nothing [graph-facts B]. */
function toAuditingOff(error: unknown): unknown {
  if (!(error instanceof GraphError)) return error;
  if (!/AuditingDisabledTenant/i.test(`${error.code} ${error.message}`)) return error;
  const { status, requestId } = error;
  const advice =
    'the audit log is switched off in this tenant; an Exchange administrator switches it on with Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true';
  const facts = { status, code: AUDITING_OFF, requestId, retryAfterMs: null, advice };
  return new GraphError(`${error.message}; ${advice}`, facts, { cause: error });
}
