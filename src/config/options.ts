import {
  parseAddress,
  parseCloud,
  parseCountries,
  parseDatabaseUrl,
  parseDomains,
  parseDue,
  parseGuid,
  parseHeartbeat,
  parseHosts,
  parseLanguage,
  parseLogLevel,
  parseOnOff,
  parseRecipients,
  parseSignInsApi,
  parseSmtpUrl,
  parseText,
  parseTimezone,
} from './values.ts';

export const PREFIX = 'TENANTWATCH_';

/** Names under the prefix that belong to the test suite; never read here. */
export const TEST_PREFIX = `${PREFIX}TEST_`;

export interface Option<T> {
  /** Text that stands in when nothing is set; null = absent. */
  readonly fallback: string | null;
  /** Also read from the file that `NAME_FILE` names, and never shown whole. */
  readonly secret: boolean;
  /** Throws InvalidValue. */
  readonly parse: (text: string) => T;
}

function option<T>(parse: (text: string) => T, fallback: string | null = null): Option<T> {
  return { parse, fallback, secret: false };
}

function secret<T>(parse: (text: string) => T, fallback: string | null = null): Option<T> {
  return { parse, fallback, secret: true };
}

/** Every option of the environment, without the prefix. README and .env.example list the same; a test compares. */
export const OPTIONS = {
  TENANTS_FILE: option(parseText),
  TENANT_ID: option(parseGuid),
  CLIENT_ID: option(parseGuid),
  CLIENT_SECRET: secret(parseText),
  CERTIFICATE: option(parseText),
  CLOUD: option(parseCloud, 'global'),
  HOSTS: option(parseHosts),
  CA_FILE: option(parseText),
  DATABASE_URL: secret(parseDatabaseUrl, 'sqlite:./tenantwatch.db'),
  TENANT_NAME: option(parseText),
  TIMEZONE: option(parseTimezone, 'UTC'),
  LANGUAGE: option(parseLanguage, 'en'),
  ALLOWED_COUNTRIES: option(parseCountries, ''),
  OWN_DOMAINS: option(parseDomains, ''),
  SMTP_URL: secret(parseSmtpUrl),
  MAIL_FROM: option(parseAddress),
  RECIPIENTS: option(parseRecipients, ''),
  DIGEST_DUE: option(parseDue, 'mon 07:00'),
  HEARTBEAT_URL: secret(parseHeartbeat),
  LOG_LEVEL: option(parseLogLevel, 'info'),
  SIGN_INS_API: option(parseSignInsApi, 'auto'),
  MAIL_DNS: option(parseOnOff, 'off'),
  EXCHANGE_ADMIN: option(parseOnOff, 'off'),
  IMPORTED_RULES: option(parseText),
} as const;

export type OptionName = keyof typeof OPTIONS;

/** What the parser of an option makes of its text. */
export type OptionValue<N extends OptionName> = ReturnType<(typeof OPTIONS)[N]['parse']>;

export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];

/** Every name that may be set, without the prefix: the options, and `NAME_FILE` of the secret ones. */
export const KNOWN_NAMES: readonly string[] = OPTION_NAMES.flatMap((name) =>
  OPTIONS[name].secret ? [name, `${name}_FILE`] : [name],
);
