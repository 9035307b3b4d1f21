import { skipReason, type Collector } from '../collectors/index.ts';
import type { CredentialError, GraphError } from '../errors.ts';
import type { Licence } from '../model/licence.ts';
import type { RunOutcome } from '../model/outcome.ts';
import { currentCapabilities } from '../store/capabilities.ts';
import type { Db } from '../store/database.ts';
import { hasLicence } from '../store/tenant-facts.ts';
import type { CollectContext } from './collect-context.ts';

export type * from './collect-context.ts';

/** Turns what Microsoft said into the run's outcome: a refusal for want of licence or permission is a skip. */
export async function outcomeOf(
  context: CollectContext,
  collector: Collector,
  error: GraphError | CredentialError,
): Promise<RunOutcome> {
  const reason = skipReason(error, await knowsLicence(context, collector.needs.licence ?? 'p1'));
  if (reason !== null) return { status: 'skipped', reason, detail: error.message };
  return { status: 'failed', error: error.message };
}

/** Whether the tenant has the licence; null while its licences have not been read. */
export async function knowsLicence(
  { database, tenant, licences }: CollectContext,
  licence: Licence,
): Promise<boolean | null> {
  const asked = licences?.get(licence);
  if (asked !== undefined) return asked;
  const held = await hasLicence(database.db, tenant.id, licence);
  const known = held ?? ((await holdsNone(database.db, tenant.id)) ? false : null);
  licences?.set(licence, known);
  return known;
}

/** The licences were read, and there are none. */
async function holdsNone(db: Db, tenantId: string): Promise<boolean> {
  return (await currentCapabilities(db, tenantId)).get('source:subscribed-skus')?.state === 'full';
}
