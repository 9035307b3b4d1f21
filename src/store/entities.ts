import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { EntityRecord } from '../model/entity.ts';
import type { EntityChange } from '../model/event.ts';
import type { Db } from './database.ts';
import { dropScalars, writeScalars } from './scalars.ts';
import {
  CHUNK,
  clearStage,
  heldChunks,
  objectKey,
  stagedChunks,
  type StagedObject,
  type StageKey,
} from './entity-stage.ts';
import type { EntityTable } from './schema.ts';

export { clearStage, stageObjects, type StagedObject, type StageKey } from './entity-stage.ts';

export interface ApplyOptions extends StageKey {
  /** All that the read brought, where it was small enough to be held in memory; without it the stage is applied. */
  readonly held?: readonly StagedObject[];
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
  // A baseline of thousands of objects tells of none of them, so that none is held.
  const tell = (change: EntityChange): void => {
    if (options.previousStartedAt !== null && hasHistory(options, change.kind)) changes.push(change);
  };
  const seen = new Map<string, Set<string>>();
  const unreadable = new Set<string>();
  const chunks = options.held === undefined ? stagedChunks(tx, options) : heldChunks(options.held);
  for await (const staged of chunks) {
    const chunk = await openChunk(tx, options, staged);
    for (const row of staged) {
      const applied = await applyOne(tx, options, chunk, row);
      if (applied.id === null) unreadable.add(row.kind);
      else seenOf(seen, row.kind).add(applied.id);
      if (applied.change) tell(applied.change);
    }
  }
  for (const kind of options.completeFor ?? []) {
    // An object that does not parse may be any of those we know: nothing is taken away on such a read.
    if (unreadable.has(kind)) continue;
    await removeUnseen(tx, options, kind, seenOf(seen, kind), tell);
  }
  if (options.held === undefined) await clearStage(tx, options.tenantId, options.source);
  return changes;
}

function hasHistory(options: ApplyOptions, kind: string): boolean {
  return options.hasHistory?.(kind) ?? true;
}

function seenOf(seen: Map<string, Set<string>>, kind: string): Set<string> {
  const ids = seen.get(kind) ?? new Set<string>();
  seen.set(kind, ids);
  return ids;
}

/** `id` is the entity's, which need not be the raw object's (a licence is known by its SKU); null = not parsed. */
interface Applied {
  readonly id: string | null;
  readonly change: EntityChange | null;
}

/** Staged objects that are applied together: parsed, with what is known of each, asked for at once. */
interface Chunk {
  /** Null: not parsed; a delta's part is parsed once it is merged into what is known. */
  readonly parsed: ReadonlyMap<StagedObject, EntityRecord | null>;
  /** By kind and id; kept up to date while the chunk is applied. */
  readonly current: Map<string, EntityTable>;
}

async function openChunk(tx: Db, options: ApplyOptions, staged: readonly StagedObject[]): Promise<Chunk> {
  const parsed = new Map<StagedObject, EntityRecord | null>();
  const wanted = new Map<string, Set<string>>();
  for (const row of staged) {
    const entity = isPart(options, row) ? null : options.parse(row.kind, row.raw);
    parsed.set(row, entity);
    seenOf(wanted, entity?.kind ?? row.kind).add(entity?.id ?? row.id);
  }
  const current = new Map<string, EntityTable>();
  for (const [kind, ids] of wanted) {
    for (const row of await currentEntities(tx, options.tenantId, kind, [...ids]))
      current.set(objectKey(kind, row.id), row);
  }
  return { parsed, current };
}

function isPart(options: ApplyOptions, staged: StagedObject): boolean {
  return options.completeFor === null || staged.removed;
}

async function applyOne(tx: Db, options: ApplyOptions, chunk: Chunk, staged: StagedObject): Promise<Applied> {
  if (isPart(options, staged)) return applyPart(tx, options, chunk, staged);
  const entity = chunk.parsed.get(staged) ?? null;
  if (entity === null) return { id: null, change: null };
  return { id: entity.id, change: await storeEntity(tx, options, chunk, entity, staged.raw) };
}

/** One object of a delta round: gone, or a part to merge into what is known. */
async function applyPart(
  tx: Db,
  options: ApplyOptions,
  chunk: Chunk,
  staged: StagedObject,
): Promise<Applied> {
  const key = objectKey(staged.kind, staged.id);
  const current = chunk.current.get(key);
  if (staged.removed) {
    chunk.current.delete(key);
    return { id: staged.id, change: current ? await removeEntity(tx, options, current) : null };
  }
  const raw = current?.raw ? { ...(JSON.parse(current.raw) as object), ...staged.raw } : staged.raw;
  const entity = options.parse(staged.kind, raw);
  if (entity === null) return { id: null, change: null };
  return { id: entity.id, change: await storeEntity(tx, options, chunk, entity, raw) };
}

async function currentEntities(
  tx: Db,
  tenantId: string,
  kind: string,
  ids: readonly string[],
): Promise<EntityTable[]> {
  return tx
    .selectFrom('entity')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', kind)
    .where('id', 'in', ids)
    .execute();
}

async function storeEntity(
  tx: Db,
  options: ApplyOptions,
  chunk: Chunk,
  entity: EntityRecord,
  raw: Record<string, unknown>,
): Promise<EntityChange | null> {
  const key = objectKey(entity.kind, entity.id);
  const current = chunk.current.get(key) ?? null;
  const row = toRow(options, current, entity, raw);
  const same = current?.hash === row.hash;
  if (!same || current.raw !== row.raw) await saveEntity(tx, row);
  chunk.current.set(key, row);
  await writeScalars(
    tx,
    { ...options, kind: entity.kind, id: entity.id, isNew: current === null },
    entity.scalars,
  );
  if (same) return null;
  if (hasHistory(options, entity.kind)) {
    if (current) await closeVersion(tx, options, entity.kind, entity.id);
    await openVersion(tx, options, entity.kind, entity.id, row.json);
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

function toRow(
  options: ApplyOptions,
  current: EntityTable | null,
  entity: EntityRecord,
  raw: Record<string, unknown>,
): EntityTable {
  const json = JSON.stringify(entity.json);
  const hash = createHash('sha256').update(json).digest('base64url');
  return {
    tenant_id: options.tenantId,
    kind: entity.kind,
    id: entity.id,
    json,
    raw: options.keepRaw === true ? JSON.stringify(raw) : null,
    hash,
    valid_from: current?.hash === hash ? current.valid_from : options.startedAt,
    read_id: options.readId,
  };
}

async function saveEntity(tx: Db, row: EntityTable): Promise<void> {
  await tx
    .insertInto('entity')
    .values(row)
    .onConflict((conflict) => conflict.columns(['tenant_id', 'kind', 'id']).doUpdateSet(row))
    .execute();
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
  seen: ReadonlySet<string>,
  tell: (change: EntityChange) => void,
): Promise<void> {
  let query = tx
    .selectFrom('entity')
    .select('id')
    .where('tenant_id', '=', options.tenantId)
    .where('kind', '=', kind);
  const prefix = options.idPrefix;
  if (prefix !== undefined) {
    // Neither LIKE (ids may hold its signs) nor a range (it follows the database's collation).
    query = query.where(sql<boolean>`substr(id, 1, ${prefix.length}) = ${prefix}`);
  }
  const unseen = (await query.execute()).map(({ id }) => id).filter((id) => !seen.has(id));
  for (let at = 0; at < unseen.length; at += CHUNK) {
    const rows = await currentEntities(tx, options.tenantId, kind, unseen.slice(at, at + CHUNK));
    for (const row of rows) tell(await removeEntity(tx, options, row));
  }
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

/** As `entitiesOf`, one at a time: for kinds of which a tenant has thousands. */
export async function* eachEntity(
  db: Db,
  tenantId: string,
  kind: string,
): AsyncGenerator<readonly [id: string, entity: Record<string, unknown>]> {
  let after = '';
  for (;;) {
    const rows = await db
      .selectFrom('entity')
      .select(['id', 'json'])
      .where('tenant_id', '=', tenantId)
      .where('kind', '=', kind)
      .where('id', '>', after)
      .orderBy('id')
      .limit(CHUNK)
      .execute();
    for (const row of rows) yield [row.id, JSON.parse(row.json) as Record<string, unknown>];
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNK) return;
    after = last.id;
  }
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
