import { isIP } from 'node:net';

/**
 * An IP address in one spelling: lower case, without port, brackets, zone or the IPv4-mapped prefix.
 * Null when it is none (`""`, a host name, null). Exchange writes `[v6]:port` and `v4:port` [wire-facts].
 */
export function ipAddress(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const bare = withoutPort(value.trim().toLowerCase()).replace(/%.*$/, '');
  const mapped = bare.replace(/^::ffff:(?=\d+\.)/, '');
  return isIP(mapped) === 0 ? null : mapped;
}

function withoutPort(value: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(value);
  if (bracketed?.[1] !== undefined) return bracketed[1];
  const v4 = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(value);
  return v4?.[1] ?? value;
}

/** ISO 3166-1 alpha-2 in upper case; null when the value has not two letters. */
export function countryCode(value: unknown): string | null {
  if (typeof value !== 'string' || !/^[a-z]{2}$/i.test(value)) return null;
  return value.toUpperCase();
}

/** A mail address in lower case, without `smtp:` and angle brackets; null when nothing is left. */
export function mailAddress(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const bare = value
    .trim()
    .replace(/^smtp:/i, '')
    .replace(/^<(.*)>$/, '$1')
    .trim()
    .toLowerCase();
  return bare === '' ? null : bare;
}

/**
 * Whether mail to this address leaves the tenant: its domain is none of `domains`, which the caller makes of the
 * tenant's verified domains (`organization` entity, `domains`) and its configured own ones, in lower case.
 * A subdomain is inside only when it is listed. An address without a domain (an Exchange name) is inside.
 */
export function isOutside(address: string, domains: readonly string[]): boolean {
  const at = address.lastIndexOf('@');
  if (at < 0) return false;
  const domain = address
    .slice(at + 1)
    .trim()
    .toLowerCase()
    .replace(/\.$/, '');
  return domain !== '' && !domains.includes(domain);
}
