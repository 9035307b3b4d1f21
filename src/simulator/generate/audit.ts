import { deliveryDelay } from './delivery.ts';
import type { TenantDraft } from './draft.ts';
import type { Person } from './people.ts';
import type { Random } from './random.ts';
import type { LogRecord, Raw } from '../world.ts';

/** Who did it: a person, or one of Microsoft's services by name. */
export type Actor = { readonly person: Person; readonly ipAddress: string } | { readonly service: string };

/** What happened, from which the record is made. Names as in the public list of audit activities (data/activities.ts). */
export interface AuditFacts {
  /** UTC epoch ms. */
  readonly at: number;
  readonly activity: string;
  readonly service: string;
  readonly category: string;
  readonly operationType: string;
  readonly actor: Actor;
  readonly targets: readonly Raw[];
  readonly correlationId: string;
  readonly resultReason?: string;
  readonly details?: readonly Raw[];
  /** ms; drawn where not said. */
  readonly delay?: number;
}

/** Adds one directory audit in wire shape (graph-facts 2, wire-facts) and returns it. */
export function addAudit(draft: TenantDraft, facts: AuditFacts, draw: Random): LogRecord {
  const record = auditRecord(draft, facts, draw);
  const entry = {
    id: String(record.id),
    at: facts.at,
    availableAt: facts.at + (facts.delay ?? deliveryDelay(draw)),
    record,
  };
  draft.directoryAudits.push(entry);
  return entry;
}

function auditRecord(draft: TenantDraft, facts: AuditFacts, draw: Random): Raw {
  return {
    id: `${idPrefix(facts.service)}_${facts.correlationId}_${draw.text(5, ID_ALPHABET)}_${draw.int(1_000_000, 99_999_999)}`,
    category: facts.category,
    correlationId: facts.correlationId,
    result: 'success',
    resultReason: facts.resultReason ?? '',
    activityDisplayName: facts.activity,
    // Seven decimals, of which a clock in ms knows three (wire-facts).
    activityDateTime: `${new Date(facts.at).toISOString().slice(0, 23)}${draw.text(4, '0123456789')}Z`,
    loggedByService: facts.service,
    operationType: facts.operationType,
    initiatedBy: initiatedBy(draft, facts.actor),
    targetResources: facts.targets,
    additionalDetails: facts.details ?? [],
  };
}

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** `Directory_…` for the directory itself; other services write their own name, with its spaces. */
function idPrefix(service: string): string {
  return service === 'Core Directory' ? 'Directory' : service;
}

/** Always both keys, one of them null; a service has no appId (wire-facts). */
function initiatedBy(draft: TenantDraft, actor: Actor): Raw {
  if ('service' in actor) {
    const servicePrincipalId = draft.random.fork('service principal', actor.service).guid();
    const app = { appId: null, displayName: actor.service, servicePrincipalId, servicePrincipalName: null };
    return { user: null, app };
  }
  const user = {
    id: actor.person.id,
    displayName: null,
    userPrincipalName: actor.person.upn,
    ipAddress: actor.ipAddress,
    userType: null,
    homeTenantId: null,
    homeTenantName: null,
  };
  return { user, app: null };
}

/** A user as target; `changes` are its modifiedProperties. */
export function userTarget(
  person: Person,
  changes: readonly Raw[] = [],
  displayName: string | null = null,
): Raw {
  return target(person.id, 'User', displayName, changes, person.upn);
}

/** Another object as target. */
export function target(
  id: string,
  type: string,
  displayName: string | null,
  changes: readonly Raw[] = [],
  userPrincipalName: string | null = null,
): Raw {
  const groupType = type === 'Group' ? 'azureAD' : null;
  return { id, displayName, type, userPrincipalName, groupType, modifiedProperties: changes };
}

/** One modified property: the values are JSON inside a string, or null (wire-facts). */
export function changed(displayName: string, oldValue: unknown, newValue: unknown): Raw {
  return { displayName, oldValue: encoded(oldValue), newValue: encoded(newValue) };
}

function encoded(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}
