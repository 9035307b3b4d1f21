import { ConfigError } from '../errors.ts';
import { CLOUD_HOSTS } from '../model/clouds.ts';
import type { Cloud, CloudHosts } from '../model/tenant.ts';

/** Base URLs of one of Microsoft's clouds. */
export function cloudHosts(cloud: Exclude<Cloud, 'custom'>): CloudHosts {
  return CLOUD_HOSTS[cloud];
}

/** What a custom cloud names: base URLs, with or without a trailing slash. */
export interface CustomHostsSpec {
  readonly graph: string;
  readonly authority: string;
  readonly management?: string | null;
  readonly exchange?: string | null;
  readonly clock?: string | null;
}

/** Checks a custom cloud's URLs. Throws ConfigError naming every URL that does not lead to this machine. */
export function customHosts(spec: CustomHostsSpec): CloudHosts {
  const hosts: CloudHosts = {
    graph: withoutSlash(spec.graph),
    authority: withoutSlash(spec.authority),
    management: spec.management ? withoutSlash(spec.management) : null,
    exchange: spec.exchange ? withoutSlash(spec.exchange) : null,
    clock: spec.clock ? withoutSlash(spec.clock) : null,
  };
  const problems = Object.entries(hosts).flatMap(([name, url]) =>
    url === null ? [] : loopbackProblem(name, url),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return hosts;
}

/** Throws ConfigError unless the URL is https on 127.0.0.0/8, ::1 or localhost. */
export function assertLoopback(url: string): void {
  const problems = loopbackProblem('url', url);
  if (problems.length > 0) throw new ConfigError(problems);
}

/** Throws ConfigError unless the hosts are those of the cloud: a token goes nowhere else. */
export function assertHosts(cloud: Cloud, hosts: CloudHosts): void {
  if (cloud === 'custom') {
    customHosts(hosts);
    return;
  }
  const known = cloudHosts(cloud);
  const same = hosts.graph === known.graph && hosts.authority === known.authority;
  const exchange = hosts.exchange ?? known.exchange;
  if (same && hosts.management === known.management && exchange === known.exchange) return;
  throw new ConfigError([
    `the hosts of cloud ${cloud} are ${known.graph} and ${known.authority}; remove the others`,
  ]);
}

function loopbackProblem(name: string, text: string): string[] {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return [`custom cloud: ${name} is not a URL; write https://localhost:<port>`];
  if (url.protocol === 'https:' && isLoopback(url.hostname) && url.username === '' && url.password === '')
    return [];
  return [
    `custom cloud: ${name} must be https on this machine (127.0.0.0/8, ::1 or localhost), not ${url.protocol}//${url.host}`,
  ];
}

// URL has already normalised the forms of an IPv4 address (127.1, 0x7f000001) to four decimals.
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
