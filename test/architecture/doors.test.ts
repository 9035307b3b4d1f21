import ts from 'typescript';
import { expect, test } from 'vitest';
import { importsOf, readDocument, sourceFiles, tableUnder, type SourceFile } from './source-files.ts';

interface Door {
  readonly outside: string;
  /** Path prefixes that may. */
  readonly doors: readonly string[];
  /** Packages, by exact name or as a prefix before `/`. */
  readonly packages?: readonly string[];
  /** Code without comments and strings. */
  readonly code?: RegExp;
}

const DOORS: readonly Door[] = [
  { outside: 'environment variables', doors: ['src/config/'], code: /\bprocess\s*\.\s*env\b|\bprocess\[/ },
  { outside: 'environment variables by import', doors: [], code: /\benv\b[^;]*\bfrom\s*'(node:)?process'/ },
  {
    outside: 'wall clock and timers',
    doors: ['src/clock.ts'],
    packages: ['node:timers', 'timers', 'node:timers/promises', 'timers/promises'],
    code: /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(\(\s*\)|(?!\s*[(\w.<]))|(?<![\w.])set(Timeout|Interval)\s*\(/,
  },
  {
    outside: 'HTTP to Microsoft',
    doors: ['src/microsoft/', 'src/channels/', 'src/commands/demo-mails.ts'],
    packages: ['undici', 'node:http', 'node:https', 'node:http2', 'http', 'https'],
    code: /(?<![\w.])fetch\s*\(|\bglobalThis\s*\.\s*fetch\b/,
  },
  {
    outside: 'clients of Microsoft',
    doors: ['src/microsoft/'],
    packages: ['@azure/identity', '@azure/msal-node', '@microsoft/microsoft-graph-client'],
  },
  {
    outside: 'databases',
    doors: ['src/store/'],
    packages: ['better-sqlite3', 'pg', 'kysely', 'node:sqlite', '@electric-sql/pglite'],
  },
  {
    outside: 'the DNS',
    doors: ['src/network/dns.ts'],
    packages: ['node:dns', 'node:dns/promises', 'dns', 'dns/promises'],
  },
  { outside: 'pg-boss', doors: ['src/scheduler/queue.ts'], packages: ['pg-boss'] },
  { outside: 'SMTP', doors: ['src/channels/'], packages: ['nodemailer'] },
  {
    outside: 'what only the simulator serves with',
    doors: [],
    packages: ['smtp-server', '@peculiar/x509', 'reflect-metadata'],
  },
  {
    outside: 'development packages',
    doors: [],
    packages: ['vitest', 'fast-check', 'mailparser', 'typescript'],
  },
];

/** The text with comments gone, so that a sentence about `fetch(` is not a call; strings stay. */
function withoutComments(text: string): string {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, text);
  let code = text;
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    const comment =
      token === ts.SyntaxKind.SingleLineCommentTrivia || token === ts.SyntaxKind.MultiLineCommentTrivia;
    if (!comment) continue;
    const length = scanner.getTokenEnd() - scanner.getTokenStart();
    code = code.slice(0, scanner.getTokenStart()) + ' '.repeat(length) + code.slice(scanner.getTokenEnd());
  }
  return code;
}

function breaches(file: SourceFile): string[] {
  return DOORS.filter(({ doors }) => !doors.some((door) => file.path.startsWith(door))).flatMap((door) => {
    const packages = importsOf(file.text).filter((name) =>
      door.packages?.some((known) => name === known || name.startsWith(`${known}/`)),
    );
    const found = door.code?.exec(withoutComments(file.text))?.[0];
    const uses = found ? [...packages, found] : packages;
    const home = door.doors.join(' or ') || 'no folder of the product but the simulator';
    return uses.map((use) => `${file.path} uses ${use}: ${door.outside} belong in ${home}`);
  });
}

test('each thing outside the program has one door', () => {
  const product = sourceFiles('src').filter((file) => !file.path.startsWith('src/simulator/'));
  expect(product.flatMap(breaches)).toEqual([]);
});

test.each([
  ['src/jobs/a.ts', 'const zone = process.env.TZ;', 'process.env'],
  ['src/jobs/a.ts', "const zone = process['env'];", 'process['],
  ['src/jobs/a.ts', "import { env } from 'node:process';", "env } from 'node:process'"],
  ['src/store/a.ts', 'const now = Date.now();', 'Date.now'],
  ['src/store/a.ts', 'const now = new Date();', 'new Date()'],
  ['src/scheduler/a.ts', 'setTimeout(f, 5);', 'setTimeout('],
  ['src/scheduler/a.ts', "import { setTimeout as d } from 'node:timers/promises';", 'node:timers/promises'],
  ['src/jobs/a.ts', "const answer = await fetch('https://graph');", 'fetch('],
  ['src/collectors/a.ts', "import { request } from 'undici';", 'undici'],
  ['src/channels/a.ts', "import { Client } from '@microsoft/microsoft-graph-client';", '@microsoft/'],
  ['src/detection/a.ts', "import type { Kysely } from 'kysely';", 'kysely'],
  ['src/commands/a.ts', "const { Pool } = await import('pg');", 'pg'],
  ['src/scheduler/cron.ts', "import PgBoss from 'pg-boss';", 'pg-boss'],
  ['src/collectors/a.ts', "import { Resolver } from 'node:dns/promises';", 'node:dns'],
  ['src/reports/a.ts', "import { createTransport } from 'nodemailer';", 'nodemailer'],
  ['src/commands/demo.ts', "import { SMTPServer } from 'smtp-server';", 'smtp-server'],
])('%s may not say %s', (path, text, use) => {
  expect(breaches({ path, text }).join('\n')).toContain(use);
});

test.each([
  ['src/config/environment.ts', 'return process.env;'],
  ['src/clock.ts', 'return Date.now();'],
  ['src/microsoft/a.ts', "import { Agent } from 'undici';"],
  ['src/store/a.ts', "import Database from 'better-sqlite3';"],
  ['src/jobs/a.ts', 'const at = new Date(now); // never new Date() here'],
  ['src/jobs/a.ts', 'await this.fetch(page); prefetch(page);'],
  ['src/records/a.ts', "import pgFormat from 'pgx';"],
])('%s may say %s', (path, text) => {
  expect(breaches({ path, text })).toEqual([]);
});

test('docs/architecture.md names the same doors', () => {
  const rows = tableUnder(readDocument('docs/architecture.md'), '## One door to each outside thing');
  const table = rows.map(([, door]) => door).join('\n');
  for (const door of DOORS.flatMap(({ doors }) => doors)) expect(table).toContain(door.replace(/\/$/, ''));
});
