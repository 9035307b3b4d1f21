import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeConfig } from '../../src/config/describe.ts';
import { folder, load, P, PASSWORD, problemsOf, SECRET, withDotEnv, type Changes } from './load.ts';

describe('a right configuration', () => {
  test('of three names is enough, the rest has defaults', () => {
    const config = load();
    expect(config).toMatchObject({
      databaseUrl: 'sqlite:./tenantwatch.db',
      smtp: null,
      mailFrom: null,
      language: 'en',
      logLevel: 'info',
      caPem: null,
      signInsApi: 'auto',
      mailDns: false,
      exchangeAdmin: false,
      importedRules: join(folder, 'imported-rules'),
    });
    expect(config.tenants).toEqual([
      {
        id: '8f6b2c1e-1111-4222-8333-944455556666',
        name: '8f6b2c1e-1111-4222-8333-944455556666',
        cloud: 'global',
        hosts: {
          graph: 'https://graph.microsoft.com',
          authority: 'https://login.microsoftonline.com',
          management: 'https://manage.office.com',
          exchange: 'https://outlook.office365.com',
          clock: null,
        },
        credential: { type: 'secret', clientId: '0d3c0d3c-2222-4222-8222-222222222222', secret: SECRET },
        timezone: 'UTC',
        allowedCountries: [],
        ownDomains: [],
        recipients: [],
      },
    ]);
  });

  test.each([
    [{ DATABASE_URL: 'sqlite:data/t.db' }, join(folder, 'data/imported-rules')],
    [{ DATABASE_URL: 'postgres://u:p@h/d' }, join(folder, 'imported-rules')],
    [{ DATABASE_URL: 'sqlite:data/t.db', IMPORTED_RULES: 'mine' }, join(folder, 'mine')],
  ])('finds imported rules of %o', (changes: Changes, path) => {
    expect(load(changes).importedRules).toBe(path);
  });

  test('normalises countries, domains, recipients and the due time', () => {
    const [tenant] = load({
      ALLOWED_COUNTRIES: 'de, AT,DE',
      OWN_DOMAINS: 'Muster.Example, bau.example',
      RECIPIENTS: 'gf@muster.example, technical: it@muster.example',
      DIGEST_DUE: 'Fri  16:30',
      TIMEZONE: 'Europe/Vienna',
      LANGUAGE: 'de-at',
    }).tenants;
    expect(tenant).toMatchObject({
      allowedCountries: ['DE', 'AT'],
      ownDomains: ['muster.example', 'bau.example'],
      recipients: [
        {
          address: 'gf@muster.example',
          kind: 'management',
          due: 'fri 16:30',
          timezone: 'Europe/Vienna',
          language: 'de-AT',
        },
        {
          address: 'it@muster.example',
          kind: 'technical',
          due: 'fri 16:30',
          timezone: 'Europe/Vienna',
          language: 'de-AT',
        },
      ],
    });
  });

  test.each([
    ['gcc_high', 'https://graph.microsoft.us', 'https://login.microsoftonline.us'],
    ['dod', 'https://dod-graph.microsoft.us', 'https://login.microsoftonline.us'],
    ['china', 'https://microsoftgraph.chinacloudapi.cn', 'https://login.chinacloudapi.cn'],
  ])('of cloud %s uses the hosts of that cloud', (cloud, graph, authority) => {
    expect(load({ CLOUD: cloud }).tenants[0]?.hosts).toMatchObject({ graph, authority });
  });

  test('of a custom cloud uses the hosts it names', () => {
    const hosts = 'graph=https://localhost:8443/,authority=https://127.0.0.1:1,clock=https://[::1]:2/clock';
    expect(load({ CLOUD: 'custom', HOSTS: hosts }).tenants[0]?.hosts).toEqual({
      graph: 'https://localhost:8443',
      authority: 'https://127.0.0.1:1',
      management: null,
      exchange: null,
      clock: 'https://[::1]:2/clock',
    });
  });

  test('may name a certificate by a path relative to the working directory', () => {
    const [tenant] = load({ CLIENT_SECRET: undefined, CERTIFICATE: 'app.pem' }).tenants;
    expect(tenant?.credential).toMatchObject({ type: 'certificate', file: join(folder, 'app.pem') });
  });

  test('reads the certificates to trust', () => {
    expect(load({ CA_FILE: 'public.pem' }).caPem).toContain('BEGIN CERTIFICATE');
  });

  test.each([
    ['smtp://a:b@mail.example', { host: 'mail.example', port: 587, secure: false, user: 'a', password: 'b' }],
    ['smtps://a%40x:p%23w@mail.example', { port: 465, secure: true, user: 'a@x', password: 'p#w' }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, user: null, password: null }],
  ])('sends mail to %s', (url, expected) => {
    expect(load({ SMTP_URL: url, MAIL_FROM: 'w@muster.example' }).smtp).toMatchObject(expected);
  });
});

describe('secrets from files', () => {
  test('lose the line break at the end and nothing else', () => {
    const changes = { CLIENT_SECRET: undefined, CLIENT_SECRET_FILE: 'secret.txt' };
    expect(load(changes).tenants[0]?.credential).toMatchObject({ secret: SECRET });
    const spaced = { CLIENT_SECRET: undefined, CLIENT_SECRET_FILE: 'spaced.txt' };
    expect(load(spaced).tenants[0]?.credential).toMatchObject({ secret: ' a b \n' });
  });

  test('are for secret options only', () => {
    expect(problemsOf({ TENANT_ID_FILE: 'secret.txt' })).toEqual([
      `${P}TENANT_ID_FILE (environment) is not an option; the nearest one is ${P}TENANT_ID.`,
    ]);
  });
});

describe('.env in the working directory', () => {
  test('is read, and the environment wins', () => {
    withDotEnv(`${P}TIMEZONE="Europe/Berlin" # office\n${P}LANGUAGE=de\n`, (cwd) => {
      expect(load({ LANGUAGE: 'fr' }, cwd).tenants[0]).toMatchObject({ timezone: 'Europe/Berlin' });
      expect(load({ LANGUAGE: 'fr' }, cwd).language).toBe('fr');
    });
  });

  test('gives way to a secret that the environment names by file', () => {
    withDotEnv(`${P}CLIENT_SECRET=old\n`, (cwd) => {
      const changes = { CLIENT_SECRET: undefined, CLIENT_SECRET_FILE: join(folder, 'secret.txt') };
      expect(load(changes, cwd).tenants[0]?.credential).toMatchObject({ secret: SECRET });
    });
  });

  test('counts for a name that the environment leaves empty', () => {
    withDotEnv(`${P}TIMEZONE=Europe/Berlin\n`, (cwd) => {
      expect(load({ TIMEZONE: '' }, cwd).tenants[0]?.timezone).toBe('Europe/Berlin');
    });
  });

  test('is checked for unknown names too, and says that it was there', () => {
    withDotEnv(`${P}LOGLEVEL=debug\nOTHER=1\n`, (cwd) => {
      expect(problemsOf({}, cwd)).toEqual([
        `${P}LOGLEVEL (.env) is not an option; the nearest one is ${P}LOG_LEVEL.`,
      ]);
    });
  });

  test('contradicting the environment says where each stands', () => {
    withDotEnv(`${P}CERTIFICATE=${join(folder, 'app.pem')}\n`, (cwd) => {
      expect(problemsOf({}, cwd)[0]).toContain('are both set (environment; .env)');
    });
  });

  test('as the example ships passes its own names', () => {
    withDotEnv(`${P}TENANT_ID=\n${P}CERTIFICATE=\n`, (cwd) => {
      expect(problemsOf({}, cwd)).toEqual([]);
    });
  });
});

describe('the configuration described', () => {
  function described(changes: Changes): Map<string, [string | null, string | null]> {
    const rows = describeConfig(load(changes));
    return new Map(rows.map(({ name, value, origin }) => [name.slice(P.length), [value, origin]]));
  }

  test('says where each value came from', () => {
    const rows = described({ CLIENT_SECRET: undefined, CLIENT_SECRET_FILE: 'secret.txt', CLOUD: 'global' });
    expect(rows.get('CLOUD')).toEqual(['global', 'environment']);
    expect(rows.get('TIMEZONE')).toEqual(['UTC', 'default']);
    expect(rows.get('CLIENT_SECRET')).toEqual([
      '[redacted]',
      `environment, file ${join(folder, 'secret.txt')}`,
    ]);
    expect(rows.get('SMTP_URL')).toEqual([null, null]);
    expect(rows.get('RECIPIENTS')).toEqual([null, null]);
  });

  test.each([
    ['CLIENT_SECRET', `https://${SECRET}`, '[redacted]'],
    ['SMTP_URL', `smtp://me:${PASSWORD}@mail.example:587`, 'smtp://[redacted]@mail.example:587'],
    [
      'DATABASE_URL',
      `postgres://me:${PASSWORD}@db/x?password=${PASSWORD}`,
      'postgres://[redacted]@db/x?[redacted]',
    ],
    ['DATABASE_URL', 'sqlite:./data/watch.db', 'sqlite:./data/watch.db'],
  ])('shows %s=%s as %s', (name, text, shown) => {
    const rows = described({ [name]: text, MAIL_FROM: 'a@b.example' });
    expect(rows.get(name)?.[0]).toBe(shown);
  });

  test('holds no secret anywhere', () => {
    const rows = describeConfig(
      load({
        SMTP_URL: `smtp://me:${PASSWORD}@mail.example`,
        MAIL_FROM: 'a@b.example',
        DATABASE_URL: `postgres://:${PASSWORD}@db/x`,
      }),
    );
    expect(JSON.stringify(rows)).not.toMatch(new RegExp(`${SECRET}|${PASSWORD}`));
  });
});
