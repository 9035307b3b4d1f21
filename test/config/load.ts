import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { loadConfig, type Config } from '../../src/config/config.ts';
import { ConfigError } from '../../src/errors.ts';

export const P = 'TENANTWATCH_';
export const SECRET = 'hunter2-client-secret';
export const PASSWORD = 'mail-pass-word';

/** Options without the prefix; `undefined` takes a name away. */
export type Changes = Readonly<Record<string, string | undefined>>;

const RIGHT = {
  TENANTWATCH_TENANT_ID: '8F6B2C1E-1111-4222-8333-944455556666',
  TENANTWATCH_CLIENT_ID: '0d3c0d3c-2222-4222-8222-222222222222',
  TENANTWATCH_CLIENT_SECRET: SECRET,
};

/** A folder with the files that the tests name. */
export const folder = mkdtempSync(join(tmpdir(), 'tenantwatch-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pem = (name: string): string => `-----BEGIN ${name}-----\nAAAA\n-----END ${name}-----\n`;
const FILES = {
  'app.pem': pem('CERTIFICATE') + pem('RSA PRIVATE KEY'),
  'public.pem': pem('CERTIFICATE'),
  'secret.txt': `${SECRET}\r\n`,
  'spaced.txt': ' a b \n\n',
  'empty.txt': '\n',
};
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);

/** A right configuration with these changes. */
export function load(changes: Changes = {}, cwd = folder): Config {
  const prefixed = Object.entries(changes).map(([name, value]) => [`${P}${name}`, value]);
  return loadConfig({ ...RIGHT, ...Object.fromEntries(prefixed) }, cwd);
}

/** What `load` complains about. */
export function problemsOf(changes: Changes, cwd = folder): readonly string[] {
  try {
    load(changes, cwd);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** Runs a check in a folder of its own with this `.env`. */
export function withDotEnv(text: string, check: (cwd: string) => void): void {
  const cwd = mkdtempSync(join(folder, 'env-'));
  writeFileSync(join(cwd, '.env'), text);
  check(cwd);
}
