import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, objects, own, sorted, text, type Raw } from './property.ts';
import { instant } from './time.ts';

/** organization: the tenant itself. `domains` are its verified ones; mail to any other leaves the tenant. */
export function parseOrganization(raw: unknown): Parsed<EntityRecord> {
  const organization = object(raw);
  const id = objectId(own(organization, 'id'));
  if (organization === null || id === null) return refused('the organization has no id');
  const verified = objects(own(organization, 'verifiedDomains'));
  const domains = sorted(verified.map(domainName).filter((name) => name !== null));
  const json = {
    name: text(own(organization, 'displayName')),
    domains,
    initial_domain: domainThat(verified, 'isInitial'),
    default_domain: domainThat(verified, 'isDefault'),
    synced: flag(own(organization, 'onPremisesSyncEnabled')) === true,
    created_at: instant(own(organization, 'createdDateTime')),
  };
  const scalars = { own_domain: domains.map((domain) => ({ domain })) };
  return accepted({ kind: 'organization', id, json, scalars });
}

function domainName(domain: Raw): string | null {
  return text(own(domain, 'name'))?.toLowerCase() ?? null;
}

function domainThat(domains: readonly Raw[], property: string): string | null {
  const found = domains.find((domain) => own(domain, property) === true);
  return found === undefined ? null : domainName(found);
}
