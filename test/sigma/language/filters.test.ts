import { describe, expect, it } from 'vitest';
import type { LinkedRules, SigmaProblem } from '../../../src/sigma/index.ts';
import { findDuplicates, linkRules, parseRules } from '../../../src/sigma/index.ts';

const RULE = `title: sign-in
id: 6f3e2987-db24-4c78-a860-b4f4095a7095
name: sign_in
logsource: {product: Azure, service: signinlogs}
detection: {sel: {A: 1}, condition: sel}
`;

function filterText(body: string, rest = ''): string {
  const lines = [
    'title: f',
    'logsource: {product: azure}',
    'filter:',
    ...body.split('\n').map((l) => `  ${l}`),
  ];
  return `${lines.join('\n')}\n${rest}`;
}

const EXCLUDE = 'rules: any\nsel: {User: x}\ncondition: not sel';

function link(...texts: string[]): LinkedRules {
  return linkRules(texts.map((text, i) => parseRules(text, `${i}.yml`)));
}

function problemsOf(text: string): SigmaProblem[] {
  return parseRules(text, 'f.yml').problems;
}

function messages(problems: readonly SigmaProblem[], severity: string): string[] {
  return problems.filter((one) => one.severity === severity).map((one) => one.message);
}

describe('a filter', () => {
  it('says which of several excluded an event, and only of an event that the rule matches', () => {
    const second = filterText('rules: [SIGN_IN, sign_in]\nh: {Host: h}\ncondition: not h', 'name: by_host\n');
    const [rule] = link(RULE, filterText(EXCLUDE), second).rules;
    expect(rule?.judge({ A: 1, User: 'x', Host: 'h' })).toEqual({
      matched: false,
      excludedBy: ['f', 'by_host'],
    });
    expect(rule?.judge({ A: 1, Host: 'h' })).toEqual({ matched: false, excludedBy: ['by_host'] });
    expect(rule?.judge({ A: 1 })).toEqual({ matched: true, excludedBy: [] });
    expect(rule?.judge({ User: 'x' })).toEqual({ matched: false, excludedBy: [] });
    expect(rule?.match({ A: 1, User: 'x' })).toBe(false);
    expect(rule?.fields).toEqual(['A']);
    expect(rule?.filters.map((one) => one.fields)).toEqual([['User'], ['Host']]);
  });

  it('is found by id in any case, and by name as it is written', () => {
    const by = (reference: string): boolean | undefined =>
      link(RULE, filterText(EXCLUDE.replace('any', `["${reference}"]`))).rules[0]?.match({ A: 1, User: 'x' });
    expect(by('6F3E2987-DB24-4C78-A860-B4F4095A7095')).toBe(false);
    expect(by('sign_in')).toBe(false);
    expect(by('SIGN_IN')).toBe(true);
  });

  it.each<[string, number | undefined, boolean]>([
    ['2026-03-01', Date.UTC(2026, 1, 28, 23, 59, 59, 999), false],
    ['2026-03-01', Date.UTC(2026, 2, 1), true],
    ['2026-03-01T12:00:00+02:00', Date.UTC(2026, 2, 1, 9, 59), false],
    ['2026-03-01T12:00:00+02:00', Date.UTC(2026, 2, 1, 10), true],
    ['2026-03-01', undefined, false],
  ])('that expires at %s gives %s ms the verdict %s', (expires, at, matched) => {
    const text = filterText(
      EXCLUDE,
      `tenantwatch: {expires: ${expires}, owner: Ada, reason: r, ticket: T-1}\n`,
    );
    const { rules, filters } = link(RULE, text);
    expect(rules[0]?.judge({ A: 1, User: 'x' }, at === undefined ? {} : { at }).matched).toBe(matched);
    expect(filters[0]?.filter.filter.scope).toMatchObject({
      owner: 'Ada',
      reason: 'r',
      ticket: 'T-1',
      tenants: null,
    });
  });

  it('may be for some tenants only, by id or name', () => {
    const text = filterText(EXCLUDE, 'tenantwatch: {tenants: [Contoso, 0a1b]}\n');
    const [rule] = link(RULE, text).rules;
    const matched = (tenant?: string | string[]): boolean | undefined =>
      rule?.judge({ A: 1, User: 'x' }, tenant === undefined ? {} : { tenant }).matched;
    expect(matched('contoso')).toBe(false);
    expect(matched(['fabrikam', '0A1B'])).toBe(false);
    expect(matched('fabrikam')).toBe(true);
    expect(matched()).toBe(true);
    expect(rule?.match({ A: 1, User: 'x' })).toBe(true);
  });

  it('may use arrays and placeholders of its own', () => {
    const text = filterText(
      'rules: any\nsel: {"u[any]|expand": "%friends%"}\ncondition: not sel',
      'sigma-version: 3\n',
    );
    const files = [parseRules(RULE, 'r.yml'), parseRules(text, 'f.yml')];
    const { rules } = linkRules(files, { placeholders: new Map([['friends', ['ada*']]]) });
    expect(rules[0]?.match({ A: 1, u: ['bob', 'Ada Lovelace'] })).toBe(false);
    const without = linkRules(files);
    expect(without.rules[0]?.match({ A: 1, u: ['ada'] })).toBe(true);
    expect(without.filters).toEqual([]);
    expect(without.problems).toEqual([
      expect.objectContaining({ file: 'f.yml', line: 5, severity: 'error' }),
    ]);
  });

  it.each([
    [filterText('sel: {A: 1}\ncondition: not sel'), "filter has no rules; write 'any'"],
    [filterText('rules: 5\nsel: {A: 1}\ncondition: not sel'), "filter.rules must be 'any' or a list"],
    [filterText('rules: [5]\nsel: {A: 1}\ncondition: not sel'), "filter.rules must be 'any' or a list"],
    [filterText('rules: any\nsel: {A: 1}\ncondition: [not sel]'), 'the condition of a filter is one text'],
    [filterText('rules: any\nsel: {A: 1}'), 'filter has no condition'],
    [filterText('rules: any\ncondition: not sel'), 'filter has no selection'],
    [filterText('rules: any\nsel: {A: 1}\ncondition: not rules'), "selection 'rules' is not defined"],
    ['title: f\nlogsource: {product: a}\nfilter: [x]\n', 'filter must be a map'],
    [filterText(EXCLUDE, 'detection: {}\n'), 'a filter has no detection'],
    [
      filterText(EXCLUDE, 'tenantwatch: {expire: 2026-01-01}\n'),
      'tenantwatch.expire is not a key of a filter',
    ],
    [filterText(EXCLUDE, 'tenantwatch: {__proto__: x}\n'), 'tenantwatch.__proto__ is not a key'],
    [filterText(EXCLUDE, 'tenantwatch: {expires: 2026-02-30}\n'), 'is no ISO 8601 date or time'],
    [filterText(EXCLUDE, 'tenantwatch: {expires: 20260230}\n'), 'tenantwatch.expires must be a text'],
    [filterText(EXCLUDE, 'tenantwatch: {owner: [a]}\n'), 'tenantwatch.owner must be a text'],
    [filterText(EXCLUDE, 'tenantwatch: {tenants: contoso}\n'), 'tenantwatch.tenants must be a list'],
    [filterText(EXCLUDE, 'tenantwatch: {tenants: []}\n'), 'tenantwatch.tenants must be a list'],
    [filterText(EXCLUDE, 'tenantwatch: soon\n'), 'tenantwatch must be a map'],
  ])('is refused: %j because %s', (text, reason) => {
    expect(parseRules(text, 'f.yml').filters).toEqual([]);
    expect(messages(problemsOf(text), 'error')).toContainEqual(expect.stringContaining(reason));
  });

  it.each([
    [filterText(EXCLUDE.replace('any', '[]')), "an empty list of rules means 'any'; write that"],
    [filterText(EXCLUDE.replace('any', '[any]')), "'any' in a list means every rule; write rules: any"],
    [
      filterText(EXCLUDE).replace(/logsource.*\n/, ''),
      'the filter has no logsource and belongs to every one',
    ],
  ])('is linted: %j because %s', (text, lint) => {
    expect(messages(problemsOf(text), 'lint')).toEqual([lint]);
    expect(link(RULE, text).rules[0]?.match({ A: 1, User: 'x' })).toBe(false);
  });

  it.each([
    [EXCLUDE.replace('any', '[nobody]'), "no loaded rule has the id or name 'nobody'"],
    [EXCLUDE.replace('any', '[other]'), "'other' has another log source, so the filter is not applied to it"],
    [EXCLUDE.replace('any', '[check]'), "'check' has no detection to filter"],
  ])('that names its rule in vain says so: %j', (body, lint) => {
    const other = RULE.replace('sign_in', 'other')
      .replace(/id: .*\n/, '')
      .replace('Azure', 'm365');
    const check = 'title: c\nname: check\ntenantwatch: {check: {sql: SELECT 1}}\n';
    const { problems, rules } = link(RULE, other, check, filterText(body));
    expect(problems).toEqual([{ file: '3.yml', line: 4, column: 11, message: lint, severity: 'lint' }]);
    expect(rules.every((rule) => rule.match({ A: 1, User: 'x' }))).toBe(true);
  });

  it('of a log source without rules says so', () => {
    const text = filterText(EXCLUDE).replace('azure', 'm365');
    expect(messages(link(RULE, text).problems, 'lint')).toEqual([
      'no loaded rule has the log source of this filter',
    ]);
  });
});

describe('the documents of several files', () => {
  const other = RULE.replace('title: sign-in', 'title: other');

  it('may not share an id, whatever its case, nor a name, and the first stays', () => {
    const sameId = other.replace('name: sign_in\n', '').replace('6f3e', '6F3E');
    const sameName = other.replace(/id: .*\n/, '');
    const files = [RULE, sameId, sameName].map((text, i) => parseRules(text, `${i}.yml`));
    const { refused, problems } = findDuplicates(files);
    expect([...refused].map((document) => document.file)).toEqual(['1.yml', '2.yml']);
    expect(problems).toMatchObject([
      { file: '1.yml', line: 2, column: 1, severity: 'error' },
      { file: '2.yml', line: 2, column: 1, severity: 'error' },
    ]);
    expect(problems[1]?.message).toBe(
      "name 'sign_in' is already that of 0.yml:1 ('sign-in'); make it unique",
    );
    expect(linkRules(files).rules.map((rule) => rule.rule.file)).toEqual(['0.yml']);
  });

  it('may not share one across kinds, nor within one file by name', () => {
    const filter = filterText(EXCLUDE, 'name: sign_in\n');
    expect(link(RULE, filter).filters).toEqual([]);
    expect(link(`${RULE}---\n${other.replace(/id: .*\n/, '')}`).problems).toMatchObject([
      { line: 8, severity: 'error' },
    ]);
    const named = other.replace('sign_in', '6f3e2987-db24-4c78-a860-b4f4095a7095').replace(/id: .*\n/, '');
    expect(link(RULE, named).problems).toHaveLength(1);
  });

  it('are compiled one by one: a bad rule never stops the rest', () => {
    const bad = RULE.replace('A: 1', 'A|expand: "%no%"')
      .replace('sign_in', 'bad')
      .replace(/id: .*\n/, '');
    const { rules, problems } = link(bad, RULE);
    expect(rules.map((rule) => rule.rule.name)).toEqual(['sign_in']);
    expect(problems).toMatchObject([{ file: '0.yml', severity: 'error' }]);
  });
});
