import type { Catalogue } from '../detection/catalogue.ts';
import type { TenantConfig } from '../model/tenant.ts';
import { CAPABILITY_KIND, changeEvent, entityKinds } from '../records/index.ts';
import type { Database } from '../store/database.ts';
import { applyStage } from '../store/entities.ts';
import { ingestEvents } from '../store/events.ts';
import { PROGRAM_SOURCE, replaceProgram } from '../store/program.ts';
import { lastOkRead, saveReads } from '../store/reads.ts';
import { gatherCapabilities, titlesIn } from './self-watch-capabilities.ts';
import { gatherSources } from './self-watch-sources.ts';
import { gatherTroubles } from './self-watch-troubles.ts';

/** What is wrong with ourselves may be known ten minutes later; measuring costs some forty small queries. */
const INTERVAL_MS = 10 * 60_000;

export interface SelfWatchOptions {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly tenant: TenantConfig;
  /** UTC epoch ms. */
  readonly now: number;
  /** Whether or not the interval has passed. */
  readonly force?: boolean;
}

/**
 * Measures our own state in one tenant and stores it as a read of the source `program`: checks look at it, and what changed
 * of a tenant's capabilities becomes events of the feed `changes`. False where it was not due. Asks nothing of Microsoft.
 */
export async function watchOurselves(options: SelfWatchOptions): Promise<boolean> {
  const { database, tenant, now } = options;
  const previous = await lastOkRead(database.db, tenant.id, PROGRAM_SOURCE, '*');
  if (previous !== null && (previous >= now || (options.force !== true && now - previous < INTERVAL_MS)))
    return false;
  const { db } = database;
  const capabilities = await gatherCapabilities(db, options.catalogue, tenant.id);
  const sources = await gatherSources(db, tenant.id, now);
  const troubles = await gatherTroubles({ ...options, capabilities });
  const held = capabilities.map((row) => ({
    kind: CAPABILITY_KIND,
    id: row.name,
    removed: false,
    raw: { ...row, titles: titlesIn(row.titles) },
  }));
  const key = { tenantId: tenant.id, source: PROGRAM_SOURCE, readId: `${PROGRAM_SOURCE}-${now}` };
  await database.transaction(async (tx) => {
    await replaceProgram(tx, tenant.id, { capabilities, sources, troubles });
    const changes = await applyStage(tx, {
      ...key,
      held,
      completeFor: [CAPABILITY_KIND],
      startedAt: now,
      previousStartedAt: previous,
      parse: parseOwn,
    });
    const records = changes.map(changeEvent);
    await ingestEvents(database, tx, { tenantId: tenant.id, records, readStartedAt: now, now });
    await saveReads(tx, [readRow(key, now, records.length)]);
  });
  return true;
}

function parseOwn(kind: string, raw: Record<string, unknown>) {
  const parsed = entityKinds.get(kind)?.parse(raw);
  if (parsed?.ok !== true) throw new Error(`store our own state: a row of kind ${kind} does not parse`);
  return parsed.value;
}

function readRow(key: { tenantId: string; source: string; readId: string }, now: number, records: number) {
  return {
    tenant_id: key.tenantId,
    source: key.source,
    read_id: key.readId,
    scope: '*',
    status: 'ok',
    reason: null,
    capability: 'full',
    records,
    started_at: now,
    finished_at: now,
  };
}
