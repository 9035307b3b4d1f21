import { sql } from 'kysely';
import type { Db } from './database.ts';
import { settingsOf } from './tenants.ts';

/**
 * Object ids of the people whose mailbox is worth most to whoever breaks in, or who were in an alert since `since` (UTC epoch
 * ms): holders of roles, through groups too, those who may switch one on, and the configured VIPs.
 */
export async function urgentPeople(db: Db, tenantId: string, since: number): Promise<Set<string>> {
  const roles = await sql<{ id: string }>`
    SELECT principal_id AS id FROM role_assignment WHERE tenant_id = ${tenantId}
    UNION SELECT m.member_id FROM role_assignment a
      JOIN group_member m ON m.tenant_id = a.tenant_id AND m.group_id = a.principal_id WHERE a.tenant_id = ${tenantId}
    UNION SELECT substr(subject, ${USER.length + 1}) FROM alert
      WHERE tenant_id = ${tenantId} AND subject LIKE ${`${USER}%`} AND (state = 'open' OR last_event_at >= ${since})`.execute(
    db,
  );
  const people = new Set(roles.rows.map((row) => row.id));
  for (const id of await eligible(db, tenantId)) people.add(id);
  for (const id of await vips(db, tenantId)) people.add(id);
  return people;
}

/** How the subject of an alert about a user begins. */
const USER = 'user:';

async function eligible(db: Db, tenantId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('entity')
    .select('json')
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', 'role_eligibility')
    .execute();
  return rows.map((row) => String((JSON.parse(row.json) as Record<string, unknown>)['principal_id']));
}

async function vips(db: Db, tenantId: string): Promise<string[]> {
  const names = ((await settingsOf(db, tenantId)).get('vips') ?? '').split(',').filter((name) => name !== '');
  if (names.length === 0) return [];
  const rows = await db
    .selectFrom('user_account')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where((eb) => eb.or([eb('id', 'in', names), eb(sql<string>`lower(upn)`, 'in', names.map(lower))]))
    .execute();
  return rows.map((row) => row.id);
}

function lower(name: string): string {
  return name.toLowerCase();
}

/** Users of whom a sign-in, or what they did in a mailbox, was recorded since `since` (UTC epoch ms). */
export async function activePeople(db: Db, tenantId: string, since: number): Promise<Set<string>> {
  const rows = await db
    .selectFrom('event')
    .select('user_id')
    .distinct()
    .where('tenant_id', '=', tenantId)
    .where('feed', 'in', ACTIVITY)
    .where('occurred_at', '>=', since)
    .where('user_id', 'is not', null)
    .execute();
  return new Set(rows.map((row) => String(row.user_id)));
}

const ACTIVITY = ['sign-ins', 'audit-sign-ins', 'unified-audit'];
