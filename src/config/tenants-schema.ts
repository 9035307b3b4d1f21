import type { Cloud, CloudHosts, Credential, Owner, Recipient, TrustedNetwork } from '../model/tenant.ts';
import { readCredential, type CredentialPlaces } from './tenant-credential.ts';
import {
  parseCidr,
  parseKind,
  parseName,
  parsePerson,
  parsePlaceholder,
  parsePlaceholderValue,
} from './tenant-values.ts';
import {
  HOST_NAMES,
  parseAddress,
  parseCloud,
  parseCountry,
  parseDomain,
  parseDue,
  parseGuid,
  parseHostUrl,
  parseLanguage,
  parseTimezone,
} from './values.ts';
import type { Field, Fields, YamlFile } from './yaml-file.ts';

/** A recipient as written; what it leaves out comes from its tenant. */
export type WrittenRecipient = Pick<Recipient, 'address' | 'kind'> & {
  readonly language: string | null;
  readonly timezone: string | null;
  readonly due: string | null;
};

/** What a tenant may inherit, by the key of the file. */
export interface Inherited {
  readonly timezone: string;
  readonly language: string;
  readonly due: string;
  readonly cloud: Cloud;
  readonly hosts: CloudHosts;
  readonly credential: Credential;
  readonly allowed_countries: readonly string[];
  readonly own_domains: readonly string[];
  readonly trusted_networks: readonly TrustedNetwork[];
  readonly break_glass: readonly string[];
  readonly vips: readonly string[];
  readonly watched_groups: readonly string[];
  readonly placeholders: ReadonlyMap<string, readonly string[]>;
  readonly owner: Owner;
  readonly recipients: readonly WrittenRecipient[];
}

export type InheritedKey = keyof Inherited;

/** A value with its line; `value` null = refused, which is among the problems. */
export interface Placed<T> {
  readonly value: T | null;
  readonly line: number;
}

/** What one of defaults, a group and a tenant says. */
export type Said = { readonly [K in InheritedKey]?: Placed<Inherited[K]> };

type Read<T> = (file: YamlFile, field: Field, places: CredentialPlaces) => T | null;

const READERS: { readonly [K in InheritedKey]: Read<Inherited[K]> } = {
  timezone: (file, field) => file.value(field, parseTimezone),
  language: (file, field) => file.value(field, parseLanguage),
  due: (file, field) => file.value(field, parseDue),
  cloud: (file, field) => file.value(field, parseCloud),
  hosts: readHosts,
  credential: readCredential,
  allowed_countries: (file, field) => readList(file, field, '[DE, AT]', (text) => parseCountry(text)),
  own_domains: (file, field) => readList(file, field, '[example.com]', parseDomain),
  trusted_networks: readNetworks,
  break_glass: (file, field) => readList(file, field, '[bg1@example.com]', parsePerson),
  vips: (file, field) => readList(file, field, '[ceo@example.com]', parsePerson),
  watched_groups: (file, field) => readList(file, field, '[8f6b2c1e-1111-4222-8333-944455556666]', parseGuid),
  placeholders: readPlaceholders,
  owner: readOwner,
  recipients: readRecipients,
};

export const INHERITED_KEYS = Object.keys(READERS) as readonly InheritedKey[];

/** Reads the inheritable keys of a mapping, each whole. */
export function readSaid(file: YamlFile, fields: Fields, places: CredentialPlaces): Said {
  const said: Partial<Record<InheritedKey, Placed<unknown>>> = {};
  for (const key of INHERITED_KEYS) {
    const field = fields.get(key);
    if (field) said[key] = { value: READERS[key](file, field, places), line: field.line };
  }
  return said as Said;
}

/** All items, or null when one was refused. Repeats are dropped. */
function readList(
  file: YamlFile,
  field: Field,
  example: string,
  parse: (text: string) => string,
): readonly string[] | null {
  const values = file.items(field, example)?.map((item) => file.value(item, parse)) ?? null;
  return values === null ? null : whole([...new Set(values)]);
}

function whole<T>(values: readonly (T | null)[]): readonly T[] | null {
  const there = values.filter((value) => value !== null);
  return there.length === values.length ? there : null;
}

/** A key of a mapping that must be there. */
function need<T>(
  file: YamlFile,
  field: Field,
  fields: Fields,
  key: string,
  parse: (text: string) => T,
): T | null {
  const found = fields.get(key);
  if (found) return file.value(found, parse);
  file.problem(field.line, `${field.name} lacks ${key}`);
  return null;
}

function optional<T>(
  file: YamlFile,
  fields: Fields,
  key: string,
  parse: (text: string) => T,
): { readonly ok: boolean; readonly value: T | null } {
  const found = fields.get(key);
  if (!found) return { ok: true, value: null };
  const value = file.value(found, parse);
  return { ok: value !== null, value };
}

/** Lists by the names that rules give them; all of them or null. */
function readPlaceholders(file: YamlFile, field: Field): ReadonlyMap<string, readonly string[]> | null {
  const entries = file.entries(field);
  if (entries === null) return null;
  const lists = [...entries].map(([key, entry]) => {
    const name = file.value({ ...entry, name: 'the placeholder', node: key }, parsePlaceholder);
    const values = readList(file, entry, '[first, second]', parsePlaceholderValue);
    if (values?.length === 0)
      file.problem(
        entry.line,
        `${name ?? 'the placeholder'} is an empty list; give it a value or remove the key`,
      );
    return name === null || values === null || values.length === 0 ? null : ([name, values] as const);
  });
  const read = whole(lists);
  return read === null ? null : new Map(read);
}

function readHosts(file: YamlFile, field: Field): CloudHosts | null {
  const fields = file.fields(field, 'hosts', HOST_NAMES);
  if (fields === null) return null;
  const url = (name: string) => (text: string) => parseHostUrl(name, text);
  const graph = need(file, field, fields, 'graph', url('graph'));
  const authority = need(file, field, fields, 'authority', url('authority'));
  const management = optional(file, fields, 'management', url('management'));
  const exchange = optional(file, fields, 'exchange', url('exchange'));
  const clock = optional(file, fields, 'clock', url('clock'));
  if (graph === null || authority === null || !management.ok || !exchange.ok || !clock.ok) return null;
  return { graph, authority, management: management.value, exchange: exchange.value, clock: clock.value };
}

function readNetworks(file: YamlFile, field: Field): readonly TrustedNetwork[] | null {
  const items = file.items(field, '[{name: office, cidr: 203.0.113.0/24}]');
  return items === null ? null : whole(items.map((item) => readNetwork(file, item)));
}

function readNetwork(file: YamlFile, item: Field): TrustedNetwork | null {
  const fields = file.fields(item, 'a trusted network', ['name', 'cidr']);
  if (fields === null) return null;
  const name = need(file, item, fields, 'name', parseName);
  const cidr = need(file, item, fields, 'cidr', parseCidr);
  return name === null || cidr === null ? null : { name, cidr };
}

function readOwner(file: YamlFile, field: Field): Owner | null {
  const fields = file.fields(field, 'an owner', ['name', 'address']);
  if (fields === null) return null;
  const name = need(file, field, fields, 'name', parseName);
  const address = need(file, field, fields, 'address', parseAddress);
  return name === null || address === null ? null : { name, address };
}

function readRecipients(file: YamlFile, field: Field): readonly WrittenRecipient[] | null {
  const items = file.items(field, '[{address: boss@example.com}]');
  if (items === null) return null;
  const recipients = items.map((item) => readRecipient(file, item));
  const keys = recipients.map((one) => (one ? `${one.kind}:${one.address.toLowerCase()}` : null));
  for (const [index, key] of keys.entries()) {
    if (key === null || keys.indexOf(key) === index) continue;
    const { line, name } = items[index] ?? field;
    file.problem(line, `${name} names ${recipients[index]?.address} twice; remove one`);
  }
  return whole(recipients);
}

const RECIPIENT_KEYS = ['address', 'kind', 'language', 'timezone', 'due'];

function readRecipient(file: YamlFile, item: Field): WrittenRecipient | null {
  const fields = file.fields(item, 'a recipient', RECIPIENT_KEYS);
  if (fields === null) return null;
  const address = need(file, item, fields, 'address', parseAddress);
  const kind = optional(file, fields, 'kind', parseKind);
  const language = optional(file, fields, 'language', parseLanguage);
  const timezone = optional(file, fields, 'timezone', parseTimezone);
  const due = optional(file, fields, 'due', parseDue);
  if (address === null || ![kind, language, timezone, due].every(({ ok }) => ok)) return null;
  return {
    address,
    kind: kind.value ?? 'management',
    language: language.value,
    timezone: timezone.value,
    due: due.value,
  };
}
