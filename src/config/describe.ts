import type { Config } from './config.ts';
import { OPTION_NAMES, OPTIONS, PREFIX, type OptionName } from './options.ts';

/** One option as it may be shown to anybody. */
export interface DescribedOption {
  /** With the prefix. */
  readonly name: string;
  /** Redacted; null = not set. */
  readonly value: string | null;
  /** `default`, `environment`, `.env`, with the file of a secret behind a comma; null = not set. */
  readonly origin: string | null;
}

export const HIDDEN = '[redacted]';

/** Every option with its value, secrets cut out, and where it came from. */
export function describeConfig(config: Pick<Config, 'found'>): readonly DescribedOption[] {
  return OPTION_NAMES.map((name) => {
    const found = config.found.get(name);
    const text = found?.text ? redact(name, found.text) : null;
    return { name: `${PREFIX}${name}`, value: text, origin: found?.text ? found.origin : null };
  });
}

function redact(name: OptionName, text: string): string {
  if (!OPTIONS[name].secret) return text;
  if (text.startsWith('sqlite:')) return text;
  return URL.canParse(text) && name !== 'CLIENT_SECRET' ? redactUrl(new URL(text)) : HIDDEN;
}

/** Scheme, host and path stay; user, password and parameters (`?password=…`) go. */
function redactUrl(url: URL): string {
  const user = url.username === '' && url.password === '' ? '' : `${HIDDEN}@`;
  const query = url.search === '' ? '' : `?${HIDDEN}`;
  return `${url.protocol}//${user}${url.host}${url.pathname}${query}`;
}
