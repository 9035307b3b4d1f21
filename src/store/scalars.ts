import type { Scalars } from '../model/entity.ts';
import type { Db } from './database.ts';

export interface ScalarOwner {
  readonly tenantId: string;
  readonly kind: string;
  readonly id: string;
  /** True when the entity was not known before this read. */
  readonly isNew: boolean;
  readonly startedAt: number;
  readonly previousStartedAt: number | null;
}

/** Replaces an entity's scalar rows in the transaction that stores the entity. */
export async function writeScalars(tx: Db, owner: ScalarOwner, scalars: Scalars): Promise<void> {
  await writeUser(tx, owner, scalars);
  const key = { tenant_id: owner.tenantId };
  if (scalars.user_licence) {
    await tx
      .deleteFrom('user_licence')
      .where('tenant_id', '=', owner.tenantId)
      .where('user_id', '=', owner.id)
      .execute();
    const rows = scalars.user_licence.map((row) => ({ ...key, user_id: owner.id, sku_id: row.sku_id }));
    if (rows.length > 0)
      await tx
        .insertInto('user_licence')
        .values(rows)
        .onConflict((c) => c.doNothing())
        .execute();
  }
  for (const row of scalars.subscribed_sku ?? []) {
    await tx
      .insertInto('subscribed_sku')
      .values({ ...key, sku_id: owner.id, ...row })
      .onConflict((c) => c.columns(['tenant_id', 'sku_id']).doUpdateSet(row))
      .execute();
  }
  for (const row of scalars.sign_in_activity ?? []) {
    const values = { ...row, read_at: owner.startedAt };
    await tx
      .insertInto('sign_in_activity')
      .values({ ...key, user_id: owner.id, ...values })
      .onConflict((c) => c.columns(['tenant_id', 'user_id']).doUpdateSet(values))
      .execute();
  }
  for (const row of scalars.role_assignment ?? []) {
    await tx
      .insertInto('role_assignment')
      .values({ ...key, id: owner.id, ...row })
      .onConflict((c) => c.columns(['tenant_id', 'id']).doUpdateSet(row))
      .execute();
  }
  await writeMember(tx, owner, scalars);
  await writeManagedDevice(tx, owner, scalars);
  if (scalars.inbox_rule) await writeRule(tx, owner, scalars);
  if (scalars.own_domain)
    await replaceDomains(
      tx,
      owner.tenantId,
      'organization',
      scalars.own_domain.map((row) => row.domain),
    );
}

async function writeMember(tx: Db, owner: ScalarOwner, scalars: Scalars): Promise<void> {
  for (const row of scalars.group_member ?? []) {
    await tx
      .insertInto('group_member')
      .values({ tenant_id: owner.tenantId, ...row })
      .onConflict((c) => c.columns(['tenant_id', 'group_id', 'member_id']).doUpdateSet(row))
      .execute();
  }
}

async function writeManagedDevice(tx: Db, owner: ScalarOwner, scalars: Scalars): Promise<void> {
  for (const row of scalars.managed_device ?? []) {
    await tx
      .insertInto('managed_device')
      .values({ tenant_id: owner.tenantId, id: owner.id, ...row })
      .onConflict((c) => c.columns(['tenant_id', 'id']).doUpdateSet(row))
      .execute();
  }
}

async function writeUser(tx: Db, owner: ScalarOwner, scalars: Scalars): Promise<void> {
  for (const row of scalars.user_account ?? []) {
    const before = await tx
      .selectFrom('user_account')
      .select(['enabled', 'disabled_since'])
      .where('tenant_id', '=', owner.tenantId)
      .where('id', '=', owner.id)
      .executeTakeFirst();
    const values = { ...row, disabled_since: disabledSince(owner, row.enabled === 1, before) };
    await tx
      .insertInto('user_account')
      .values({ tenant_id: owner.tenantId, id: owner.id, ...values })
      .onConflict((c) => c.columns(['tenant_id', 'id']).doUpdateSet(values))
      .execute();
  }
}

/** Start of the version that became disabled; 0 = it was disabled when first seen, so nobody knows since when. */
function disabledSince(
  owner: ScalarOwner,
  enabled: boolean,
  before: { enabled: number; disabled_since: number | null } | undefined,
): number | null {
  if (enabled) return null;
  if (before !== undefined && before.enabled === 0) return before.disabled_since;
  if (before === undefined && owner.previousStartedAt === null) return 0;
  return owner.startedAt;
}

async function writeRule(tx: Db, owner: ScalarOwner, scalars: Scalars): Promise<void> {
  await dropScalars(tx, owner.tenantId, 'inbox_rule', owner.id);
  const key = { tenant_id: owner.tenantId };
  for (const row of scalars.inbox_rule ?? [])
    await tx
      .insertInto('inbox_rule')
      .values({ ...key, ...row })
      .execute();
  const actions = (scalars.rule_action ?? []).map((row) => ({ ...key, ...row }));
  if (actions.length > 0)
    await tx
      .insertInto('rule_action')
      .values(actions)
      .onConflict((c) => c.doNothing())
      .execute();
}

/** The mail domains that count as inside, by where we know them from (`organization` or `configuration`). */
export async function replaceDomains(
  tx: Db,
  tenantId: string,
  origin: string,
  domains: readonly string[],
): Promise<void> {
  await tx.deleteFrom('own_domain').where('tenant_id', '=', tenantId).where('origin', '=', origin).execute();
  const rows = domains.map((domain) => ({ tenant_id: tenantId, domain: domain.toLowerCase(), origin }));
  if (rows.length > 0)
    await tx
      .insertInto('own_domain')
      .values(rows)
      .onConflict((c) => c.doNothing())
      .execute();
}

/** Removes the scalar rows of an entity that is gone. */
export async function dropScalars(tx: Db, tenantId: string, kind: string, id: string): Promise<void> {
  if (kind === 'user') {
    await tx.deleteFrom('user_account').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
    await tx.deleteFrom('user_licence').where('tenant_id', '=', tenantId).where('user_id', '=', id).execute();
  }
  if (kind === 'role_assignment') {
    await tx.deleteFrom('role_assignment').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
  }
  if (kind === 'managed_device') {
    await tx.deleteFrom('managed_device').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
  }
  if (kind === 'subscribed_sku') {
    await tx
      .deleteFrom('subscribed_sku')
      .where('tenant_id', '=', tenantId)
      .where('sku_id', '=', id)
      .execute();
  }
  if (kind === 'sign_in_activity') {
    await tx
      .deleteFrom('sign_in_activity')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', id)
      .execute();
  }
  if (kind === 'group_member') {
    const [group = '', member = ''] = id.split('/');
    await tx
      .deleteFrom('group_member')
      .where('tenant_id', '=', tenantId)
      .where('group_id', '=', group)
      .where('member_id', '=', member)
      .execute();
  }
  if (kind === 'inbox_rule') await dropRule(tx, tenantId, id);
}

async function dropRule(tx: Db, tenantId: string, id: string): Promise<void> {
  const slash = id.indexOf('/');
  const mailbox = id.slice(0, slash);
  const rule = id.slice(slash + 1);
  for (const table of ['inbox_rule', 'rule_action'] as const) {
    await tx
      .deleteFrom(table)
      .where('tenant_id', '=', tenantId)
      .where('mailbox_id', '=', mailbox)
      .where('rule_id', '=', rule)
      .execute();
  }
}
