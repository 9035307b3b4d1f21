import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeTenants } from '../../src/config/describe-tenants.ts';
import type { TenantConfig } from '../../src/model/tenant.ts';
import { folder, P, SECRET } from './load.ts';
import {
  CLIENT,
  credentialOf,
  ID,
  loadTenants,
  OTHER_ID,
  RIGHT_CREDENTIAL,
  tenantWith,
} from './tenants-load.ts';

function only(yaml: string, env: Readonly<Record<string, string>> = {}): TenantConfig {
  const [tenant] = loadTenants(yaml, env).tenants;
  if (tenant === undefined) throw new Error('no tenant');
  return tenant;
}

describe('a right tenants.yaml', () => {
  test('of name, id and credential is enough, the rest has defaults', () => {
    const config = loadTenants(tenantWith('recipients: [{address: gf@muster.example}]'));
    expect(config).toMatchObject({ tenantsOrigin: 'yaml', tenantsByDomain: [] });
    expect(config.tenants).toEqual([
      {
        id: ID,
        domain: null,
        name: 'Muster',
        group: null,
        cloud: 'global',
        hosts: {
          graph: 'https://graph.microsoft.com',
          authority: 'https://login.microsoftonline.com',
          management: 'https://manage.office.com',
          exchange: 'https://outlook.office365.com',
          clock: null,
        },
        credential: { type: 'secret', clientId: CLIENT, secret: SECRET },
        timezone: 'UTC',
        allowedCountries: [],
        ownDomains: [],
        trustedNetworks: [],
        breakGlass: [],
        vips: [],
        watchedGroups: [],
        placeholders: new Map(),
        owner: null,
        recipients: [
          {
            address: 'gf@muster.example',
            kind: 'management',
            language: 'en',
            timezone: 'UTC',
            due: 'mon 07:00',
          },
        ],
      },
    ]);
  });

  test('gives imported rules their lists, a whole map at a time', () => {
    const { tenants } = loadTenants(
      [
        'defaults: {placeholders: {Known_Location: [DE], Shared: [x]}}',
        'tenants:',
        `  - {name: A, id: ${ID}, credential: ${RIGHT_CREDENTIAL}}`,
        `  - name: B`,
        `    id: ${OTHER_ID}`,
        `    credential: ${RIGHT_CREDENTIAL}`,
        `    placeholders: {Approved_Inviters: ["anna, of sales", '*@b.example']}`,
      ].join('\n'),
    );
    expect(tenants.map((tenant) => [...(tenant.placeholders ?? [])])).toEqual([
      [
        ['Known_Location', ['DE']],
        ['Shared', ['x']],
      ],
      [['Approved_Inviters', ['anna, of sales', '*@b.example']]],
    ]);
  });

  test('is normalised', () => {
    const tenant = only(
      tenantWith(
        'allowed_countries: [de, NO, DE]',
        'own_domains: [Muster.Example]',
        'break_glass: [BG1@muster.example, 8F6B2C1E-9999-4222-8333-944455556666]',
        'vips: [Chef@Muster.example]',
        'watched_groups: [8F6B2C1E-9999-4222-8333-944455556666]',
        'trusted_networks: [{name: v6, cidr: "2001:DB8::/32"}, {name: one, cidr: 203.0.113.7/32}]',
        'due: Fri  16:30',
      ),
    );
    expect(tenant).toMatchObject({
      allowedCountries: ['DE', 'NO'],
      ownDomains: ['muster.example'],
      breakGlass: ['bg1@muster.example', '8f6b2c1e-9999-4222-8333-944455556666'],
      vips: ['chef@muster.example'],
      watchedGroups: ['8f6b2c1e-9999-4222-8333-944455556666'],
      trustedNetworks: [
        { name: 'v6', cidr: '2001:db8::/32' },
        { name: 'one', cidr: '203.0.113.7/32' },
      ],
    });
  });

  test('gives a tenant before its group before the defaults before the environment', () => {
    const yaml = [
      'defaults: {language: de, allowed_countries: [DE], vips: [a@d.example], recipients: [{address: msp@d.example}]}',
      'groups: {dach: {language: fr, timezone: Europe/Vienna, allowed_countries: [AT]}}',
      'tenants:',
      `  - {name: A, id: ${ID}, credential: ${RIGHT_CREDENTIAL}, group: dach, language: it, allowed_countries: []}`,
      `  - {name: B, id: ${OTHER_ID}, credential: ${RIGHT_CREDENTIAL}}`,
    ].join('\n');
    const { tenants } = loadTenants(yaml, {
      [`${P}TIMEZONE`]: 'Asia/Tokyo',
      [`${P}DIGEST_DUE`]: 'tue 08:00',
    });
    const seen = tenants.map(({ name, timezone, allowedCountries, vips, recipients }) => [
      name,
      timezone,
      allowedCountries,
      vips,
      recipients[0]?.language,
      recipients[0]?.timezone,
      recipients[0]?.due,
    ]);
    expect(seen).toEqual([
      ['A', 'Europe/Vienna', [], ['a@d.example'], 'it', 'Europe/Vienna', 'tue 08:00'],
      ['B', 'Asia/Tokyo', ['DE'], ['a@d.example'], 'de', 'Asia/Tokyo', 'tue 08:00'],
    ]);
  });

  test('lets a recipient differ from its tenant', () => {
    const tenant = only(
      tenantWith(
        'language: de',
        'recipients: [{address: x@y.example, kind: technical, language: en, timezone: America/New_York, due: sun 23:59}]',
      ),
    );
    expect(tenant.recipients).toEqual([
      {
        address: 'x@y.example',
        kind: 'technical',
        language: 'en',
        timezone: 'America/New_York',
        due: 'sun 23:59',
      },
    ]);
  });

  test('may use anchors', () => {
    const yaml = `${tenantWith('vips: &people [a@b.example]', 'break_glass: *people')}`;
    expect(only(yaml).breakGlass).toEqual(['a@b.example']);
  });

  test('keeps a tenant that is named by its domain alone apart', () => {
    const yaml = `tenants: [{name: A, domain: Muster.example, credential: ${RIGHT_CREDENTIAL}}]`;
    const { tenants, tenantsByDomain } = loadTenants(yaml);
    expect(tenants).toEqual([]);
    expect(tenantsByDomain).toMatchObject([{ name: 'A', domain: 'muster.example' }]);
    expect(tenantsByDomain[0]).not.toHaveProperty('id');
  });
});

describe('a right credential', () => {
  test.each<[string, unknown]>([
    [
      `{type: secret, client_id: ${CLIENT}, secret_env: MUSTER_SECRET}`,
      { type: 'secret', clientId: CLIENT, secret: SECRET },
    ],
    [
      `{type: certificate, client_id: ${CLIENT}, file: ../app.pem}`,
      { type: 'certificate', clientId: CLIENT, file: join(folder, 'app.pem') },
    ],
    ['{type: managed_identity}', { type: 'managed_identity', clientId: null }],
    [`{type: managed_identity, client_id: ${CLIENT}}`, { type: 'managed_identity', clientId: CLIENT }],
    [
      `{type: workload_identity, client_id: ${CLIENT}, token_file: ../secret.txt}`,
      { type: 'workload_identity', clientId: CLIENT, tokenFile: join(folder, 'secret.txt') },
    ],
  ])('%s is read', (credential, expected) => {
    expect(only(credentialOf(credential)).credential).toEqual(expected);
  });
});

describe('the tenants described', () => {
  const yaml = [
    'defaults: {timezone: Europe/Berlin}',
    'groups: {dach: {allowed_countries: [DE, AT]}}',
    'tenants:',
    `  - name: Muster`,
    `    id: ${ID}`,
    '    group: dach',
    `    credential: ${RIGHT_CREDENTIAL}`,
    '    owner: {name: Jonas Berg, address: it@muster.example}',
    '    placeholders: {Home: [DE, AT], Inviters: ["a, b"]}',
  ].join('\n');
  const described = describeTenants(loadTenants(yaml).fileTenants);

  test('say where each value came from', () => {
    const rows = new Map(described[0]?.settings.map(({ name, value, origin }) => [name, [value, origin]]));
    expect(rows.get('timezone')).toEqual(['Europe/Berlin', 'tenants.yaml:1, defaults']);
    expect(rows.get('allowed_countries')).toEqual(['DE, AT', 'tenants.yaml:2, group dach']);
    expect(rows.get('owner')).toEqual(['Jonas Berg, it@muster.example', 'tenants.yaml:8']);
    expect(rows.get('cloud')).toEqual(['global', 'default']);
    expect(rows.get('vips')).toEqual([null, null]);
    expect(rows.get('placeholders')).toEqual(['Home: DE | AT, Inviters: a, b', 'tenants.yaml:9']);
    expect(rows.get('credential')).toEqual([`secret of ${CLIENT}: [redacted]`, 'tenants.yaml:7']);
  });

  test('hold no secret anywhere', () => {
    expect(JSON.stringify(described)).not.toContain(SECRET);
  });
});

describe('docs/tenants.example.yaml', () => {
  const text = readFileSync(new URL('../../docs/tenants.example.yaml', import.meta.url), 'utf8');

  test('loads as it is, with its files in place', () => {
    const pem = readFileSync(join(folder, 'app.pem'));
    for (const name of ['muster.pem', 'sonnhof.txt', 'harbour.jwt']) writeFileSync(join(folder, name), pem);
    const config = loadTenants(text.replaceAll('/run/secrets', folder));
    expect(config.tenants.map(({ name }) => name)).toEqual(['Muster Bau', 'Harbour Clinic', 'Our own']);
    expect(config.tenantsByDomain.map(({ domain }) => domain)).toEqual(['sonnhof.example']);
    const types = [...config.tenants, ...config.tenantsByDomain].map(({ credential }) => credential.type);
    expect(types.sort()).toEqual(['certificate', 'managed_identity', 'secret', 'workload_identity']);
    expect(config.tenants[1]).toMatchObject({ timezone: 'America/New_York', trustedNetworks: [] });
    expect(config.tenants[0]?.trustedNetworks).toEqual([{ name: 'office', cidr: '203.0.113.0/24' }]);
  });
});
