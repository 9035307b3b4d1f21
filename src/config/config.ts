import { dirname, join, resolve } from 'node:path';
import { ConfigError } from '../errors.ts';
import type { CloudHosts, Credential, Recipient, TenantByDomain, TenantConfig } from '../model/tenant.ts';
import type { Environment } from './environment.ts';
import { CLOUD_HOSTS } from '../model/clouds.ts';
import { openLayers, readLayers, type Found, type Layer } from './layers.ts';
import { OPTION_NAMES, OPTIONS, PREFIX, type OptionName, type OptionValue } from './options.ts';
import { readTenantsFile, type FileTenant } from './tenants-file.ts';
import { InvalidValue, readPem, type SmtpConfig } from './values.ts';

export type { SmtpConfig } from './values.ts';

/** Everything the operator set, checked. */
export interface Config {
  readonly tenants: readonly TenantConfig[];
  /** Tenants named by their domain alone; `openRuntime` finds their ids and moves them to `tenants`. */
  readonly tenantsByDomain: readonly TenantByDomain[];
  /** Where the tenants stand: in `.env` and the environment, or in the tenants' file. */
  readonly tenantsOrigin: 'env' | 'yaml';
  /** `sqlite:<path>` or a PostgreSQL URL. */
  readonly databaseUrl: string;
  /** Null: no mail server; what is written stays in the outbox. */
  readonly smtp: SmtpConfig | null;
  /** Pinged after each complete round; null = no dead-man's switch. */
  readonly heartbeatUrl: string | null;
  readonly mailFrom: string | null;
  /** BCP 47. */
  readonly language: string;
  readonly logLevel: OptionValue<'LOG_LEVEL'>;
  /** PEM certificates to trust besides the system's. */
  readonly caPem: string | null;
  readonly signInsApi: OptionValue<'SIGN_INS_API'>;
  /** Whether this machine's resolver may be asked about the tenants' mail domains. */
  readonly mailDns: boolean;
  /** Whether Exchange may be asked about mailboxes, through its admin API. */
  readonly exchangeAdmin: boolean;
  /** Absolute path of the folder of imported rules, which need not exist. */
  readonly importedRules: string;
  /** The texts behind all this, for `describeConfig`. Holds secrets: never print it. */
  readonly found: ReadonlyMap<OptionName, Found>;
  /** The tenants' file behind all this, for `describeTenants`; empty without one. Holds secrets: never print it. */
  readonly fileTenants: readonly FileTenant[];
}

type Values = { readonly [N in OptionName]: OptionValue<N> | null };

/**
 * Reads the options from an environment and from `.env` in `cwd` (the environment wins). Relative paths are relative
 * to `cwd`, and certificate, CA and secret files are read here. Throws one ConfigError with every problem.
 */
export function loadConfig(env: Environment, cwd: string): Config {
  const problems: string[] = [];
  const layers = openLayers(env, cwd, problems);
  const found = readLayers(layers, cwd, problems);
  const values = parseValues(found, problems);
  problems.push(...missing(found));
  const ca = pemFile('CA_FILE', values, cwd, ['CERTIFICATE'], problems);
  const tenants = found.has('TENANTS_FILE')
    ? tenantsOfFile({ values, found, layers, cwd }, problems)
    : tenantOfEnvironment({ values, found, layers, cwd }, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    ...tenants,
    databaseUrl: required(values.DATABASE_URL),
    smtp: values.SMTP_URL,
    heartbeatUrl: values.HEARTBEAT_URL,
    mailFrom: values.MAIL_FROM,
    language: required(values.LANGUAGE),
    logLevel: required(values.LOG_LEVEL),
    caPem: ca?.pem ?? null,
    signInsApi: required(values.SIGN_INS_API),
    mailDns: required(values.MAIL_DNS),
    exchangeAdmin: required(values.EXCHANGE_ADMIN),
    importedRules: importedRulesIn(values, cwd),
    found,
  };
}

/**
 * The folder of imported rules, for commands that need no tenant; anything else that is wrong with the configuration is
 * left to `loadConfig`.
 */
export function importedRulesFolder(env: Environment, cwd: string): string {
  const unheard: string[] = [];
  const found = readLayers(openLayers(env, cwd, unheard), cwd, unheard);
  return importedRulesIn(parseValues(found, unheard), cwd);
}

/** Unless set: beside the SQLite file, and with PostgreSQL in the working directory. */
function importedRulesIn(values: Values, cwd: string): string {
  if (values.IMPORTED_RULES !== null) return resolve(cwd, values.IMPORTED_RULES);
  const url = values.DATABASE_URL ?? '';
  const data = url.startsWith('sqlite:') ? dirname(resolve(cwd, url.slice('sqlite:'.length))) : cwd;
  return join(data, 'imported-rules');
}

interface Reading {
  readonly values: Values;
  readonly found: ReadonlyMap<OptionName, Found>;
  readonly layers: readonly Layer[];
  readonly cwd: string;
}

type Tenants = Pick<Config, 'tenants' | 'tenantsByDomain' | 'tenantsOrigin' | 'fileTenants'>;

function tenantOfEnvironment({ values, found, cwd }: Reading, problems: string[]): Tenants {
  problems.push(...missingOfTenant(values, found), ...contradictions(found));
  const certificate = pemFile('CERTIFICATE', values, cwd, ['CERTIFICATE', 'PRIVATE KEY'], problems);
  const tenant = assembleTenant(values, certificate?.path ?? null);
  const tenants = tenant === null ? [] : [tenant];
  return { tenants, tenantsByDomain: [], tenantsOrigin: 'env', fileTenants: [] };
}

/** Options about the one tenant of the environment. TIMEZONE, LANGUAGE and DIGEST_DUE stand behind the file's defaults. */
const OF_ONE_TENANT: readonly OptionName[] = [
  'TENANT_ID',
  'TENANT_NAME',
  'CLIENT_ID',
  'CLIENT_SECRET',
  'CERTIFICATE',
  'CLOUD',
  'HOSTS',
  'ALLOWED_COUNTRIES',
  'OWN_DOMAINS',
  'RECIPIENTS',
];

function tenantsOfFile({ values, found, layers, cwd }: Reading, problems: string[]): Tenants {
  const file = `${PREFIX}TENANTS_FILE`;
  for (const name of OF_ONE_TENANT) {
    const origin = found.get(name)?.origin ?? 'default';
    if (origin === 'default') continue;
    problems.push(
      `${PREFIX}${name} (${origin}) and ${file} are both set; that file says it for each tenant, so remove one.`,
    );
  }
  const outermost = {
    timezone: values.TIMEZONE ?? '',
    language: values.LANGUAGE ?? '',
    due: values.DIGEST_DUE ?? '',
  };
  const name = values.TENANTS_FILE ?? '';
  const read = (): readonly FileTenant[] => readTenantsFile({ name, cwd, layers, outermost }, problems);
  const fileTenants = attempt('TENANTS_FILE', problems, read) ?? [];
  return {
    tenants: fileTenants.flatMap((one) => (one.kind === 'known' ? [one.tenant] : [])),
    tenantsByDomain: fileTenants.flatMap((one) => (one.kind === 'by_domain' ? [one.tenant] : [])),
    tenantsOrigin: 'yaml',
    fileTenants,
  };
}

function parseValues(found: ReadonlyMap<OptionName, Found>, problems: string[]): Values {
  const values: Partial<Record<OptionName, unknown>> = {};
  for (const name of OPTION_NAMES) values[name] = parseValue(name, found.get(name), problems);
  return values as Values;
}

function parseValue(name: OptionName, found: Found | undefined, problems: string[]): unknown {
  const text = found?.text ?? null;
  return text === null ? null : attempt(name, problems, () => OPTIONS[name].parse(text));
}

/** Runs a check; what it refuses becomes a problem of the option, and null its value. */
function attempt<T>(name: OptionName, problems: string[], check: () => T): T | null {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    problems.push(`${PREFIX}${name} ${error.message}.`);
    return null;
  }
}

function pemFile(
  name: 'CERTIFICATE' | 'CA_FILE',
  values: Values,
  cwd: string,
  blocks: readonly string[],
  problems: string[],
): { path: string; pem: string } | null {
  const text = values[name];
  if (text === null) return null;
  const path = resolve(cwd, text);
  const pem = attempt(name, problems, () => readPem(path, blocks));
  return pem === null ? null : { path, pem };
}

/** Options that must be there. One that is there but wrong has its own problem already. */
function missing(found: ReadonlyMap<OptionName, Found>): string[] {
  if (!found.has('SMTP_URL') || found.has('MAIL_FROM')) return [];
  return [`${PREFIX}SMTP_URL is set but ${PREFIX}MAIL_FROM is not; name the sender's address.`];
}

function missingOfTenant(values: Values, found: ReadonlyMap<OptionName, Found>): string[] {
  const problems: string[] = [];
  if (!found.has('TENANT_ID'))
    problems.push(`${PREFIX}TENANT_ID is not set; it is the directory (tenant) id, a GUID.`);
  if (!found.has('CLIENT_ID'))
    problems.push(`${PREFIX}CLIENT_ID is not set; it is the application (client) id, a GUID.`);
  if (values.CLOUD === 'custom' && !found.has('HOSTS')) {
    problems.push(`${PREFIX}CLOUD is custom but ${PREFIX}HOSTS is not set; say where that cloud is.`);
  }
  return problems;
}

function contradictions(found: ReadonlyMap<OptionName, Found>): string[] {
  const problems: string[] = [];
  const secret = found.get('CLIENT_SECRET');
  const certificate = found.get('CERTIFICATE');
  if (secret && certificate) {
    const where = `${secret.origin}; ${certificate.origin}`;
    problems.push(
      `${PREFIX}CLIENT_SECRET and ${PREFIX}CERTIFICATE are both set (${where}); keep one, better the certificate.`,
    );
  }
  if (!secret && !certificate) {
    problems.push(
      `Neither ${PREFIX}CERTIFICATE nor ${PREFIX}CLIENT_SECRET is set; the app needs one of them.`,
    );
  }
  if (found.has('HOSTS') && found.get('CLOUD')?.text?.toLowerCase() !== 'custom') {
    problems.push(
      `${PREFIX}HOSTS is set but ${PREFIX}CLOUD is not custom; Microsoft's own clouds need no hosts.`,
    );
  }
  return problems;
}

/** Null only where a problem has been recorded. */
function assembleTenant(values: Values, certificate: string | null): TenantConfig | null {
  const id = values.TENANT_ID;
  const hosts = hostsOf(values);
  const credential = credentialOf(values, certificate);
  if (id === null || hosts === null || credential === null || values.CLOUD === null) return null;
  return {
    id,
    name: values.TENANT_NAME ?? id,
    cloud: values.CLOUD,
    hosts,
    credential,
    timezone: values.TIMEZONE ?? '',
    allowedCountries: values.ALLOWED_COUNTRIES ?? [],
    ownDomains: values.OWN_DOMAINS ?? [],
    recipients: recipientsOf(values),
  };
}

function hostsOf(values: Values): CloudHosts | null {
  if (values.CLOUD === null) return null;
  return values.CLOUD === 'custom' ? values.HOSTS : CLOUD_HOSTS[values.CLOUD];
}

function credentialOf(values: Values, certificate: string | null): Credential | null {
  const clientId = values.CLIENT_ID;
  if (clientId === null) return null;
  if (certificate !== null) return { type: 'certificate', clientId, file: certificate };
  return values.CLIENT_SECRET === null ? null : { type: 'secret', clientId, secret: values.CLIENT_SECRET };
}

function recipientsOf(values: Values): Recipient[] {
  return (values.RECIPIENTS ?? []).map(({ address, kind }) => ({
    address,
    kind,
    language: values.LANGUAGE ?? '',
    timezone: values.TIMEZONE ?? '',
    due: values.DIGEST_DUE ?? '',
  }));
}

/** An option with a fallback is null only when its value was refused, and then loadConfig has thrown. */
function required<T>(value: T | null): T {
  if (value === null)
    throw new Error('read the configuration: an option with a default came out empty; report this');
  return value;
}
