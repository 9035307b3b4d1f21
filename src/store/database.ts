import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import {
  Kysely,
  PostgresDialect,
  SqliteDialect,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  type SqliteDatabase,
  type SqliteStatement,
  type CompiledQuery,
} from 'kysely';
import pg from 'pg';
import { othersTurn } from '../clock.ts';
import type { OperationObserver } from '../model/outcome.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';

/** A connection or a transaction: every store function takes one first. */
export type Db = Kysely<Schema>;
export type Dialects = 'sqlite' | 'postgres';

/** One open database. Reads go through `db`; writes belong in `transaction`. */
export interface Database {
  readonly dialect: Dialects;
  readonly db: Db;
  /** The raw connection for the ingest path; null on PostgreSQL. Use it only inside `transaction`. */
  readonly sqlite: BetterSqlite3.Database | null;
  /** Path of the SQLite file or the PostgreSQL URL, for connections of their own (checks). */
  readonly location: string;
  /** Runs `work` in one transaction: commits when it resolves, rolls back when it rejects. Never await the network inside. */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>;
  /** Reports an operation done past kysely (the ingest path), so that crash tests can stop there too. */
  observe(operation: string): void;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly observe?: OperationObserver;
  /** UTC epoch ms, written beside each migration applied. */
  readonly now: number;
  /** Set false to open without migrating (tests of migrate itself). */
  readonly migrate?: boolean;
}

/**
 * Opens `sqlite:<path>` or `postgres://…` and brings it to this program's version.
 * Throws when the database is newer than the program.
 */
export async function openDatabase(url: string, options: OpenOptions): Promise<Database> {
  const observe = options.observe ?? (() => undefined);
  const database = url.startsWith('sqlite:')
    ? openSqlite(url.slice('sqlite:'.length), observe)
    : openPostgres(url, observe);
  try {
    if (options.migrate !== false) await migrate(database, options.now);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

function openSqlite(path: string, observe: OperationObserver): Database {
  if (path === '' || path === ':memory:') {
    throw new Error(
      'open database: checks need a second connection, so an in-memory SQLite cannot serve; name a file',
    );
  }
  const fresh = !existsSync(path);
  // 0600 from the first byte: the file holds what people of a tenant did.
  if (fresh) closeSync(openSync(path, 'a', 0o600));
  const sqlite = new BetterSqlite3(path);
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  // page_size and auto_vacuum only take effect before the first table (reference: 1.6 times faster, 21 % smaller).
  sqlite.pragma('page_size = 16384');
  sqlite.pragma('auto_vacuum = INCREMENTAL');
  sqlite.pragma('journal_mode = WAL');
  sqlite.pragma('synchronous = NORMAL');
  sqlite.pragma('foreign_keys = ON');
  sqlite.pragma('busy_timeout = 10000');
  const dialect = new ObservedDialect(
    new SqliteDialect({ database: withPreparedOnce(sqlite) }),
    observe,
    'begin immediate',
  );
  const db = new Kysely<Schema>({ dialect });
  return {
    dialect: 'sqlite',
    db,
    sqlite,
    location: path,
    async transaction(work) {
      const result = await db.transaction().execute(work);
      // SQLite answers at once, so that a job of a thousand transactions would hold up everything else for minutes.
      await othersTurn();
      return result;
    },
    observe,
    close: () => db.destroy(),
  };
}

/**
 * Characters of all statements that are kept: more than a cycle's have, but for those of many rows, which vary with the
 * number of rows. SQLite holds some 100 bytes for each parameter, which is three characters, so this is about 3 MB.
 */
const PREPARED = 100_000;

/**
 * The builder asks for a statement by its text each time, and preparing one costs more than running it: each text is
 * prepared once, the oldest forgotten first. Nothing here streams, so no statement is asked for while it is in use.
 */
function withPreparedOnce(sqlite: BetterSqlite3.Database): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>();
  let characters = 0;
  return {
    close: () => sqlite.close(),
    prepare(text) {
      const known = prepared.get(text);
      if (known !== undefined) return known;
      const statement = sqlite.prepare(text) as SqliteStatement;
      prepared.set(text, statement);
      characters += text.length;
      for (const oldest of prepared.keys()) {
        if (characters <= PREPARED) break;
        prepared.delete(oldest);
        characters -= oldest.length;
      }
      return statement;
    },
  };
}

/** BIGINT (20) and NUMERIC (1700) come as text; every number of ours is below 2^53. */
const INT8_OID = 20;
const NUMERIC_OID = 1700;

function openPostgres(url: string, observe: OperationObserver): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    types: {
      getTypeParser(oid: number, format?: 'text' | 'binary') {
        if (oid === INT8_OID || oid === NUMERIC_OID) return Number;
        return pg.types.getTypeParser(oid, format as 'text');
      },
    } as pg.CustomTypesConfig,
  });
  // A server that restarts ends idle connections; without a listener that would end the program. The pool drops such
  // a connection by itself and the next statement gets another; what a statement meets is thrown where it was asked.
  pool.on('error', () => undefined);
  const dialect = new ObservedDialect(new PostgresDialect({ pool }), observe, null);
  const db = new Kysely<Schema>({ dialect });
  return {
    dialect: 'postgres',
    db,
    sqlite: null,
    location: url,
    transaction: (work) => db.transaction().execute(work),
    observe,
    close: () => db.destroy(),
  };
}

/** Reports each statement before it runs and, on SQLite, takes the write lock when a transaction begins. */
class ObservedDialect implements Dialect {
  readonly #inner: Dialect;
  readonly #observe: OperationObserver;
  readonly #begin: string | null;
  readonly createAdapter: Dialect['createAdapter'];
  readonly createIntrospector: Dialect['createIntrospector'];
  readonly createQueryCompiler: Dialect['createQueryCompiler'];

  constructor(inner: Dialect, observe: OperationObserver, begin: string | null) {
    this.#inner = inner;
    this.#observe = observe;
    this.#begin = begin;
    this.createAdapter = () => inner.createAdapter();
    this.createIntrospector = (db) => inner.createIntrospector(db);
    this.createQueryCompiler = () => inner.createQueryCompiler();
  }

  createDriver(): Driver {
    return observedDriver(this.#inner.createDriver(), this.#observe, this.#begin);
  }
}

function observedDriver(inner: Driver, observe: OperationObserver, begin: string | null): Driver {
  const inners = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const innerOf = (connection: DatabaseConnection): DatabaseConnection =>
    inners.get(connection) ?? connection;
  return {
    init: (options) => inner.init(options),
    async acquireConnection(options) {
      const connection = await inner.acquireConnection(options);
      const observed = observedConnection(connection, observe);
      inners.set(observed, connection);
      return observed;
    },
    async beginTransaction(connection, settings) {
      observe('store:begin');
      if (begin === null) return inner.beginTransaction(innerOf(connection), settings);
      await innerOf(connection).executeQuery({ ...RAW, sql: begin });
    },
    async commitTransaction(connection) {
      observe('store:commit');
      await inner.commitTransaction(innerOf(connection));
      observe('store:committed');
    },
    rollbackTransaction: (connection) => inner.rollbackTransaction(innerOf(connection)),
    releaseConnection: (connection) => inner.releaseConnection(innerOf(connection)),
    destroy: () => inner.destroy(),
  };
}

const RAW = {
  query: { kind: 'RawNode', sqlFragments: [], parameters: [] },
  queryId: { queryId: 'begin' },
  parameters: [],
} as unknown as CompiledQuery;

function observedConnection(inner: DatabaseConnection, observe: OperationObserver): DatabaseConnection {
  return {
    executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      observe(`store:${query.query.kind}`);
      return inner.executeQuery<R>(query);
    },
    streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
      observe(`store:${query.query.kind}`);
      return inner.streamQuery<R>(query, chunkSize);
    },
  };
}
