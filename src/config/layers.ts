import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { Environment } from './environment.ts';
import { nearest } from './nearest.ts';
import { KNOWN_NAMES, OPTION_NAMES, OPTIONS, PREFIX, TEST_PREFIX, type OptionName } from './options.ts';
import { InvalidValue, readFile } from './values.ts';

/** Text of one option as it was found. */
export interface Found {
  /** Null: it is set but cannot be read, which is among the problems already. */
  readonly text: string | null;
  /** `environment`, `.env` or `default`, or with the file that held it: `environment, file /run/secrets/x`. */
  readonly origin: string;
}

/** One place where names are set. */
export interface Layer {
  readonly origin: string;
  readonly values: Environment;
}

/** The environment and, behind it, `.env` in `cwd`. Whatever is wrong is added to `problems`. */
export function openLayers(env: Environment, cwd: string, problems: string[]): readonly Layer[] {
  const layers = [{ origin: 'environment', values: env }, ...readDotEnv(cwd, problems)];
  for (const layer of layers) problems.push(...unknownNames(layer));
  return layers;
}

/** Collects the options' texts from the layers. Whatever is wrong is added to `problems`. */
export function readLayers(
  layers: readonly Layer[],
  cwd: string,
  problems: string[],
): ReadonlyMap<OptionName, Found> {
  const found = new Map<OptionName, Found>();
  for (const name of OPTION_NAMES) {
    const text = findOption(name, layers, cwd, problems);
    if (text) found.set(name, text);
  }
  return found;
}

function readDotEnv(cwd: string, problems: string[]): Layer[] {
  const path = join(cwd, '.env');
  if (!existsSync(path)) return [];
  try {
    return [{ origin: '.env', values: parseEnv(readFileSync(path, 'utf8')) }];
  } catch (error) {
    problems.push(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
    return [];
  }
}

function unknownNames({ origin, values }: Layer): string[] {
  return Object.keys(values)
    .filter((name) => name.toUpperCase().startsWith(PREFIX) && !name.startsWith(TEST_PREFIX))
    .filter((name) => !KNOWN_NAMES.some((known) => name === `${PREFIX}${known}`))
    .map((name) => {
      const word = name.slice(PREFIX.length).toUpperCase();
      const known = withoutFile(word) ?? nearest(word, KNOWN_NAMES);
      return `${name} (${origin}) is not an option; the nearest one is ${PREFIX}${known}.`;
    });
}

/** The option behind `NAME_FILE`, which only secret ones have. */
function withoutFile(word: string): string | null {
  return OPTION_NAMES.find((name) => word === `${name}_FILE`) ?? null;
}

/** The first layer that sets the option in either form decides; an empty value counts as not set. */
function findOption(
  name: OptionName,
  layers: readonly Layer[],
  cwd: string,
  problems: string[],
): Found | null {
  for (const { origin, values } of layers) {
    const direct = values[`${PREFIX}${name}`]?.trim() || null;
    const file = OPTIONS[name].secret ? values[`${PREFIX}${name}_FILE`]?.trim() || null : null;
    if (direct && file) {
      problems.push(`${PREFIX}${name} and ${PREFIX}${name}_FILE are both set (${origin}); keep one.`);
      return { text: null, origin };
    }
    if (direct) return { text: direct, origin };
    if (file) return readSecret(name, resolve(cwd, file), origin, problems);
  }
  const { fallback } = OPTIONS[name];
  return fallback === null ? null : { text: fallback, origin: 'default' };
}

function readSecret(name: OptionName, path: string, origin: string, problems: string[]): Found {
  try {
    const text = readFile(path).replace(/\r?\n$/, '');
    if (text === '') throw new InvalidValue(`names ${path}, which is empty`);
    return { text, origin: `${origin}, file ${path}` };
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    problems.push(`${PREFIX}${name}_FILE ${error.message}.`);
    return { text: null, origin };
  }
}
