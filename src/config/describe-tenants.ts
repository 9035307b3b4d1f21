import type { Credential, Recipient, TenantByDomain, TenantConfig } from '../model/tenant.ts';
import { HIDDEN, type DescribedOption } from './describe.ts';
import type { FileTenant, Origins } from './tenants-file.ts';

/** One tenant of the tenants' file as it may be shown to anybody. */
export interface DescribedTenant {
  readonly name: string;
  /** By the file's keys; null = not set. */
  readonly settings: readonly DescribedOption[];
}

/** The tenants of the file with what they inherited, secrets cut out, and where each value came from. */
export function describeTenants(tenants: readonly FileTenant[]): readonly DescribedTenant[] {
  return tenants.map(({ tenant, origins }) => ({
    name: tenant.name,
    settings: Object.entries(textsOf(tenant)).map(([name, text]) => describe(name, text, origins)),
  }));
}

/** Language and due time are shown with the recipients, who are all they are for. */
type Texts = Readonly<Record<Exclude<keyof Origins, 'language' | 'due'>, string | null>>;

function textsOf(tenant: TenantConfig | TenantByDomain): Texts {
  const { hosts, owner } = tenant;
  return {
    name: tenant.name,
    id: 'id' in tenant ? tenant.id : null,
    domain: tenant.domain ?? null,
    group: tenant.group ?? null,
    cloud: tenant.cloud,
    hosts:
      tenant.cloud === 'custom'
        ? Object.values(hosts)
            .filter((url) => url !== null)
            .join(', ')
        : null,
    credential: credentialText(tenant.credential),
    timezone: tenant.timezone,
    allowed_countries: listText(tenant.allowedCountries),
    own_domains: listText(tenant.ownDomains),
    trusted_networks: listText((tenant.trustedNetworks ?? []).map(({ name, cidr }) => `${name} ${cidr}`)),
    break_glass: listText(tenant.breakGlass ?? []),
    vips: listText(tenant.vips ?? []),
    watched_groups: listText(tenant.watchedGroups ?? []),
    placeholders: listText(
      [...(tenant.placeholders ?? [])].map(([name, values]) => `${name}: ${values.join(' | ')}`),
    ),
    owner: owner ? `${owner.name}, ${owner.address}` : null,
    recipients: listText(tenant.recipients.map(recipientText)),
  };
}

function describe(name: string, value: string | null, origins: Origins): DescribedOption {
  const origin = origins[name as keyof Origins] ?? 'default';
  return { name, value, origin: value === null ? null : origin };
}

function listText(items: readonly string[]): string | null {
  return items.length === 0 ? null : items.join(', ');
}

function recipientText({ address, kind, language, timezone, due }: Recipient): string {
  return `${address} (${kind}, ${language}, ${due} ${timezone})`;
}

function credentialText(credential: Credential): string {
  switch (credential.type) {
    case 'secret':
      return `secret of ${credential.clientId}: ${HIDDEN}`;
    case 'certificate':
      return `certificate of ${credential.clientId}: ${credential.file}`;
    case 'workload_identity':
      return `workload identity of ${credential.clientId}: ${credential.tokenFile}`;
    case 'managed_identity':
      return credential.clientId === null
        ? 'managed identity of this machine'
        : `managed identity ${credential.clientId}`;
  }
}
