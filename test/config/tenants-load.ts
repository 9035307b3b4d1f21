import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, type Config } from '../../src/config/config.ts';
import { ConfigError } from '../../src/errors.ts';
import { folder, P, SECRET } from './load.ts';

export const ID = '8f6b2c1e-1111-4222-8333-944455556666';
export const OTHER_ID = '8f6b2c1e-2222-4222-8333-944455556666';
export const CLIENT = '0d3c0d3c-2222-4222-8222-222222222222';

/** A credential that is right in the tests' folder. */
export const RIGHT_CREDENTIAL = `{type: secret, client_id: ${CLIENT}, secret_file: ../secret.txt}`;

/** Loads this text as tenants.yaml, with these variables beside it. */
export function loadTenants(yaml: string, env: Readonly<Record<string, string>> = {}): Config {
  const cwd = mkdtempSync(join(folder, 'tenants-'));
  writeFileSync(join(cwd, 'tenants.yaml'), yaml);
  return loadConfig({ [`${P}TENANTS_FILE`]: 'tenants.yaml', MUSTER_SECRET: SECRET, ...env }, cwd);
}

/** What `loadTenants` complains about; the tests' folder is called `<folder>`. */
export function tenantProblems(yaml: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    loadTenants(yaml, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((one) => one.replaceAll(folder, '<folder>'));
    throw error;
  }
}

/** One right tenant; `keys` are further lines of it, the first one being line 5. */
export function tenantWith(...keys: readonly string[]): string {
  return ['tenants:', '  - name: Muster', `    id: ${ID}`, `    credential: ${RIGHT_CREDENTIAL}`]
    .concat(keys.map((key) => `    ${key}`))
    .join('\n');
}

/** A tenant with only this credential, which is line 4. */
export function credentialOf(credential: string): string {
  return ['tenants:', '  - name: Muster', `    id: ${ID}`, `    credential: ${credential}`].join('\n');
}
