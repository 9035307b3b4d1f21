import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { LogRecord, Raw } from '../world.ts';
import { auditTime } from './routes/directory-audits.ts';
import { signInTime } from './routes/sign-ins.ts';
import type { Simulation } from './simulation.ts';
import { addVersion, valueNow } from './state.ts';
import type { LiveObject, TenantState } from './state.ts';

const raw = z.record(z.string(), z.unknown());
const object = z.looseObject({ id: z.string().min(1) });
const newRecord = z.strictObject({ record: object, available_at: z.number().int().optional() });

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
  /** A record whose id is known becomes a revision of it. `available_at`: UTC epoch ms, now where not given. */
  add_sign_in: newRecord.optional(),
  add_directory_audit: newRecord.optional(),
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
    addRecord(tenant.signIns, record, signInTime(record, now), availableAt);
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
