import type { GraphAnswer, GraphPage } from './contract.ts';
import { ownError, type Asked } from './errors.ts';

/** Where links may lead: the tenant's Graph host and one API version. */
export interface LinkRule {
  /** `https://graph.microsoft.com` */
  readonly host: string;
  /** `v1.0` or `beta` */
  readonly version: string;
}

/** Reads the page of a link, or the first page where there is none yet. */
export type PageReader = (link: string | null) => Promise<GraphAnswer>;

/**
 * All pages of a collection, one in memory at a time. Throws GraphError `foreign_link` before anything is sent to
 * another place, `link_loop` when a link comes back, `malformed` for a page without records.
 */
export async function* readPages(
  read: PageReader,
  from: string | null,
  rule: LinkRule,
  asked: Asked,
): AsyncGenerator<GraphPage, void, undefined> {
  const seen = new Set<string>();
  if (from !== null) checkLink(from, rule, asked);
  for (let link = from; ;) {
    if (link !== null) seen.add(link);
    const page = toPage(await read(link), rule, asked);
    if (page.nextLink !== null && seen.has(page.nextLink)) {
      throw ownError('link_loop', asked, 'Graph sent the same next link twice', {
        requestId: page.requestId,
      });
    }
    yield page;
    if (page.nextLink === null) return;
    link = page.nextLink;
  }
}

/** Throws GraphError `foreign_link` unless the link leads to the same origin and API version. */
export function checkLink(link: string, rule: LinkRule, asked: Asked, requestId: string | null = null): void {
  const url = URL.canParse(link) ? new URL(link) : null;
  const home = new URL(rule.host);
  const ours =
    url !== null &&
    url.origin === home.origin &&
    url.username === '' &&
    url.password === '' &&
    url.pathname.startsWith(`/${rule.version}/`);
  if (ours) return;
  const place = url === null ? 'no URL' : url.origin === home.origin ? url.pathname : url.host;
  throw ownError('foreign_link', asked, `Graph sent a link that leads elsewhere (${place.slice(0, 100)})`, {
    requestId,
    advice: `only ${rule.host}/${rule.version}/ is read; nothing was sent there`,
  });
}

function toPage(answer: GraphAnswer, rule: LinkRule, asked: Asked): GraphPage {
  const { body, requestId, startedAt } = answer;
  const records = body['value'];
  if (!Array.isArray(records)) {
    throw ownError('malformed', asked, 'Graph sent a page without a list of records', {
      status: 200,
      requestId,
    });
  }
  const nextLink = linkOf(answer, '@odata.nextLink', rule, asked);
  const deltaLink = linkOf(answer, '@odata.deltaLink', rule, asked);
  return { records: records as unknown[], nextLink, deltaLink, requestId, startedAt };
}

function linkOf(answer: GraphAnswer, name: string, rule: LinkRule, asked: Asked): string | null {
  const link = answer.body[name];
  if (link === undefined || link === null) return null;
  const text = typeof link === 'string' ? link : '';
  checkLink(text, rule, asked, answer.requestId);
  return text;
}
