import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Reader, type CountryResponse } from 'mmdb-lib';

/** Country of an internet address, from a table that is part of the program: nothing is asked outside. */
export interface IpCountries {
  /** ISO 3166-1 alpha-2 in upper case; null for an address that is private, reserved, unknown or none. */
  countryOf(ip: string): string | null;
}

/** The reader knows MaxMind's own rows only; ours hold `country_code`. */
type Table = Reader<CountryResponse>;

/**
 * Countries by registration of the address (WHOIS and routing tables), IPv4 and IPv6, data CC0-1.0:
 * https://github.com/sapics/ip-location-db (geo-whois-asn-country). It knows where an address is registered, not where
 * its user sits: carriers, VPNs and clouds often register elsewhere.
 */
const FILE = '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb';

/** Reads the whole table (8 MB, some 50 ms). Throws Error when the package that holds it is not installed whole. */
export function openIpCountries(): IpCountries {
  const table: Table = new Reader<CountryResponse>(readTable());
  return {
    countryOf(ip) {
      const code = find(table, ip);
      return typeof code === 'string' && /^[a-z]{2}$/i.test(code) ? code.toUpperCase() : null;
    },
  };
}

let opened: IpCountries | null = null;

/** Country of an address by the table that comes with the program, which is read when the first address is asked for. */
export function countryOfIp(ip: string | null): string | null {
  if (ip === null) return null;
  opened ??= openIpCountries();
  return opened.countryOf(ip);
}

function readTable(): Buffer {
  try {
    return readFileSync(createRequire(import.meta.url).resolve(FILE));
  } catch (cause) {
    throw new Error(`read the table of countries: ${FILE} is not there; install the program again`, {
      cause,
    });
  }
}

/**
 * What the table says of an address. It also names a registry for ranges that nobody can have (documentation, RFC 5737
 * and RFC 3849; shared, private and test networks): those have no country.
 */
function find(table: Table, ip: string): unknown {
  if (isIP(ip) === 0) return null;
  const address = ipaddr.process(ip);
  const row: unknown = address.range() === 'unicast' ? table.get(address.toString()) : null;
  return typeof row === 'object' && row !== null && 'country_code' in row ? row.country_code : null;
}
