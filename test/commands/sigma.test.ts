import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, type CommandRun } from './command-run.ts';

const RULES = `title: Failed sign-in
id: 11111111-1111-4111-8111-111111111111
name: failed
level: low
logsource: {product: azure, service: signinlogs}
detection:
  sel: {status.errorCode: [50126, 50053]}
  known: {ipAddress|cidr: 10.0.0.0/8}
  condition: sel and not known
---
title: Many failed sign-ins
id: 22222222-2222-4222-8222-222222222222
level: high
correlation:
  type: value_count
  rules: [failed]
  group-by: [ipAddress]
  timespan: 10m
  condition: {field: userId, gte: 3}
`;

const CASES = {
  cases: [
    {
      id: 'good',
      rule: 'title: t\nlogsource: {product: x}\ndetection:\n  s: {a: 1}\n  condition: s\n',
      tests: [{ event: { a: '1' }, match: true }],
    },
    {
      id: 'opinion',
      normative: false,
      rule: 'title: t\nlogsource: {product: x}\ndetection:\n  s: {a: 1}\n  condition: s\n',
      tests: [{ event: { a: 1 }, match: false }],
    },
  ],
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantwatch-sigma-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, text: string | Buffer): string {
  writeFileSync(join(folder, name), text);
  return name;
}

function sigma(...args: string[]): Promise<CommandRun> {
  return runCommand(['sigma', ...args], { cwd: folder });
}

function signIn(minute: number, user: string, errorCode: number, ipAddress = '192.0.2.1'): string {
  const createdDateTime = new Date(Date.UTC(2026, 10, 2, 8, minute)).toISOString();
  return JSON.stringify({ createdDateTime, userId: user, ipAddress, status: { errorCode } });
}

describe('sigma match', () => {
  it('prints matches by line, and what a correlation finds in event time whatever the order of lines', async () => {
    put('rules.yml', RULES);
    const lines = [
      signIn(9, 'c', 50053),
      signIn(1, 'a', 50126),
      signIn(2, 'a', 50126),
      signIn(5, 'b', 50126),
    ];
    put('events.jsonl', `${lines.join('\n')}\n${signIn(6, 'd', 50126, '10.1.1.1')}\n`);
    const { code, stdout, stderr } = await sigma('match', '--rules', 'rules.yml', '--events', 'events.jsonl');
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual([
      '2026-11-02T08:01:00.000Z to 2026-11-02T08:09:00.000Z: high: Many failed sign-ins: ipAddress=192.0.2.1, 4 events',
      '5 events, 1 rule, 0 matches, 1 correlation alert',
      '',
    ]);
    expect(code).toBe(0);
  });

  it('tells every match with --json, from a compressed file, and counts an event with the same id once', async () => {
    put('rules.yml', RULES.replace('correlation:', 'generate: true\ncorrelation:'));
    const event = (id: string, minute: number, user: string): string =>
      JSON.stringify({ ...(JSON.parse(signIn(minute, user, 50126)) as object), id });
    const lines = [event('1', 1, 'a'), event('2', 2, 'b'), event('2', 2, 'b')];
    put('events.jsonl.gz', gzipSync(lines.join('\n')));
    const { stdout } = await sigma(
      ...['match', '--rules', 'rules.yml', '--events', 'events.jsonl.gz', '--id', 'id', '--json'],
    );
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(found.map((one) => [one['line'], one['rule'], one['event']])).toEqual([
      [1, 'Failed sign-in', '1'],
      [2, 'Failed sign-in', '2'],
      [3, 'Failed sign-in', '2'],
    ]);
  });

  it('tries only the rules of the log source that is named', async () => {
    put('rules.yml', RULES.split('---')[0] ?? '');
    put('events.jsonl', signIn(1, 'a', 50126));
    const other = await sigma(
      ...['match', '--rules', 'rules.yml', '--events', 'events.jsonl', '--source', 'directory-audits'],
    );
    expect(other.stdout).toBe('1 event, 1 rule, 0 matches, 0 correlation alerts\n');
    const own = await sigma(
      ...['match', '--rules', 'rules.yml', '--events', 'events.jsonl', '--source', 'azure/signinlogs'],
    );
    expect(own.stdout).toContain('1: low: Failed sign-in\n');
  });

  it('names a line that holds no event and a rule that cannot be used, reads the rest, and exits 1', async () => {
    put('rules.yml', `${RULES.split('---')[0] ?? ''}---\ntitle: broken\n`);
    put('events.jsonl', `[1]\n${signIn(1, 'a', 50126)}\n`);
    const { code, stdout, stderr } = await sigma('match', '--rules', 'rules.yml', '--events', 'events.jsonl');
    expect(code).toBe(1);
    expect(stderr).toContain('rules.yml:11:1: error: the rule has no logsource');
    expect(stderr).toContain('line 1: no JSON object');
    expect(stdout).toContain('2: low: Failed sign-in');
  });

  it('counts what a filter took out, and lets it expire in the time of the event', async () => {
    const filter = `title: Known scanner
name: scanner
logsource: {product: azure}
tenantwatch: {owner: it@example.com, reason: a scanner of ours, expires: 2026-11-02T08:05:00Z}
filter:
  rules: [failed]
  sel: {ipAddress: 192.0.2.1}
  condition: not sel
`;
    put('rules.yml', `${RULES.split('---')[0] ?? ''}---\n${filter}`);
    put('events.jsonl', [signIn(1, 'a', 50126), signIn(9, 'a', 50126)].join('\n'));
    const { stdout } = await sigma('match', '--rules', 'rules.yml', '--events', 'events.jsonl');
    expect(stdout.split('\n')).toEqual([
      '2: low: Failed sign-in',
      '2 events, 1 rule, 1 match, 0 correlation alerts; filter scanner took out 1 match',
      '',
    ]);
  });

  it('refuses a log source it cannot read, by name', async () => {
    put('rules.yml', RULES);
    put('events.jsonl', '');
    const { code, stderr } = await sigma(
      ...['match', '--rules', 'rules.yml', '--events', 'events.jsonl', '--source', 'nonsense'],
    );
    expect(code).toBe(2);
    expect(stderr).toContain("--source 'nonsense' is no log source");
  });
});

describe('sigma explain', () => {
  it('says which selection holds, what the event has, and exits 1 without a match', async () => {
    put('rules.yml', RULES);
    put('event.json', signIn(1, 'a', 0, '10.0.0.1\u001b[31m'));
    const { code, stdout } = await sigma('explain', 'rules.yml', 'event.json');
    expect(code).toBe(1);
    expect(stdout).toContain('Failed sign-in: does not match');
    expect(stdout).toContain('✗ status.errorCode is 50126 or 50053; the event has 0');
    expect(stdout).not.toContain('\u001b');
  });

  it('exits 0 with a match', async () => {
    put('rules.yml', RULES);
    put('event.json', signIn(1, 'a', 50126));
    const { code, stdout } = await sigma('explain', 'rules.yml', 'event.json', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ rule: 'Failed sign-in', matched: true });
  });

  it('refuses what is no event', async () => {
    put('rules.yml', RULES);
    put('event.json', '[]');
    const { code, stderr } = await sigma('explain', 'rules.yml', 'event.json');
    expect(code).toBe(2);
    expect(stderr).toContain('holds no JSON object');
  });
});

describe('sigma lint', () => {
  it('names file, line and column of every problem of a folder, and exits 1 for an error', async () => {
    mkdirSync(join(folder, 'rules'));
    put('rules/good.yml', RULES);
    put('rules/bad.yml', 'title: t\nlogsource: {product: x}\ndetection:\n  s: {a|foo: 1}\n  condition: s\n');
    const { code, stdout } = await sigma('lint', 'rules');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^rules\/bad\.yml:4:7: error: .*unknown modifier 'foo'/m);
    expect(stdout).toMatch(/2 files, 2 usable documents, 1 errors, \d+ lints\n$/);
  });

  it('finds the same id in two files', async () => {
    mkdirSync(join(folder, 'rules'));
    put('rules/a.yml', RULES);
    put(
      'rules/b.yml',
      RULES.replace('name: failed', 'name: other').replace('rules: [failed]', 'rules: [other]'),
    );
    const { code, stdout } = await sigma('lint', 'rules');
    expect(code).toBe(1);
    expect(stdout).toContain('rules/b.yml:2:1: error: id');
  });
});

describe('sigma test', () => {
  it('prints a line per file, each difference by id, and the sum last', async () => {
    put('cases.json', JSON.stringify(CASES));
    const { code, stdout } = await sigma('test', 'cases.json');
    expect(stdout.split('\n')).toEqual([
      'cases.json: 1 passed, 0 failed, 1 differ',
      '  differ opinion: {"a":1} matches',
      '1 passed, 0 failed, 1 differ',
      '',
    ]);
    expect(code).toBe(0);
  });

  it('exits 1 when a case that must hold does not', async () => {
    const cases = CASES.cases.map((one) => ({ ...one, required: true }));
    put('cases.json', JSON.stringify({ cases }));
    const { code, stdout } = await sigma('test', 'cases.json');
    expect(code).toBe(1);
    expect(stdout).toContain('  failed opinion: ');
    expect(stdout).toMatch(/1 passed, 1 failed, 0 differ\n$/);
  });

  it.each([
    ['a case that fits no kind', JSON.stringify({ cases: [{ id: 'x' }] }), 1],
    ['a file without cases', '{}', 2],
    ['a file that is no JSON', '{', 2],
  ])('does not take %s for a success', async (_what, text, code) => {
    put('cases.json', text);
    expect((await sigma('test', 'cases.json')).code).toBe(code);
  });
});
