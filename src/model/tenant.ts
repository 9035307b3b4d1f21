/** The Microsoft cloud a tenant lives in; `custom` is for the simulator and takes loopback addresses only. */
export type Cloud = 'global' | 'gcc_high' | 'dod' | 'china' | 'custom';

/** Base URLs of one cloud, without a trailing slash. */
export interface CloudHosts {
  readonly graph: string;
  readonly authority: string;
  readonly management: string | null;
  /** Exchange Online. */
  readonly exchange?: string | null;
  /** Only in a custom cloud: where the simulator's virtual clock is read and advanced. */
  readonly clock: string | null;
}

/** How a tenant's app proves who it is. Secrets are values here; they are never stored or logged. */
export type Credential =
  | { readonly type: 'secret'; readonly clientId: string; readonly secret: string }
  | { readonly type: 'certificate'; readonly clientId: string; readonly file: string }
  /** The identity of the machine it runs on; `clientId` null = the system-assigned one. */
  | { readonly type: 'managed_identity'; readonly clientId: string | null }
  /** A token of another issuer that the app trusts, read anew from `tokenFile` for every request. */
  | { readonly type: 'workload_identity'; readonly clientId: string; readonly tokenFile: string };

/** A network whose addresses count as known places. */
export interface TrustedNetwork {
  readonly name: string;
  /** Canonical, e.g. `203.0.113.0/24` or `2001:db8::/32`. */
  readonly cidr: string;
}

/** Who decides in a tenant where nobody else is named. */
export interface Owner {
  readonly name: string;
  readonly address: string;
}

/** One watched tenant as the configuration names it. */
export interface TenantConfig {
  /** Tenant GUID, lower case. */
  readonly id: string;
  readonly name: string;
  readonly cloud: Cloud;
  readonly hosts: CloudHosts;
  readonly credential: Credential;
  /** IANA zone name, e.g. `Europe/Berlin`. */
  readonly timezone: string;
  /** ISO 3166-1 alpha-2, upper case; empty = not configured, so country rules are not assessed. */
  readonly allowedCountries: readonly string[];
  /** Mail domains that count as inside besides the tenant's verified ones; lower case. */
  readonly ownDomains: readonly string[];
  readonly recipients: readonly Recipient[];
  /** The domain by which the configuration names it, lower case. */
  readonly domain?: string | null;
  /** Group of tenants.yaml. */
  readonly group?: string | null;
  readonly trustedNetworks?: readonly TrustedNetwork[];
  /** User principal names or object ids, lower case. */
  readonly breakGlass?: readonly string[];
  /** User principal names or object ids, lower case. */
  readonly vips?: readonly string[];
  /** Object ids of groups whose members are read, besides those that can hold a role or that a policy names. */
  readonly watchedGroups?: readonly string[];
  /** Values of the placeholders of imported rules (`%name%`), by name. */
  readonly placeholders?: ReadonlyMap<string, readonly string[]>;
  readonly owner?: Owner | null;
}

/** A tenant that the configuration names by its domain alone; its id is asked of Microsoft. */
export type TenantByDomain = Omit<TenantConfig, 'id' | 'domain'> & { readonly domain: string };

/** Who receives reports. */
export interface Recipient {
  readonly address: string;
  readonly kind: 'management' | 'technical';
  readonly language: string;
  readonly timezone: string;
  /** Weekday and local time, e.g. `mon 07:00`. */
  readonly due: string;
}
