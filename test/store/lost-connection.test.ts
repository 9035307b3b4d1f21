import { sql } from 'kysely';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { serverSkipped, testDatabases } from './open.ts';

const server = testDatabases().find(({ name }) => name === 'postgres');
const skipped = serverSkipped();

describe.skipIf(server === undefined)(`a PostgreSQL server${skipped === null ? '' : ` (${skipped})`}`, () => {
  it('may end connections that nobody uses, and the next statement gets another', async () => {
    const opened = await server?.open();
    if (opened === undefined) throw new Error('no server');
    const { database, url } = opened;
    const answer = () => sql<{ one: number }>`SELECT 1 AS one`.execute(database.db);
    await Promise.all([answer(), answer(), answer()]);
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    const rest = 'FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
    await other.query(`SELECT pg_terminate_backend(pid) ${rest}`);
    for (let left = 1; left > 0;)
      left = Number((await other.query(`SELECT count(*) AS left ${rest}`)).rows[0].left);
    await other.end();
    expect((await answer()).rows).toEqual([{ one: 1 }]);
    await opened.dispose();
  });
});
