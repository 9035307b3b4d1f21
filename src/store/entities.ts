import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { EntityRecord } from '../model/entity.ts';
import type { EntityChange } from '../model/event.ts';
import type { Db } from './database.ts';
import { dropScalars, writeScalars } from './scalars.ts';
import type { EntityTable } from './schema.ts';

const CHUNK = 400;

export interface StageKey {
  readonly tenantId: string;
  readonly source: string;
  readonly readId: string;
}

export interface StagedObject {
  readonly kind: string;
  readonly id: string;
  readonly removed: boolean;
  /** The raw object as read; a part of it when a delta sent only what changed. */
  readonly raw: Record<string, unknown>;
}

/** Forgets what an interrupted read of this source staged. */
export async function clearStage(tx: Db, tenantId: string, source: string): Promise<void> {
  await tx
    .deleteFrom('entity_stage')
    .where('tenant_id', '=', tenantId)
    .where('source', '=', source)
    .execute();
}

/** Stages one page. A replayed object (delta repeats them by design) merges over its earlier form. */
export async function stageObjects(tx: Db, key: StageKey, objects: readonly StagedObject[]): Promise<void> {
  for (const object of objects) {
    const before = await tx
      .selectFrom('entity_stage')
      .select(['json', 'removed'])
      .where('tenant_id', '=', key.tenantId)
      .where('source', '=', key.source)
      .where('read_id', '=', key.readId)
      .where('kind', '=', object.kind)
      .where('id', '=', object.id)
      .executeTakeFirst();
    const merged =
      before === undefined || before.removed === 1 || object.removed
        ? object.raw
        : { ...(JSON.parse(before.json) as Record<string, unknown>), ...object.raw };
    const row = { removed: object.removed ? 1 : 0, json: JSON.stringify(merged) };
    await tx
      .insertInto('entity_stage')
      .values({
        tenant_id: key.tenantId,
        source: key.source,
        read_id: key.readId,
        kind: object.kind,
        id: object.id,
        ...row,
      })
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'source', 'read_id', 'kind', 'id']).doUpdateSet(row),
      )
      .execute();
  }
}

export interface ApplyOptions extends StageKey {
  /** Kinds this read answers for; `null` for a delta round, which only answers for what it staged. */
  readonly completeFor: readonly string[] | null;
  /** Keep the raw object: the next delta brings only a part of it to merge in. */
  readonly keepRaw?: boolean;
  /** Limits completeness to ids that begin so (one mailbox's rules). */
  readonly idPrefix?: string;
  /** Start of this read: valid_from of what it saw. */
  readonly startedAt: number;
  /** Start of the read before this one; null on the first, which is a baseline and reports no changes. */
  readonly previousStartedAt: number | null;
  /** Parses a whole raw object; null when it does not parse (the caller has kept it aside). */
  readonly parse: (kind: string, raw: Record<string, unknown>) => EntityRecord | null;
  /** Whether forms of this kind are kept as versions and told as changes; every kind where not said. */
  readonly hasHistory?: (kind: string) => boolean;
}

/**
 * Applies a completed read in the caller's transaction: entities, versions, scalar tables. Returns the changes.
 * Nothing of a read is visible before this, so a failed read leaves no trace.
 */
export async function applyStage(tx: Db, options: ApplyOptions): Promise<EntityChange[]> {
  const changes: EntityChange[] = [];
  const seen = new Map<string, Set<string>>();
  const unreadable = new Set<string>();
  let after = { kind: '', id: '' };
  for (;;) {
    const staged = await stagedAfter(tx, options, after);
    const last = staged.at(-1);
    if (last === undefined) break;
    for (const row of staged) {
      const applied = await applyOne(tx, options, row);
      if (applied.id === null) unreadable.add(row.kind);
      else seenOf(seen, row.kind).add(applied.id);
      if (applied.change) changes.push(applied.change);
    }
    after = { kind: last.kind, id: last.id };
  }
  for (const kind of options.completeFor ?? []) {
    // An object that does not parse may be any of those we know: nothing is taken away on such a read.
    if (unreadable.has(kind)) continue;
    changes.push(...(await removeUnseen(tx, options, kind, seenOf(seen, kind))));
  }
  await clearStage(tx, options.tenantId, options.source);
  return options.previousStartedAt === null ? [] : changes.filter(({ kind }) => hasHistory(options, kind));
}

function hasHistory(options: ApplyOptions, kind: string): boolean {
  return options.hasHistory?.(kind) ?? true;
}

function seenOf(seen: Map<string, Set<string>>, kind: string): Set<string> {
  const ids = seen.get(kind) ?? new Set<string>();
  seen.set(kind, ids);
  return ids;
}

interface StagedRow {
  readonly kind: string;
  readonly id: string;
  readonly removed: number;
  readonly json: string;
}

async function stagedAfter(tx: Db, key: StageKey, after: { kind: string; id: string }): Promise<StagedRow[]> {
  return tx
    .selectFrom('entity_stage')
    .select(['kind', 'id', 'removed', 'json'])
    .where('tenant_id', '=', key.tenantId)
    .where('source', '=', key.source)
    .where('read_id', '=', key.readId)
    .where((eb) =>
      eb.or([eb('kind', '>', after.kind), eb.and([eb('kind', '=', after.kind), eb('id', '>', after.id)])]),
    )
    .orderBy('kind')
    .orderBy('id')
    .limit(CHUNK)
    .execute();
}

/** `id` is the entity's, which need not be the raw object's (a licence is known by its SKU); null = not parsed. */
interface Applied {
  readonly id: string | null;
  readonly change: EntityChange | null;
}

async function applyOne(tx: Db, options: ApplyOptions, staged: StagedRow): Promise<Applied> {
  const part = JSON.parse(staged.json) as Record<string, unknown>;
  if (options.completeFor === null || staged.removed === 1) return applyPart(tx, options, staged, part);
  const entity = options.parse(staged.kind, part);
  if (entity === null) return { id: null, change: null };
  const current = await currentEntity(tx, options.tenantId, entity.kind, entity.id);
  return { id: entity.id, change: await storeEntity(tx, options, current, entity, part) };
}

/** One object of a delta round: gone, or a part to merge into what is known. */
async function applyPart(
  tx: Db,
  options: ApplyOptions,
  staged: StagedRow,
  part: Record<string, unknown>,
): Promise<Applied> {
  const current = await currentEntity(tx, options.tenantId, staged.kind, staged.id);
  if (staged.removed === 1) {
    return { id: staged.id, change: current === null ? null : await removeEntity(tx, options, current) };
  }
  const raw = current?.raw ? { ...(JSON.parse(current.raw) as object), ...part } : part;
  const entity = options.parse(staged.kind, raw);
  if (entity === null) return { id: null, change: null };
  return { id: entity.id, change: await storeEntity(tx, options, current, entity, raw) };
}

async function currentEntity(
  tx: Db,
  tenantId: string,
  kind: string,
  id: string,
): Promise<EntityTable | null> {
  const row = await tx
    .selectFrom('entity')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', kind)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

async function storeEntity(
  tx: Db,
  options: ApplyOptions,
  current: EntityTable | null,
  entity: EntityRecord,
  raw: Record<string, unknown>,
): Promise<EntityChange | null> {
  const json = JSON.stringify(entity.json);
  const hash = createHash('sha256').update(json).digest('base64url');
  const row = {
    tenant_id: options.tenantId,
    kind: entity.kind,
    id: entity.id,
    json,
    raw: options.keepRaw === true ? JSON.stringify(raw) : null,
    hash,
    valid_from: current?.hash === hash ? current.valid_from : options.startedAt,
    read_id: options.readId,
  };
  await tx
    .insertInto('entity')
    .values(row)
    .onConflict((conflict) => conflict.columns(['tenant_id', 'kind', 'id']).doUpdateSet(row))
    .execute();
  await writeScalars(
    tx,
    { ...options, kind: entity.kind, id: entity.id, isNew: current === null },
    entity.scalars,
  );
  if (current?.hash === hash) return null;
  if (hasHistory(options, entity.kind)) {
    if (current) await closeVersion(tx, options, entity.kind, entity.id);
    await openVersion(tx, options, entity.kind, entity.id, json);
  }
  return {
    kind: entity.kind,
    op: current ? 'changed' : 'added',
    id: entity.id,
    before: current ? (JSON.parse(current.json) as Record<string, unknown>) : null,
    after: entity.json,
    from: options.previousStartedAt ?? options.startedAt,
    to: options.startedAt,
  };
}

async function openVersion(
  tx: Db,
  options: ApplyOptions,
  kind: string,
  id: string,
  json: string,
): Promise<void> {
  await tx
    .insertInto('entity_version')
    .values({ tenant_id: options.tenantId, kind, id, valid_from: options.startedAt, valid_to: null, json })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'kind', 'id', 'valid_from']).doUpdateSet({ valid_to: null, json }),
    )
    .execute();
}

async function closeVersion(tx: Db, options: ApplyOptions, kind: string, id: string): Promise<void> {
  await tx
    .updateTable('entity_version')
    .set({ valid_to: options.startedAt })
    .where('tenant_id', '=', options.tenantId)
    .where('kind', '=', kind)
    .where('id', '=', id)
    .where('valid_to', 'is', null)
    .execute();
}

async function removeUnseen(
  tx: Db,
  options: ApplyOptions,
  kind: string,
  seen: Set<string>,
): Promise<EntityChange[]> {
  let query = tx
    .selectFrom('entity')
    .selectAll()
    .where('tenant_id', '=', options.tenantId)
    .where('kind', '=', kind);
  const prefix = options.idPrefix;
  if (prefix !== undefined) {
    // Neither LIKE (ids may hold its signs) nor a range (it follows the database's collation).
    query = query.where(sql<boolean>`substr(id, 1, ${prefix.length}) = ${prefix}`);
  }
  const changes: EntityChange[] = [];
  for (const row of await query.execute()) {
    if (!seen.has(row.id)) changes.push(await removeEntity(tx, options, row));
  }
  return changes;
}

async function removeEntity(tx: Db, options: ApplyOptions, current: EntityTable): Promise<EntityChange> {
  await tx
    .deleteFrom('entity')
    .where('tenant_id', '=', options.tenantId)
    .where('kind', '=', current.kind)
    .where('id', '=', current.id)
    .execute();
  await dropScalars(tx, options.tenantId, current.kind, current.id);
  await closeVersion(tx, options, current.kind, current.id);
  return {
    kind: current.kind,
    op: 'removed',
    id: current.id,
    before: JSON.parse(current.json) as Record<string, unknown>,
    after: null,
    from: options.previousStartedAt ?? options.startedAt,
    to: options.startedAt,
  };
}

/** Current entities of a kind as JSON, by id. */
export async function entitiesOf(
  db: Db,
  tenantId: string,
  kind: string,
): Promise<Map<string, Record<string, unknown>>> {
  const rows = await db
    .selectFrom('entity')
    .select(['id', 'json'])
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', kind)
    .orderBy('id')
    .execute();
  return new Map(rows.map((row) => [row.id, JSON.parse(row.json) as Record<string, unknown>]));
}
