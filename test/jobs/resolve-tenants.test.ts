import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/errors.ts';
import { openRuntime, type Runtime } from '../../src/jobs/runtime.ts';
import { silentLog } from '../../src/log.ts';
import { listTenants } from '../../src/store/tenants.ts';
import { caught, CLIENT, discovery, NOW, startServer, TENANT, type TestServer } from '../microsoft/server.ts';

let server: TestServer;
let folder: string;
beforeAll(async () => void (server = await startServer()));
beforeEach(() => {
  server.reset();
  server.on('GET', pathOf('muster.example'), { body: discovery(server.origin) });
  folder = mkdtempSync(join(tmpdir(), 'tenantwatch-resolve-'));
  return () => rmSync(folder, { recursive: true });
});
afterAll(() => server.close());

function pathOf(domain: string): string {
  return `/${domain}/v2.0/.well-known/openid-configuration`;
}

/** Starts with tenants that are named like this, in a cloud on this machine. */
function open(...named: readonly string[]): Promise<Runtime> {
  writeFileSync(join(folder, 'ca.pem'), server.caPem);
  const defaults = `{cloud: custom, hosts: {graph: "${server.origin}", authority: "${server.origin}"}, credential: {type: secret, client_id: ${CLIENT}, secret_env: MUSTER_SECRET}}`;
  const tenants = named.map((one, index) => `  - {name: T${index}, ${one}}`);
  writeFileSync(join(folder, 'tenants.yaml'), [`defaults: ${defaults}`, 'tenants:', ...tenants].join('\n'));
  const env = { TENANTWATCH_TENANTS_FILE: 'tenants.yaml', TENANTWATCH_CA_FILE: 'ca.pem', MUSTER_SECRET: 's' };
  const database = { TENANTWATCH_DATABASE_URL: `sqlite:${join(folder, 'test.db')}` };
  return openRuntime({
    config: loadConfig({ ...env, ...database }, folder),
    log: silentLog(),
    signal: new AbortController().signal,
    machineClock: new ManualClock(NOW),
  });
}

describe('a tenant named by its domain', () => {
  test('gets its id at the first start and needs nobody for it at the next', async () => {
    for (const _ of ['first', 'next']) {
      const runtime = await open('domain: muster.example');
      expect(runtime.config.tenants).toMatchObject([{ id: TENANT, domain: 'muster.example', name: 'T0' }]);
      expect(runtime.config.tenantsByDomain).toEqual([]);
      expect(await listTenants(runtime.database.db)).toMatchObject([
        { tenant_id: TENANT, domain: 'muster.example', origin: 'yaml', state: 'active' },
      ]);
      await runtime.close();
    }
    expect(server.count(pathOf('muster.example'))).toBe(1);
  });

  test('that is nobody stops the start, with every other that is', async () => {
    const nobody = { status: 400, body: { error_description: 'AADSTS90002: not found' } };
    for (const domain of ['a.example', 'b.example']) server.on('GET', pathOf(domain), nobody);
    const error = await caught(open('domain: a.example', 'domain: muster.example', 'domain: b.example'));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).problems.map((one) => one.split(':')[0])).toEqual([
      'find the tenant of a.example',
      'find the tenant of b.example',
    ]);
  });

  test('and also by its id is refused as one tenant too many', async () => {
    const error = await caught(open(`id: ${TENANT}`, 'domain: muster.example'));
    expect((error as ConfigError).problems).toEqual([
      `The domain muster.example is that of the tenant T0 (${TENANT}); remove one of the two.`,
    ]);
  });
});
