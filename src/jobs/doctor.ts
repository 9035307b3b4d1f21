import { collectors, skipReason, type Collector } from '../collectors/index.ts';
import type { Catalogue } from '../detection/catalogue.ts';
import { CredentialError, GraphError } from '../errors.ts';
import type { TenantConfig } from '../model/tenant.ts';
import { hasP1Plan, mailboxUsers } from '../store/tenant-facts.ts';
import type { Runtime } from './runtime.ts';

export interface Finding {
  /** What was tried: `token`, `permission AuditLog.Read.All`, `licence Microsoft Entra ID P1`, `source sign-ins`. */
  readonly check: string;
  readonly state: 'ok' | 'refused' | 'failed' | 'not tried';
  /** One sentence: what came back, or what to do. */
  readonly detail: string;
  /** Detections that say less or nothing without it, by title. */
  readonly lost: readonly string[];
}

/** Permissions that include another one (graph-facts, table A). */
const INCLUDES: Readonly<Record<string, readonly string[]>> = {
  'Organization.Read.All': ['Directory.Read.All'],
  'LicenseAssignment.Read.All': ['Directory.Read.All', 'Organization.Read.All'],
  'RoleManagement.Read.Directory': ['Directory.Read.All', 'RoleManagement.Read.All'],
  'User.Read.All': ['Directory.Read.All'],
  'MailboxSettings.Read': ['MailboxSettings.ReadWrite'],
};

/** Tries everything a tenant needs, one small question each, and says what is lost where the answer is no. Stores nothing. */
export async function examineTenant(
  runtime: Runtime,
  catalogue: Catalogue,
  tenant: TenantConfig,
): Promise<Finding[]> {
  const token = await examineToken(runtime, tenant);
  if (token.roles === null) return [token.finding, ...collectors.map((one) => notTried(one, catalogue))];
  const findings = [token.finding, ...examineRoles(token.roles, catalogue)];
  for (const collector of collectors)
    findings.push(await examineSource(runtime, catalogue, tenant, collector));
  findings.push(await examineLicence(runtime, catalogue, tenant));
  return findings;
}

async function examineToken(
  runtime: Runtime,
  tenant: TenantConfig,
): Promise<{ finding: Finding; roles: readonly string[] | null }> {
  try {
    const roles = await runtime.graph(tenant).roles();
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

function examineRoles(granted: readonly string[], catalogue: Catalogue): Finding[] {
  const needed = [...new Set(collectors.map((collector) => collector.needs.permission))].sort();
  return needed.map((permission) => {
    const by = [permission, ...(INCLUDES[permission] ?? [])].find((role) => granted.includes(role));
    const sources = collectors.filter((one) => one.needs.permission === permission).map((one) => one.source);
    if (by !== undefined) {
      const detail = by === permission ? 'granted' : `covered by ${by}`;
      return { check: `permission ${permission}`, state: 'ok', detail, lost: [] };
    }
    const detail = `not granted; add the application permission ${permission} and grant admin consent`;
    return {
      check: `permission ${permission}`,
      state: 'refused',
      detail,
      lost: lostWithout(catalogue, sources),
    };
  });
}

/** One first page or part of the source, thrown away. */
async function examineSource(
  runtime: Runtime,
  catalogue: Catalogue,
  tenant: TenantConfig,
  collector: Collector,
): Promise<Finding> {
  const check = `source ${collector.source}`;
  try {
    const detail = await firstAnswer(runtime, tenant, collector);
    return {
      check,
      state: detail === null ? 'not tried' : 'ok',
      detail: detail ?? 'no mailbox is known yet; collect first',
      lost: [],
    };
  } catch (error) {
    if (!(error instanceof GraphError) && !(error instanceof CredentialError)) throw error;
    const state = skipReason(error, null) === null ? 'failed' : 'refused';
    return { check, state, detail: error.message, lost: lostWithout(catalogue, [collector.source]) };
  }
}

const HOUR = 3_600_000;

async function firstAnswer(
  runtime: Runtime,
  tenant: TenantConfig,
  collector: Collector,
): Promise<string | null> {
  const graph = runtime.graph(tenant);
  const { signal } = runtime;
  const now = runtime.clock.now();
  if (collector.kind === 'log') {
    const options = { signal, signInsApi: runtime.config.signInsApi };
    for await (const page of collector.pages(graph, { from: now - HOUR, to: now }, options)) {
      return `answers (${page.api}, ${page.records.length} records in the last hour)`;
    }
    return 'answers';
  }
  const mailboxes = (await mailboxUsers(runtime.database.db, tenant.id)).slice(0, 1);
  if (collector.source === 'mailbox-rules' && mailboxes.length === 0) return null;
  const parts = collector.read(graph, { signal, deltaLink: null, lastReads: new Map(), mailboxes, now });
  for await (const part of parts) {
    if (part.type === 'unread') return `${part.status}: ${part.detail}`;
    return 'answers';
  }
  return 'answers';
}

async function examineLicence(
  runtime: Runtime,
  catalogue: Catalogue,
  tenant: TenantConfig,
): Promise<Finding> {
  const check = 'licence Microsoft Entra ID P1';
  const known = await hasP1Plan(runtime.database.db, tenant.id);
  if (known === null)
    return { check, state: 'not tried', detail: 'the licences are not known yet; collect first', lost: [] };
  if (known) return { check, state: 'ok', detail: 'present', lost: [] };
  const lost = lostWithout(
    catalogue,
    collectors.filter((one) => one.needs.licence === 'p1').map((one) => one.source),
  );
  return {
    check,
    state: 'refused',
    detail: 'no such plan; Microsoft does not show the sign-ins of this tenant',
    lost,
  };
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
