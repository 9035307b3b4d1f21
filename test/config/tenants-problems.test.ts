import { describe, expect, test } from 'vitest';
import { P, SECRET } from './load.ts';
import {
  CLIENT,
  credentialOf,
  ID,
  OTHER_ID,
  RIGHT_CREDENTIAL,
  tenantProblems,
  tenantWith,
} from './tenants-load.ts';

const second = (...keys: string[]): string =>
  [tenantWith(), ...keys.map((key, index) => (index === 0 ? `  - ${key}` : `    ${key}`))].join('\n');

/** The sentence names the test. */
function bySentence(rows: readonly (readonly [string, string])[]): [string, string][] {
  return rows.map(([yaml, sentence]) => [sentence, yaml]);
}

describe('a wrong tenants.yaml', () => {
  test.each(
    bySentence([
      [
        tenantWith('timezone: Mars'),
        '5: timezone is "Mars", which is no IANA zone; write one such as Europe/Berlin.',
      ],
      [
        tenantWith('timezone: "+02:00"'),
        '5: timezone is "+02:00", an offset; write an IANA zone such as Europe/Berlin.',
      ],
      [tenantWith('timezone:'), '5: timezone is empty; give it a value or remove the key.'],
      [
        tenantWith('placeholders: [a, b]'),
        '5: placeholders is not a mapping; write its keys below it as "key: value".',
      ],
      [
        tenantWith('placeholders: {Known_Location: DE}'),
        '5: Known_Location is not a list; write [first, second].',
      ],
      [
        tenantWith('placeholders:', '  Known_Location: [DE]', '  "%Home%": [x]'),
        '7: the placeholder has a name that no rule can use; write letters, digits and _, without the percent signs.',
      ],
      [
        tenantWith('placeholders:', '  Home: []'),
        '6: Home is an empty list; give it a value or remove the key.',
      ],
      [tenantWith('placeholders:', '  Home: [x, 5]'), '6: Home is not text; put it into quotes.'],
      [
        tenantWith('placeholders:', '  Home: [x, "a\\nb"]'),
        '6: Home holds a line break or a control character; write one line.',
      ],
      [tenantWith('timezone: ""'), '5: timezone is empty; give it a value or remove the key.'],
      [tenantWith('timezone: 1'), '5: timezone is not text; put it into quotes.'],
      [tenantWith('timezone: [UTC]'), '5: timezone is not text; put it into quotes.'],
      [tenantWith('timezone: *zone'), '5: timezone names an anchor that is not there.'],
      [
        tenantWith('language: german!'),
        '5: language is "german!", which is no language tag; write one such as en or de.',
      ],
      [tenantWith('due: monday 7'), '5: due is "monday 7"; write a weekday and a time such as mon 07:00.'],
      [tenantWith('cloud: mars'), '5: cloud is "mars"; write one of global, gcc_high, dod, china, custom.'],
      [tenantWith('allowed_countries: DE'), '5: allowed_countries is not a list; write [DE, AT].'],
      [
        tenantWith('allowed_countries:', '  - DE', '  - UK'),
        '7: allowed_countries holds "UK"; the code of that country is GB.',
      ],
      [
        tenantWith('allowed_countries: ["DE,AT"]'),
        '5: allowed_countries holds "DE,AT"; write two-letter country codes (ISO 3166-1) such as DE,AT.',
      ],
      [
        tenantWith('own_domains: [it@muster.example]'),
        '5: own_domains holds "it@muster.example"; write domains such as example.com.',
      ],
      [
        tenantWith('break_glass: [bg1]'),
        '5: break_glass holds "bg1"; write user principal names such as bg1@example.com, or object ids.',
      ],
      [tenantWith('owner: Jonas'), '5: owner is not a mapping; write its keys below it as "key: value".'],
      [tenantWith('owner: {name: Jonas}'), '5: owner lacks address.'],
      [
        tenantWith('owner: {name: J, address: jonas}'),
        '5: address is "jonas"; write a bare address such as it@example.com.',
      ],
      [tenantWith('timezon: UTC'), '5: timezon is not a key of a tenant; the nearest one is timezone.'],
      [tenantWith('timezone: UTC', 'timezone: UTC'), '6: timezone stands here a second time; keep one.'],
      [tenantWith('group: dach'), '5: group is "dach", which is not under groups; write it under groups.'],
      [
        `groups: {dach: {}, north: {}}\n${tenantWith('group: dahc')}`,
        '6: group is "dahc", which is not under groups; the nearest one is "dach".',
      ],
      [
        `groups: {dach: {timezon: UTC}}\n${tenantWith()}`,
        '1: timezon is not a key of a group; the nearest one is timezone.',
      ],
      [`defaults: {name: A}\n${tenantWith()}`, '1: name is not a key of defaults; the nearest one is due.'],
      [`default: {}\n${tenantWith()}`, '1: default is not a key of the file; the nearest one is defaults.'],
    ]),
  )('tells %s', (sentence, yaml) => {
    expect(tenantProblems(yaml)).toEqual([`tenants.yaml:${sentence}`]);
  });

  test.each<[string, string]>([
    ['10.0.0.0', 'is "10.0.0.0", which is no network; write one such as 203.0.113.0/24'],
    ['10.0.0.0/33', 'is "10.0.0.0/33", which is no network; write one such as 203.0.113.0/24'],
    ['10.0.0/8', 'is "10.0.0/8", which is no network; write one such as 203.0.113.0/24'],
    ['office/24', 'is "office/24", which is no network; write one such as 203.0.113.0/24'],
    ['10.1.2.3/8', 'is "10.1.2.3/8", an address inside a network; the network is 10.0.0.0/8'],
    ['2001:db8::1/32', 'is "2001:db8::1/32", an address inside a network; the network is 2001:db8::/32'],
    ['0.0.0.0/0', 'is "0.0.0.0/0", which is every address; write your own network'],
  ])('the network %s is refused', (cidr, clause) => {
    const yaml = tenantWith('trusted_networks:', `  - {name: office, cidr: "${cidr}"}`);
    expect(tenantProblems(yaml)).toEqual([`tenants.yaml:6: cidr ${clause}.`]);
  });

  test.each<[string, string]>([
    ['{kind: technical}', 'recipients lacks address'],
    ['boss@muster.example', 'recipients is not a mapping; write its keys below it as "key: value"'],
    ['{address: boss}', 'address is "boss"; write a bare address such as it@example.com'],
    ['{address: a@b.example, kind: boss}', 'kind is "boss"; write one of management, technical'],
    ['{address: a@b.example, due: noon}', 'due is "noon"; write a weekday and a time such as mon 07:00'],
    [
      '{address: a@b.example, timezone: Mars}',
      'timezone is "Mars", which is no IANA zone; write one such as Europe/Berlin',
    ],
    ['{address: a@b.example, lang: de}', 'lang is not a key of a recipient; the nearest one is kind'],
    ['{address: GF@b.example}', 'recipients names GF@b.example twice; remove one'],
  ])('the recipient %s is refused', (recipient, clause) => {
    const yaml = tenantWith('recipients:', '  - {address: gf@b.example}', `  - ${recipient}`);
    expect(tenantProblems(yaml)).toEqual([`tenants.yaml:7: ${clause}.`]);
  });

  test.each(
    bySentence([
      ['tenants: []', '1: tenants is an empty list; write at least one tenant'],
      ['defaults: {}', '1: the file has no tenants; list them under tenants'],
      ['', '1: the file is empty; give it a value or remove the key'],
      ['- a', '1: the file is not a mapping; write its keys below it as "key: value"'],
      [
        second('name: Zwei', `id: ${OTHER_ID}`),
        '5: the tenant has no credential, nor has its group or defaults; the app needs one',
      ],
      [
        second('name: Zwei', `credential: ${RIGHT_CREDENTIAL}`),
        '5: the tenant has neither id nor domain; write its directory (tenant) id, a GUID',
      ],
      [
        second(`id: ${OTHER_ID}`, `credential: ${RIGHT_CREDENTIAL}`),
        '5: the tenant has no name; mails and tables call it by that',
      ],
      [
        second('name: MUSTER', `id: ${OTHER_ID}`, `credential: ${RIGHT_CREDENTIAL}`),
        '5: name is that of the tenant in line 2 too; remove or correct one',
      ],
      [
        second('name: Zwei', `id: ${ID.toUpperCase()}`, `credential: ${RIGHT_CREDENTIAL}`),
        '6: id is that of the tenant in line 3 too; remove or correct one',
      ],
      [
        second('name: Zwei', 'id: x', `credential: ${RIGHT_CREDENTIAL}`),
        '6: id is not a GUID; copy it from the overview of the app registration',
      ],
      [tenantWith('domain: muster'), '5: domain holds "muster"; write domains such as example.com'],
    ]),
  )('tells %s', (sentence, yaml) => {
    expect(tenantProblems(yaml)).toEqual([`tenants.yaml:${sentence}.`]);
  });

  test.each<[string[], string]>([
    [['cloud: custom'], '2: cloud is custom but there are no hosts; say where that cloud is'],
    [
      ['hosts: {graph: "https://localhost:1", authority: "https://localhost:2"}'],
      "2: hosts are set but cloud is not custom; Microsoft's own clouds need no hosts",
    ],
    [['cloud: custom', 'hosts: {graph: "https://localhost:1"}'], '6: hosts lacks authority'],
    [
      ['cloud: custom', 'hosts:', '  graph: https://evil.example', '  authority: https://localhost:2'],
      '7: graph gives graph as evil.example; only this machine (localhost) is allowed',
    ],
    [
      [
        'cloud: custom',
        'hosts: {graph: "https://localhost:1", authority: "https://localhost:1", mangement: "https://localhost:1"}',
      ],
      '6: mangement is not a key of hosts; the nearest one is management',
    ],
  ])('the cloud of %j is refused', (keys, sentence) => {
    expect(tenantProblems(tenantWith(...keys))).toEqual([`tenants.yaml:${sentence}.`]);
  });

  test.each(
    bySentence([
      ['tenants:\n\t- name: x', '2: the line is indented by a tab; use blanks (TAB_AS_INDENT)'],
      [
        'tenants:\n  - name: "x',
        '2: the line lacks a closing quote or bracket, a comma, or a blank behind the colon (MISSING_CHAR)',
      ],
      ['a: b: c', '1: the line has a second ": "; put the value into quotes (BLOCK_AS_IMPLICIT_KEY)'],
      [
        `${tenantWith()}\n---\na: 1`,
        '5: the line begins a second document; put all tenants into one (MULTIPLE_DOCS)',
      ],
      [
        tenantWith('timezone: !!zone UTC'),
        '5: the line is no YAML; check indentation, quotes and brackets (TAG_RESOLVE_FAILED)',
      ],
      [`%YAML 1.1\n---\n${tenantWith()}`, '1: the file is YAML 1.1; write YAML 1.2'],
    ]),
  )('tells %s', (sentence, yaml) => {
    expect(tenantProblems(yaml)).toContain(`tenants.yaml:${sentence}.`);
  });
});

describe('a wrong credential', () => {
  test.each<[string, string]>([
    [
      '{client_id: 1}',
      'credential has no type; write one of certificate, secret, managed_identity, workload_identity',
    ],
    [
      '{type: password}',
      "type is no credential's; write one of certificate, secret, managed_identity, workload_identity",
    ],
    [SECRET, 'credential is not a mapping; write its keys below it as "key: value"'],
    [`{type: secret, client_id: ${CLIENT}}`, 'credential needs secret_file or secret_env'],
    [
      `{type: secret, client_id: ${CLIENT}, secret_file: ../secret.txt, secret_env: MUSTER_SECRET}`,
      'credential has secret_file and secret_env; keep one',
    ],
    [
      `{type: secret, client_id: ${CLIENT}, secret: ${SECRET}}`,
      'credential holds secret itself; no secret stands in this file: put it into a file or a variable and write secret_file or secret_env',
    ],
    [
      `{type: secret, client_id: ${CLIENT}, client_secret: ${SECRET}, secret_env: MUSTER_SECRET}`,
      'credential holds client_secret itself; no secret stands in this file: put it into a file or a variable and write secret_file or secret_env',
    ],
    ['{type: secret, secret_env: MUSTER_SECRET}', 'credential has no client_id, which type secret needs'],
    [
      `{type: secret, client_id: ${SECRET}, secret_env: MUSTER_SECRET}`,
      'client_id is not a GUID; copy it from the overview of the app registration',
    ],
    [
      `{type: secret, client_id: ${CLIENT}, secret_env: NO_SUCH}`,
      'secret_env names NO_SUCH, which is not set in the environment or .env',
    ],
    [
      `{type: secret, client_id: ${CLIENT}, secret_env: ${SECRET}}`,
      'secret_env is no name of a variable; write capitals, such as MUSTER_SECRET, and never the secret itself',
    ],
    [
      `{type: secret, client_id: ${CLIENT}, secret_env: TENANTWATCH_X}`,
      'secret_env begins with TENANTWATCH_, which is kept for options; name it otherwise, such as MUSTER_SECRET',
    ],
    [
      `{type: secret, client_id: ${CLIENT}, secret_file: ../none.txt}`,
      'secret_file names <folder>/none.txt, which cannot be read (ENOENT)',
    ],
    [
      `{type: secret, client_id: ${CLIENT}, secret_file: ../empty.txt}`,
      'secret_file names <folder>/empty.txt, which is empty',
    ],
    [
      `{type: secret, client_id: ${CLIENT}, secret_file: Abc8Q~abcdefghijklmnopqrstuvwxyz0123456}`,
      'secret_file is no path; write where the file is, such as /run/secrets/muster, and never the secret itself',
    ],
    [`{type: certificate, client_id: ${CLIENT}}`, 'credential has no file, which type certificate needs'],
    [
      `{type: certificate, client_id: ${CLIENT}, file: ../none.pem}`,
      'file names <folder>/none.pem, which cannot be read (ENOENT)',
    ],
    [
      `{type: certificate, client_id: ${CLIENT}, file: ../public.pem}`,
      'file names <folder>/public.pem, which holds no private key in PEM form',
    ],
    [
      `{type: certificate, client_id: ${CLIENT}, file: ../app.pem, secret_env: MUSTER_SECRET}`,
      'secret_env is not a key of a certificate credential; the nearest one is client_id',
    ],
    [
      '{type: managed_identity, client_id: x}',
      'client_id is not a GUID; copy it from the overview of the app registration',
    ],
    [
      `{type: workload_identity, client_id: ${CLIENT}}`,
      'credential has no token_file, which type workload_identity needs',
    ],
    [
      `{type: workload_identity, client_id: ${CLIENT}, token_file: ../none}`,
      'token_file names <folder>/none, which cannot be read (ENOENT)',
    ],
  ])('%s is told and never repeated', (credential, clause) => {
    expect(tenantProblems(credentialOf(credential))).toEqual([`tenants.yaml:4: ${clause}.`]);
  });

  test('of the defaults is told once, not for every tenant that inherits it', () => {
    const yaml = [
      'defaults: {credential: {type: secret}}',
      'tenants:',
      `  - {name: A, id: ${ID}}`,
      `  - {name: B, id: ${OTHER_ID}}`,
    ].join('\n');
    expect(tenantProblems(yaml)).toEqual([
      'tenants.yaml:1: credential has no client_id, which type secret needs.',
      'tenants.yaml:1: credential needs secret_file or secret_env.',
    ]);
  });
});

describe('beside the environment', () => {
  test.each([
    ['TENANT_ID', ID],
    ['CLIENT_ID', CLIENT],
    ['CLIENT_SECRET', SECRET],
    ['CLOUD', 'global'],
    ['ALLOWED_COUNTRIES', 'DE'],
    ['RECIPIENTS', 'a@b.example'],
  ])('%s is refused', (name, value) => {
    expect(tenantProblems(tenantWith(), { [`${P}${name}`]: value })).toEqual([
      `${P}${name} (environment) and ${P}TENANTS_FILE are both set; that file says it for each tenant, so remove one.`,
    ]);
  });

  test('a file that cannot be read is named', () => {
    const problems = tenantProblems(tenantWith(), { [`${P}TENANTS_FILE`]: `/no/such/tenants.yaml` });
    expect(problems).toEqual([
      `${P}TENANTS_FILE names /no/such/tenants.yaml, which cannot be read (ENOENT).`,
    ]);
  });

  test('all problems of both are told at once', () => {
    const yaml = [
      'defaults: {timezone: Mars}',
      'groups: {dach: {allowed_countries: [QQ]}}',
      'tenants:',
      `  - {name: A, id: ${ID}, group: dahc, credential: {type: secret, secret: ${SECRET}}}`,
      '  - {name: A, id: x, vips: [nobody], colour: blue}',
    ].join('\n');
    const env = { [`${P}TENANT_ID`]: ID, [`${P}LOG_LEVEL`]: 'loud', [`${P}COLOR`]: 'blue' };
    const problems = tenantProblems(yaml, env);
    expect(problems.map((one) => one.split(' ', 2).join(' '))).toEqual([
      `${P}COLOR (environment)`,
      `${P}LOG_LEVEL is`,
      `${P}TENANT_ID (environment)`,
      'tenants.yaml:1: timezone',
      'tenants.yaml:2: allowed_countries',
      'tenants.yaml:4: group',
      'tenants.yaml:4: credential',
      'tenants.yaml:5: colour',
      'tenants.yaml:5: id',
      'tenants.yaml:5: vips',
      'tenants.yaml:5: name',
      'tenants.yaml:5: the',
    ]);
    expect(problems.join('\n')).not.toContain(SECRET);
  });
});
