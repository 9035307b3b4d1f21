import type { Network } from './data/networks.ts';
import { CARRIERS } from './data/networks.ts';
import type { Random } from './random.ts';

/** Where a sign-in comes from, as the log tells it. Addresses are from the ranges reserved for documentation (RFC 5737, RFC 3849). */
export interface Place {
  readonly ipAddress: string;
  readonly asn: number;
  readonly city: City;
}

export interface City {
  readonly city: string;
  readonly state: string;
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
}

export const CITIES = {
  koeln: city('Köln', 'Nordrhein-Westfalen', 'DE', 50.9375, 6.9603),
  bonn: city('Bonn', 'Nordrhein-Westfalen', 'DE', 50.7374, 7.0982),
  duesseldorf: city('Düsseldorf', 'Nordrhein-Westfalen', 'DE', 51.2277, 6.7735),
  hamburg: city('Hamburg', 'Hamburg', 'DE', 53.5511, 9.9937),
  luebeck: city('Lübeck', 'Schleswig-Holstein', 'DE', 53.8655, 10.6866),
  muenchen: city('München', 'Bayern', 'DE', 48.1351, 11.582),
  rosenheim: city('Rosenheim', 'Bayern', 'DE', 47.8571, 12.1181),
  wien: city('Wien', 'Wien', 'AT', 48.2082, 16.3738),
  zuerich: city('Zürich', 'Zürich', 'CH', 47.3769, 8.5417),
  amsterdam: city('Amsterdam', 'Noord-Holland', 'NL', 52.3676, 4.9041),
} as const;

export type CityName = keyof typeof CITIES;

/** Cities of the hosting networks outside the Netherlands, by country. */
const HOSTING_CITIES: Readonly<Record<string, City>> = {
  RU: city('Sankt-Peterburg', 'Sankt-Peterburg', 'RU', 59.9311, 30.3609),
  LT: city('Siauliai', 'Siauliu apskritis', 'LT', 55.9349, 23.3137),
  US: city('Los Angeles', 'California', 'US', 34.0522, -118.2437),
  LU: city('Luxembourg', 'Luxembourg', 'LU', 49.6117, 6.13),
  RO: city('Bucuresti', 'Bucuresti', 'RO', 44.4268, 26.1025),
};

/** The office has one fixed address: 203.0.113.0/25, one a tenant. */
export function officePlace(officeAddress: string, cityName: CityName): Place {
  return { ipAddress: officeAddress, asn: 3320, city: CITIES[cityName] };
}

/** A home connection: one address a week out of 198.51.100.0/25, on a network that stays. */
export function homePlace(person: Random, cityName: CityName, week: number): Place {
  const home = CITIES[cityName];
  const ipAddress = `198.51.100.${person.fork('home', week).int(1, 126)}`;
  return { ipAddress, asn: carrier(person.fork('home network'), home.country).asn, city: home };
}

/** A phone on its carrier: a new address each time, IPv4 behind the carrier's translation or IPv6. */
export function mobilePlace(person: Random, draw: Random, at: City): Place {
  const network = carrier(person.fork('carrier'), at.country);
  const hex = () => draw.int(1, 0xffff).toString(16);
  const ipAddress = draw.chance(0.5) ? `192.0.2.${draw.int(1, 126)}` : `2001:db8:${hex()}:${hex()}::${hex()}`;
  return { ipAddress, asn: network.asn, city: at };
}

/** A hotel or a guest's office: 192.0.2.128/25. */
export function visitorPlace(draw: Random, at: City): Place {
  return { ipAddress: `192.0.2.${draw.int(129, 254)}`, asn: carrier(draw, at.country).asn, city: at };
}

/** A rented server: 198.51.100.128/25. */
export function hostingPlace(network: Network, draw: Random): Place {
  const at = network.country === 'NL' ? CITIES.amsterdam : HOSTING_CITIES[network.country];
  if (!at)
    throw new Error(`place a hosting network: no city for ${network.country}; add one to HOSTING_CITIES`);
  return { ipAddress: `198.51.100.${draw.int(129, 254)}`, asn: network.asn, city: at };
}

function carrier(draw: Random, country: string): Network {
  return draw.pick(CARRIERS[country] ?? []);
}

function city(name: string, state: string, country: string, latitude: number, longitude: number): City {
  return { city: name, state, country, latitude, longitude };
}
