import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { folder, P, PASSWORD, problemsOf, SECRET, type Changes } from './load.ts';

describe('a wrong configuration', () => {
  test.each<[Changes, string]>([
    [{ TENANT_ID: undefined }, `${P}TENANT_ID is not set; it is the directory (tenant) id, a GUID.`],
    [{ CLIENT_ID: undefined }, `${P}CLIENT_ID is not set; it is the application (client) id, a GUID.`],
    [
      { TENANT_ID: 'muster' },
      `${P}TENANT_ID is not a GUID; copy it from the overview of the app registration.`,
    ],
    [
      { CLIENT_ID: SECRET },
      `${P}CLIENT_ID is not a GUID; copy it from the overview of the app registration.`,
    ],
    [
      { CLIENT_SECRET: undefined },
      `Neither ${P}CERTIFICATE nor ${P}CLIENT_SECRET is set; the app needs one of them.`,
    ],
    [
      { CERTIFICATE: 'app.pem' },
      `${P}CLIENT_SECRET and ${P}CERTIFICATE are both set (environment; environment); keep one, better the certificate.`,
    ],
    [
      { CLIENT_SECRET_FILE: 'secret.txt' },
      `${P}CLIENT_SECRET and ${P}CLIENT_SECRET_FILE are both set (environment); keep one.`,
    ],
    [
      { CLIENT_SECRET: undefined, CLIENT_SECRET_FILE: 'none' },
      `${P}CLIENT_SECRET_FILE names ${join(folder, 'none')}, which cannot be read (ENOENT).`,
    ],
    [{ CLOUD: 'mars' }, `${P}CLOUD is "mars"; write one of global, gcc_high, dod, china, custom.`],
    [{ CLOUD: 'custom' }, `${P}CLOUD is custom but ${P}HOSTS is not set; say where that cloud is.`],
    [
      { HOSTS: 'graph=https://localhost:1,authority=https://localhost:2' },
      `${P}HOSTS is set but ${P}CLOUD is not custom; Microsoft's own clouds need no hosts.`,
    ],
    [
      { CLOUD: 'custom', HOSTS: 'graph=https://evil.example,authority=https://localhost:2' },
      `${P}HOSTS gives graph as evil.example; only this machine (localhost) is allowed.`,
    ],
    [
      { CLOUD: 'custom', HOSTS: 'graph=https://localhost.evil.example,authority=https://localhost:2' },
      `${P}HOSTS gives graph as localhost.evil.example; only this machine (localhost) is allowed.`,
    ],
    [
      { CLOUD: 'custom', HOSTS: 'graph=https://localhost@evil.example,authority=https://localhost:2' },
      `${P}HOSTS needs an https URL for graph, such as https://localhost:8443.`,
    ],
    [
      { CLOUD: 'custom', HOSTS: 'graph=http://localhost:1,authority=https://localhost:2' },
      `${P}HOSTS needs an https URL for graph, such as https://localhost:8443.`,
    ],
    [{ CLOUD: 'custom', HOSTS: 'graph=https://localhost:1' }, `${P}HOSTS lacks authority=https://….`],
    [
      { CLOUD: 'custom', HOSTS: 'grph=https://localhost:1' },
      `${P}HOSTS holds "grph"; it knows graph= authority= management= exchange= clock=.`,
    ],
    [
      { TIMEZONE: 'Mars/Base' },
      `${P}TIMEZONE is "Mars/Base", which is no IANA zone; write one such as Europe/Berlin.`,
    ],
    [
      { TIMEZONE: '+02:00' },
      `${P}TIMEZONE is "+02:00", an offset; write an IANA zone such as Europe/Berlin.`,
    ],
    [
      { LANGUAGE: 'german!' },
      `${P}LANGUAGE is "german!", which is no language tag; write one such as en or de.`,
    ],
    [
      { ALLOWED_COUNTRIES: 'DE,Austria' },
      `${P}ALLOWED_COUNTRIES holds "Austria"; write two-letter country codes (ISO 3166-1) such as DE,AT.`,
    ],
    [{ ALLOWED_COUNTRIES: 'UK' }, `${P}ALLOWED_COUNTRIES holds "UK"; the code of that country is GB.`],
    [
      { ALLOWED_COUNTRIES: 'DE,QQ' },
      `${P}ALLOWED_COUNTRIES holds "QQ", which is no country code of ISO 3166-1.`,
    ],
    [
      { ALLOWED_COUNTRIES: 'EU' },
      `${P}ALLOWED_COUNTRIES holds "EU", which is no country code of ISO 3166-1.`,
    ],
    [
      { OWN_DOMAINS: 'it@muster.example' },
      `${P}OWN_DOMAINS holds "it@muster.example"; write domains such as example.com.`,
    ],
    [
      { DATABASE_URL: `mysql://root:${PASSWORD}@db` },
      `${P}DATABASE_URL is no database; write sqlite:<path> or postgres://user:password@host/database.`,
    ],
    [
      { SMTP_URL: `mail.example:${PASSWORD}`, MAIL_FROM: 'a@b.example' },
      `${P}SMTP_URL is no mail server; write smtp://user:password@host:587 or smtps://user:password@host:465.`,
    ],
    [
      { SMTP_URL: `smtp://u:${PASSWORD}#1@mail.example`, MAIL_FROM: 'a@b.example' },
      `${P}SMTP_URL is no mail server; write smtp://user:password@host:587 or smtps://user:password@host:465.`,
    ],
    [
      { SMTP_URL: `smtp://u:1/${PASSWORD}@mail.example`, MAIL_FROM: 'a@b.example' },
      `${P}SMTP_URL has something behind the port; encode / ? # in the password as %2F %3F %23.`,
    ],
    [
      { SMTP_URL: 'smtp://user@mail.example', MAIL_FROM: 'a@b.example' },
      `${P}SMTP_URL has a user or a password but not both; write smtp://user:password@host:587.`,
    ],
    [
      { SMTP_URL: `smtp://u:%zz${PASSWORD}@mail.example`, MAIL_FROM: 'a@b.example' },
      `${P}SMTP_URL has a % in user or password that encodes nothing; write it as %25.`,
    ],
    [
      { SMTP_URL: `smtp://u:${PASSWORD}@mail.example` },
      `${P}SMTP_URL is set but ${P}MAIL_FROM is not; name the sender's address.`,
    ],
    [
      { MAIL_FROM: 'IT <it@a.example>' },
      `${P}MAIL_FROM is "IT <it@a.example>"; write a bare address such as it@example.com.`,
    ],
    [{ RECIPIENTS: 'boss' }, `${P}RECIPIENTS is "boss"; write a bare address such as it@example.com.`],
    [
      { RECIPIENTS: 'cc:a@b.example' },
      `${P}RECIPIENTS holds "cc:a@b.example"; the only prefix is technical:.`,
    ],
    [{ RECIPIENTS: 'a@b.example,A@b.example' }, `${P}RECIPIENTS names A@b.example twice; remove one.`],
    [
      { DIGEST_DUE: 'monday 7' },
      `${P}DIGEST_DUE is "monday 7"; write a weekday and a time such as mon 07:00.`,
    ],
    [
      { DIGEST_DUE: 'mon 24:00' },
      `${P}DIGEST_DUE is "mon 24:00"; write a weekday and a time such as mon 07:00.`,
    ],
    [{ LOG_LEVEL: 'loud' }, `${P}LOG_LEVEL is "loud"; write one of debug, info, warn, error, silent.`],
    [{ SIGN_INS_API: 'v2' }, `${P}SIGN_INS_API is "v2"; write one of auto, beta, v1.0.`],
    [{ TIMEZON: 'UTC' }, `${P}TIMEZON (environment) is not an option; the nearest one is ${P}TIMEZONE.`],
    [
      { TENANT_FILES: 'x' },
      `${P}TENANT_FILES (environment) is not an option; the nearest one is ${P}TENANTS_FILE.`,
    ],
    [{ mail_from: 'a@b' }, `${P}mail_from (environment) is not an option; the nearest one is ${P}MAIL_FROM.`],
  ])('%j is told in one sentence', (changes, sentence) => {
    expect(problemsOf(changes)).toEqual([sentence]);
  });

  test.each<[Changes, string]>([
    [
      { CLIENT_SECRET: undefined, CERTIFICATE: 'none.pem' },
      'CERTIFICATE names <folder>/none.pem, which cannot be read (ENOENT).',
    ],
    [
      { CLIENT_SECRET: undefined, CERTIFICATE: 'public.pem' },
      'CERTIFICATE names <folder>/public.pem, which holds no private key in PEM form.',
    ],
    [{ CA_FILE: 'secret.txt' }, 'CA_FILE names <folder>/secret.txt, which holds no certificate in PEM form.'],
    [
      { SMTP_URL_FILE: 'empty.txt', MAIL_FROM: 'a@b.example' },
      'SMTP_URL_FILE names <folder>/empty.txt, which is empty.',
    ],
    [
      { SMTP_URL_FILE: 'none.txt', MAIL_FROM: 'a@b.example' },
      'SMTP_URL_FILE names <folder>/none.txt, which cannot be read (ENOENT).',
    ],
  ])('%j names the file', (changes, sentence) => {
    expect(problemsOf(changes)).toEqual([`${P}${sentence.replace('<folder>', folder)}`]);
  });

  test('tells all problems at once, in one error', () => {
    const problems = problemsOf({
      TENANT_ID: undefined,
      CLIENT_SECRET: undefined,
      TIMEZONE: 'Mars',
      SMTP_URL: 'smtp://u:p@h.example',
      RECIPIENTS: 'nobody',
      COLOR: 'blue',
    });
    expect(problems).toHaveLength(6);
    expect(new ConfigError(problems).message).toContain('6 problems');
  });

  test('never repeats a secret, whatever is wrong with it', () => {
    const problems = problemsOf({
      CLIENT_ID: SECRET,
      CERTIFICATE: 'app.pem',
      DATABASE_URL: `mysql://root:${PASSWORD}@db`,
      SMTP_URL: `smtp://u:1/${PASSWORD}@mail.example`,
    });
    expect(problems.length).toBeGreaterThanOrEqual(4);
    expect(problems.join('\n')).not.toMatch(new RegExp(`${SECRET}|${PASSWORD}`));
  });

  test('by names of the test suite is none of our business', () => {
    expect(problemsOf({ TEST_POSTGRES_URL: 'x' })).toEqual([]);
  });
});
