import { dirname, resolve } from 'node:path';
import type { TenantByDomain, TenantConfig } from '../model/tenant.ts';
import { CLOUD_HOSTS } from '../model/clouds.ts';
import type { Layer } from './layers.ts';
import { nearest } from './nearest.ts';
import type { CredentialPlaces } from './tenant-credential.ts';
import { parseName } from './tenant-values.ts';
import {
  INHERITED_KEYS,
  readSaid,
  type Inherited,
  type InheritedKey,
  type Said,
  type WrittenRecipient,
} from './tenants-schema.ts';
import { InvalidValue, parseDomain, parseGuid, readFile } from './values.ts';
import { YamlFile, type Field } from './yaml-file.ts';

/** Where a value of a tenant came from: `tenants.yaml:12`, with `defaults` or the group behind a comma; or `default`. */
export type Origins = Readonly<Partial<Record<InheritedKey | 'name' | 'id' | 'domain' | 'group', string>>>;

/** A tenant of the file, by its id or only by its domain, with the origins of what it was given. */
export type FileTenant =
  | { readonly kind: 'known'; readonly tenant: TenantConfig; readonly origins: Origins }
  | { readonly kind: 'by_domain'; readonly tenant: TenantByDomain; readonly origins: Origins };

/** What stands behind the file's defaults. */
export interface Outermost {
  readonly timezone: string;
  readonly language: string;
  readonly due: string;
}

export interface TenantsFileOptions {
  /** As the option says it: how sentences name the file. */
  readonly name: string;
  readonly cwd: string;
  readonly layers: readonly Layer[];
  readonly outermost: Outermost;
}

/**
 * Reads the tenants' file: tenant before group before defaults. Every problem is added to `problems` as a sentence with
 * its line; with problems the tenants are incomplete. Throws InvalidValue when the file itself cannot be read.
 */
export function readTenantsFile(options: TenantsFileOptions, problems: string[]): readonly FileTenant[] {
  const path = resolve(options.cwd, options.name);
  const file = new YamlFile(options.name, readFile(path), problems);
  if (file.root === null) return [];
  const top = file.fields(file.root, 'the file', ['defaults', 'groups', 'tenants']);
  if (top === null) return [];
  const places = { folder: dirname(path), layers: options.layers };
  const reading: Reading = {
    file,
    places,
    outermost: options.outermost,
    defaults: readDefaults(file, top.get('defaults'), places),
    groups: readGroups(file, top.get('groups'), places),
  };
  const tenants = readTenants(reading, top.get('tenants'));
  refuseTwins(file, tenants);
  return tenants.map((one) => assemble(reading, one)).filter((one) => one !== null);
}

interface Reading {
  readonly file: YamlFile;
  readonly places: CredentialPlaces;
  readonly outermost: Outermost;
  readonly defaults: Said;
  readonly groups: ReadonlyMap<string, Said>;
}

function readDefaults(file: YamlFile, field: Field | undefined, places: CredentialPlaces): Said {
  const fields = field ? file.fields(field, 'defaults', INHERITED_KEYS) : null;
  return fields === null ? {} : readSaid(file, fields, places);
}

function readGroups(
  file: YamlFile,
  field: Field | undefined,
  places: CredentialPlaces,
): ReadonlyMap<string, Said> {
  const groups = new Map<string, Said>();
  const entries = field ? file.entries(field) : null;
  for (const [name, group] of entries ?? []) {
    const fields = file.fields({ ...group, name: 'the group' }, 'a group', INHERITED_KEYS);
    groups.set(name, fields === null ? {} : readSaid(file, fields, places));
  }
  return groups;
}

/** A tenant as written. */
interface Written {
  readonly line: number;
  readonly name: string | null;
  readonly id: string | null;
  readonly domain: string | null;
  readonly group: string | null;
  readonly lines: Readonly<Record<Own, number>>;
  readonly said: Said;
}

const OWN_KEYS = ['name', 'id', 'domain', 'group'] as const;
type Own = (typeof OWN_KEYS)[number];

function readTenants(reading: Reading, field: Field | undefined): readonly Written[] {
  const { file } = reading;
  if (field === undefined) {
    file.problem(1, 'the file has no tenants; list them under tenants');
    return [];
  }
  const items = file.items(field, 'one "- name: …" for each tenant');
  if (items?.length === 0) file.problem(field.line, 'tenants is an empty list; write at least one tenant');
  return (items ?? []).map((item) => readTenant(reading, item)).filter((one) => one !== null);
}

function readTenant({ file, places, groups }: Reading, item: Field): Written | null {
  const fields = file.fields({ ...item, name: 'the tenant' }, 'a tenant', [...OWN_KEYS, ...INHERITED_KEYS]);
  if (fields === null) return null;
  if (!fields.has('name'))
    file.problem(item.line, 'the tenant has no name; mails and tables call it by that');
  if (!fields.has('id') && !fields.has('domain')) {
    file.problem(item.line, 'the tenant has neither id nor domain; write its directory (tenant) id, a GUID');
  }
  const own = <T>(key: Own, parse: (text: string) => T): T | null => {
    const field = fields.get(key);
    return field ? file.value(field, parse) : null;
  };
  const lineOf = (key: Own): number => fields.get(key)?.line ?? item.line;
  return {
    line: item.line,
    name: own('name', parseName),
    id: own('id', parseGuid),
    domain: own('domain', parseDomain),
    group: own('group', (text) => parseGroup(text, groups)),
    lines: { name: lineOf('name'), id: lineOf('id'), domain: lineOf('domain'), group: lineOf('group') },
    said: readSaid(file, fields, places),
  };
}

function parseGroup(text: string, groups: ReadonlyMap<string, Said>): string {
  if (groups.has(text)) return text;
  const known = nearest(text, [...groups.keys()]);
  const advice = known === null ? 'write it under groups' : `the nearest one is "${known}"`;
  throw new InvalidValue(`is "${text}", which is not under groups; ${advice}`);
}

/** Two of one name would be one in commands and mails; two of one id or domain are one tenant. */
function refuseTwins(file: YamlFile, tenants: readonly Written[]): void {
  for (const key of ['name', 'id', 'domain'] as const) {
    const first = new Map<string, number>();
    for (const tenant of tenants) {
      const value = tenant[key]?.toLowerCase();
      if (value === undefined) continue;
      const line = first.get(value);
      if (line === undefined) first.set(value, tenant.lines[key]);
      else
        file.problem(
          tenant.lines[key],
          `${key} is that of the tenant in line ${line} too; remove or correct one`,
        );
    }
  }
}

/** What a tenant ends up with. */
interface Merged {
  readonly values: Partial<Inherited>;
  readonly origins: Origins;
  /** Keys that are set somewhere, if only wrongly. */
  readonly set: ReadonlySet<InheritedKey>;
}

function merge({ file, defaults, groups }: Reading, tenant: Written): Merged {
  const group = tenant.group === null ? {} : (groups.get(tenant.group) ?? {});
  const layers: readonly (readonly [Said, string])[] = [
    [tenant.said, ''],
    [group, `, group ${tenant.group}`],
    [defaults, ', defaults'],
  ];
  const values: Partial<Record<InheritedKey, unknown>> = {};
  const origins: Partial<Record<InheritedKey, string>> = {};
  for (const key of INHERITED_KEYS) {
    const [said, suffix] = layers.find(([one]) => one[key] !== undefined) ?? [];
    const placed = said?.[key];
    if (!placed) continue;
    origins[key] = `${file.origin(placed.line)}${suffix}`;
    if (placed.value !== null) values[key] = placed.value;
  }
  return {
    values: values as Partial<Inherited>,
    origins,
    set: new Set(Object.keys(origins) as InheritedKey[]),
  };
}

/** Null only where a problem has been recorded. */
function assemble(reading: Reading, written: Written): FileTenant | null {
  const merged = merge(reading, written);
  for (const sentence of missing(written, merged)) reading.file.problem(written.line, sentence);
  const rest = inherit({ ...reading.outermost, ...NOTHING_SAID, ...merged.values }, written);
  if (rest === null) return null;
  const origins = { ...merged.origins, ...ownOrigins(reading.file, written) };
  const { id, domain } = written;
  if (id !== null) return { kind: 'known', tenant: { id, domain, ...rest }, origins };
  return domain === null ? null : { kind: 'by_domain', tenant: { domain, ...rest }, origins };
}

const NO_PLACEHOLDERS: ReadonlyMap<string, readonly string[]> = new Map();

const NOTHING_SAID = {
  cloud: 'global',
  allowed_countries: [],
  own_domains: [],
  trusted_networks: [],
  break_glass: [],
  vips: [],
  watched_groups: [],
  placeholders: NO_PLACEHOLDERS,
  recipients: [],
} as const;

type Values = Partial<Inherited> & Outermost & Pick<Inherited, keyof typeof NOTHING_SAID>;

function inherit(values: Values, { name, group }: Written): Omit<TenantByDomain, 'domain'> | null {
  const { cloud, credential } = values;
  const hosts = cloud === 'custom' ? values.hosts : CLOUD_HOSTS[cloud];
  if (name === null || hosts === undefined || credential === undefined) return null;
  return {
    name,
    cloud,
    hosts,
    credential,
    timezone: values.timezone,
    allowedCountries: values.allowed_countries,
    ownDomains: values.own_domains,
    recipients: values.recipients.map((one) => addressed(one, values)),
    group,
    trustedNetworks: values.trusted_networks,
    breakGlass: values.break_glass,
    vips: values.vips,
    watchedGroups: values.watched_groups,
    placeholders: values.placeholders,
    owner: values.owner ?? null,
  };
}

function addressed(
  { address, kind, ...own }: WrittenRecipient,
  { language, timezone, due }: Outermost,
): TenantConfig['recipients'][number] {
  return {
    address,
    kind,
    language: own.language ?? language,
    timezone: own.timezone ?? timezone,
    due: own.due ?? due,
  };
}

function ownOrigins(file: YamlFile, written: Written): Origins {
  const keys = OWN_KEYS.filter((key) => written[key] !== null);
  return Object.fromEntries(keys.map((key) => [key, file.origin(written.lines[key])]));
}

function missing({ said }: Written, { values, set }: Merged): string[] {
  const sentences: string[] = [];
  if (!set.has('credential'))
    sentences.push('the tenant has no credential, nor has its group or defaults; the app needs one');
  if (values.cloud === 'custom' && !set.has('hosts'))
    sentences.push('cloud is custom but there are no hosts; say where that cloud is');
  const own = set.has('cloud') ? values.cloud !== undefined && values.cloud !== 'custom' : true;
  if (said.hosts && own)
    sentences.push("hosts are set but cloud is not custom; Microsoft's own clouds need no hosts");
  return sentences;
}
