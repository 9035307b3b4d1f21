import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue, recordCatalogue } from '../../src/detection/catalogue.ts';
import { currentDetectionVersions } from '../../src/store/detection-versions.ts';
import { testDatabases } from '../store/open.ts';

const GOOD = `title: One
id: 11111111-0000-4000-8000-000000000001
level: low
logsource: {product: azure, service: signinlogs}
detection:
  a: {clientAppUsed: IMAP4}
  condition: a
tenantwatch:
  catalogue: SI-90
  life: event
  subject: "user:{userId}"
  cause: "{clientAppUsed}"
  sources: [sign-ins]
  text:
    en: {title: One, what: what, why: why, ask: "ask?"}
`;
const PART = `---
title: Two
id: 11111111-0000-4000-8000-000000000002
logsource: {product: tenantwatch, service: changes}
detection:
  b: {kind: user}
  condition: b
tenantwatch: {part_of: 11111111-0000-4000-8000-000000000001, sources: [users]}
`;
const CHECK = `title: Three
id: 11111111-0000-4000-8000-000000000003
level: low
tenantwatch:
  catalogue: LC-90
  life: state
  subject: "user:{entity_id}"
  cause: x
  check:
    reads: [users]
    sql: |
      SELECT u.id AS entity_id
      FROM v_user u
      WHERE u.enabled = 0
`;

describe('the catalogue', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenantwatch-catalogue-'));
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub', 'good.yml'), GOOD + PART);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (text: string, file = 'sub/other.yml') => {
    writeFileSync(join(folder, file), text);
  };

  it('joins parts to their main document and passes over cases', async () => {
    write('- not a detection', 'sub/good.cases.yml');
    write(CHECK);
    const { detections, problems } = await loadCatalogue(folder);
    expect(problems).toEqual([]);
    expect(detections.map((one) => [one.catalogue, one.file, one.parts.map((part) => part.feed)])).toEqual([
      ['LC-90', 'sub/other.yml', [null]],
      ['SI-90', 'sub/good.yml', ['sign-ins', 'changes']],
    ]);
    expect(detections[1]?.sources).toEqual(['sign-ins', 'users']);
  });

  it.each<[what: string, text: string, line: number, message: RegExp]>([
    ['no title', GOOD.replace('title: One\n', '').replaceAll('000000000001', '000000000009'), 1, /title/],
    ['no id', GOOD.replace(/^id: .*\n/m, ''), 1, /id/],
    ['no level', GOOD.replace('level: low\n', '').replaceAll('000000000001', '000000000009'), 1, /level/],
    [
      'no tenantwatch map',
      GOOD.replace(/tenantwatch:[^]*/, '').replaceAll('000000000001', '000000000009'),
      1,
      /tenantwatch map/,
    ],
    [
      'an unknown key',
      GOOD.replace('  life:', '  lives: 9\n  life:').replaceAll('000000000001', '000000000009'),
      8,
      /lives/,
    ],
    [
      'an unknown source',
      GOOD.replace('[sign-ins]', '[signins]').replaceAll('000000000001', '000000000009'),
      13,
      /sources/,
    ],
    [
      'a log source that is not read',
      GOOD.replace('signinlogs', 'dns').replaceAll('000000000001', '000000000009'),
      4,
      /log source/,
    ],
    [
      'a template with a stray brace',
      GOOD.replace('{userId}', '{userId').replaceAll('000000000001', '000000000009'),
      11,
      /brace/,
    ],
    [
      'neither act nor keys',
      GOOD.replace(/  subject.*\n/, '').replaceAll('000000000001', '000000000009'),
      8,
      /act/,
    ],
    ['a part of something else', CHECK + PART, 22, /part_of/],
    ['a check of a table', CHECK.replace('v_user u', 'user_account u'), 13, /user_account/],
    ['a check without entity_id', CHECK.replace(' AS entity_id', ''), 11, /entity_id/],
    ['an id that another file uses', GOOD, 2, /used in sub\/good\.yml/],
    ['no YAML', 'title: [', 1, /./],
  ])('names a file with %s by line, and keeps the others', async (_what, text, line, message) => {
    write(text, 'sub/zz.yml');
    const { detections, problems } = await loadCatalogue(folder);
    expect(detections.map((one) => one.catalogue)).toEqual(['SI-90']);
    expect(problems.every((problem) => problem.file === 'sub/zz.yml')).toBe(true);
    const found = problems.find((problem) => message.test(problem.message));
    expect(found, JSON.stringify(problems)).toMatchObject({ line, severity: 'error' });
    expect(found?.column).toBeGreaterThan(0);
  });

  it('keeps match_hash apart from the version', async () => {
    const hashes = async (text: string) => {
      write(text, 'sub/good.yml');
      const [one] = (await loadCatalogue(folder)).detections;
      return [one?.version, one?.matchHash];
    };
    const [version, match] = await hashes(GOOD + PART);
    expect(await hashes(GOOD + PART)).toEqual([version, match]);
    const [textVersion, textMatch] = await hashes(GOOD.replace('what: what', 'what: else') + PART);
    expect([textVersion === version, textMatch === match]).toEqual([false, true]);
    for (const changed of [
      GOOD.replace('IMAP4', 'POP3') + PART,
      GOOD + PART.replace('kind: user', 'kind: x'),
      GOOD.replace('"{clientAppUsed}"', 'x') + PART,
      GOOD,
    ]) {
      expect((await hashes(changed))[1]).not.toBe(match);
    }
  });

  it('says when its folder does not exist', async () => {
    await expect(loadCatalogue(join(folder, 'nowhere'))).rejects.toThrow(/nowhere does not exist/);
  });

  it.each(testDatabases())('writes versions to $name, one of each current', async ({ open }) => {
    const opened = await open();
    const { database } = opened;
    const record = async (now: number) => {
      const catalogue = await loadCatalogue(folder);
      await database.transaction((tx) => recordCatalogue(tx, catalogue, now));
    };
    const id = '11111111-0000-4000-8000-000000000001';
    await record(1);
    await record(2);
    const first = (await currentDetectionVersions(database.db)).get(id);
    expect(first).toMatchObject({ seen_at: 1, file: 'sub/good.yml', sources: '["sign-ins","users"]' });
    write(GOOD.replace('what: what', 'what: else'), 'sub/good.yml');
    await record(3);
    expect((await currentDetectionVersions(database.db)).get(id)).toMatchObject({ seen_at: 3 });
    write(GOOD + PART, 'sub/good.yml');
    await record(4);
    expect((await currentDetectionVersions(database.db)).get(id)).toEqual(first);
    write('title: [', 'sub/good.yml');
    await record(5);
    expect((await currentDetectionVersions(database.db)).has(id)).toBe(true);
    rmSync(join(folder, 'sub', 'good.yml'));
    await record(6);
    expect((await currentDetectionVersions(database.db)).has(id)).toBe(false);
    await opened.dispose();
  });
});
