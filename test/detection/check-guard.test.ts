import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { CheckGuardError, guardCheck } from '../../src/detection/check-guard.ts';

const ALLOWED = [
  'SELECT id AS entity_id FROM v_user',
  'SELECT u.id AS entity_id, COUNT(*) AS n FROM v_user u JOIN v_user_licence l ON l.user_id = u.id WHERE u.enabled = 0 AND u.disabled_since <= :now - 86400000 GROUP BY u.id HAVING COUNT(*) > 1 ORDER BY u.id DESC',
  "SELECT id AS entity_id FROM v_user WHERE id IN (SELECT principal_id FROM v_role_assignment WHERE tier IN (0, 1)) AND upn NOT LIKE '%#EXT#%'",
  'SELECT id AS entity_id FROM v_user u WHERE NOT EXISTS (SELECT 1 FROM v_user_licence l WHERE l.user_id = u.id)',
  'WITH admins AS (SELECT principal_id FROM v_role_assignment), few AS (SELECT principal_id FROM admins) SELECT principal_id AS entity_id FROM few',
  "SELECT id AS entity_id, CASE WHEN enabled = 1 THEN 'on' WHEN enabled = 0 THEN 'off' ELSE lower(upn) END AS state FROM v_user WHERE created_at BETWEEN 1 AND :now AND leave_at IS NOT NULL",
  'SELECT t.id AS entity_id FROM (SELECT id FROM v_user) t UNION SELECT mailbox_id FROM v_inbox_rule',
  "SELECT entity.id AS entity_id FROM v_user entity WHERE name = 'it''s -- no; comment'",
];

const REFUSED: [statement: string, message: RegExp, line?: number][] = [
  ['SELECT id FROM user_account', /'user_account' is no view/],
  ['SELECT id FROM main.v_user', /schema/],
  ['SELECT id FROM public.user_account', /schema/],
  ['SELECT id\nFROM v_user u\nJOIN user_account x ON x.id = u.id', /'user_account' is no view/, 3],
  ['SELECT id FROM v_user WHERE EXISTS (SELECT 1 FROM user_account)', /no view/],
  ['SELECT id FROM v_user WHERE id IN (SELECT id FROM pg_catalog.pg_roles)', /schema/],
  ['SELECT id FROM v_user UNION ALL SELECT id FROM user_account', /no view/],
  ['SELECT (SELECT upn FROM user_account LIMIT 1) FROM v_user', /no view/],
  ['SELECT id FROM v_user ORDER BY (SELECT upn FROM user_account)', /no view/],
  ['SELECT 1; SELECT 2', /';' is not allowed/],
  ['SELECT id FROM v_user; DROP TABLE alert', /';'/],
  ['DELETE FROM v_user', /one SELECT/],
  ["UPDATE v_user SET upn = 'x'", /one SELECT/],
  ["INSERT INTO v_user (id) VALUES ('x')", /one SELECT/],
  ['SELECT id INTO copy FROM v_user', /INTO/],
  ['WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT 1 FROM x) SELECT * FROM x', /recursive/],
  ['WITH v_user AS (SELECT 1 AS id) SELECT id FROM v_user', /must not define/],
  [
    'SELECT id FROM (WITH user_account AS (SELECT 1 AS id) SELECT id FROM user_account) t, user_account',
    /WITH/,
  ],
  ['WITH a AS (SELECT id FROM b), b AS (SELECT 1 AS id) SELECT id FROM a', /'b' is no view/],
  ["SELECT json_extract(name, '$.x') FROM v_user", /json_extract/],
  ["SELECT name ->> 'x' FROM v_user", /not allowed/],
  ['SELECT pg_sleep(10) FROM v_user', /pg_sleep/],
  ['SELECT pg_catalog.version()', /schema|function/],
  ["SELECT set_config('tenantwatch.tenant', 'x', true)", /set_config/],
  ['SELECT current_user', /not allowed|cannot be read|function/],
  ["SELECT load_extension('x')", /load_extension/],
  ["SELECT name FROM pragma_table_info('alert')", /views and subqueries/],
  ['SELECT id FROM generate_series(1, 10)', /views and subqueries|no view/],
  ['SELECT id FROM v_user -- comment', /'--'/],
  ['SELECT id FROM v_user /* comment */', /'\/\*'/],
  ['SELECT "id" FROM v_user', /'"'/],
  ['SELECT id FROM v_user WHERE id = $1', /'\$'/],
  ['SELECT id FROM v_user WHERE id = :tenant', /:now/],
  ['SELECT id::text FROM v_user', /':'/],
  ["SELECT id FROM v_user WHERE name = E'\\''", /not allowed/],
  ['SELECT id, ROW_NUMBER() OVER (ORDER BY id) FROM v_user', /not allowed/],
  ['SELECT id,\n FROM v_user', /cannot be read/, 2],
  [
    'SELECT id FROM v_user, v_user a, v_user b, v_user c, v_user d, v_user e, v_user f, v_user g, v_user h',
    /at most/,
  ],
];

describe('the guard of checks', () => {
  it.each(ALLOWED)('lets through: %s', async (statement) => {
    await expect(guardCheck(statement)).resolves.toBeUndefined();
  });

  it.each(REFUSED)('refuses: %s', async (statement, message, line) => {
    const error = await guardCheck(statement).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(CheckGuardError);
    expect((error as CheckGuardError).message).toMatch(message);
    if (line !== undefined) expect((error as CheckGuardError).line).toBe(line);
  });

  it('lets every shipped check through', async () => {
    const folder = new URL('../../detections/', import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.yml') && !file.endsWith('.cases.yml'),
    );
    let seen = 0;
    for (const file of files) {
      for (const document of parseAllDocuments(readFileSync(new URL(file, folder), 'utf8'))) {
        const { tenantwatch } = document.toJS() as {
          tenantwatch: { check?: { sql: string; scope?: string } };
        };
        for (const statement of [tenantwatch.check?.sql, tenantwatch.check?.scope]) {
          if (statement === undefined) continue;
          seen += 1;
          await expect(guardCheck(statement), file).resolves.toBeUndefined();
        }
      }
    }
    expect(seen).toBeGreaterThan(0);
  });
});
