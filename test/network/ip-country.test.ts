import { describe, expect, it } from 'vitest';
import { countryOfIp, openIpCountries } from '../../src/network/ip-country.ts';

describe('the country of an internet address', () => {
  it.each([
    ['8.8.8.8', 'US'],
    // heise.de, and a block of Google's that is registered in Ireland.
    ['193.99.144.80', 'DE'],
    ['2a00:1450:4001:81b::200e', 'IE'],
    ['::ffff:193.99.144.80', 'DE'],
  ])('%s is registered in %s', (ip, country) => {
    expect(openIpCountries().countryOf(ip)).toBe(country);
  });

  it.each([
    '10.0.0.1',
    '127.0.0.1',
    '::1',
    '169.254.1.1',
    '100.64.0.9',
    // The table names a registry for these, but they belong to documentation.
    '192.0.2.7',
    '198.51.100.7',
    '203.0.113.5',
    '2001:db8::1',
  ])('%s belongs to nobody and has none', (ip) => {
    expect(countryOfIp(ip)).toBeNull();
  });

  it.each(['', 'not an address', '1.2.3', '999.1.1.1', '1.2.3.4:80'])('"%s" is no address', (ip) => {
    expect(countryOfIp(ip)).toBeNull();
  });

  it('knows nothing of an address that is not there', () => {
    expect(countryOfIp(null)).toBeNull();
  });
});
