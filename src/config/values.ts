import { readFileSync } from 'node:fs';
import { domainToASCII } from 'node:url';
import type { Cloud, CloudHosts, Recipient } from '../model/tenant.ts';

/** Why a value cannot be used: a clause that follows the option's name. Never repeats a value that may be a secret. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';
}

export function refuse(clause: string): never {
  throw new InvalidValue(clause);
}

function parseList(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  return items.filter((item) => item !== '');
}

function parseChoice<const T extends string>(choices: readonly T[], text: string): T {
  const found = choices.find((choice) => choice === text.toLowerCase());
  return found ?? refuse(`is "${text}"; write one of ${choices.join(', ')}`);
}

/** Lower case. The value is not repeated in the error: people paste secrets into the wrong line. */
export function parseGuid(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  return refuse('is not a GUID; copy it from the overview of the app registration');
}

export function parseText(text: string): string {
  return text;
}

export function parseCloud(text: string): Cloud {
  return parseChoice(['global', 'gcc_high', 'dod', 'china', 'custom'], text);
}

export function parseLogLevel(text: string): 'debug' | 'info' | 'warn' | 'error' | 'silent' {
  return parseChoice(['debug', 'info', 'warn', 'error', 'silent'], text);
}

export function parseSignInsApi(text: string): 'auto' | 'beta' | 'v1.0' {
  return parseChoice(['auto', 'beta', 'v1.0'], text);
}

/** `on` or `off`. */
export function parseOnOff(text: string): boolean {
  return parseChoice(['on', 'off'], text) === 'on';
}

/** Which form of an IANA zone name this runtime knows, e.g. `Europe/Berlin`. Offsets are no zones: they know no summer. */
export function parseTimezone(text: string): string {
  if (/^[+-]/.test(text)) return refuse(`is "${text}", an offset; write an IANA zone such as Europe/Berlin`);
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    return refuse(`is "${text}", which is no IANA zone; write one such as Europe/Berlin`);
  }
}

/** BCP 47, e.g. `de` or `de-AT`. */
export function parseLanguage(text: string): string {
  try {
    return new Intl.Locale(text).toString();
  } catch {
    return refuse(`is "${text}", which is no language tag; write one such as en or de`);
  }
}

/** Region codes of Intl that are no countries of ISO 3166-1, and so never stand in a record. */
const NO_COUNTRIES = new Set([
  'AC',
  'CP',
  'CQ',
  'DG',
  'EA',
  'EU',
  'EZ',
  'IC',
  'QO',
  'TA',
  'UN',
  'XA',
  'XB',
  'ZZ',
]);

/** ISO 3166-1 alpha-2, upper case, without repeats. `XK` (Kosovo) is accepted: Microsoft reports it. */
export function parseCountries(text: string): readonly string[] {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  return [...new Set(parseList(text).map((item) => parseCountry(item, names)))];
}

/** One code of such a list. */
export function parseCountry(
  item: string,
  names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }),
): string {
  const code = item.toUpperCase();
  if (!/^[A-Z]{2}$/.test(code)) {
    return refuse(`holds "${item}"; write two-letter country codes (ISO 3166-1) such as DE,AT`);
  }
  // UK is what people write and no record says: it would silently match nothing.
  const canonical = new Intl.Locale(`und-${code}`).region ?? code;
  if (canonical !== code) return refuse(`holds "${item}"; the code of that country is ${canonical}`);
  if (NO_COUNTRIES.has(code) || names.of(code) === undefined) {
    return refuse(`holds "${item}", which is no country code of ISO 3166-1`);
  }
  return code;
}

/** Mail domains, lower case. */
export function parseDomains(text: string): readonly string[] {
  return [...new Set(parseList(text).map((item) => parseDomain(item)))];
}

/** One domain of such a list. */
export function parseDomain(item: string): string {
  const domain = item.toLowerCase();
  const plain = /^[^\s@*/:]+\.[^\s@*/:]+$/.test(domain) && domainToASCII(domain) !== '';
  return plain ? domain : refuse(`holds "${item}"; write domains such as example.com`);
}

/** A bare mail address, without a display name. */
export function parseAddress(text: string): string {
  if (/^[^\s@<>,"]+@[^\s@<>,"]+\.[^\s@<>,"]+$/.test(text)) return text;
  return refuse(`is "${text}"; write a bare address such as it@example.com`);
}

/** Addresses; `technical:` before one changes what it gets. */
export function parseRecipients(text: string): readonly Pick<Recipient, 'address' | 'kind'>[] {
  const recipients = parseList(text).map(parseRecipient);
  const keys = recipients.map(({ address, kind }) => `${kind}:${address.toLowerCase()}`);
  const twice = recipients.find((_, index) => keys.indexOf(keys[index] ?? '') !== index);
  return twice ? refuse(`names ${twice.address} twice; remove one`) : recipients;
}

function parseRecipient(item: string): Pick<Recipient, 'address' | 'kind'> {
  const prefix = /^(\w+):/.exec(item)?.[1];
  if (prefix !== undefined && prefix !== 'technical') {
    return refuse(`holds "${item}"; the only prefix is technical:`);
  }
  const address = parseAddress(prefix ? item.slice('technical:'.length).trim() : item);
  return { address, kind: prefix ? 'technical' : 'management' };
}

/** Weekday and local time, `mon 07:00`. */
export function parseDue(text: string): string {
  const due = text.toLowerCase().replace(/\s+/g, ' ');
  if (/^(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):[0-5]\d$/.test(due)) return due;
  return refuse(`is "${text}"; write a weekday and a time such as mon 07:00`);
}

/** `sqlite:<path>` or a PostgreSQL URL, as it is. May hold a password, so errors do not repeat it. */
export function parseDatabaseUrl(text: string): string {
  if (/^sqlite:./.test(text)) return text;
  if (/^postgres(ql)?:/.test(text) && URL.canParse(text)) return text;
  return refuse('is no database; write sqlite:<path> or postgres://user:password@host/database');
}

/** Where the dead-man's switch is pinged. */
export function parseHeartbeat(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    return refuse('is no web address to ping; write https://… without user, question mark or #');
  }
  return url.href;
}

/** How mail leaves. `secure` = TLS from the first byte; without it STARTTLS is required, never optional. */
export interface SmtpConfig {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** Both or neither. */
  readonly user: string | null;
  readonly password: string | null;
}

/** Errors never repeat the URL: it holds a password. Ports: 587 is submission (RFC 6409), 465 its TLS form (RFC 8314). */
export function parseSmtpUrl(text: string): SmtpConfig {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    return refuse('is no mail server; write smtp://user:password@host:587 or smtps://user:password@host:465');
  }
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') {
    return refuse('has something behind the port; encode / ? # in the password as %2F %3F %23');
  }
  if ((url.username === '') !== (url.password === '')) {
    return refuse('has a user or a password but not both; write smtp://user:password@host:587');
  }
  const secure = url.protocol === 'smtps:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    user: decode(url.username),
    password: decode(url.password),
  };
}

function decode(part: string): string | null {
  if (part === '') return null;
  try {
    return decodeURIComponent(part);
  } catch {
    return refuse('has a % in user or password that encodes nothing; write it as %25');
  }
}

export const HOST_NAMES = ['graph', 'authority', 'management', 'exchange', 'clock'] as const;

/** `graph=https://localhost:1,authority=…`; graph and authority are required, all must lead to this machine. */
export function parseHosts(text: string): CloudHosts {
  const hosts = new Map(parseList(text).map(parseHost));
  const graph = hosts.get('graph') ?? refuse('lacks graph=https://…');
  const authority = hosts.get('authority') ?? refuse('lacks authority=https://…');
  const url = (name: (typeof HOST_NAMES)[number]) => hosts.get(name) ?? null;
  return { graph, authority, management: url('management'), exchange: url('exchange'), clock: url('clock') };
}

function parseHost(item: string): [string, string] {
  const [name = '', ...rest] = item.split('=');
  if (!HOST_NAMES.some((known) => known === name)) {
    return refuse(`holds "${name}"; it knows ${HOST_NAMES.map((known) => `${known}=`).join(' ')}`);
  }
  return [name, parseHostUrl(name, rest.join('='))];
}

/** Base URL on this machine, without a trailing slash. */
export function parseHostUrl(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || url.protocol !== 'https:' || url.username !== '' || url.search !== '' || url.hash !== '') {
    return refuse(`needs an https URL for ${name}, such as https://localhost:8443`);
  }
  if (!isLoopback(url.hostname))
    return refuse(`gives ${name} as ${url.host}; only this machine (localhost) is allowed`);
  return text.replace(/\/+$/, '');
}

// URL has already written every form of an IPv4 address as four decimal numbers.
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** PEM text of a file that must hold the named blocks, e.g. `CERTIFICATE`. */
export function readPem(path: string, blocks: readonly string[]): string {
  const text = readFile(path);
  for (const block of blocks) {
    if (!new RegExp(`-----BEGIN [A-Z ]*${block}-----`).test(text)) {
      return refuse(`names ${path}, which holds no ${block.toLowerCase()} in PEM form`);
    }
  }
  return text;
}

/** The text of a file that an option names. */
export function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return refuse(`names ${path}, which cannot be read (${code})`);
  }
}
