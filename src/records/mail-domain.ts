import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objects, own, sorted, text, texts, whole, type Raw } from './property.ts';

/** What the DNS says of one domain; a list is empty where the name has no such record. */
export interface MailDomainInput {
  readonly domain: string;
  readonly mx: readonly { readonly exchange: string; readonly priority: number }[];
  /** TXT of the domain, each in one piece. */
  readonly txt: readonly string[];
  /** TXT of `_dmarc.<domain>`. */
  readonly dmarc: readonly string[];
  /** Selectors of Microsoft 365 that exist, and where they lead. */
  readonly dkim: readonly { readonly selector: string; readonly target: string }[];
}

/**
 * Mail records of one domain. Selectors of other senders cannot be listed in the DNS, so that `dkim` is about Microsoft 365
 * alone. Two SPF or DMARC records are as good as none (RFC 7208 4.5, RFC 7489 6.6.3): then policy and ending are null.
 */
export function parseMailDomain(raw: unknown): Parsed<EntityRecord> {
  const input = object(raw);
  const id = text(own(input, 'domain'))?.toLowerCase() ?? null;
  if (input === null || id === null) return refused('the mail records name no domain');
  const json = {
    mx: sorted(objects(own(input, 'mx')).map(exchangeOf)),
    ...senders(texts(own(input, 'txt')).filter((record) => /^v=spf1(\s|$)/i.test(record))),
    ...policy(texts(own(input, 'dmarc')).filter((record) => /^v=DMARC1\s*(;|$)/i.test(record))),
    dkim: sorted(objects(own(input, 'dkim')).map(selectorOf)),
  };
  return accepted({ kind: 'mail_domain', id, json, scalars: {} });
}

function senders(records: readonly string[]) {
  const spf = sorted(records);
  return { spf, spf_all: spf.length === 1 ? endingOf(spf[0] ?? '') : null };
}

function policy(records: readonly string[]) {
  const dmarc = sorted(records);
  const tags = tagsOf(dmarc);
  const reports = (tags.get('rua') ?? '').split(',').map((to) => to.trim());
  return {
    dmarc,
    dmarc_policy: tags.get('p')?.toLowerCase() ?? null,
    dmarc_subdomains: tags.get('sp')?.toLowerCase() ?? null,
    dmarc_percent: tags.get('pct') ?? null,
    dmarc_reports: sorted(reports.filter((to) => to !== '')),
  };
}

/** Without the dot at its end; the root itself, by which a domain says that it takes no mail (RFC 7505), stays one. */
function hostOf(value: unknown): string {
  const host = (text(value) ?? '').toLowerCase().replace(/\.$/, '');
  return host === '' ? '.' : host;
}

function exchangeOf(record: Raw): string {
  return `${whole(own(record, 'priority')) ?? 0} ${hostOf(own(record, 'exchange'))}`;
}

function selectorOf(record: Raw): string {
  return `${text(own(record, 'selector')) ?? ''}=${hostOf(own(record, 'target'))}`;
}

/** How the record ends: `-all`, `~all`, `?all`, `+all`, or `redirect`; null when everything is left open. */
function endingOf(record: string): string | null {
  const all = /(?:^|\s)([-~?+]?)all(?:\s|$)/i.exec(record);
  if (all !== null) return `${all[1] === '' ? '+' : (all[1] ?? '+')}all`;
  return /(?:^|\s)redirect=/i.test(record) ? 'redirect' : null;
}

/** Tags of the one DMARC record, names in lower case. */
function tagsOf(records: readonly string[]): ReadonlyMap<string, string> {
  const [only] = records;
  if (only === undefined || records.length > 1) return new Map();
  const pairs = only.split(';').map((part) => part.split('='));
  return new Map(
    pairs.map(([name = '', ...value]) => [name.trim().toLowerCase(), value.join('=').trim()] as const),
  );
}
