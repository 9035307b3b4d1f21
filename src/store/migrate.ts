import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { sql } from 'kysely';
import type { Database, Db } from './database.ts';

const MIGRATIONS = new URL('../../db/migrations/', import.meta.url);

interface Migration {
  readonly name: string;
  readonly text: string;
  readonly hash: string;
}

/** Reads the dialect's migration files in the order of their numbers. */
export function listMigrations(dialect: Database['dialect']): Migration[] {
  const folder = new URL(`${dialect}/`, MIGRATIONS);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      return {
        name: file.slice(0, -'.sql'.length),
        text,
        hash: createHash('sha256').update(text).digest('hex'),
      };
    });
}

/**
 * Applies what is missing, each file in a transaction of its own.
 * Throws when the database knows a migration that this program does not: it is newer and could be harmed.
 */
export async function migrate(database: Database, now: number): Promise<string[]> {
  const known = listMigrations(database.dialect);
  await createVersionTable(database.db);
  const applied = new Set(await appliedNames(database.db));
  const names = new Set(known.map((migration) => migration.name));
  const foreign = [...applied].filter((name) => !names.has(name));
  if (foreign.length > 0) {
    throw new Error(
      `open database: it was written by a newer tenantwatch (${foreign.join(', ')}); update the program, or open another database`,
    );
  }
  const missing = known.filter((migration) => !applied.has(migration.name));
  for (const migration of missing) await apply(database, migration, now);
  return missing.map((migration) => migration.name);
}

async function createVersionTable(db: Db): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS schema_version (name TEXT PRIMARY KEY, hash TEXT NOT NULL, applied_at BIGINT NOT NULL)`.execute(
    db,
  );
}

async function appliedNames(db: Db): Promise<string[]> {
  const result = await sql<{ name: string }>`SELECT name FROM schema_version ORDER BY name`.execute(db);
  return result.rows.map((row) => row.name);
}

async function apply(database: Database, migration: Migration, now: number): Promise<void> {
  await database.transaction(async (tx) => {
    // Two programs starting at once: the second waits here and finds the row.
    if (database.dialect === 'postgres') await sql`SELECT pg_advisory_xact_lock(727711)`.execute(tx);
    if ((await appliedNames(tx)).includes(migration.name)) return;
    if (database.sqlite) database.sqlite.exec(migration.text);
    else await sql.raw(migration.text).execute(tx);
    await sql`INSERT INTO schema_version (name, hash, applied_at) VALUES (${migration.name}, ${migration.hash}, ${now})`.execute(
      tx,
    );
  });
}
