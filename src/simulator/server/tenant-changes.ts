import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { LogRecord, Raw } from '../world.ts';
import { exchangeRules } from './exchange-admin/rules.ts';
import { auditSearchRules } from './routes/audit-queries.ts';
import { auditTime } from './routes/directory-audits.ts';
import { isInteractive, signInTime } from './routes/sign-ins.ts';
import type { Simulation } from './simulation.ts';
import { addVersion, valueNow } from './state.ts';
import type { LiveObject, TenantState } from './state.ts';
import { startAll } from './management/subscriptions.ts';

const raw = z.record(z.string(), z.unknown());
const object = z.looseObject({ id: z.string().min(1) });
const newRecord = z.strictObject({ record: object, available_at: z.number().int().optional() });
const newRecordOfAudit = z.strictObject({
  record: z.looseObject({ Id: z.string(), CreationTime: z.string(), Workload: z.string() }),
  available_at: z.number().int().optional(),
});

const collection = z.enum([
  'applications',
  'servicePrincipals',
  'oauth2Grants',
  'appRoleAssignments',
  'groups',
  'roleEligibility',
  'roleAssignmentSchedules',
  'conditionalAccessPolicies',
  'namedLocations',
  'singletons',
  'crossTenantPartners',
  'domains',
  'devices',
  'managedDevices',
  'authenticationMethods',
  'secureScores',
  'mailboxSettings',
  'exchangeMailboxes',
]);

/** The body of `POST {control}/tenants/{id}`: every key by itself or together; all take effect at the present virtual time. */
export const tenantChange = z.strictObject({
  secret: z
    .strictObject({ value: z.string().optional(), state: z.enum(['valid', 'expired', 'removed']).optional() })
    .optional(),
  /** PEM */
  add_certificate: z.string().optional(),
  add_roles: z.array(z.string()).optional(),
  remove_roles: z.array(z.string()).optional(),
  licence: z.enum(['free', 'p1', 'p2']).optional(),
  service_principal: z.enum(['present', 'missing', 'disabled']).optional(),
  app: z.enum(['present', 'missing']).optional(),
  revoke_tokens: z.literal(true).optional(),
  /** Merged over what the user is now; a new id is a new user. */
  put_user: object.optional(),
  /** An id; `{id, permanent: true}` skips the recycle bin. */
  delete_user: z.union([z.string(), z.strictObject({ id: z.string(), permanent: z.boolean() })]).optional(),
  put_role_assignment: object.optional(),
  delete_role_assignment: z.string().optional(),
  /** Gives the user a mailbox when there is none. */
  put_message_rule: z.strictObject({ user: z.string(), rule: object }).optional(),
  delete_message_rule: z.strictObject({ user: z.string(), id: z.string() }).optional(),
  /** Merged over what the object is now; a new id is a new object. */
  put_object: z.strictObject({ collection, value: object }).optional(),
  delete_object: z.strictObject({ collection, id: z.string() }).optional(),
  /** A record whose id is known becomes a revision of it. `available_at`: UTC epoch ms, now where not given. */
  add_sign_in: newRecord.optional(),
  add_directory_audit: newRecord.optional(),
  /** A record of the unified audit log; put into content made at `available_at` or later. */
  add_unified_audit: newRecordOfAudit.optional(),
  /** A record whose id is known becomes a revision of it. */
  add_risk_detection: newRecord.optional(),
  add_principal_risk_detection: newRecord.optional(),
  put_risky_user: object.optional(),
  put_risky_principal: object.optional(),
  /** Microsoft Entra Workload ID Premium. */
  workload_id: z.boolean().optional(),
  /** A record whose id is known becomes a revision of it. */
  add_defender_alert: newRecord.optional(),
  add_defender_incident: newRecord.optional(),
  /** Onboarded to Microsoft Defender, or not. */
  defender: z.boolean().optional(),
  /** Has an Intune licence, or not. */
  intune: z.boolean().optional(),
  auditing: z.enum(['on', 'off']).optional(),
  /** ms from the start of a subscription to its first content. */
  first_content_ms: z.number().int().nonnegative().optional(),
  /** What Exchange allows and tells from now on. */
  exchange: exchangeRules.partial().optional(),
  /** How searches of the audit log go from now on. */
  audit_search: auditSearchRules.partial().optional(),
  /** Every search that was made is unknown from now on. */
  forget_audit_queries: z.literal(true).optional(),
  /** Starts every subscription, as one who used this app before did. */
  start_subscriptions: z.literal(true).optional(),
  /** Ends every subscription as an administrator does. */
  disable_subscriptions: z.literal(true).optional(),
  /** A record that no parser should take; where none is given, one without a readable time. */
  add_rejectable: z
    .strictObject({ feed: z.enum(['signIns', 'directoryAudits']), record: raw.optional() })
    .optional(),
});

export type TenantChange = z.infer<typeof tenantChange>;

export interface TenantSummary {
  readonly id: string;
  readonly licence: string;
  readonly roles: readonly string[];
  readonly secret_state: string;
  readonly now_ms: number;
}

/** Throws for a certificate that is none. */
export function changeTenant(
  simulation: Simulation,
  tenant: TenantState,
  change: TenantChange,
): TenantSummary {
  simulation.changes++;
  changeApp(simulation, tenant, change);
  changeObjects(simulation, tenant, change);
  changeLogs(simulation, tenant, change);
  changeAuditing(simulation, tenant, change);
  changeIdentity(simulation, tenant, change);
  changeDefender(simulation, tenant, change);
  const { id, licence, app } = tenant;
  return { id, licence, roles: app.roles, secret_state: app.secret.state, now_ms: simulation.clock.now() };
}

function changeApp(simulation: Simulation, tenant: TenantState, change: TenantChange): void {
  const { app } = tenant;
  if (change.secret)
    app.secret = { value: change.secret.value ?? app.secret.value, state: change.secret.state ?? 'valid' };
  if (change.add_certificate !== undefined) {
    app.certificates.push(new X509Certificate(change.add_certificate).toString());
  }
  const removed = change.remove_roles ?? [];
  app.roles = [...new Set([...app.roles, ...(change.add_roles ?? [])])].filter(
    (role) => !removed.includes(role),
  );
  app.servicePrincipal = change.service_principal ?? app.servicePrincipal;
  app.app = change.app ?? app.app;
  if (change.licence) {
    tenant.licence = change.licence;
    tenant.licenceChanged = true;
  }
  if (change.revoke_tokens) simulation.signer.revoke(tenant.id);
}

function changeObjects(simulation: Simulation, tenant: TenantState, change: TenantChange): void {
  const put = (objects: Map<string, LiveObject>, id: string, value: Raw | null, permanent = false): void =>
    addVersion(objects, id, { from: simulation.clock.now(), order: simulation.changes, value, permanent });
  const { put_user: user, put_role_assignment: assignment, delete_user: deleted } = change;
  if (user) {
    put(tenant.users, user.id, { ...valueNow(tenant.users.get(user.id), simulation.clock.now()), ...user });
  }
  if (deleted !== undefined) {
    const { id, permanent } = typeof deleted === 'string' ? { id: deleted, permanent: false } : deleted;
    put(tenant.users, id, null, permanent);
  }
  if (assignment) put(tenant.roleAssignments, assignment.id, assignment);
  if (change.delete_role_assignment !== undefined)
    put(tenant.roleAssignments, change.delete_role_assignment, null);
  const { put_object: made, delete_object: gone } = change;
  if (made) {
    const objects = tenant.directory[made.collection];
    const { id } = made.value;
    put(objects, id, { ...valueNow(objects.get(id), simulation.clock.now()), ...made.value });
  }
  if (gone) put(tenant.directory[gone.collection], gone.id, null);
  if (change.put_message_rule) {
    const { user: owner, rule } = change.put_message_rule;
    const rules = tenant.messageRules.get(owner) ?? new Map<string, LiveObject>();
    tenant.messageRules.set(owner, rules);
    put(rules, rule.id, rule);
  }
  if (change.delete_message_rule) {
    const rules = tenant.messageRules.get(change.delete_message_rule.user);
    if (rules) put(rules, change.delete_message_rule.id, null);
  }
}

function changeLogs(simulation: Simulation, tenant: TenantState, change: TenantChange): void {
  const now = simulation.clock.now();
  if (change.add_sign_in) {
    const { record, available_at: availableAt = now } = change.add_sign_in;
    const logs = isInteractive(record) ? tenant.signIns : tenant.otherSignIns;
    addRecord(logs, record, signInTime(record, now), availableAt);
  }
  if (change.add_directory_audit) {
    const { record, available_at: availableAt = now } = change.add_directory_audit;
    addRecord(tenant.directoryAudits, record, auditTime(record, now), availableAt);
  }
  if (change.add_rejectable) {
    const { feed, record } = change.add_rejectable;
    const id = `rejectable-${simulation.changes}`;
    const unreadable =
      feed === 'signIns' ? { createdDateTime: 'yesterday' } : { activityDateTime: 'yesterday' };
    addRecord(tenant[feed], record ?? { id, ...unreadable }, now, now, id);
  }
}

function changeAuditing(simulation: Simulation, tenant: TenantState, change: TenantChange): void {
  tenant.auditing = change.auditing ?? tenant.auditing;
  tenant.exchange = { ...tenant.exchange, ...change.exchange };
  tenant.auditSearch = { ...tenant.auditSearch, ...change.audit_search };
  tenant.firstContentMs = change.first_content_ms ?? tenant.firstContentMs;
  if (change.forget_audit_queries) tenant.auditQueries.clear();
  if (change.start_subscriptions) startAll(tenant, simulation.clock.now());
  if (change.disable_subscriptions) {
    for (const [key, one] of tenant.subscriptions)
      tenant.subscriptions.set(key, { ...one, status: 'disabled' });
  }
  if (!change.add_unified_audit) return;
  const { record, available_at: availableAt = simulation.clock.now() } = change.add_unified_audit;
  const at = Date.parse(`${record.CreationTime}Z`);
  tenant.unifiedAudits.push({ id: record.Id, at: Number.isNaN(at) ? availableAt : at, availableAt, record });
}

function changeIdentity(simulation: Simulation, tenant: TenantState, change: TenantChange): void {
  const now = simulation.clock.now();
  const add = (logs: LogRecord[], added: TenantChange['add_risk_detection']): void => {
    if (!added) return;
    const at = Date.parse(String(added.record['activityDateTime']));
    addRecord(logs, added.record, Number.isNaN(at) ? now : at, added.available_at ?? now);
  };
  add(tenant.riskDetections, change.add_risk_detection);
  add(tenant.principalRiskDetections, change.add_principal_risk_detection);
  const version = { from: now, order: simulation.changes };
  const { put_risky_user: user, put_risky_principal: principal } = change;
  if (user) addVersion(tenant.riskyUsers, user.id, { ...version, value: user });
  if (principal) addVersion(tenant.riskyPrincipals, principal.id, { ...version, value: principal });
  tenant.workloadId = change.workload_id ?? tenant.workloadId;
}

function changeDefender(simulation: Simulation, tenant: TenantState, change: TenantChange): void {
  const now = simulation.clock.now();
  const add = (logs: LogRecord[], added: TenantChange['add_defender_alert']): void => {
    if (!added) return;
    const at = Date.parse(String(added.record['createdDateTime']));
    addRecord(logs, added.record, Number.isNaN(at) ? now : at, added.available_at ?? now);
  };
  add(tenant.defenderAlerts, change.add_defender_alert);
  add(tenant.defenderIncidents, change.add_defender_incident);
  tenant.defender = change.defender ?? tenant.defender;
  tenant.intune = change.intune ?? tenant.intune;
}

function addRecord(
  logs: LogRecord[],
  record: Raw,
  at: number,
  availableAt: number,
  id = String(record['id']),
): void {
  const index = logs.findIndex((log) => log.id === id);
  const known = logs[index];
  if (!known) {
    logs.push({ id, at, availableAt, record });
    return;
  }
  const revisions = [...(known.revisions ?? []), { availableAt, record }];
  logs[index] = { ...known, revisions: revisions.sort((a, b) => a.availableAt - b.availableAt) };
}
