import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { parseGuid, refuse } from './values.ts';

/** Printable, one line; a name stands in mails and tables. */
export function parseName(text: string): string {
  if (/\p{Cc}/u.test(text)) return refuse('has a line break or a control character; write one line');
  return text.length > 120 ? refuse('is longer than 120 characters; shorten it') : text;
}

/** User principal name or object id, lower case. */
export function parsePerson(text: string): string {
  if (/^[0-9a-f-]{36}$/i.test(text)) return parseGuid(text);
  if (/^[^\s@<>,"]+@[^\s@<>,"]+\.[^\s@<>,"]+$/.test(text)) return text.toLowerCase();
  return refuse(`holds "${text}"; write user principal names such as bg1@example.com, or object ids`);
}

/** `203.0.113.0/24` or `2001:db8::/32`, canonical. */
export function parseCidr(text: string): string {
  const [address = '', bits = '', ...rest] = text.split('/');
  const longest = isIP(address) === 6 ? 128 : 32;
  const whole = isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= longest;
  if (!whole || rest.length > 0)
    return refuse(`is "${text}", which is no network; write one such as 203.0.113.0/24`);
  if (Number(bits) === 0) return refuse(`is "${text}", which is every address; write your own network`);
  const [parsed, length] = ipaddr.parseCIDR(text);
  const kind = parsed.kind() === 'ipv6' ? ipaddr.IPv6 : ipaddr.IPv4;
  const network = `${kind.networkAddressFromCIDR(text).toString()}/${length}`;
  const given = `${parsed.toString()}/${length}`;
  return network === given
    ? network
    : refuse(`is "${text}", an address inside a network; the network is ${network}`);
}

/** Name of a list that imported rules ask for as `%name%`; letters, digits and `_`, as Sigma reads it. */
export function parsePlaceholder(text: string): string {
  if (/^[\p{L}\p{N}_]{1,64}$/u.test(text)) return text;
  return refuse('has a name that no rule can use; write letters, digits and _, without the percent signs');
}

/** One value of a placeholder: a text as rules compare it, `*` and `?` being wildcards. */
export function parsePlaceholderValue(text: string): string {
  if (/\p{Cc}/u.test(text)) return refuse('holds a line break or a control character; write one line');
  return text.length > 1000 ? refuse('holds a value longer than 1,000 characters; shorten it') : text;
}

export function parseKind(text: string): 'management' | 'technical' {
  const kind = text.toLowerCase();
  if (kind === 'management' || kind === 'technical') return kind;
  return refuse(`is "${text}"; write one of management, technical`);
}

/** Name of a variable that holds a secret. A name that could be the secret itself is not repeated. */
export function parseVariable(text: string): string {
  if (text.startsWith('TENANTWATCH_'))
    return refuse(
      'begins with TENANTWATCH_, which is kept for options; name it otherwise, such as MUSTER_SECRET',
    );
  return /^[A-Z][A-Z0-9_]*$/.test(text)
    ? text
    : refuse('is no name of a variable; write capitals, such as MUSTER_SECRET, and never the secret itself');
}

/** Path of a file. Entra ID's secrets hold a tilde; one in place of its file is not repeated. */
export function parsePath(text: string): string {
  const secret = /^[\w.~-]{30,60}$/.test(text) && !/\.[a-z]{2,5}$/.test(text);
  return secret
    ? refuse('is no path; write where the file is, such as /run/secrets/muster, and never the secret itself')
    : text;
}
