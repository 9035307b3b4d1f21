import type { Raw } from '../../world.ts';
import { hashedGuid, pair } from './record-parts.ts';

/** Only the directory's own service writes its audits to the unified log too. */
const DIRECTORY = 'Core Directory';

interface Initiator {
  readonly user?: Raw | null;
  readonly app?: Raw | null;
}

/** A directory audit as the unified audit log tells it (graph-facts 12, wire-facts); null for one that is not in it. */
export function auditRecord(tenantId: string, audit: Raw): Raw | null {
  if (audit['loggedByService'] !== DIRECTORY) return null;
  const targets = (audit['targetResources'] ?? []) as Raw[];
  const first = targets[0] ?? {};
  return {
    CreationTime: String(audit['activityDateTime']).slice(0, 19),
    Id: hashedGuid('audit', String(audit['id'])),
    Operation: operationOf(String(audit['activityDisplayName'])),
    OrganizationId: tenantId,
    RecordType: 8,
    ResultStatus: audit['result'] === 'success' ? 'Success' : 'Failure',
    UserType: 0,
    Version: 1,
    Workload: 'AzureActiveDirectory',
    ObjectId: first['userPrincipalName'] ?? first['id'] ?? 'Not Available',
    AzureActiveDirectoryEventType: 1,
    ExtendedProperties: [
      pair('additionalDetails', detailsText(audit['additionalDetails'])),
      pair('extendedAuditEventCategory', String(first['type'] ?? '')),
    ],
    ModifiedProperties: targets.flatMap(modified),
    ...actorPart((audit['initiatedBy'] ?? {}) as Initiator),
    ActorContextId: tenantId,
    InterSystemsId: audit['correlationId'],
    IntraSystemId: hashedGuid('intra', String(audit['id'])),
    SupportTicketId: '',
    Target: targetsOf(first),
    TargetContextId: tenantId,
  };
}

/** One activity ends with a blank already and gets no full stop (wire-facts). */
function operationOf(activity: string): string {
  return activity.endsWith(' ') ? activity : `${activity}.`;
}

function detailsText(details: unknown): string {
  const pairs = (Array.isArray(details) ? details : []) as Raw[];
  return JSON.stringify(Object.fromEntries(pairs.map((one) => [String(one['key']), one['value']])));
}

function modified(target: Raw): Raw[] {
  return ((target['modifiedProperties'] ?? []) as Raw[]).map((change) => ({
    Name: change['displayName'],
    NewValue: bare(change['newValue']),
    OldValue: bare(change['oldValue']),
  }));
}

/** Graph's values are JSON in text; here a text stands bare, a list keeps its form. */
function bare(value: unknown): string {
  if (typeof value !== 'string') return '';
  const inner: unknown = JSON.parse(value);
  return typeof inner === 'string' ? inner : value;
}

function actorPart({ user, app }: Initiator): Raw {
  if (user) return personPart(user);
  const id = app?.['servicePrincipalId'];
  return {
    UserKey: 'Not Available',
    UserId: `ServicePrincipal_${String(id)}`,
    Actor: actorList({ ID: app?.['displayName'], Type: 1 }, 'ServicePrincipal', id),
  };
}

function personPart(user: Raw): Raw {
  const name = user['userPrincipalName'];
  return {
    UserKey: user['id'],
    UserId: name,
    ...(user['ipAddress'] ? { ClientIP: user['ipAddress'] } : {}),
    Actor: actorList({ ID: name, Type: 5 }, 'User', user['id']),
  };
}

function actorList(name: Raw, kind: string, id: unknown): Raw[] {
  return [name, { ID: `${kind}_${String(id)}`, Type: 2 }, { ID: id, Type: 2 }, { ID: kind, Type: 2 }];
}

function targetsOf(target: Raw): Raw[] {
  const kind = String(target['type'] ?? 'Other');
  const id = String(target['id'] ?? '');
  const name = target['userPrincipalName'] ?? target['displayName'];
  return [
    { ID: `${kind}_${id}`, Type: 2 },
    { ID: id, Type: 2 },
    { ID: kind, Type: 2 },
    ...(name ? [{ ID: name, Type: target['userPrincipalName'] ? 5 : 1 }] : []),
  ];
}
