import type { Db } from './database.ts';

/** Rows asked for or written in one statement: below the databases' limits on parameters. */
export const CHUNK = 400;

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
  for (let at = 0; at < objects.length; at += CHUNK) {
    const chunk = objects.slice(at, at + CHUNK);
    const forms = await stagedForms(tx, key, chunk);
    for (const object of chunk) mergeForm(forms, object);
    await saveStaged(tx, key, new Set(chunk.map(({ kind, id }) => objectKey(kind, id))), forms);
  }
}

function mergeForm(forms: Map<string, StagedObject>, object: StagedObject): void {
  const name = objectKey(object.kind, object.id);
  const before = forms.get(name);
  const whole = before === undefined || before.removed || object.removed;
  forms.set(name, { ...object, raw: whole ? object.raw : { ...before.raw, ...object.raw } });
}

/** One name for an object of a kind. */
export function objectKey(kind: string, id: string): string {
  return `${kind}\n${id}`;
}

/** What is staged already under the names of these objects. */
async function stagedForms(
  tx: Db,
  key: StageKey,
  objects: readonly StagedObject[],
): Promise<Map<string, StagedObject>> {
  const rows = await tx
    .selectFrom('entity_stage')
    .select(['kind', 'id', 'json', 'removed'])
    .where('tenant_id', '=', key.tenantId)
    .where('source', '=', key.source)
    .where('read_id', '=', key.readId)
    .where('kind', 'in', [...new Set(objects.map(({ kind }) => kind))])
    .where('id', 'in', [...new Set(objects.map(({ id }) => id))])
    .execute();
  return new Map(
    rows.map(({ kind, id, json, removed }) => [
      objectKey(kind, id),
      { kind, id, removed: removed === 1, raw: JSON.parse(json) as Record<string, unknown> },
    ]),
  );
}

async function saveStaged(
  tx: Db,
  key: StageKey,
  names: ReadonlySet<string>,
  forms: ReadonlyMap<string, StagedObject>,
): Promise<void> {
  const rows = [...names].flatMap((name) => {
    const form = forms.get(name);
    if (form === undefined) return [];
    const { kind, id } = form;
    const own = { kind, id, removed: form.removed ? 1 : 0, json: JSON.stringify(form.raw) };
    return [{ tenant_id: key.tenantId, source: key.source, read_id: key.readId, ...own }];
  });
  await tx
    .insertInto('entity_stage')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'source', 'read_id', 'kind', 'id']).doUpdateSet((eb) => ({
        removed: eb.ref('excluded.removed'),
        json: eb.ref('excluded.json'),
      })),
    )
    .execute();
}

/** The staged objects of a read, a chunk at a time, by kind and id. */
export async function* stagedChunks(tx: Db, key: StageKey): AsyncGenerator<readonly StagedObject[]> {
  let after = { kind: '', id: '' };
  for (;;) {
    const rows = await stagedAfter(tx, key, after);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(({ kind, id, removed, json }) => {
      return { kind, id, removed: removed === 1, raw: JSON.parse(json) as Record<string, unknown> };
    });
    after = { kind: last.kind, id: last.id };
  }
}

/** As `stagedChunks`, of a read that is small enough to be held in memory until it is applied. */
export function* heldChunks(objects: readonly StagedObject[]): Generator<readonly StagedObject[]> {
  const forms = new Map<string, StagedObject>();
  for (const object of objects) mergeForm(forms, object);
  const merged = [...forms.values()];
  for (let at = 0; at < merged.length; at += CHUNK) yield merged.slice(at, at + CHUNK);
}

interface StagedRow {
  readonly kind: string;
  readonly id: string;
  readonly removed: number;
  readonly json: string;
}

/** The next staged objects of a read, by kind and id. */
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
