import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { importRules, type ImportOptions } from '../../src/detection/import-rules.ts';
import { ruleText } from './mapping/rules.ts';

const root = mkdtempSync(join(tmpdir(), 'tenantwatch-import-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
let from = '';
let to = '';
beforeEach(() => {
  count += 1;
  from = join(root, `from-${count}`);
  to = join(root, `to-${count}`);
  mkdirSync(from);
});

const ID = (last: number): string => `5b0c2c11-0000-4000-8000-${String(last).padStart(12, '0')}`;
const GOOD = 'a: {operationName: Add user}\ncondition: a';

function write(path: string, text: string): void {
  mkdirSync(dirname(join(from, path)), { recursive: true });
  writeFileSync(join(from, path), text);
}

function rule(path: string, last: number, changes: Record<string, string> = {}, detection = GOOD): void {
  write(path, ruleText('azure/auditlogs', detection, { id: ID(last), ...changes }));
}

const run = (options: Partial<ImportOptions> = {}) =>
  importRules({ from, to, trustValues: false, ...options });
const titles = (result: ReturnType<typeof run>) => result.rules.map((one) => [one.file, one.status]);

describe('importing rules', () => {
  it('reads the folders of rules of a SigmaHQ checkout and nothing beside them', () => {
    rule('rules/cloud/azure/one.yml', 1);
    rule(
      'rules-placeholder/cloud/two.yml',
      2,
      {},
      'a: {operationName: Add user, Initiatedby|expand: "%X%"}\ncondition: a',
    );
    rule('rules-threat-hunting/cloud/three.yaml', 3);
    rule('rules-emerging-threats/2026/four.yml', 4);
    rule('deprecated/cloud/old.yml', 5);
    write('tests/data.yml', 'title: no rule\n');
    write('LICENSE.Detection.Rules.md', 'the licence');
    const result = run();
    expect(titles(result)).toEqual([
      ['rules-emerging-threats/2026/four.yml', 'works'],
      ['rules-placeholder/cloud/two.yml', 'placeholder'],
      ['rules-threat-hunting/cloud/three.yaml', 'works'],
      ['rules/cloud/azure/one.yml', 'works'],
    ]);
    expect(result).toMatchObject({ files: 4, otherProducts: 0, unreadable: [] });
    expect(readFileSync(join(to, 'LICENSE.Detection.Rules.md'), 'utf8')).toBe('the licence');
  });

  it('reads any other folder whole, and keeps the files as they are with an index beside them', () => {
    rule('mine/one.yml', 1);
    const text = `# Our own remark\n${readFileSync(join(from, 'mine/one.yml'), 'utf8')}`;
    write('mine/one.yml', text);
    run();
    expect(readFileSync(join(to, 'mine/one.yml'), 'utf8')).toBe(text);
    expect(JSON.parse(readFileSync(join(to, 'index.json'), 'utf8'))).toEqual({
      schema: 1,
      trust_values: false,
      rules: [
        {
          id: ID(1),
          title: 'A rule of the tests',
          level: 'medium',
          file: 'mine/one.yml',
          index: 0,
          source: 'azure/auditlogs',
          status: 'works',
          why: '',
          placeholders: [],
          author: 'The testers',
        },
      ],
    });
  });

  it('is stopped by no bad rule, and names each', () => {
    rule('a-good.yml', 1);
    write('b-yaml.yml', 'product: azure\n  title: [');
    write('c-modifier.yml', ruleText('azure/auditlogs', 'a: {operationName|wrong: x}\ncondition: a'));
    write('d-empty.yml', '');
    rule('e-twin.yml', 1);
    write('f-windows.yml', ruleText('windows/security', GOOD, { id: ID(6) }));
    write(
      'g-no-product.yml',
      'title: x\nlogsource: {category: proxy}\ndetection: {a: {b: c}, condition: a}\n',
    );
    const result = run();
    expect(titles(result)).toEqual([
      ['a-good.yml', 'works'],
      ['e-twin.yml', 'unsupported'],
    ]);
    expect(result.rules[1]?.why).toBe('a-good.yml has the same id');
    expect(result.otherProducts).toBe(2);
    expect(result.unreadable.map((one) => one.file)).toEqual(
      expect.arrayContaining(['b-yaml.yml', 'c-modifier.yml']),
    );
    expect(result.unreadable.find((one) => one.file === 'c-modifier.yml')?.why).toContain(
      "unknown modifier 'wrong'",
    );
    expect(existsSync(join(to, 'f-windows.yml'))).toBe(false);
  });

  it('names a file that it may not read', () => {
    if (process.getuid?.() === 0) return;
    rule('closed.yml', 1);
    chmodSync(join(from, 'closed.yml'), 0);
    expect(run().unreadable).toEqual([{ file: 'closed.yml', why: 'it cannot be read (EACCES)' }]);
  });

  it('replaces what an earlier import left, and nothing else', () => {
    rule('old.yml', 1);
    rule('kept.yml', 2);
    run();
    writeFileSync(join(to, 'note.txt'), 'of the operator');
    rmSync(join(from, 'old.yml'));
    rule('new.yml', 3);
    run();
    expect(['old.yml', 'kept.yml', 'new.yml', 'note.txt'].map((name) => existsSync(join(to, name)))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it('writes nothing when it only looks', () => {
    rule('one.yml', 1);
    expect(titles(run({ to: null }))).toHaveLength(1);
    expect(existsSync(to)).toBe(false);
  });

  it('tells its progress and stops when it is asked to', () => {
    for (let index = 0; index < 120; index++) write(`f${index}.yml`, ruleText('windows/security', GOOD));
    const told: number[][] = [];
    run({ onProgress: (...progress) => told.push(progress) });
    expect(told).toEqual([
      [0, 120],
      [50, 120],
      [100, 120],
      [120, 120],
    ]);
    expect(() => run({ signal: AbortSignal.abort(new Error('stopped')) })).toThrow('stopped');
  });

  it.each([
    ['azure/signinlogs', '{AppDisplayName: Azure CLI}'],
    ['azure/auditlogs', '{operationName: Add user}'],
    ['azure/riskdetection', '{riskEventType: leakedCredentials}'],
    ['m365/audit', '{Operation: New-InboxRule}'],
  ])('lets no rule of %s wait for its source, because this version reads it', (source, selection) => {
    write('rule.yml', ruleText(source, `a: ${selection}\ncondition: a`));
    expect(run().rules).toMatchObject([{ source, status: 'works', unread: null }]);
  });
});

describe('the catalogue with imported rules', () => {
  it('has them as detections with a title only, their own id and level, and without those that cannot work', async () => {
    rule('works.yml', 1, { title: 'An {odd} title', level: 'high' });
    rule('never.yml', 2, {}, 'a: {operationName: Make user}\ncondition: a');
    rule('plain.yml', 3);
    write('plain.yml', readFileSync(join(from, 'plain.yml'), 'utf8').replace('level: medium\n', ''));
    run();
    const { detections, problems, byId } = await loadCatalogue(undefined, to);
    expect(problems.filter((one) => one.severity === 'error')).toEqual([]);
    const imported = detections.filter((one) => one.file.startsWith('imported/'));
    expect(imported.map((one) => [one.id, one.level, one.life, one.sources, one.texts])).toEqual([
      [ID(1), 'high', 'event', ['directory-audits'], {}],
      [ID(3), 'low', 'event', ['directory-audits'], {}],
    ]);
    expect(byId.get(ID(1))?.title).toBe('An {odd} title (rule by The testers)');
    expect(detections.length).toBeGreaterThan(8);
  });

  it('judges every rule anew, whatever the index says of it', async () => {
    rule('works.yml', 1);
    rule('never.yml', 2, {}, 'a: {operationName: Make user}\ncondition: a');
    run();
    const index = join(to, 'index.json');
    const swapped = readFileSync(index, 'utf8')
      .replace('"status": "works"', '"status": "X"')
      .replace('"status": "prose"', '"status": "works"')
      .replace('"status": "X"', '"status": "unmapped"');
    writeFileSync(index, swapped);
    const { byId, problems } = await loadCatalogue(undefined, to);
    expect([byId.has(ID(1)), byId.has(ID(2))]).toEqual([true, false]);
    expect(problems.filter((one) => one.severity === 'error').map((one) => [one.file, one.message])).toEqual([
      ['imported/never.yml', expect.stringContaining("'Make user': no value")],
    ]);
  });

  it('takes doubtful values when the import did', async () => {
    rule('never.yml', 2, {}, 'a: {operationName: Make user}\ncondition: a');
    run({ trustValues: true });
    expect((await loadCatalogue(undefined, to)).byId.has(ID(2))).toBe(true);
  });

  it('names what is missing, wrong or twice, and loads the rest', async () => {
    const { detections } = await loadCatalogue();
    const [shipped] = detections;
    rule('gone.yml', 1);
    rule('twin.yml', 2, { id: shipped?.id ?? '' });
    rule('good.yml', 3);
    run();
    rmSync(join(to, 'gone.yml'));
    const loaded = await loadCatalogue(undefined, to);
    expect(loaded.byId.has(ID(3))).toBe(true);
    expect(loaded.byId.get(shipped?.id ?? '')?.file).toBe(shipped?.file);
    expect(
      loaded.problems.filter((one) => one.severity === 'error').map((one) => [one.file, one.message]),
    ).toEqual([
      ['imported/gone.yml', expect.stringContaining('is not there any more')],
      ['imported/twin.yml', expect.stringContaining(`is used in ${shipped?.file ?? ''} already`)],
    ]);
  });

  it.each([
    ['{', 'is not JSON'],
    ['{"schema": 2}', 'is no index of imported rules'],
    [
      '{"schema": 1, "trust_values": false, "rules": [{"id": null, "title": "x", "level": null, "file": "../../etc/passwd", "index": 0, "source": "", "status": "works", "why": "", "placeholders": [], "author": null}]}',
      'a path inside the folder',
    ],
  ])('refuses the index %s', async (text, reason) => {
    mkdirSync(to);
    writeFileSync(join(to, 'index.json'), text);
    const { problems, detections } = await loadCatalogue(undefined, to);
    expect(problems.map((one) => one.message).join()).toContain(reason);
    expect(detections.length).toBeGreaterThan(7);
  });

  it('is the shipped one where nothing was imported', async () => {
    const [with_, without] = [await loadCatalogue(undefined, to), await loadCatalogue()];
    expect(with_.detections.length).toBe(without.detections.length);
  });
});
