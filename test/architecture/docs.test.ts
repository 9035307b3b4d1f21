import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { KNOWN_NAMES, OPTION_NAMES, PREFIX } from '../../src/config/options.ts';
import { readDocument, ROOT, tableUnder } from './source-files.ts';

/** Table → its columns, of every migration of a dialect together. */
function schemaOf(dialect: string): Map<string, string[]> {
  const folder = join('db/migrations', dialect);
  const tables = new Map<string, string[]>();
  for (const file of readdirSync(join(ROOT, folder)).sort()) {
    const sql = readDocument(join(folder, file));
    for (const [, name = '', body = ''] of sql.matchAll(/CREATE TABLE "?(\w+)"? \(\n([^]*?)\n\)/g)) {
      tables.set(name, columnsOf(body));
    }
    for (const [, name = '', column = ''] of sql.matchAll(/ALTER TABLE "?(\w+)"? ADD COLUMN "?(\w+)"?/g)) {
      tables.get(name)?.push(column);
    }
  }
  return tables;
}

function columnsOf(body: string): string[] {
  const lines = body.split('\n').map((line) => line.trim());
  return lines.map((line) => /^"?([a-z_]+)"?\s/.exec(line)?.[1] ?? '').filter((name) => name !== '');
}

function environmentNames(text: string): string[] {
  const names = [...text.matchAll(/\bTENANTWATCH_[A-Z_]*[A-Z]\b/g)].map(([name]) => name);
  return [...new Set(names)].filter((name) => !name.startsWith('TENANTWATCH_TEST_')).sort();
}

describe('the tables', () => {
  test('are the same in both dialects, column by column', () => {
    expect(Object.fromEntries(schemaOf('postgres'))).toEqual(Object.fromEntries(schemaOf('sqlite')));
  });

  test('are found by this test at all', () => {
    expect(schemaOf('sqlite').get('alert')).toContain('occurrence_start');
    expect(schemaOf('sqlite').has('window')).toBe(true);
  });

  test('each have a paragraph in db/README.md, and no paragraph lacks its table', () => {
    const paragraphs = [...readDocument('db/README.md').matchAll(/^\*\*(\w+)\*\* – /gm)].map(
      ([, name]) => name,
    );
    expect(paragraphs.sort()).toEqual([...schemaOf('sqlite').keys(), 'schema_version'].sort());
  });
});

describe('the environment', () => {
  const known = KNOWN_NAMES.map((name) => `${PREFIX}${name}`).sort();

  test('is listed whole in .env.example, which names nothing else', () => {
    expect(environmentNames(readDocument('.env.example'))).toEqual(known);
  });

  test('has one row per option in README, and no other', () => {
    const rows = tableUnder(readDocument('README.md'), '## Configuration').map(([name = '']) => name);
    const options = OPTION_NAMES.map((name) => `${PREFIX}${name}`).sort();
    expect(rows.map((name) => name.replaceAll('`', '')).sort()).toEqual(options);
  });

  test('is named in no document by a name that does not exist', () => {
    const documents = [
      'README.md',
      'CHANGELOG.md',
      ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
    ];
    const texts = documents.filter((name) => name.endsWith('.md')).map(readDocument);
    expect(environmentNames(texts.join('\n')).filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('README', () => {
  const readme = readDocument('README.md');

  test('has one row per command, and no command that does not exist', () => {
    const rows = tableUnder(readme, '## Commands').map(
      ([cell = '']) => /`tenantwatch (\S+)`/.exec(cell)?.[1],
    );
    expect(rows.sort()).toEqual(commands.map(({ name }) => name).sort());
  });

  test.each(['npm ci && npm run demo', 'npm ci && npm test'])('shows `%s` on its first screen', (line) => {
    expect(readme.split('\n').slice(0, 40)).toContain(line);
  });

  test('links to documents that exist', () => {
    const links = [...readme.matchAll(/\]\(([\w./-]+)\)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(5);
    for (const path of links) expect(readDocument(path).length, path).toBeGreaterThan(100);
  });
});

test('docs/assumptions.md points to files that exist', () => {
  const paths = readDocument('docs/assumptions.md').match(/\bsrc\/[\w/-]+(\.ts)?/g) ?? [];
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
