import type { EntityChange, EventRecord } from '../model/event.ts';
import { changeEvent, entityKinds, hasHistory, logSources } from '../records/index.ts';
import { setCapability } from '../store/capabilities.ts';
import type { Database, Db } from '../store/database.ts';
import { applyStage, stageObjects } from '../store/entities.ts';
import { ingestEvents } from '../store/events.ts';
import { lastOkRead, saveReads } from '../store/reads.ts';
import { replaceDomains } from '../store/scalars.ts';
import type { Case, CaseStep } from './case-file.ts';
import { applyProgram } from './case-program.ts';
import { POLICY_KINDS } from './policy-sources.ts';

type RawObject = Readonly<Record<string, unknown>>;
type Attempt = { readonly failed: number } | { readonly skipped: string };

/** State sources, the kind of object each brings, and the order of a cycle. */
const KINDS = {
  organization: 'organization',
  'subscribed-skus': 'subscribed_sku',
  'role-definitions': 'role_definition',
  users: 'user',
  'role-assignments': 'role_assignment',
  'sign-in-activity': 'sign_in_activity',
  'role-eligibility': 'role_eligibility',
  'role-assignment-schedules': 'role_assignment_schedule',
  groups: 'group',
  applications: 'application',
  'service-principals': 'service_principal',
  'oauth2-grants': 'oauth2_grant',
  'app-role-assignments': 'app_role_assignment',
  ...POLICY_KINDS,
} as const;
type SnapshotSource = keyof typeof KINDS;

/** A case that cannot be run as it is written. */
export class CaseError extends Error {
  override readonly name = 'CaseError';
}

/** Makes the tenant of one case: its row, settings, verified domains and what it may see. */
export async function makeTenant(
  database: Database,
  tenantId: string,
  one: Case,
  enrolledAt: number,
): Promise<void> {
  const { tenant } = one;
  const row = {
    tenant_id: tenantId,
    name: tenantId,
    domain: null,
    cloud: 'global',
    timezone: 'UTC',
    origin: 'case',
    state: 'active',
    enrolled_at: enrolledAt,
    created_at: enrolledAt,
    updated_at: enrolledAt,
  };
  await database.transaction(async (tx) => {
    await tx.insertInto('tenant').values(row).execute();
    await saveSettings(tx, tenantId, {
      allowed_countries: tenant.allowed_countries,
      trusted_networks: tenant.trusted_networks?.map((network) => network.cidr),
      break_glass: tenant.break_glass,
      vips: tenant.vips,
    });
    await replaceDomains(tx, tenantId, 'configuration', tenant.own_domains ?? []);
    for (const [source, state] of Object.entries(one.capability)) {
      const value = {
        state: state === 'full' ? 'full' : 'off',
        reason: state === 'full' ? null : state,
        detail: null,
      };
      await setCapability(tx, tenantId, `source:${source}`, value, enrolledAt);
    }
  });
  if (tenant.domains === undefined) return;
  const verifiedDomains = tenant.domains.map((name) => ({ name, isVerified: true }));
  const organization = { id: '00000000-0000-4000-8000-000000000001', displayName: 'Case', verifiedDomains };
  await readSnapshot(database, tenantId, 'organization', [organization], enrolledAt);
}

async function saveSettings(
  tx: Db,
  tenantId: string,
  settings: Readonly<Record<string, readonly string[] | undefined>>,
): Promise<void> {
  for (const [name, values] of Object.entries(settings)) {
    if (values === undefined || values.length === 0) continue;
    const row = { tenant_id: tenantId, name, value: values.join(','), origin: 'case' };
    await tx.insertInto('setting').values(row).execute();
  }
}

/** Applies one step of reads as the collectors would. */
export async function applyReads(database: Database, tenantId: string, step: CaseStep): Promise<void> {
  for (const source of Object.keys(KINDS) as SnapshotSource[]) {
    const value = step[source];
    if (value === undefined) continue;
    if (Array.isArray(value)) await readSnapshot(database, tenantId, source, value, step.at);
    else await recordAttempt(database, tenantId, source, '*', value, step.at);
  }
  if (step.program !== undefined) await applyProgram(database, tenantId, step.program, step.at);
  const rules = step['mailbox-rules'];
  if (rules === undefined) return;
  if (isAttempt(rules)) {
    await recordAttempt(database, tenantId, 'mailbox-rules', '*', rules, step.at);
    return;
  }
  for (const [mailbox, value] of Object.entries(rules)) {
    if (Array.isArray(value)) await readMailbox(database, tenantId, mailbox, value, step.at);
    else await recordAttempt(database, tenantId, 'mailbox-rules', mailbox, value, step.at);
  }
}

function isAttempt(value: object): value is Attempt {
  return (
    typeof (value as { failed?: unknown }).failed === 'number' ||
    typeof (value as { skipped?: unknown }).skipped === 'string'
  );
}

interface ScopedRead {
  readonly tenantId: string;
  readonly source: string;
  readonly scope: string;
  readonly at: number;
  readonly kind: string;
  readonly objects: readonly { readonly id: string; readonly raw: Record<string, unknown> }[];
  readonly idPrefix?: string;
}

async function readSnapshot(
  database: Database,
  tenantId: string,
  source: SnapshotSource,
  values: readonly RawObject[],
  at: number,
): Promise<void> {
  const objects = values.map((raw) => ({ id: idOf(raw, source), raw: { ...raw } }));
  await applyRead(database, { tenantId, source, scope: '*', at, kind: KINDS[source], objects });
  if (source === 'groups') await readMembers(database, tenantId, values, at);
  if (source === 'applications') await readFederated(database, tenantId, values, at);
}

/** A group of a case may have `members`, as if they had been read: each group is a scope of its own. */
async function readMembers(
  database: Database,
  tenantId: string,
  groups: readonly RawObject[],
  at: number,
): Promise<void> {
  for (const group of groups) {
    const members = group['members'];
    if (!Array.isArray(members)) continue;
    const groupId = idOf(group, 'groups');
    const objects = (members as RawObject[]).map((member) => ({
      id: `${groupId}/${idOf(member, 'groups')}`,
      raw: { groupId, member },
    }));
    const read = { tenantId, source: 'groups', scope: groupId, at, kind: 'group_member', objects };
    await applyRead(database, { ...read, idPrefix: `${groupId}/` });
  }
}

/** An application of a case may have `federatedIdentityCredentials`. */
async function readFederated(
  database: Database,
  tenantId: string,
  applications: readonly RawObject[],
  at: number,
): Promise<void> {
  const objects = applications.flatMap((application) => {
    const credentials = application['federatedIdentityCredentials'];
    const applicationId = idOf(application, 'applications');
    return (Array.isArray(credentials) ? (credentials as RawObject[]) : []).map((credential) => ({
      id: `${applicationId}/${idOf(credential, 'applications')}`,
      raw: { applicationId, credential },
    }));
  });
  const scope = 'federated-credentials';
  await applyRead(database, {
    tenantId,
    source: 'applications',
    scope,
    at,
    kind: 'federated_credential',
    objects,
  });
}

async function readMailbox(
  database: Database,
  tenantId: string,
  mailbox: string,
  values: readonly RawObject[],
  at: number,
): Promise<void> {
  const objects = values.map((rule) => ({
    id: `${mailbox}/${idOf(rule, 'mailbox-rules')}`,
    raw: { mailboxId: mailbox, rule },
  }));
  const read = { tenantId, source: 'mailbox-rules', scope: mailbox, at, kind: 'inbox_rule', objects };
  await applyRead(database, { ...read, idPrefix: `${mailbox}/` });
}

function idOf(raw: RawObject, source: string): string {
  const id = raw['id'];
  if (typeof id !== 'string' || id === '') throw new CaseError(`an object of ${source} has no id`);
  return id;
}

async function applyRead(database: Database, read: ScopedRead): Promise<void> {
  const { tenantId, source, scope, at, kind } = read;
  const key = { tenantId, source, readId: `${source}-${at}` };
  const previousStartedAt = await lastOkRead(database.db, tenantId, source, scope);
  await database.transaction(async (tx) => {
    await stageObjects(
      tx,
      key,
      read.objects.map(({ id, raw }) => ({ kind, id, removed: false, raw })),
    );
    const changes = await applyStage(tx, {
      ...key,
      completeFor: [kind],
      ...(read.idPrefix === undefined ? {} : { idPrefix: read.idPrefix }),
      startedAt: at,
      previousStartedAt,
      parse: parseObject,
      hasHistory,
    });
    await ingestChanges(database, tx, tenantId, changes, at);
    await saveReads(tx, [readRow(tenantId, source, scope, at, 'ok', null)]);
    if (scope === '*') await seeSource(tx, tenantId, source, at);
  });
}

function parseObject(kind: string, raw: Record<string, unknown>) {
  const parsed = entityKinds.get(kind)?.parse(raw);
  if (parsed === undefined) throw new CaseError(`no parser for objects of kind ${kind}`);
  if (!parsed.ok) throw new CaseError(`an object of kind ${kind} does not parse: ${parsed.reason}`);
  return parsed.value;
}

async function ingestChanges(
  database: Database,
  tx: Db,
  tenantId: string,
  changes: readonly EntityChange[],
  at: number,
): Promise<void> {
  await ingestEvents(database, tx, {
    tenantId,
    records: changes.map(changeEvent),
    readStartedAt: at,
    now: at,
  });
}

async function seeSource(tx: Db, tenantId: string, source: string, at: number): Promise<void> {
  await setCapability(tx, tenantId, `source:${source}`, { state: 'full', reason: null, detail: null }, at);
}

async function recordAttempt(
  database: Database,
  tenantId: string,
  source: string,
  scope: string,
  attempt: Attempt,
  at: number,
): Promise<void> {
  const skipped = 'skipped' in attempt ? attempt.skipped : null;
  const status = skipped === null ? 'failed' : 'skipped';
  const reason = skipped ?? `Graph answered ${'failed' in attempt ? attempt.failed : ''}`;
  await database.transaction(async (tx) => {
    await saveReads(tx, [readRow(tenantId, source, scope, at, status, reason)]);
    if (skipped === null || scope !== '*') return;
    await setCapability(
      tx,
      tenantId,
      `source:${source}`,
      { state: 'off', reason: skipped, detail: null },
      at,
    );
  });
}

function readRow(
  tenantId: string,
  source: string,
  scope: string,
  at: number,
  status: string,
  reason: string | null,
) {
  return {
    tenant_id: tenantId,
    source,
    read_id: `${source}-${at}`,
    scope,
    status,
    reason,
    capability: status === 'ok' ? 'full' : 'none',
    records: 0,
    started_at: at,
    finished_at: at,
  };
}

/** Parses the records of a case. Throws CaseError for one that does not parse. */
export function parseRecords(one: Case): EventRecord[] {
  return one.records.map(({ source, api, record }, index) => {
    const parsed = logSources.get(source)?.parse(record, source === 'unified-audit' ? 'management' : api);
    if (parsed === undefined) throw new CaseError(`no parser for ${source}`);
    if (!parsed.ok) throw new CaseError(`record ${index + 1} does not parse: ${parsed.reason}`);
    return parsed.value;
  });
}

/** Stores records one by one in the order given, all read at `at`. */
export async function ingestRecords(
  database: Database,
  tenantId: string,
  records: readonly EventRecord[],
  at: number,
): Promise<void> {
  await database.transaction(async (tx) => {
    for (const record of records) {
      await ingestEvents(database, tx, { tenantId, records: [record], readStartedAt: at, now: at });
    }
  });
}
