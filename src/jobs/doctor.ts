import {
  collectors,
  skipReason,
  type Collector,
  type StateCollector,
  permissionNeeded,
  roleThatGives,
} from '../collectors/index.ts';
import type { Catalogue } from '../detection/catalogue.ts';
import { CredentialError, GraphError } from '../errors.ts';
import { licenceNames, type Licence } from '../model/licence.ts';
import { isUnsubscribed, type Graph } from '../microsoft/index.ts';
import type { SkipReason } from '../model/outcome.ts';
import type { TenantConfig } from '../model/tenant.ts';
import { hasLicence } from '../store/tenant-facts.ts';
import { CONTEXT_SOURCES, ESSENTIAL_SOURCES } from '../reports/coverage.ts';
import type { Runtime } from './runtime.ts';
import { stateInputs } from './state-inputs.ts';

export interface Finding {
  /** What was tried: `token`, `permission AuditLog.Read.All`, `licence Microsoft Entra ID P1`, `source sign-ins`. */
  readonly check: string;
  /** `absent` = the tenant's licences do not hold it, and nothing here needs it. */
  readonly state: 'ok' | 'refused' | 'failed' | 'not tried' | 'absent';
  /** One sentence: what came back, or what to do. */
  readonly detail: string;
  /** Detections that say less or nothing without it, by title. */
  readonly lost: readonly string[];
}

/** Tries everything a tenant needs, one small question each, and says what is lost where the answer is no. Stores nothing. */
export async function examineTenant(
  runtime: Runtime,
  catalogue: Catalogue,
  tenant: TenantConfig,
): Promise<Finding[]> {
  const token = await examineToken(runtime, tenant);
  if (token.roles === null) return [token.finding, ...collectors.map((one) => notTried(one, catalogue))];
  const licences = await licencesOf(runtime, tenant);
  const findings = [token.finding, ...examineRoles(token.roles, catalogue, licences)];
  for (const collector of collectors)
    findings.push(await examineSource(runtime, catalogue, tenant, collector, licences));
  for (const licence of licences.keys()) findings.push(examineLicence(catalogue, licence, licences));
  return findings;
}

/** By licence that some source needs: whether the tenant has it; null while its licences are not known. */
type Licences = ReadonlyMap<Licence, boolean | null>;

async function licencesOf({ database }: Runtime, tenant: TenantConfig): Promise<Licences> {
  const needed = new Set(collectors.flatMap(({ needs }) => (needs.licence === null ? [] : [needs.licence])));
  const known = new Map<Licence, boolean | null>();
  for (const licence of needed) known.set(licence, await hasLicence(database.db, tenant.id, licence));
  return known;
}

/** Neither licensed nor needed: what nobody misses is no fault. */
function isAbsent(sources: readonly Collector[], catalogue: Catalogue, licences: Licences): boolean {
  const names = sources.map((one) => one.source);
  return (
    sources.every(({ needs }) => needs.licence !== null && licences.get(needs.licence) === false) &&
    lostWithout(catalogue, names).length === 0
  );
}

async function examineToken(
  runtime: Runtime,
  tenant: TenantConfig,
): Promise<{ finding: Finding; roles: readonly string[] | null }> {
  try {
    const graph = runtime.graph(tenant);
    const roles = [...(await graph.roles()), ...(await otherRoles(graph))];
    const detail = `the app signs in with its ${tenant.credential.type === 'secret' ? 'client secret' : tenant.credential.type.replaceAll('_', ' ')}`;
    return { finding: { check: 'token', state: 'ok', detail, lost: [] }, roles };
  } catch (error) {
    if (!(error instanceof CredentialError) && !(error instanceof GraphError)) throw error;
    return {
      finding: { check: 'token', state: 'failed', detail: error.message, lost: ['everything'] },
      roles: null,
    };
  }
}

/**
 * Permissions of the Management API, and of Exchange where it may be asked; their tokens can be refused while Graph's is good,
 * and their sources then say why.
 */
async function otherRoles(graph: Graph): Promise<string[]> {
  try {
    return [...(await graph.activity.roles()), ...((await graph.exchange?.roles()) ?? [])];
  } catch (error) {
    if (!(error instanceof CredentialError) && !(error instanceof GraphError)) throw error;
    return [];
  }
}

function permissionOf(collector: Collector, licences: Licences): string {
  return permissionNeeded(collector, (licence) => licences.get(licence) ?? null);
}

function examineRoles(granted: readonly string[], catalogue: Catalogue, licences: Licences): Finding[] {
  const needed = [...new Set(collectors.map((collector) => permissionOf(collector, licences)))]
    .sort()
    .filter((permission) => permission !== '');
  return needed.map((permission) => {
    const by = roleThatGives(permission, granted);
    const users = collectors.filter((one) => permissionOf(one, licences) === permission);
    const sources = users.map((one) => one.source);
    if (by !== undefined) {
      const detail = by === permission ? 'granted' : `covered by ${by}`;
      return { check: `permission ${permission}`, state: 'ok', detail, lost: [] };
    }
    const instead = users.some(({ needs }) => needs.permission !== permission);
    if (!instead && isAbsent(users, catalogue, licences)) {
      const detail = `not granted, and of no use without the licence for ${sources.join(', ')}`;
      return { check: `permission ${permission}`, state: 'absent', detail, lost: [] };
    }
    const lost = lostWithout(catalogue, sources);
    const api = users.find(({ needs }) => needs.of !== undefined)?.needs.of;
    const named = api === undefined ? permission : `${permission} of the ${api}`;
    const advice = `add the application permission ${named} and grant admin consent`;
    if (lost.length === 0 && !sources.some(isBase)) {
      const detail = `not granted, and no detection needs it yet; to have ${sources.join(', ')} read, ${advice}`;
      return { check: `permission ${permission}`, state: 'absent', detail, lost };
    }
    return { check: `permission ${permission}`, state: 'refused', detail: `not granted; ${advice}`, lost };
  });
}

/** A source without which nothing can be said about a week, or that every detection leans on. */
function isBase(source: string): boolean {
  return ESSENTIAL_SOURCES.includes(source) || CONTEXT_SOURCES.includes(source);
}

/** One first page or part of the source, thrown away. */
async function examineSource(
  runtime: Runtime,
  catalogue: Catalogue,
  tenant: TenantConfig,
  collector: Collector,
  licences: Licences,
): Promise<Finding> {
  const check = `source ${collector.source}`;
  try {
    return { check, lost: [], ...(await firstAnswer(runtime, tenant, collector, licences)) };
  } catch (error) {
    if (!(error instanceof GraphError) && !(error instanceof CredentialError)) throw error;
    return { check, ...refusedAnswer(error, catalogue, collector, licences) };
  }
}

function refusedAnswer(
  error: GraphError | CredentialError,
  catalogue: Catalogue,
  collector: Collector,
  licences: Licences,
): Omit<Finding, 'check'> {
  if (isUnsubscribed(error)) return { state: 'not tried', detail: NOT_SUBSCRIBED, lost: [] };
  const reason = skipReason(error, licences.get(collector.needs.licence ?? 'p1') ?? null);
  const lost = lostWithout(catalogue, [collector.source]);
  const absent = reason === 'no_licence' && isAbsent([collector], catalogue, licences);
  // Asked for by nobody (`not_configured`), not granted and not needed, or not offered: no fault of the set-up.
  const optional = OPTIONAL.has(reason) && !isBase(collector.source);
  const state = absent || (optional && lost.length === 0) ? 'absent' : 'refused';
  return { state: skipReason(error, null) === null ? 'failed' : state, detail: error.message, lost };
}

/** Why a source that no detection reads may stay unread without anybody being at fault. */
const OPTIONAL: ReadonlySet<SkipReason | null> = new Set([
  'not_configured',
  'no_permission',
  'unsupported_cloud',
]);

const HOUR = 3_600_000;
/** Starting it is for the collection: this command changes nothing. */
const NOT_SUBSCRIBED =
  'no subscription yet; the first collection starts it, and content follows within 12 hours';

async function firstAnswer(
  runtime: Runtime,
  tenant: TenantConfig,
  collector: Collector,
  licences: Licences,
): Promise<Pick<Finding, 'state' | 'detail'>> {
  const graph = runtime.graph(tenant);
  const { signal } = runtime;
  const now = runtime.clock.now();
  if (collector.kind === 'log') {
    const options = { signal, signInsApi: runtime.config.signInsApi };
    for await (const page of collector.pages(graph, { from: now - HOUR, to: now }, options)) {
      return {
        state: 'ok',
        detail: `answers (${page.api}, ${page.records.length} records in the last hour)`,
      };
    }
    return { state: 'ok', detail: 'answers' };
  }
  const inputs = await firstInputs(runtime, tenant, collector, now);
  if (collector.readsMailboxes === true && inputs.mailboxes.length === 0)
    return { state: 'not tried', detail: 'no mailbox is known yet; collect first' };
  const start = { signal, deltaLink: null, lastReads: new Map<string, number>(), now };
  for await (const part of collector.read(graph, {
    ...start,
    ...inputs,
    hasP1: licences.get('p1') ?? null,
  })) {
    if (part.type !== 'unread') return { state: 'ok', detail: 'answers' };
    const optional = part.reason === 'not_configured' || part.reason === 'no_licence';
    return { state: optional ? 'absent' : 'ok', detail: `${part.status}: ${part.detail}` };
  }
  return { state: 'ok', detail: 'answers' };
}

/** One mailbox, one user and one domain to try; no group. */
async function firstInputs(runtime: Runtime, tenant: TenantConfig, collector: StateCollector, now: number) {
  const inputs = await stateInputs({
    db: runtime.database.db,
    tenantId: tenant.id,
    collector,
    lastReads: new Map(),
    dns: runtime.dns ?? null,
    now,
    everything: false,
  });
  return {
    mailboxes: inputs.mailboxes.slice(0, 1),
    groups: [],
    users: inputs.users.slice(0, 1),
    dns: inputs.dns === null ? null : { ...inputs.dns, domains: inputs.dns.domains.slice(0, 1) },
  };
}

function examineLicence(catalogue: Catalogue, licence: Licence, licences: Licences): Finding {
  const check = `licence ${licenceNames[licence]}`;
  const known = licences.get(licence) ?? null;
  if (known === null)
    return { check, state: 'not tried', detail: 'the licences are not known yet; collect first', lost: [] };
  if (known) return { check, state: 'ok', detail: 'present', lost: [] };
  const sources = collectors.filter((one) => one.needs.licence === licence).map((one) => one.source);
  const lost = lostWithout(catalogue, sources);
  const unseen =
    licence === 'p1'
      ? 'Graph does not show the sign-ins of this tenant; its audit log does, with less in them'
      : `without it: ${sources.join(', ')}`;
  return { check, state: lost.length === 0 ? 'absent' : 'refused', detail: `no such plan; ${unseen}`, lost };
}

function notTried(collector: Collector, catalogue: Catalogue): Finding {
  const lost = lostWithout(catalogue, [collector.source]);
  return { check: `source ${collector.source}`, state: 'not tried', detail: 'there is no token', lost };
}

function lostWithout(catalogue: Catalogue, sources: readonly string[]): string[] {
  return catalogue.detections
    .filter((detection) => detection.sources.some((source) => sources.includes(source)))
    .map((detection) => detection.title);
}
