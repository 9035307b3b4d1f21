import type { Graph } from '../microsoft/index.ts';
import { DnsError, type DnsResolver } from '../network/dns.ts';
import type { MailDomainInput } from '../records/index.ts';
import type { RawObject, StateCollector, StateOptions, StatePart } from './collector.ts';
import { stateIntervals } from './settings.ts';

/** Microsoft 365 signs with one of two keys of these names. https://learn.microsoft.com/defender-office-365/email-authentication-dkim-configure */
const SELECTORS = ['selector1', 'selector2'];

/** Nobody answers at all: the next domain would fare no better. */
const NO_RESOLVER = new Set(['ETIMEOUT', 'ECONNREFUSED']);

/**
 * What the DNS says of the tenant's mail domains, asked of this machine's resolver where the operator allows it: the one
 * source that is not Microsoft's. Each domain is a scope of its own, so that one which cannot be resolved hides no other.
 */
export const mailDomainsDns: StateCollector = {
  kind: 'state',
  source: 'mail-domains-dns',
  needs: { permission: '', licence: null },
  intervalMs: stateIntervals.posture,
  kinds: ['mail_domain'],
  read: readMailDomains,
};

async function* readMailDomains(_graph: Graph, { dns, signal }: StateOptions): AsyncGenerator<StatePart> {
  if (dns === null) {
    const detail = 'asking the DNS is not switched on; set TENANTWATCH_MAIL_DNS=on';
    yield { type: 'unread', scope: '*', status: 'skipped', reason: 'not_configured', detail };
    return;
  }
  const read: RawObject[] = [];
  for (const domain of dns.domains) {
    signal.throwIfAborted();
    const found = await lookUp(dns.resolver, domain);
    if (found instanceof DnsError) {
      const silent = NO_RESOLVER.has(found.code);
      yield unread(silent ? '*' : domain, found);
      if (silent) return;
      continue;
    }
    const object = { kind: 'mail_domain', id: domain, removed: false, raw: { ...found } };
    read.push(object);
    yield { type: 'page', scope: domain, objects: [object], unreadable: [] };
    // Answers for this domain only: it takes nothing away.
    yield { type: 'done', scope: domain, completeFor: null };
  }
  if (read.length < dns.domains.length) return;
  // Once more as a whole, which takes away the domains that the tenant has no longer.
  yield { type: 'page', scope: '*', objects: read, unreadable: [] };
  yield { type: 'done', scope: '*', completeFor: ['mail_domain'] };
}

function unread(scope: string, error: DnsError): StatePart {
  return { type: 'unread', scope, status: 'failed', reason: null, detail: error.message };
}

async function lookUp(resolver: DnsResolver, domain: string): Promise<MailDomainInput | DnsError> {
  try {
    const [mx, txt, dmarc, ...targets] = await Promise.all([
      resolver.mx(domain),
      resolver.txt(domain),
      resolver.txt(`_dmarc.${domain}`),
      ...SELECTORS.map((selector) => resolver.cname(`${selector}._domainkey.${domain}`)),
    ]);
    const dkim = SELECTORS.flatMap((selector, index) =>
      (targets[index] ?? []).map((target) => ({ selector, target })),
    );
    return { domain, mx, txt, dmarc, dkim };
  } catch (error) {
    if (error instanceof DnsError) return error;
    throw error;
  }
}
