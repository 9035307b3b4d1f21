import BetterSqlite3 from 'better-sqlite3';
import { sql } from 'kysely';
import type { Database } from './database.ts';
import { programViews, sqliteProgramViews } from './program-views.ts';

/** What a check may name: the views and their columns, the same on both databases. */
export const checkViews: Readonly<Record<string, readonly string[]>> = {
  v_user: [
    'id',
    'upn',
    'name',
    'kind',
    'enabled',
    'disabled_since',
    'created_at',
    'leave_at',
    'synced',
    'manager_id',
    'department',
    'usage_location',
    'external_state',
  ],
  v_user_licence: ['user_id', 'sku_id', 'sku'],
  v_sign_in_activity: ['user_id', 'read_at', 'last_sign_in', 'last_non_interactive', 'last_successful'],
  v_role_assignment: [
    'id',
    'principal_id',
    'principal_kind',
    'role_template_id',
    'role',
    'tier',
    'scope',
    'via',
  ],
  v_inbox_rule: ['mailbox_id', 'rule_id', 'name', 'enabled'],
  v_rule_action: ['mailbox_id', 'rule_id', 'action', 'target', 'outside'],
  v_managed_device: [
    'id',
    'device_id',
    'name',
    'user_id',
    'upn',
    'owner',
    'compliance',
    'encrypted',
    'jailbroken',
    'os',
    'os_version',
    'enrolled_at',
  ],
  v_setting: ['name', 'value'],
  ...programViews,
};

export type CheckRow = Readonly<Record<string, string | number | null>>;

export interface CheckLimits {
  /** SQLite: rows that the views may hand out in one statement before it is stopped. */
  readonly rows: number;
  /** PostgreSQL: ms that one statement may run. */
  readonly timeoutMs: number;
}

/** Five million view rows are about two seconds on SQLite; a tenant of 10,000 people has some 50,000. */
const LIMITS: CheckLimits = { rows: 5_000_000, timeoutMs: 10_000 };

/** Runs guarded statements over one tenant's views. Read-only on both databases. */
export interface CheckDatabase {
  /** `:now` (UTC epoch ms) is the only parameter. Throws when the statement is wrong or reads too much. */
  query(statement: string, now: number): Promise<CheckRow[]>;
  close(): void;
}

/** Opens the views of one tenant. The statements must have passed the guard in src/detection. */
export function openCheckDatabase(
  database: Database,
  tenantId: string,
  limits: CheckLimits = LIMITS,
): CheckDatabase {
  return database.dialect === 'sqlite'
    ? openSqliteViews(database, tenantId, limits)
    : openPostgresViews(database, tenantId, limits);
}

function openSqliteViews(database: Database, tenantId: string, limits: CheckLimits): CheckDatabase {
  // A connection of its own: TEMP views live in it, and read-only is a property of the connection.
  const connection = new BetterSqlite3(database.location, { readonly: true });
  connection.pragma('busy_timeout = 10000');
  let steps = 0;
  // better-sqlite3 has no progress handler. The row's id as argument keeps SQLite from calling this once per statement.
  connection.function('tenantwatch_step', { deterministic: false }, (_rowId: unknown) => {
    steps += 1;
    if (steps > limits.rows)
      throw new Error(`run check: it read more than ${limits.rows} rows; join on a key or narrow it`);
    return 1;
  });
  connection.exec(sqliteViews(tenantId));
  return {
    query(statement, now) {
      database.observe('store:check');
      steps = 0;
      return Promise.resolve(connection.prepare<[], CheckRow>(withNow(statement, now)).all());
    },
    close: () => {
      connection.close();
    },
  };
}

/** Views take no parameters, so the tenant stands in them as a literal; its quotes are doubled. */
function sqliteViews(tenantId: string): string {
  const tenant = `'${tenantId.replaceAll("'", "''")}'`;
  const of = (table: string) => `${table}.tenant_id = ${tenant} AND tenantwatch_step(${table}.rowid)`;
  return `
    CREATE TEMP VIEW v_user AS
      SELECT id, upn, name, kind, enabled, disabled_since, created_at, leave_at, synced, manager_id,
        department, usage_location, external_state
      FROM main.user_account WHERE ${of('user_account')};
    CREATE TEMP VIEW v_user_licence AS
      SELECT user_licence.user_id, user_licence.sku_id, COALESCE(s.sku, user_licence.sku_id) AS sku
      FROM main.user_licence
      LEFT JOIN main.subscribed_sku s ON s.tenant_id = ${tenant} AND s.sku_id = user_licence.sku_id
      WHERE ${of('user_licence')};
    CREATE TEMP VIEW v_sign_in_activity AS
      SELECT user_id, read_at, last_sign_in, last_non_interactive, last_successful
      FROM main.sign_in_activity WHERE ${of('sign_in_activity')};
    CREATE TEMP VIEW v_role_assignment AS
      SELECT id, principal_id, principal_kind, role_template_id, role, tier, scope, NULL AS via
      FROM main.role_assignment WHERE ${of('role_assignment')}
      UNION ALL
      SELECT role_assignment.id, m.member_id, m.member_kind, role_template_id, role, tier, scope, m.group_id
      FROM main.role_assignment JOIN main.group_member m
        ON m.tenant_id = ${tenant} AND m.group_id = role_assignment.principal_id AND tenantwatch_step(m.rowid)
      WHERE ${of('role_assignment')} AND COALESCE(m.member_kind, '') NOT IN ('group', 'device', 'contact');
    CREATE TEMP VIEW v_inbox_rule AS
      SELECT mailbox_id, rule_id, name, enabled FROM main.inbox_rule WHERE ${of('inbox_rule')};
    CREATE TEMP VIEW v_rule_action AS
      SELECT mailbox_id, rule_id, action, target,
        CASE WHEN target_domain IS NULL THEN 0
             WHEN EXISTS (SELECT 1 FROM main.own_domain d WHERE d.tenant_id = ${tenant} AND d.domain = target_domain) THEN 0
             ELSE 1 END AS outside
      FROM main.rule_action WHERE ${of('rule_action')};
    CREATE TEMP VIEW v_managed_device AS
      SELECT id, device_id, name, user_id, upn, owner, compliance, encrypted, jailbroken, os, os_version, enrolled_at
      FROM main.managed_device WHERE ${of('managed_device')};
    CREATE TEMP VIEW v_setting AS
      SELECT name, value FROM main.setting WHERE ${of('setting')};
    ${sqliteProgramViews(of)}`;
}

function openPostgresViews(database: Database, tenantId: string, limits: CheckLimits): CheckDatabase {
  return {
    async query(statement, now) {
      return database.db
        .transaction()
        .setAccessMode('read only')
        .execute(async (tx) => {
          await sql`SELECT set_config('tenantwatch.tenant', ${tenantId}, true),
            set_config('statement_timeout', ${String(limits.timeoutMs)}, true)`.execute(tx);
          // The policies of migration 0002 are bound to this role; it ends with the transaction.
          await sql`SET LOCAL ROLE tenantwatch_check`.execute(tx);
          const result = await sql.raw<CheckRow>(withNow(statement, now)).execute(tx);
          return result.rows;
        });
    },
    close: () => undefined,
  };
}

/** Texts in quotes and casts are left alone. The guard refused comments, so none can hide a quote. */
const NOW = /'(?:[^']|'')*'|::|:now\b/gi;

function withNow(statement: string, now: number): string {
  return statement.replace(NOW, (match) =>
    match.toLowerCase() === ':now' ? String(Math.trunc(now)) : match,
  );
}
