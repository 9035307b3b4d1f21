import {
  permissionNeeded,
  roleThatGives,
  tokenApiOf,
  type Collector,
  type TokenApi,
} from '../collectors/index.ts';
import { CredentialError, GraphError } from '../errors.ts';
import { licenceNames } from '../model/licence.ts';
import type { RunOutcome } from '../model/outcome.ts';
import type { CapabilityRow, CapabilityState } from '../store/capabilities.ts';
import { latestOrigin } from '../store/context.ts';
import type { SourceStateRow } from '../store/reads.ts';
import type { CollectContext } from './collect-context.ts';
import { knowsLicence } from './collect-outcome.ts';

/** What was known of a source before this run. */
export interface KnownSource {
  readonly state: SourceStateRow | null;
  readonly capability: CapabilityRow | undefined;
}

/**
 * What a run says that a source can do in this tenant; null where it changes nothing: a failure says nothing, and a refusal
 * must be confirmed by the token, by the licences, or by the same answer a second time (decisions/0010).
 */
export async function sightAfter(
  context: CollectContext,
  collector: Collector,
  outcome: RunOutcome,
  known: KnownSource,
): Promise<CapabilityState | null> {
  if (outcome.status === 'failed') return null;
  if (outcome.status === 'ok') return readSight(context, collector);
  const off = { state: 'off', reason: outcome.reason, detail: outcome.detail };
  // Nothing was known: that it is not seen is no change, and safer said than its opposite.
  if (known.capability === undefined || known.capability.state === 'off') return off;
  return (await isConfirmed(context, collector, outcome.reason, known.state)) ? off : null;
}

/** Read, but perhaps less than there would be. */
async function readSight(context: CollectContext, collector: Collector): Promise<CapabilityState> {
  const { licence, without } = collector.needs;
  if (licence !== null && without !== undefined && (await knowsLicence(context, licence)) === false) {
    return { state: 'reduced', reason: 'no_licence', detail: `no ${licenceNames[licence]}: ${without.text}` };
  }
  if (collector.source === 'sign-ins' && (await isPoorApi(context))) {
    const detail = 'read from v1.0, which says nothing of protocol, session, second factor and network';
    return { state: 'reduced', reason: 'poorer_api', detail };
  }
  return { state: 'full', reason: null, detail: null };
}

/** Sign-ins come from v1.0 where that is configured, or where Graph does not know the beta question. */
async function isPoorApi({ database, tenant, signInsApi }: CollectContext): Promise<boolean> {
  if (signInsApi === 'v1.0') return true;
  return (await latestOrigin(database.db, tenant.id, 'sign-ins')) === 'sign-ins/v1.0';
}

/** Reasons that are ours, not answers of Microsoft's: nothing to confirm. */
const OURS: ReadonlySet<string> = new Set(['unsupported_cloud', 'paused', 'busy', 'not_configured']);

async function isConfirmed(
  context: CollectContext,
  collector: Collector,
  reason: string,
  before: SourceStateRow | null,
): Promise<boolean> {
  if (before?.last_status === 'skipped' && before.last_reason === reason) return true;
  const { licence } = collector.needs;
  // A 403 of Defender is read as "not set up", which is a guess about Microsoft's answer.
  if (OURS.has(reason)) return licence !== 'defender';
  if (reason === 'no_licence') return licence !== null && (await knowsLicence(context, licence)) === false;
  if (reason !== 'no_permission') return false;
  const roles = await grantedRoles(context, tokenApiOf(collector.needs));
  if (roles === null || roles.length === 0) return false;
  const licensed = licence === null ? null : await knowsLicence(context, licence);
  const needed = permissionNeeded(collector, () => licensed);
  return needed !== '' && roleThatGives(needed, roles) === undefined;
}

/** Permissions in the token; empty where a token cannot be read, null where there is none. */
export async function grantedRoles(
  { graph, signal }: CollectContext,
  api: TokenApi,
): Promise<readonly string[] | null> {
  signal.throwIfAborted();
  try {
    if (api === 'exchange') return graph.exchange === null ? null : await graph.exchange.roles();
    return await (api === 'graph' ? graph.roles() : graph.activity.roles());
  } catch (error) {
    if (error instanceof GraphError || error instanceof CredentialError) return null;
    throw error;
  }
}
