import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import pg from 'pg';
import { openDatabase, type Database, type OpenOptions } from '../../src/store/database.ts';

/** A fresh, migrated database of one test. `dispose` closes it and takes it away. */
export interface TestDatabase {
  readonly database: Database;
  /** What `openDatabase` takes, for a second connection of the same test. */
  readonly url: string;
  dispose(): Promise<void>;
}

export interface TestDatabases {
  readonly name: 'sqlite' | 'pglite' | 'postgres';
  /** Open one at a time: PGlite holds one schema, which each `open` empties. */
  open(options?: Partial<OpenOptions>): Promise<TestDatabase>;
}

const MODULES = new URL('../../node_modules/', import.meta.url);
/** Any instant; tests that care give their own. */
const NOW = Date.UTC(2026, 10, 17, 9, 42);

/**
 * Every database the store's contract runs on: SQLite and PostgreSQL in the process always,
 * a real server when TENANTWATCH_TEST_POSTGRES_URL names one.
 */
export function testDatabases(): readonly TestDatabases[] {
  const server = serverUrl();
  return [
    { name: 'sqlite', open: openSqlite },
    { name: 'pglite', open: openPglite },
    ...(server === undefined
      ? []
      : [{ name: 'postgres' as const, open: (o?: Partial<OpenOptions>) => openServer(server, o) }]),
  ];
}

/** Why the real server's tests are missing, or null when they run. */
export function serverSkipped(): string | null {
  return serverUrl() === undefined ? 'TENANTWATCH_TEST_POSTGRES_URL names no PostgreSQL server' : null;
}

function serverUrl(): string | undefined {
  const url = process.env.TENANTWATCH_TEST_POSTGRES_URL;
  return url === undefined || url === '' ? undefined : url;
}

async function openSqlite(options?: Partial<OpenOptions>): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'tenantwatch-test-'));
  const url = `sqlite:${join(folder, 'test.db')}`;
  const database = await openDatabase(url, { now: NOW, ...options });
  return {
    database,
    url,
    async dispose() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Creating PGlite takes seconds, so a test file makes one and empties it between tests. It ends with its process. */
let shared: Promise<{ url: string; lite: PGlite }> | undefined;

async function openPglite(options?: Partial<OpenOptions>): Promise<TestDatabase> {
  shared ??= startPglite();
  const { url, lite } = await shared;
  await lite.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public;');
  const database = await openDatabase(url, { now: NOW, ...options });
  return { database, url, dispose: () => database.close() };
}

async function startPglite(): Promise<{ url: string; lite: PGlite }> {
  const lite = await createPglite();
  const server = new PGLiteSocketServer({ db: lite, host: '127.0.0.1', port: 0, maxConnections: 32 });
  await server.start();
  return { url: `postgres://postgres:postgres@${server.getServerConn()}/postgres`, lite };
}

/**
 * A fresh cluster takes four seconds to initialise and half a second to load, so the first test run keeps a dump of one
 * beside the installed packages. Written under another name first: test files start side by side.
 */
async function createPglite(): Promise<PGlite> {
  const { version } = JSON.parse(
    readFileSync(new URL('@electric-sql/pglite/package.json', MODULES), 'utf8'),
  ) as {
    version: string;
  };
  const cache = fileURLToPath(new URL(`.cache/tenantwatch/pglite-${version}.tar`, MODULES));
  if (existsSync(cache)) return PGlite.create({ loadDataDir: new Blob([readFileSync(cache)]) });
  const lite = await PGlite.create();
  const dump = await lite.dumpDataDir('none');
  mkdirSync(dirname(cache), { recursive: true });
  writeFileSync(`${cache}.${process.pid}`, Buffer.from(await dump.arrayBuffer()));
  renameSync(`${cache}.${process.pid}`, cache);
  return lite;
}

/** Test files run side by side, so each opening gets a database of its own. */
async function openServer(server: string, options?: Partial<OpenOptions>): Promise<TestDatabase> {
  const name = `tenantwatch_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = await openDatabase(url.href, { now: NOW, ...options });
  return {
    database,
    url: url.href,
    async dispose() {
      await database.close();
      await onServer(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
