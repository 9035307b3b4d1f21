import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TenantConfig } from '../../src/model/tenant.ts';
import { findTenant, settingsOf, syncTenants, tenantIdOfDomain } from '../../src/store/tenants.ts';
import { testDatabases, type TestDatabase } from './open.ts';

const NOW = Date.UTC(2026, 10, 17, 9, 42);
const A = '8f6b2c1e-1111-4222-8333-944455556666';
const B = '8f6b2c1e-2222-4222-8333-944455556666';

function tenant(id: string, changes: Partial<TenantConfig> = {}): TenantConfig {
  return {
    id,
    name: id,
    cloud: 'global',
    hosts: { graph: 'https://g', authority: 'https://a', management: null, clock: null },
    credential: { type: 'managed_identity', clientId: null },
    timezone: 'UTC',
    allowedCountries: [],
    ownDomains: [],
    recipients: [],
    ...changes,
  };
}

describe.each(testDatabases())('the configured tenants on $name', ({ open }) => {
  let opened: TestDatabase;
  beforeEach(async () => void (opened = await open()));
  afterEach(() => opened.dispose());

  function sync(origin: 'env' | 'yaml', ...tenants: TenantConfig[]): Promise<void> {
    return opened.database.transaction((tx) => syncTenants(tx, tenants, origin, NOW));
  }
  const stateOf = async (id: string): Promise<string | undefined> =>
    (await findTenant(opened.database.db, id))?.state;

  test('leave their lists as the settings that detection reads', async () => {
    const lists = {
      allowedCountries: ['DE', 'AT'],
      trustedNetworks: [
        { name: 'office', cidr: '203.0.113.0/24' },
        { name: 'v6', cidr: '2001:db8::/32' },
      ],
      breakGlass: ['bg1@muster.example', B],
      vips: ['gf@muster.example'],
    };
    await sync('yaml', tenant(A, lists));
    expect(Object.fromEntries(await settingsOf(opened.database.db, A))).toEqual({
      allowed_countries: 'DE,AT',
      trusted_networks: '203.0.113.0/24,2001:db8::/32',
      break_glass: `bg1@muster.example,${B}`,
      vips: 'gf@muster.example',
    });
    await sync('yaml', tenant(A, { vips: ['x@muster.example'] }));
    expect(Object.fromEntries(await settingsOf(opened.database.db, A))).toEqual({ vips: 'x@muster.example' });
  });

  test('are paused when taken out, never deleted, and wake when they are back', async () => {
    await sync('yaml', tenant(A), tenant(B));
    await sync('yaml', tenant(A));
    expect([await stateOf(A), await stateOf(B)]).toEqual(['active', 'paused']);
    await sync('yaml', tenant(A), tenant(B));
    expect(await stateOf(B)).toBe('active');
  });

  test('move from the environment to the file with all they have', async () => {
    await sync('env', tenant(A, { allowedCountries: ['DE'] }));
    await sync('yaml', tenant(A, { allowedCountries: ['AT'] }), tenant(B));
    expect(await findTenant(opened.database.db, A)).toMatchObject({ origin: 'yaml', state: 'active' });
    expect((await settingsOf(opened.database.db, A)).get('allowed_countries')).toBe('AT');
    await sync('env', tenant(B));
    expect([await stateOf(A), await stateOf(B)]).toEqual(['paused', 'active']);
  });

  test('are found again by their domain', async () => {
    await sync('yaml', tenant(A, { domain: 'muster.example' }), tenant(B));
    expect(await tenantIdOfDomain(opened.database.db, 'muster.example')).toBe(A);
    expect(await tenantIdOfDomain(opened.database.db, 'other.example')).toBe(null);
  });
});
